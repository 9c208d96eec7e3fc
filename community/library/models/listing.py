"""The list of stories, with its filters."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.library.models.conditions import BudgetBand, Soil
from community.library.models.nomination import UsefulFailure
from community.library.models.rollup import roll_up
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
        return stories.annotate(useful_in=UsefulFailure.of_story()).newest()

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Stories can also be chosen by how they ended, on which soil, and what it cost."""
        own = {"soil": (_("Soil"), Soil.choices), "budget": (_("Cost"), BudgetBand.choices)}
        return {"outcome": (_("How it ended"), Outcome.choices), **super().choices(topics, seasons), **own}

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """The shared filters, and those that only stories have."""
        own = {name: wanted[name] for name in ("outcome", "soil", "budget") if name in wanted}
        entries = entries.filter(**own)
        return super().filtered(entries, wanted)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Each story of this page of the list says how many tries worked."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        roll_up(context["entries"], request.user)
        return context
