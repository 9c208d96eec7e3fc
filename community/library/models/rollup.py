"""Tries counted together: how many worked, and under which conditions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from community.library.models.conditions import Climate, Scale, Soil
from community.library.models.trial import Trial, TrialOutcome

CONDITIONS: tuple[tuple[str, Any], ...] = (("soil", Soil), ("climate", Climate), ("scale", Scale))
OF_A_GROUP = ("page", "outcome", "soil", "climate", "scale", "season__slug", "season__name", "season__position", "year")


@dataclass
class Tally:
    """Three numbers; they are shown as they are, however small."""

    worked: int = 0
    partly: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All tries."""
        return self.worked + self.partly + self.failed

    def add(self, outcome: str, number: int = 1) -> None:
        """Count so many more of one outcome."""
        setattr(self, TrialOutcome(outcome).value, getattr(self, outcome) + number)


@dataclass
class Condition:
    """One value of one condition ("on clay") with what came of the tries under it."""

    name: str
    value: str
    label: Any
    tally: Tally = field(default_factory=Tally)
    order: int = 0


@dataclass
class RollUp(Tally):
    """What came of all tries of one page, and of those under each condition that somebody named."""

    by: dict[tuple[str, str], Condition] = field(default_factory=dict)
    by_year: dict[int, Tally] = field(default_factory=dict)

    def put(self, row: tuple[Any, ...]) -> None:
        """Count one group of like tries, as `OF_A_GROUP` lists it, with their number last."""
        _page, outcome, soil, climate, scale, slug, season, position, year, number = row
        self.add(outcome, number)
        self.by_year.setdefault(year, Tally()).add(outcome, number)
        said = {"soil": soil, "climate": climate, "scale": scale}
        for name, words in CONDITIONS:
            if said[name] in words.values:
                order = words.values.index(said[name])
                self._under(name, said[name], words(said[name]).label, order).add(outcome, number)
        if slug:
            self._under("season", slug, season, position).add(outcome, number)

    def _under(self, name: str, value: str, label: Any, order: int) -> Tally:
        return self.by.setdefault((name, value), Condition(name, value, label, order=order)).tally

    @property
    def conditions(self) -> list[tuple[str, list[Condition]]]:
        """Each condition with its values, in the order of the form."""
        titles = {"soil": _("Soil"), "season": _("Season"), "climate": _("Climate"), "scale": _("How big")}
        found = {
            name: sorted((one for one in self.by.values() if one.name == name), key=lambda one: (one.order, one.value))
            for name in titles
        }
        return [(titles[name], values) for name, values in found.items() if values]

    @property
    def lines(self) -> list[Condition]:
        """All of them in one list."""
        return [one for _title, values in self.conditions for one in values]


def roll_up(pages: Iterable[Any], member: Any) -> dict[int, RollUp]:
    """What came of the tries of all these pages, as this member may see them, in one query for all.

    Each page carries its own from then on, as `page.tries`.
    """
    pages = [page for page in pages if page.pk]
    found = {page.pk: RollUp() for page in pages}
    kinds = {type(page) for page in pages}
    groups = Trial.objects.visible_to(member, kinds).filter(page__in=list(found)).order_by().values_list(*OF_A_GROUP)
    for row in groups.annotate(number=Count("pk")) if found else ():
        found[row[0]].put(row)
    for page in pages:
        page.tries = found[page.pk]
    return found
