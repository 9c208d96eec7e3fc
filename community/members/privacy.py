"""What the people's app holds on a person: the account, the profile, the lines, blocks and unsent texts."""

from typing import Any

from django.db import transaction
from django.db.models import Model

from community.members.models import Block, Draft, Glances, Member, Profile, Statement

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Member: ("profile__member", "helper", "verified_by"),
    Profile: ("member", "not_with"),
    Statement: "profile__member",
    Block: ("blocker", "blocked"),
    Draft: "member",
}

ACCOUNT = (
    "name", "handle", "email", "is_adult", "adult_said_at", "is_steward", "verified_at", "verified_reason",
    "rules_version", "rules_accepted_at", "joined_at", "last_login", "language",
)  # fmt: skip
PROFILE = (
    "trade", "about", "place", "cell_lat", "cell_lon", "languages", "roles", "open_to", "capacity", "is_paused",
    "seasons", "hours_per_month", "max_km", "stops_in_years", "not_own_trade_km", "is_matched", "weekly_requests",
    "shows_passed_on", "about_visibility", "place_visibility", "languages_visibility", "availability_visibility",
    "stops_visibility", "updated_at",
)  # fmt: skip
LINE = (
    "side", "text", "kind", "skill__label", "level", "years", "can_teach", "quantity", "unit", "every", "from_month",
    "to_month", "visibility", "created_at",
)  # fmt: skip


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """Everything that the member typed or allowed here; whoever keeps the member away is not named."""
    profile = Profile.objects.filter(member=member)
    helper = member.helper.name if member.helper else None
    return {
        "account": [dict(row, helper=helper) for row in Member.objects.filter(pk=member.pk).values(*ACCOUNT)],
        "profile": list(profile.values(*PROFILE)),
        "statements": list(Statement.objects.filter(profile__member=member).values(*LINE)),
        "not with": list(Member.objects.filter(pk__in=profile.values("not_with")).values("name", "handle")),
        "people you keep away": list(Block.objects.filter(blocker=member).values("blocked__name", "created_at")),
        "people you help": list(member.helped.values("name", "handle", "joined_at")),
        "unsent texts": list(Draft.objects.filter(member=member).values("form", "data", "updated_at")),
    }


@transaction.atomic
def erase(member: Member) -> None:
    """Forget the account with all that hangs on it; people whom it helped stay, shown to nobody for now.

    Nobody answers for them any more: a steward must find them a new helper before they are suggested again.
    """
    member.let_go()
    Member.objects.filter(verified_by=member).update(verified_by=None)
    Draft.objects.filter(url__contains=f"/{member.handle}/").update(url="")  # others' texts stay, without the name
    Glances.forget(member)
    Member.objects.filter(pk=member.pk).delete()
