"""How much of a thing, how often, and in which months: one spelling for each unit, and plain words for all of it."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.dates import MONTHS
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MONTH_CHOICES = list(MONTHS.items())

# Each unit with the other ways in which people write it; whatever stands in no row stays as it was typed ("sacks").
UNITS: dict[str, tuple[str, ...]] = {
    "g": ("gram", "grams", "gramme", "grammes"),
    "kg": ("kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme", "kilogrammes"),
    "t": ("tonne", "tonnes", "ton", "tons"),
    "l": ("litre", "litres", "liter", "liters", "ltr", "ltrs"),
    "ml": ("millilitre", "millilitres"),
    "m³": ("m3", "m^3", "cbm", "cubic metre", "cubic metres", "cubic meter", "cubic meters"),
    "m": ("metre", "metres", "meter", "meters"),
    "m²": ("m2", "m^2", "sqm", "sq m", "square metre", "square metres", "square meter", "square meters"),
    "ha": ("hectare", "hectares"),
    "acre": ("acres",),
    "h": ("hour", "hours", "hr", "hrs"),
    "day": ("days",),
    "piece": ("pieces", "pc", "pcs"),
}
SPELLINGS = {spelling: unit for unit, others in UNITS.items() for spelling in (unit, *others)}


class Rhythm(models.IntegerChoices):
    """How often there is something, as days from one time to the next; 0 = it is there once."""

    ONCE = 0, gettext_lazy("once")
    DAILY = 1, gettext_lazy("every day")
    WEEKLY = 7, gettext_lazy("every week")
    MONTHLY = 30, gettext_lazy("every month")
    YEARLY = 365, gettext_lazy("every year")


def one_unit(text: str) -> str:
    """The one spelling of a unit; a word that is no known unit stays, with single spaces."""
    plain = " ".join(text.split())
    return SPELLINGS.get(plain.casefold().rstrip("."), plain)


def months_between(first: int | None, last: int | None) -> list[int]:
    """The months from one to the other, over the turn of the year where need be; none where either is missing."""
    if first is None or last is None:
        return []
    return [(first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1)]


def in_words(quantity: Any, unit: str, every: int | None, months: list[int]) -> str:
    """For example "about 200 kg, every week, May to October"; empty where nothing is known."""
    parts = []
    if quantity is not None:
        parts.append(_("about %(amount)s") % {"amount": f"{_plain(quantity)} {unit}".strip()})
    if every is not None:
        parts.append(str(Rhythm(every).label))
    if 0 < len(months) < 12:
        parts.append(span(months))
    return ", ".join(parts)


def span(months: list[int]) -> str:
    """A run of months in words: "May to October", or "May"."""
    if len(months) == 1:
        return str(MONTHS[months[0]])
    return _("%(first)s to %(last)s") % {"first": MONTHS[months[0]], "last": MONTHS[months[-1]]}


def listed(months: list[int]) -> str:
    """Any months of the year in words, as runs: "May to July and October"; a run may go over the turn of the year."""
    starts = [month for month in months if (month - 2) % 12 + 1 not in months]
    runs = []
    for start in starts:
        run = [start]
        while run[-1] % 12 + 1 in months:
            run.append(run[-1] % 12 + 1)
        runs.append(span(run))
    return _(" and ").join(runs)


def _plain(quantity: Any) -> str:
    """A number without empty decimals."""
    number = Decimal(str(quantity))
    return number_format(int(number) if number == int(number) else number.normalize())
