"""The list of stories, with its filters."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.library.models.story import CaseStudyPage, Outcome, StoryQuerySet
from community.topics.models import EntryIndexPage, Season, Topic


class StoryIndexPage(EntryIndexPage):
    """All stories, with what worked and what failed side by side."""

    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["library.CaseStudyPage"]
    page_description = _("The list of all stories.")
    template = "library/story_index_page.html"

    class Meta:
        verbose_name = _("list of stories")

    def entries(self, request: HttpRequest) -> StoryQuerySet:
        """Stories that this visitor may see, newest first."""
        stories: StoryQuerySet = CaseStudyPage.objects.visible_to(request.user).with_cards()
        return stories.newest()

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Stories can also be chosen by how they ended."""
        return {"outcome": (_("How it ended"), Outcome.choices), **super().choices(topics, seasons)}

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """The shared filters, and the outcome."""
        if outcome := wanted.get("outcome"):
            entries = entries.filter(outcome=outcome)
        return super().filtered(entries, wanted)
