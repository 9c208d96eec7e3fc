"""The list of gatherings."""

from datetime import timedelta
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.gathering import GatheringKind, GatheringPage
from community.topics.models import EntryIndexPage, Season, Topic


class GatheringIndexPage(EntryIndexPage):
    """What is on: gatherings to come, soonest first; what is over, for those who ask."""

    PARTS: ClassVar[tuple[str, ...]] = (*EntryIndexPage.PARTS, "seats")
    subpage_types: ClassVar[list[str]] = ["gatherings.GatheringPage"]

    class Meta:
        verbose_name = _("list of gatherings")

    def entries(self, request: HttpRequest) -> Any:
        """The gatherings in this list that this visitor may see."""
        return GatheringPage.objects.child_of(self).visible_to(request.user).select_related("seats")

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Kind and time come before topic and season."""
        times = [("month", _("In the next 30 days")), ("past", _("What is over"))]
        own = {"kind": (_("Kind"), GatheringKind.choices), "when": (_("When"), times)}
        return own | super().choices(topics, seasons)

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """Upcoming, unless the visitor asks for what is over."""
        entries = super().filtered(entries, wanted)
        if kind := wanted.get("kind"):
            entries = entries.filter(kind=kind)
        if wanted.get("when") == "past":
            return entries.past()
        if wanted.get("when") == "month":
            entries = entries.filter(starts_at__lte=timezone.now() + timedelta(days=30))
        return entries.upcoming()
