"""What the library holds on a person: the stories they told."""

from typing import Any

from django.db.models import Model

from community.library.models import CaseStudyPage
from community.members.models import Member

HOLDS: dict[type[Model], str | tuple[str, ...]] = {CaseStudyPage: ("author", "owner")}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's stories, whole."""
    pages = CaseStudyPage.objects.filter(author=member).select_related("season").order_by("pk")
    return {
        "stories": [
            {"title": page.title, "url": page.url, "outcome": page.outcome, "year": page.year, "place": page.place}
            | {"summary": page.summary, "season": page.season and page.season.name}
            | {"topics": [topic.name for topic in page.topics.all()]}
            | {"body": [{"type": block.block_type, "value": block.get_prep_value()["value"]} for block in page.body]}
            for page in pages
        ]
    }


def erase(member: Member) -> None:
    """Stories stay for those who learn from them, by "a former member"; earlier wordings go with the name."""
    for page in CaseStudyPage.objects.filter(author=member):
        page.revisions.all().delete()
    CaseStudyPage.objects.filter(author=member).update(author=None)
    CaseStudyPage.objects.filter(owner=member).update(owner=None)
