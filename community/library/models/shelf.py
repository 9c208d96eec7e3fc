"""The shelves beside the stories: lessons, experiments, playbooks and collections, each a list with its filters."""

from typing import Any, ClassVar

from django.db.models import F
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.url_routing import RouteResult

from community.library.models.collection import CollectionPage
from community.library.models.conditions import BudgetBand
from community.library.models.lesson import Difficulty, LessonPage
from community.library.models.log import LogPage, LogState
from community.library.models.playbook import PlaybookPage
from community.library.models.series import SeriesPage
from community.topics.models import ALL_GATES, EntryIndexPage, Season, Topic, stands_before

NEWEST = (F("first_published_at").desc(nulls_last=True), "-pk")


class LessonIndexPage(EntryIndexPage):
    """All lessons, newest first, and the series that put some of them in an order."""

    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["library.LessonPage", "library.SeriesPage"]
    page_description = _("The list of all lessons.")
    template = "library/lesson_index_page.html"

    class Meta:
        verbose_name = _("list of lessons")

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """A lesson, or else a series: both stand below this list."""
        try:
            return super().route(request, path_components)
        except Http404:
            gate = stands_before(ALL_GATES)
            found = SeriesPage.objects.child_of(self).unblocked_for(request.user).annotate(has_gate=gate)
            series = found.select_related(*self.PARTS).filter(slug__in=path_components[:1]).first()
            if series is None or len(path_components) != 1:
                raise
        series._cached_parent_obj = self
        return series.route(request, [])

    def entries(self, request: HttpRequest) -> Any:
        """Lessons that this visitor may see, newest first; the series, where they are asked for."""
        model = SeriesPage if request.GET.get("kind") == "series" else LessonPage
        return model.objects.visible_to(request.user).with_cards().order_by(*NEWEST)

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Lessons can also be chosen by how hard they are, and the series stand here, too."""
        own = {"difficulty": (_("How hard"), Difficulty.choices), "kind": (_("Kind"), [("series", _("Series"))])}
        return {**super().choices(topics, seasons), **own}

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """The shared filters, and how hard it is, which of a series nobody can say."""
        entries = super().filtered(entries, wanted)
        hard = wanted.get("difficulty")
        return entries.filter(difficulty=hard) if hard and entries.model is LessonPage else entries


class LogIndexPage(EntryIndexPage):
    """All experiments, what is under way first."""

    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["library.LogPage"]
    page_description = _("The list of all experiments.")
    template = "library/log_index_page.html"

    class Meta:
        verbose_name = _("list of experiments")

    def entries(self, request: HttpRequest) -> Any:
        """Experiments that this visitor may see, what is under way first."""
        return LogPage.objects.visible_to(request.user).with_cards().running_first()

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Experiments can also be chosen by how far they are, and by whether others are wanted."""
        calls = [("open", _("Others are wanted"))]
        own = {
            "state": (pgettext_lazy("of an experiment", "How far"), LogState.choices),
            "call": (_("Joining in"), calls),
        }
        return {**own, **super().choices(topics, seasons)}

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """The shared filters, how far it is, and where one can join in."""
        entries = super().filtered(entries, wanted)
        if "call" in wanted:
            entries = entries.seeking()
        return entries.at(wanted["state"]) if "state" in wanted else entries


class PlaybookIndexPage(EntryIndexPage):
    """All playbooks, newest first."""

    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["library.PlaybookPage"]
    page_description = _("The list of all playbooks.")
    template = "library/playbook_index_page.html"

    class Meta:
        verbose_name = _("list of playbooks")

    def entries(self, request: HttpRequest) -> Any:
        """Playbooks that this visitor may see, newest first."""
        return PlaybookPage.objects.visible_to(request.user).with_cards().order_by(*NEWEST)

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Playbooks can also be chosen by what they cost; no season is theirs."""
        shared = super().choices(topics, seasons)
        return {"topic": shared["topic"], "budget": (_("Cost"), BudgetBand.choices)}

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """The shared filters, and what it cost."""
        entries = super().filtered(entries, wanted)
        return entries.filter(budget=budget) if (budget := wanted.get("budget")) else entries


class CollectionIndexPage(EntryIndexPage):
    """All collections, newest first."""

    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["library.CollectionPage"]
    page_description = _("The list of all collections.")
    template = "library/collection_index_page.html"

    class Meta:
        verbose_name = _("list of collections")

    def entries(self, request: HttpRequest) -> Any:
        """Collections that this visitor may see, newest first."""
        return CollectionPage.objects.visible_to(request.user).with_cards().order_by(*NEWEST)
