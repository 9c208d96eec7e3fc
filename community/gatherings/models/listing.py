"""The list of gatherings."""

from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel

from community.gatherings.models.gathering import GatheringKind, GatheringPage
from community.gatherings.models.month import day_of, grid, month_of, neighbours, on_day
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
    month: date | None = None

    class Meta:
        verbose_name = _("list of gatherings")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The list, or the month that the address asks for, by the clock of the reader."""
        self.reader_zone = chosen_zone(request)
        self.month = month_of(request.GET.get("month", ""))
        context = super().get_context(request, *args, **kwargs)
        return context | self.month_context(request, context) if self.month else context

    def month_context(self, request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
        """The month as a grid, with the filters in force, and the way to the months beside it."""
        month = self.month or timezone.localdate().replace(day=1)
        wanted = {name: value for name, value in context["wanted"].items() if name not in {"when", "day"}}
        pages = self.narrowed(self.listed(request).select_related(None), wanted)
        weeks = grid(pages, month, self.reader_zone)
        context["form"].fields["month"] = forms.CharField(
            widget=forms.HiddenInput, initial=f"{month:%Y-%m}", required=False
        )
        context["form"].fields.pop("when", None)
        return {
            "month": month,
            "weeks": weeks,
            "is_empty": not any(day.items for week in weeks for day in week if day.is_in),
            "neighbours": [(each, urlencode(wanted | {"month": f"{each:%Y-%m}"})) for each in neighbours(month)],
            "rest": f"&{urlencode(wanted)}" if wanted else "",
            "active": [],
        }

    def entries(self, request: HttpRequest) -> Any:
        """The gatherings in this list that this visitor may see."""
        return GatheringPage.objects.visible_to(request.user).select_related("seats")

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Kind and time come before topic and season."""
        times = [("month", _("In the next 30 days")), ("past", _("What is over"))]
        own = {"kind": (_("Kind"), GatheringKind.choices), "when": (_("When"), times)}
        return own | super().choices(topics, seasons)

    def page_of(self, entries: Any, number: str) -> Any:
        """One page of the list, with whatever happens online by the clock of the reader; of none beside a month."""
        if self.month:
            return super().page_of([], "1")
        page = super().page_of(entries, number)
        for gathering in page.object_list:
            gathering.reader_zone = self.reader_zone
        return page

    def wanted(self, request: HttpRequest, choices: dict[str, Any]) -> dict[str, str]:
        """What the address asks for, a single day, too."""
        day = day_of(request.GET.get("day", ""))
        return super().wanted(request, choices) | ({"day": day.isoformat()} if day else {})

    def narrowed(self, entries: Any, wanted: dict[str, str]) -> Any:
        """What the filters leave, whenever it is."""
        entries = super().filtered(entries, wanted)
        return entries.filter(kind=wanted["kind"]) if wanted.get("kind") else entries

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """Upcoming, unless the visitor asks for what is over, or for one day."""
        entries = self.narrowed(entries, wanted)
        if day := day_of(wanted.get("day", "")):
            return on_day(entries, day).order_by("starts_at", "pk")
        if wanted.get("when") == "past":
            return entries.past()
        if wanted.get("when") == "month":
            entries = entries.filter(starts_at__lte=timezone.now() + timedelta(days=30))
        return entries.upcoming()
