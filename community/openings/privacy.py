"""What openings hold on a person: what they offered, and what they wrote to others."""

from typing import Any

from django.db.models import Model, Q

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.openings.models import Application, OpeningPage, Paper, Posting, Word

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    OpeningPage: ("author", "owner"),
    Posting: ("answered_by", "opening__author"),
    Application: ("member", "poster"),
    Paper: "application__member",
    Word: ("writer", "decided_by", "application__member", "application__poster"),
}
TERMS = (
    "hours", "pay", "housing", "transport", "language", "min_age", "admits_minors", "insurance", "safety", "starts",
    "closes_on",
)  # fmt: skip
SAID = (
    "message", "state", "reason", "guardian_name", "guardian_email", "guardian_agreed_at", "created_at", "moved_at",
    "due_on",
)  # fmt: skip


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's openings and applications; of what others said to them, what has reached them."""
    pages = OpeningPage.objects.filter(author=member).order_by("pk")
    sent = Application.objects.filter(member=member).select_related("opening").order_by("pk")
    words = Word.objects.visible_to(member).filter(Q(writer=member) | Q(application__member=member))
    return {
        "openings": [
            {"title": page.title, "url": page.url, "kind": page.kind, "summary": page.summary, "text": page.text}
            | {"place": page.place, "lines": [line.text for line in page.lines.all()]}
            | {name: getattr(page, name) for name in TERMS}
            for page in pages
        ],
        "applications": [
            {"opening": one.opening.title, "sent_at": one.created_at} | {name: getattr(one, name) for name in SAID}
            for one in sent
        ],
        "words": [
            {"application": one.application_id, "is_own": one.writer_id == member.pk, "text": one.text}
            | {"said_at": one.created_at}
            for one in words.order_by("pk")
        ],
    }


def erase(member: Member) -> None:
    """Delete every application; openings stay without a name, and close, since nobody answers for them."""
    # What was written to somebody who leaves would be read by nobody, even if the page has another author by now.
    for one in Application.objects.open().filter(poster=member).select_related("member"):
        Notice.send(one.member, NoticeKind.APPLICATION_EXPIRED, "/openings/applications/")
    Application.objects.filter(Q(member=member) | Q(poster=member)).delete()
    Word.objects.filter(decided_by=member).update(decided_by=None)
    for page in OpeningPage.objects.filter(author=member):
        # Revisions keep every earlier wording, and applications to a closed door would be read by nobody.
        page.revisions.all().delete()
        page.applications.all().delete()
    Posting.objects.filter(answered_by=member).update(answered_by=None)
    Posting.objects.filter(opening__author=member).delete()
    OpeningPage.objects.filter(author=member, live=False, first_published_at=None).delete()
    OpeningPage.objects.filter(author=member).update(author=None)
    OpeningPage.objects.filter(owner=member).update(owner=None)
