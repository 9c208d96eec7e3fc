"""What notices hold on a person: what happened to them, where they were the one who did it, and what they follow."""

from typing import Any

from django.db.models import Model, Q

from community.members.models import Member
from community.notices.models import Digest, Follow, Letter, Notice, NoticeKind, Preference

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    Notice: ("member", "actor"),
    Follow: ("member", "author"),
    Letter: ("member", "printed_by"),
    Digest: "member",
    Preference: "member",
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's own notices, in words, and what they follow. Who follows them is nobody's to know."""
    rows = Notice.objects.filter(member=member)
    shown = set(rows.unblocked().on_shown_pages(member).values_list("pk", flat=True))
    return {
        "notices": [
            ({"about": row.lines[0], "url": row.url} if row.pk in shown else {"about": row.get_kind_display()})
            | {"created_at": row.created_at, "read_at": row.read_at, "mailed_at": row.mailed_at}
            for row in rows.select_related("actor", "member", "page")
        ],
        "letters printed for you": [{"printed_at": row.printed_at} for row in Letter.objects.filter(member=member)],
        "letters you printed": [{"printed_at": row.printed_at} for row in Letter.objects.filter(printed_by=member)],
        "what you follow": [{"name": one.name, "since": one.since} for one in Follow.of(member)],
        "what you want by mail": [
            {"about": str(dict(NoticeKind.choices).get(row.kind, row.kind)), "how": row.get_way_display()}
            for row in Preference.objects.filter(member=member).order_by("kind")
        ],
        "mail about what you follow": [
            {"how often": row.get_rhythm_display(), "last sent": row.sent_at}
            for row in Digest.objects.filter(member=member)
        ],
    }


def erase(member: Member) -> None:
    """The member's notices go; in the notices of others the name goes, and addresses that hold it."""
    Notice.objects.filter(member=member).delete()
    Notice.objects.filter(actor=member, url__contains=f"/{member.handle}/").delete()
    Notice.objects.filter(actor=member).update(actor=None)
    Letter.objects.filter(member=member).delete()
    Letter.objects.filter(printed_by=member).update(printed_by=None)
    Follow.objects.filter(Q(member=member) | Q(author=member)).delete()
    Digest.objects.filter(member=member).delete()
    Preference.objects.filter(member=member).delete()
