"""When something takes place: instants, the clock on the wall that they were typed by, and whole days."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.zones import (
    WALL,
    ZonedPageForm,
    default_zone,
    in_zone,
    instant_of,
    known_zones,
    validate_zone,
    wall_of,
    zone_words,
)
from community.topics.models import EntryPage

DAY = timedelta(days=1)
ZONE_COOKIE = "zone"  # by whose clock this browser is shown what happens online


class Dated(models.Model):
    """Something with a beginning and an end: two instants, and what the clock on the wall shows at them.

    What was typed is kept, too: when the rules of a zone are changed by law, people still come at nine o'clock.
    """

    starts_at = models.DateTimeField(_("starts"), db_index=True, help_text=_("As the clocks show it at the place."))
    ends_at = models.DateTimeField(_("ends"), db_index=True)
    starts_wall = models.CharField(max_length=16, default="", blank=True, editable=False)
    ends_wall = models.CharField(max_length=16, default="", blank=True, editable=False)

    class Meta:
        abstract = True

    def settle(self, zone: ZoneInfo, is_all_day: bool = False) -> None:
        """Whole days begin and end at midnight by the clocks there; note what those clocks show."""
        if is_all_day and self.starts_at and self.ends_at:
            first, last = in_zone(self.starts_at, zone).date(), in_zone(self.ends_at, zone).date()
            if last == first or self.ends_at != instant_of(datetime.combine(last, time.min), zone):
                last += DAY
            self.starts_at = instant_of(datetime.combine(first, time.min), zone)
            self.ends_at = instant_of(datetime.combine(last, time.min), zone)
        self.starts_wall = wall_of(self.starts_at, zone) if self.starts_at else ""
        self.ends_wall = wall_of(self.ends_at, zone) if self.ends_at else ""

    def follow_the_clocks(self, zone: ZoneInfo) -> bool:
        """Move the instants to where the clocks show what was typed; says whether anything moved."""
        moved = False
        for name in ("starts", "ends"):
            wall, at = getattr(self, f"{name}_wall"), getattr(self, f"{name}_at")
            if wall and at and wall != wall_of(at, zone):
                setattr(self, f"{name}_at", instant_of(datetime.strptime(wall, WALL), zone))  # noqa: DTZ007
                moved = moved or getattr(self, f"{name}_at") != at
        return moved


class DatedPage(Dated, EntryPage):
    """A page about something that takes place: when, by whose clock, and how often that was changed."""

    is_all_day = models.BooleanField(
        _("whole days"), default=False, help_text=_("Only the days count, whatever clock time stands beside them.")
    )
    zone = models.CharField(
        _("time zone"), max_length=64, default=default_zone, validators=[validate_zone],
        help_text=_("Region and city, for example Europe/London."),
    )  # fmt: skip
    is_cancelled = models.BooleanField(
        _("called off"), default=False, help_text=_("The page stays and says so. Nobody can enrol.")
    )
    sequence = models.PositiveIntegerField(default=0, editable=False)
    moved_from = models.DateTimeField(null=True, blank=True, editable=False)

    recurrence = models.ForeignKey(
        "gatherings.Recurrence", null=True, blank=True, on_delete=models.SET_NULL, related_name="gatherings",
        editable=False,
    )  # fmt: skip
    occurs_on = models.DateField(null=True, blank=True, editable=False)

    reader_zone: str = ""  # by whose clock the reader wants to know what happens online
    base_form_class = ZonedPageForm
    exclude_fields_in_copy: ClassVar[list[str]] = ["recurrence", "occurs_on", "sequence", "moved_from"]
    # What a calendar must know of: a change in one of these makes the next edition of the entry.
    NEWS: ClassVar[tuple[str, ...]] = (
        "starts_at", "ends_at", "is_all_day", "zone", "mode", "place", "exact_place", "online_link", "is_cancelled",
    )  # fmt: skip

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Note what the clocks show, and count the edition if a calendar must know of a change."""
        if kwargs.get("update_fields") is None:
            if self.zone in known_zones():
                self.span()
            if self.pk:
                self.count_edition()
                self.leave_pattern()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """It ends after it begins, each of its dates, too."""
        super().clean()
        if self.zone in known_zones():
            self.span()
        for row in self.dates():
            if row.starts_at and row.ends_at and row.ends_at <= row.starts_at:
                raise ValidationError({"ends_at": _("It must end after it begins. Look at date and time.")})

    def dates(self) -> list[Dated]:
        """Each beginning and end, soonest first; page classes with several dates say which."""
        return [self]

    def span(self) -> None:
        """Let the page last from its first date to its last; whole days from midnight to midnight."""
        zone = ZoneInfo(self.zone)
        rows = [row for row in self.dates() if row is not self]
        for row in rows:
            row.settle(zone, self.is_all_day)
        if rows:
            self.starts_at = min(row.starts_at for row in rows)
            self.ends_at = max(row.ends_at for row in rows)
        self.settle(zone, self.is_all_day)

    def leave_pattern(self) -> None:
        """What comes again goes on as it was when this time alone is changed; page classes say how."""

    def count_edition(self) -> None:
        """The next number if time, place or state is not what it was; what is live has then been moved."""
        model = type(self)
        was = model.objects.filter(pk=self.pk).values(*self.NEWS, "sequence", "moved_from", "live").first()
        if was is None:
            return
        is_new = any(was[name] != getattr(self, name) for name in self.NEWS) or self.dates_changed()
        self.sequence = was["sequence"] + int(is_new)
        self.moved_from = was["moved_from"]
        if was["live"] and was["starts_at"] != self.starts_at:
            self.moved_from = was["starts_at"]

    def dates_changed(self) -> bool:
        """Whether one of several dates is not what is stored."""
        return False

    def with_content_json(self, content: dict[str, Any]) -> "DatedPage":
        """An earlier wording, with its times by the rules that are in force now."""
        page: DatedPage = super().with_content_json(content)
        page.recurrence_id, page.occurs_on = self.recurrence_id, self.occurs_on
        if page.zone in known_zones():
            for row in {id(row): row for row in (page, *page.dates())}.values():
                row.follow_the_clocks(ZoneInfo(page.zone))
        return page

    @classmethod
    def keep_the_hour(cls) -> int:
        """Where the rules of a zone were changed, move what is to come so that the clock shows what was typed."""
        coming = cls.objects.filter(ends_at__gt=timezone.now() - DAY)
        rows = coming.values_list("pk", "zone", "starts_at", "ends_at", "starts_wall", "ends_wall")
        stale = [
            pk
            for pk, zone, start, end, *walls in rows.iterator()
            if zone in known_zones() and walls != [wall_of(start, ZoneInfo(zone)), wall_of(end, ZoneInfo(zone))]
        ]
        moved = 0
        for pk in stale:
            row = cls.objects.only("zone", "starts_at", "ends_at", "starts_wall", "ends_wall").get(pk=pk)
            moved += keep(cls.objects.filter(pk=pk), row, ZoneInfo(row.zone), {"sequence": F("sequence") + 1})
        return moved

    # What readers see

    @property
    def shown_zone(self) -> ZoneInfo:
        """By whose clock the times are shown: the place's, or, where there is no place to go to, the reader's."""
        if not self.is_online or self.is_all_day:
            return ZoneInfo(self.zone)
        return ZoneInfo(self.reader_zone or timezone.get_current_timezone_name())

    @property
    def is_online(self) -> bool:
        """Whether there is no place to go to; page classes say so."""
        return False

    @property
    def local_start(self) -> datetime:
        """What the clock shows when it begins."""
        return in_zone(self.starts_at, self.shown_zone)

    @property
    def local_end(self) -> datetime:
        """What the clock shows when it ends."""
        return in_zone(self.ends_at, self.shown_zone)

    @property
    def zone_note(self) -> str:
        """Names the clock where the reader could take it for another: online always, on site if it differs."""
        if self.is_all_day:
            return ""
        here = timezone.localtime(self.starts_at).utcoffset()
        is_same = self.starts_at.astimezone(self.shown_zone).utcoffset() == here
        return "" if is_same and not self.is_online else zone_words(self.shown_zone)

    @property
    def hours(self) -> str:
        """From when to when, in one line."""
        return self.hours_of(self)

    def hours_of(self, row: Dated) -> str:
        """From when to when one of its dates is, by the clock that the page is shown by."""
        start, end = in_zone(row.starts_at, self.shown_zone), in_zone(row.ends_at, self.shown_zone)
        if self.is_all_day:
            last = end.date() - DAY
            return str(_("all day") if last <= start.date() else _("until %s") % date_format(last, "j F Y"))
        until = date_format(end, "H:i") if start.date() == end.date() else date_format(end, "j F Y, H:i")
        hours = f"{date_format(start, 'H:i')} – {until}" if start.date() != end.date() else f"{start:%H:%M}–{until}"
        return f"{hours}, {self.zone_note}" if self.zone_note else hours

    @property
    def when(self) -> str:
        """Day and hours in one line, by the clock of the place; the clock is always named, for mail and paper."""
        zone = ZoneInfo(self.zone)
        start, end = in_zone(self.starts_at, zone), in_zone(self.ends_at, zone)
        if self.is_all_day:
            last = end - DAY
            days = [date_format(start, "l j F Y"), date_format(last, "l j F Y")]
            return days[0] if last.date() <= start.date() else " – ".join(days)
        day, same = date_format(start, "l j F Y"), start.date() == end.date()
        until = date_format(end, "H:i") if same else date_format(end, "l j F Y, H:i")
        return f"{day}, {date_format(start, 'H:i')}{'–' if same else ' – '}{until}, {zone_words(zone)}"

    @property
    def told_when(self) -> dict[str, Any]:
        """When it is, for programs: whole days as days, else instants as the clocks there show them."""
        start, end = self.edges(self)
        return {"starts": start, "ends": end, "zone": self.zone, "is_all_day": self.is_all_day}

    @property
    def told_dates(self) -> list[dict[str, Any]]:
        """The dates of a series as the page tells them; empty where there is one date only."""
        rows = [row for row in self.dates() if row is not self]
        return [
            {"day": in_zone(row.starts_at, self.shown_zone), "hours": self.hours_of(row), "row": row} for row in rows
        ]

    def edges(self, row: Dated) -> tuple[str, str]:
        """Beginning and end in ISO 8601; of whole days the first and the last."""
        zone = ZoneInfo(self.zone)
        if self.is_all_day:
            first, last = self.days(row)
            return first.isoformat(), last.isoformat()
        return row.starts_at.astimezone(zone).isoformat(), row.ends_at.astimezone(zone).isoformat()

    def days(self, row: Dated) -> tuple[date, date]:
        """The first and the last day, by the clocks of the place."""
        zone = ZoneInfo(self.zone)
        first = in_zone(row.starts_at, zone).date()
        return first, max(first, in_zone(row.ends_at - timedelta(microseconds=1), zone).date())

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """What search engines may know of the time (schema.org)."""
        start, end = self.edges(self)
        is_moved = self.moved_from and self.moved_from != self.starts_at
        state = "Cancelled" if self.is_cancelled else "Rescheduled" if is_moved else "Scheduled"
        when: dict[str, Any] = {"startDate": start, "endDate": end, "eventStatus": f"https://schema.org/Event{state}"}
        if is_moved and self.moved_from:
            was = self.moved_from.astimezone(ZoneInfo(self.zone))
            when["previousStartDate"] = was.date().isoformat() if self.is_all_day else was.isoformat()
        if rows := [row for row in self.dates() if row is not self]:
            name = getattr(self, "title", "")
            parts = [(getattr(row, "subject", "") or name, *self.edges(row)) for row in rows]
            when["subEvent"] = [{"@type": "Event", "name": n, "startDate": a, "endDate": b} for n, a, b in parts]
        return super().structured_data(request) | when


def keep(rows: Any, row: Dated, zone: ZoneInfo, also: dict[str, Any]) -> int:
    """Write the instants of one row where the clocks have left them; a row without a wall is given one."""
    if not row.starts_wall:
        row.settle(zone)
        rows.update(starts_wall=row.starts_wall, ends_wall=row.ends_wall)
        return 0
    if not row.follow_the_clocks(zone):
        return 0
    return int(rows.update(starts_at=row.starts_at, ends_at=row.ends_at, **also))


def chosen_zone(request: HttpRequest) -> str:
    """The zone that the reader chose; empty where they chose none that there is."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    return name if name in known_zones() else ""


def soonest(rows: Iterable[Dated]) -> list[Dated]:
    """Dates in their order."""
    return sorted((row for row in rows if row.starts_at and row.ends_at), key=lambda row: (row.starts_at, row.ends_at))
