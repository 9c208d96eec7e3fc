"""What is on in a month, day by day, and in a year, topic by topic."""

import re
from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import ExtractMonth
from django.utils import timezone
from django.utils.formats import get_format

from community.gatherings.models.session import Session
from community.gatherings.models.when import DAY, Dated
from community.gatherings.models.zones import YEARS, in_zone

MOST = 5  # on one day of the grid; the others are a link
SHOWN = (
    "path", "depth", "slug", "title", "starts_at", "ends_at", "zone", "is_all_day", "is_cancelled", "mode", "live",
)  # fmt: skip


class Item(NamedTuple):
    """One gathering on one day of the grid."""

    gathering: Any
    time: str  # empty for whole days, and on the days after the first


class Day(NamedTuple):
    """One day of the grid."""

    day: date
    is_in: bool  # whether it belongs to the month, or fills up its first or last week
    items: list[Item]
    more: int  # how many are not shown


def month_of(text: str) -> date | None:
    """The first day of a month that is written like 2027-03; None for anything else."""
    found = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", text, re.ASCII)
    return date(int(found[1]), int(found[2]), 1) if found and int(found[1]) in YEARS else None


def day_of(text: str) -> date | None:
    """A day that is written like 2027-03-07; None for anything else."""
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None
    return day if day and day.year in YEARS else None


def neighbours(month: date) -> tuple[date, date]:
    """The months before and after."""
    return (month - DAY).replace(day=1), (month + timedelta(days=32)).replace(day=1)


def on_day(gatherings: Any, day: date) -> Any:
    """Gatherings that take place on that day by the clocks of the community."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return gatherings.filter(starts_at__lt=start + DAY, ends_at__gt=start)


def weeks(month: date) -> list[list[date]]:
    """The weeks of a month, beginning with the day on which weeks begin where this language is spoken."""
    first = (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7
    return Calendar(first).monthdatescalendar(month.year, month.month)


def grid(gatherings: Any, month: date, reader_zone: str) -> list[list[Day]]:
    """The month as weeks of days, each with what is on, soonest first; two queries, however much is on."""
    shown = weeks(month)
    first, last = shown[0][0], shown[-1][-1]
    # A day longer at both ends: what is on that day there may be the day before or after by our own clocks.
    edges = [timezone.make_aware(datetime.combine(day, time.min)) for day in (first - DAY, last + 2 * DAY)]
    on = gatherings.filter(starts_at__lt=edges[1], ends_at__gt=edges[0]).only(*SHOWN).order_by("starts_at", "pk")
    on = list(on.annotate(is_series=Exists(Session.objects.filter(page=OuterRef("pk")))))
    days: dict[date, list[Item]] = defaultdict(list)
    for gathering, row in rows_of(on, edges):
        gathering.reader_zone = reader_zone
        put(days, gathering, row, first, last)
    return [[Day(day, day.month == month.month, days[day][:MOST], len(days[day][MOST:])) for day in w] for w in shown]


def rows_of(on: list[Any], edges: list[datetime]) -> Iterable[tuple[Any, Dated]]:
    """Each gathering with its date, those of a series with each of its dates in that time."""
    series = {one.pk: one for one in on if one.is_series}
    sessions = Session.objects.filter(page__in=series, starts_at__lt=edges[1], ends_at__gt=edges[0]) if series else []
    rows = [(one, one) for one in on if not one.is_series] + [(series[row.page_id], row) for row in sessions]
    return sorted(rows, key=lambda pair: (pair[1].starts_at, pair[0].pk))


def put(days: dict[date, list[Item]], gathering: Any, row: Dated, first: date, last: date) -> None:
    """Write it on each of its days; the time stands on the first."""
    zone = gathering.shown_zone
    start = in_zone(row.starts_at, zone)
    end = max(start.date(), in_zone(row.ends_at - timedelta(microseconds=1), zone).date())
    day = max(start.date(), first)
    while day <= min(end, last):
        is_timed = not gathering.is_all_day and day == start.date()
        days[day].append(Item(gathering, f"{start:%H:%M}" if is_timed else ""))
        day += DAY


def by_topic(gatherings: Any, year: int) -> dict[str, dict[int, int]]:
    """How many gatherings of each topic begin in each month of a year, by the clocks of the community."""
    edges = [timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1)]  # noqa: DTZ001
    within = gatherings.filter(starts_at__gte=edges[0], starts_at__lt=edges[1], is_cancelled=False).order_by()
    counted = within.exclude(topics=None).values_list("topics__slug", ExtractMonth("starts_at"))
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for slug, month, number in counted.annotate(number=Count("pk", distinct=True)):
        found[slug][month] = number
    return found
