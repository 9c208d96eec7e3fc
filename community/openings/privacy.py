"""What openings hold on a person: what they offered, and what they wrote to others."""

from typing import Any

from django.db.models import Model, Q

from community.members.models import Member
from community.openings.models import Application, OpeningPage

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    OpeningPage: ("author", "owner"),
    Application: ("member", "poster"),
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's openings and applications."""
    pages = OpeningPage.objects.filter(author=member).order_by("pk")
    sent = Application.objects.filter(member=member).select_related("opening").order_by("pk")
    terms = ("hours", "pay", "housing", "transport", "language", "min_age", "safety", "starts", "closes_on")
    return {
        "openings": [
            {"title": page.title, "url": page.url, "kind": page.kind, "summary": page.summary, "text": page.text}
            | {"place": page.place, "lines": [line.text for line in page.lines.all()]}
            | {name: getattr(page, name) for name in terms}
            for page in pages
        ],
        "applications": [
            {"opening": one.opening.title, "message": one.message, "state": one.state, "sent_at": one.created_at}
            | {"withdrawn_at": one.withdrawn_at}
            for one in sent
        ],
    }


def erase(member: Member) -> None:
    """Delete every application; openings stay without a name, and close, since nobody answers for them."""
    # What was written to somebody who leaves would be read by nobody, even if the page has another author by now.
    Application.objects.filter(Q(member=member) | Q(poster=member)).delete()
    for page in OpeningPage.objects.filter(author=member):
        # Revisions keep every earlier wording, and applications to a closed door would be read by nobody.
        page.revisions.all().delete()
        page.applications.all().delete()
    OpeningPage.objects.filter(author=member).update(author=None)
    OpeningPage.objects.filter(owner=member).update(owner=None)
