"""Time as the place has it: an instant is kept in UTC beside the zone that people there live by."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.topics.models import EntryForm


@cache
def known_zones() -> frozenset[str]:
    """The names of all time zones that this machine knows."""
    return frozenset(available_timezones())


def validate_zone(name: str) -> None:
    """A zone must be one of the names that the whole world uses, such as Europe/London."""
    if name not in known_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Write region and city, for example Europe/London."),
            params={"name": name},
        )


def default_zone() -> str:
    """The zone of the community."""
    return str(settings.TIME_ZONE)


def in_zone(instant: datetime, zone: ZoneInfo) -> datetime:
    """The reading of the clocks in that zone, without a zone of its own, so that no template moves it again."""
    return timezone.make_naive(instant, zone)


def zone_words(zone: ZoneInfo) -> str:
    """A zone as people say it: “Dublin time”."""
    city = zone.key.rpartition("/")[2].replace("_", " ")
    return str(_("%(city)s time") % {"city": city})


class ZonedPageForm(EntryForm):
    """An editor types and reads the times as the clocks at the place show them, not as the office's clock does."""

    ZONED = ("starts_at", "ends_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = ZoneInfo(self.instance.zone) if self.instance.zone in known_zones() else timezone.get_current_timezone()
        for name in self.ZONED:
            if isinstance(value := self.initial.get(name), datetime) and timezone.is_aware(value):
                self.initial[name] = in_zone(value, zone)

    def _clean_fields(self) -> None:
        # A time that the clocks skip or show twice is refused by the field itself, in the zone that was typed.
        typed = self.data.get(self.add_prefix("zone"), "")
        with timezone.override(typed if typed in known_zones() else None):
            super()._clean_fields()
