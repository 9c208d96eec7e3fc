"""What circles hold on a person: where they belong, asked or were invited, and what they wrote in there."""

from typing import Any

from django.db.models import Model

from community.circles.models import Action, Ballot, Choice, Circle, Membership, Minutes, Poll, Standing
from community.members.models import Member

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Circle: "memberships__member",
    Membership: "member",
    Minutes: "writer",
    Action: ("writer", "doer"),
    Poll: "writer",
    Choice: "poll__writer",
    Ballot: "member",
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's places in circles, and what they wrote there; of those that they lead, what they say of them."""
    places = Membership.objects.filter(member=member).select_related("circle").order_by("pk")
    told = ("state", "is_facilitator", "word", "answer", "created_at", "joined_at")
    led = Circle.objects.filter(memberships__in=places.filter(is_facilitator=True)).order_by("pk")
    words = ("name", "kind", "purpose", "door", "size", "cadence", "language", "place", "next_on", "agenda")
    minutes = Minutes.objects.filter(writer=member).order_by("pk")
    given = Action.objects.filter(writer=member) | Action.objects.filter(doer=member)
    polls = Poll.objects.filter(writer=member).prefetch_related("choices").order_by("pk")
    ballots = Ballot.objects.filter(member=member).select_related("poll").prefetch_related("choices").order_by("pk")
    return {
        "circles": [
            # Of a closed circle to which they do not belong any more, its name is not theirs to keep.
            {"circle": one.circle.name if one.is_inside or not one.circle.is_closed else ""}
            | {name: getattr(one, name) for name in told}
            for one in places
        ],
        "circles_you_lead": [{name: getattr(one, name) for name in words} for one in led],
        "minutes": [{"met_on": one.met_on, "text": one.text, "created_at": one.created_at} for one in minutes],
        "circle_actions": [
            {"text": one.text if one.writer_id == member.pk else "", "is_yours": one.doer_id == member.pk}
            | {"due_on": one.due_on, "done_at": one.done_at}
            for one in given.distinct().order_by("pk")
        ],
        "polls": [
            {"title": one.title, "answers": [choice.text for choice in one.choices.all()], "closes_on": one.closes_on}
            for one in polls
        ],
        # Which answer it was, of an anonymous poll, is written down nowhere.
        "poll_answers": [
            {"poll": one.poll_id, "answers": [choice.text for choice in one.choices.all()]} for one in ballots
        ],
    }


def erase(member: Member) -> None:
    """Free and delete the member's places; a circle that nobody is left in goes with them.

    Minutes are the circle's own record and stay, under nobody's name, while there is somebody to read them.
    """
    Ballot.objects.filter(member=member).delete()
    Action.objects.filter(doer=member).update(doer=None)
    places = Membership.objects.filter(member=member).select_related("circle__group")
    for place in list(places):
        circle = place.circle
        circle.forget(member)
        if not circle.memberships.filter(state=Standing.IN).exists():
            group = circle.group
            circle.delete()
            group.delete()
    for kind in (Minutes, Action, Poll):
        kind.objects.filter(writer=member).update(writer=None)
