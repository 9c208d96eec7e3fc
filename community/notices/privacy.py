"""What notices hold on a person: what happened to them, and where they were the one who did it."""

from typing import Any

from django.db.models import Model

from community.members.models import Member
from community.notices.models import Notice

HOLDS: dict[type[Model], str | tuple[str, ...]] = {Notice: ("member", "actor")}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's own notices, in words."""
    rows = Notice.objects.filter(member=member).select_related("actor", "member")
    return {
        "notices": [
            {"about": row.lines[0], "url": row.url, "created_at": row.created_at, "read_at": row.read_at}
            | {"mailed_at": row.mailed_at}
            for row in rows
        ]
    }


def erase(member: Member) -> None:
    """The member's notices go; in the notices of others the name goes, and addresses that hold it."""
    Notice.objects.filter(member=member).delete()
    Notice.objects.filter(actor=member, url__contains=f"/{member.handle}/").delete()
    Notice.objects.filter(actor=member).update(actor=None)
