"""What circles hold on a person: where they belong, asked or were invited."""

from typing import Any

from django.db.models import Model

from community.circles.models import Circle, Membership, Standing
from community.members.models import Member

HOLDS: dict[type[Model], str | tuple[str, ...]] = {Membership: "member"}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's places in circles; of those that they lead, what they wrote of them."""
    places = Membership.objects.filter(member=member).select_related("circle").order_by("pk")
    told = ("state", "is_facilitator", "word", "answer", "created_at", "joined_at")
    led = Circle.objects.filter(memberships__in=places.filter(is_facilitator=True)).order_by("pk")
    words = ("name", "kind", "purpose", "door", "size", "cadence", "language", "place", "next_on", "agenda")
    return {
        "circles": [
            # Of a closed circle to which they do not belong any more, its name is not theirs to keep.
            {"circle": one.circle.name if one.is_inside or not one.circle.is_closed else ""}
            | {name: getattr(one, name) for name in told}
            for one in places
        ],
        "circles_you_lead": [{name: getattr(one, name) for name in words} for one in led],
    }


def erase(member: Member) -> None:
    """Free and delete the member's places; a circle that nobody is left in goes with them."""
    places = Membership.objects.filter(member=member).select_related("circle__group")
    for place in list(places):
        circle = place.circle
        circle.forget(member)
        if not circle.memberships.filter(state=Standing.IN).exists():
            group = circle.group
            circle.delete()
            group.delete()
