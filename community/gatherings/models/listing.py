"""The list of gatherings."""

from datetime import timedelta
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from community.gatherings.models.gathering import GatheringKind, GatheringPage
from community.gatherings.models.when import chosen_zone
from community.topics.models import EntryIndexPage, Season, Topic


class GatheringIndexPage(EntryIndexPage):
    """What is on: gatherings to come, soonest first; what is over, for those who ask."""

    offer_hours = models.PositiveSmallIntegerField(
        _("hours to take a free seat"), default=48, validators=[MinValueValidator(1), MaxValueValidator(336)],
        help_text=_("So long a free seat is kept for whoever stands first on a waiting list. Then the next is asked."),
    )  # fmt: skip
    offer_stops_hours = models.PositiveSmallIntegerField(
        _("hours before the beginning when nobody is asked any more"), default=12, validators=[MaxValueValidator(336)],
        help_text=_("From then on, a free seat is for whoever takes it first. Those who wait are told so once."),
    )  # fmt: skip

    PARTS: ClassVar[tuple[str, ...]] = (*EntryIndexPage.PARTS, "seats")
    content_panels: ClassVar[list[Any]] = [
        *EntryIndexPage.content_panels,
        MultiFieldPanel([FieldPanel("offer_hours"), FieldPanel("offer_stops_hours")], heading=_("Waiting lists")),
    ]
    subpage_types: ClassVar[list[str]] = ["gatherings.GatheringPage"]
    reader_zone: str = ""

    class Meta:
        verbose_name = _("list of gatherings")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The list by the clock of the reader."""
        self.reader_zone = chosen_zone(request)
        return super().get_context(request, *args, **kwargs)

    def entries(self, request: HttpRequest) -> Any:
        """The gatherings in this list that this visitor may see."""
        return GatheringPage.objects.visible_to(request.user).select_related("seats")

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Kind and time come before topic and season."""
        times = [("month", _("In the next 30 days")), ("past", _("What is over"))]
        own = {"kind": (_("Kind"), GatheringKind.choices), "when": (_("When"), times)}
        return own | super().choices(topics, seasons)

    def page_of(self, entries: Any, number: str) -> Any:
        """One page of the list, with whatever happens online by the clock of the reader."""
        page = super().page_of(entries, number)
        for gathering in page.object_list:
            gathering.reader_zone = self.reader_zone
        return page

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
