"""Time as the place has it: an instant is kept in UTC beside the zone that people there live by."""

import re
from datetime import UTC, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.topics.models import EntryForm

WALL = "%Y-%m-%d %H:%M"  # what the clock on the wall shows, as it is kept and typed
YEARS = range(1990, 2101)
OFFSET = re.compile(r":\d\d(Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)


@cache
def known_zones() -> frozenset[str]:
    """The names of all time zones that this machine knows."""
    return frozenset(available_timezones())


def validate_zone(name: str) -> None:
    """A zone must be one of the names that the whole world uses, such as Europe/London."""
    if name not in known_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Write region and city, for example Europe/London."),
            params={"name": name[:64]},
        )


def default_zone() -> str:
    """The zone of the community."""
    return str(settings.TIME_ZONE)


def in_zone(instant: datetime, zone: ZoneInfo) -> datetime:
    """The reading of the clocks in that zone, without a zone of its own, so that no template moves it again."""
    return timezone.make_naive(instant, zone)


def wall_of(instant: datetime, zone: ZoneInfo) -> str:
    """What the clock on the wall shows at that instant, as a text."""
    return in_zone(instant, zone).strftime(WALL)


def instant_of(wall: datetime, zone: ZoneInfo, is_second: bool = False) -> datetime:
    """When the clock on the wall shows this.

    A time that comes twice is the first one; a time that the clocks skip is as long after the hour before as it
    would have been. That is how calendars read it (RFC 5545, 3.3.5).
    """
    return wall.replace(tzinfo=zone, fold=int(is_second)).astimezone(UTC)


def comes(wall: datetime, zone: ZoneInfo) -> int:
    """How often the clocks of a zone show this time: once, or, when they are changed, never or twice."""
    first, second = instant_of(wall, zone), instant_of(wall, zone, is_second=True)
    if in_zone(first, zone) != wall.replace(fold=0):
        return 0
    return 1 if first == second else 2


def zone_words(zone: ZoneInfo) -> str:
    """A zone as people say it: “Dublin time”."""
    return str(_("%(city)s time") % {"city": city_of(zone)})


def city_of(zone: ZoneInfo) -> str:
    """The city that a zone is named after."""
    return zone.key.rpartition("/")[2].replace("_", " ")


class WallTimeField(forms.DateTimeField):
    """A day and a time as the clocks of a place show them, in the zone that is in force while the form is read.

    Where the clocks are changed, it asks: a time that never comes is refused, and for one that comes twice
    “first” or “second” is to be added.
    """

    def to_python(self, value: Any) -> datetime | None:
        """The instant, or the question to be answered first."""
        typed = str(value or "").strip()
        if OFFSET.search(typed):
            return super().to_python(typed)
        text, is_second = self._which(typed)
        with timezone.override(UTC):
            read = super().to_python(text or value)
        if read is None:
            return None
        wall, zone = read.replace(tzinfo=None), timezone.get_current_timezone()
        if wall.year not in YEARS:
            raise ValidationError(_("Choose a year between 1990 and 2100."), code="year")
        if isinstance(zone, ZoneInfo) and (often := comes(wall, zone)) != 1 and (often == 0 or is_second is None):
            raise ValidationError(SKIPPED if often == 0 else TWICE, code="clocks", params={
                "city": city_of(zone), "time": f"{wall:%H:%M}",
            })  # fmt: skip
        return wall.replace(tzinfo=zone, fold=int(bool(is_second))).astimezone(UTC)

    def _which(self, typed: str) -> tuple[str, bool | None]:
        """The time without the word behind it, and whether that word is “second”; None where there is no word."""
        clock, _space, word = typed.rpartition(" ")
        words = {"first": False, "second": True, gettext("first").lower(): False, gettext("second").lower(): True}
        return (clock.strip(), words[word.lower()]) if clock and word.lower() in words else (typed, None)


SKIPPED = _("The clocks in %(city)s are put forward then: %(time)s does not come. Choose an earlier or a later time.")
TWICE = _(
    "The clocks in %(city)s are put back then: %(time)s comes twice. Write the word “first” or “second” after the time."
)


def typed(instant: datetime, zone: ZoneInfo) -> datetime | str:
    """An instant as somebody would type it at that place, so that reading it again gives the same instant."""
    wall = in_zone(instant, zone)
    if comes(wall.replace(fold=0), zone) != 2:
        return wall.replace(fold=0)
    which = gettext("second") if instant.astimezone(zone).fold else gettext("first")
    return f"{wall.strftime(WALL)} {which}"


class ZonedPageForm(EntryForm):
    """An editor types and reads the times as the clocks at the place show them, not as the office's clock does.

    So the typed time stays when somebody changes the zone: it is read again by the clocks of the new place.
    """

    ZONED = ("starts_at", "ends_at")
    DATED = "sessions"  # the formset whose rows have such times, too

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data and data.get("is_all_day") not in (None, "", "False", "false"):
            data = at_noon(data, self.ZONED)
        super().__init__(data, *args, **kwargs)
        zone = ZoneInfo(self.instance.zone) if self.instance.zone in known_zones() else timezone.get_current_timezone()
        rows = self.formsets[self.DATED].forms if self.DATED in self.formsets else []
        for form in (self, *rows):
            by_the_wall(form, self.ZONED, zone)
            if self.instance.is_all_day and form.instance.starts_at and form.instance.ends_at:
                days = self.instance.days(form.instance)  # the last day, not the midnight after it
                for name, day in zip(self.ZONED, days, strict=True):
                    form.initial[name] = datetime.combine(day, time.min)

    @property
    def typed_zone(self) -> str | None:
        """The zone that was typed, if there is such a zone."""
        name = self.data.get(self.add_prefix("zone"), "")
        return name if name in known_zones() else None

    def full_clean(self) -> None:
        """Read the times by the clocks of the zone that was typed."""
        with timezone.override(self.typed_zone):
            super().full_clean()

    def is_valid(self) -> bool:
        """Read the further dates by the same clocks."""
        with timezone.override(self.typed_zone):
            return bool(super().is_valid())


def by_the_wall(form: Any, names: tuple[str, ...], zone: Any) -> None:
    """Let the fields of these names show and read the clocks of that zone."""
    for name in names:
        if old := form.fields.get(name):
            form.fields[name] = WallTimeField(
                label=old.label, help_text=old.help_text, required=old.required, widget=old.widget
            )
        if isinstance(value := form.initial.get(name), datetime) and timezone.is_aware(value):
            form.initial[name] = typed(value, zone)


def at_noon(data: Any, names: tuple[str, ...]) -> Any:
    """Where only the days count, whatever clock time was typed beside them means noon, which no zone skips."""
    data = data.copy()
    for name in list(data):
        if name.rpartition("-")[2] in names:
            day = re.match(r"\s*(\d{4}-\d{1,2}-\d{1,2})\b", str(data.get(name)))
            data[name] = f"{day[1]} 12:00" if day else data.get(name)
    return data
