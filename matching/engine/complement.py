"""Inputs and outputs that belong together: the whey of one is the pig feed of another.

For things (machines, spaces, materials) typed rules come first, since words alone mislead: "milk can" and "canned
milk" share every word. A need and an offer meet where they are of one kind and name the same thing; then amount,
rhythm and months say how well, and what falls short is named, so that a near match can be told ("a third of what
they look for"). What a text names is found in `thing.py`; vectors only help where no word is shared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from .people import Line, Person, Reason, Roster
from .text import words
from .thing import named

THINGS = frozenset({"machine", "space", "material"})
"""Kinds of lines that have an amount, a rhythm and months."""

SAME_WORD = 0.75
"""Sameness of two texts that name the thing by the same word; their cosine adds up to the remaining quarter."""

FOR_THIS_USE = 0.6
"""The same where the offer says that it serves the use that the need names ("whey for feeding pigs", "pig feed")."""

NEAR, ALIKE = 0.55, 0.85
"""Cosines from which two texts without a common word begin to name the same thing, and surely do."""

REACH_KM = 150.0
"""Distance from which carrying a thing costs all that it can cost here."""

UNITS: Mapping[str, tuple[str, float]] = {
    "g": ("mass", 0.001), "kg": ("mass", 1.0), "t": ("mass", 1000.0),
    "ml": ("volume", 0.001), "l": ("volume", 1.0), "m³": ("volume", 1000.0),
    "m": ("length", 1.0),
    "m²": ("area", 1.0), "acre": ("area", 4046.86), "ha": ("area", 10_000.0),
    "h": ("time", 1.0), "day": ("time", 24.0),
    "piece": ("count", 1.0), "": ("count", 1.0),
}  # fmt: skip
"""Unit: dimension, and how many of the dimension's first unit it holds. Other words are dimensions of their own."""


class Short(StrEnum):
    """What an offer falls short of."""

    AMOUNT = "amount"
    """It is less than is looked for: see `Fit.share`."""
    UNIT = "unit"
    """The two amounts are in units that cannot be compared."""
    RHYTHM = "rhythm"
    """It is there less often than it is looked for."""
    MONTHS = "months"
    """It is there in a part of the months in which it is looked for: see `Fit.months`."""
    SEASON = "season"
    """It is never there when it is looked for; such a fit has value 0."""
    FAR = "far"
    """Far to carry."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well one offer meets one need for a thing.

    Attributes:
        need, offer: the two lines.
        value: 0 (does not meet it) to 1.
        shorts: what falls short, in the order of `Short`; empty = nothing that was said.
        share: offered amount over needed amount in the same time (> 0), or None where it cannot be said.
        months: in which months both hold (1 to 12); empty where neither named any, or they never meet.
        is_returned: False: the candidate's offer meets the asker's need; True: the asker's meets theirs.
    """

    need: Line
    offer: Line
    value: float
    shorts: tuple[Short, ...] = ()
    share: float | None = None
    months: frozenset[int] = frozenset()
    is_returned: bool = False

    def as_reason(self) -> Reason:
        """Return the fit as a reason of a match; its strength is the fit's value."""
        return Reason(self.need, self.offer, self.value, self.is_returned)


def met(need: Line, offer: Line) -> Fit:
    """Return how well an offer of a thing meets a need for one, whatever lies between the two people.

    Kinds differ, a skill is among them, or the things are not the same: value 0. More of a thing, more often, or in
    more of the wanted months never lowers the value.
    """
    if need.kind != offer.kind or need.kind not in THINGS:
        return Fit(need, offer, 0.0)
    same = sameness(need, offer)
    if same == 0:
        return Fit(need, offer, 0.0)
    season, months = _season(need, offer)
    rhythm = _rhythm(need, offer)
    amount, share = _amount(need, offer)
    judged = (
        (Short.AMOUNT, share is not None and share < 0.95),
        (Short.UNIT, share is None and need.quantity is not None and offer.quantity is not None),
        (Short.RHYTHM, rhythm < 1),
        (Short.MONTHS, 0 < season < 1),
        (Short.SEASON, season == 0),
    )
    value = round(same * season * rhythm * amount, 4)
    return Fit(need, offer, value, tuple(code for code, is_short in judged if is_short), share, months)


def carried(fit: Fit, km: float | None) -> Fit:
    """Return the fit after so many km (≥ 0) between the two people; an unknown distance changes nothing.

    At `REACH_KM` and beyond, 0.6 of the value is left: what is far is worth less, and never nothing.
    """
    if km is None or not km > 0:
        return fit
    away = min(1.0, km / REACH_KM)
    shorts = (*fit.shorts, Short.FAR) if away >= 0.5 and Short.FAR not in fit.shorts else fit.shorts
    return replace(fit, value=round(fit.value * (1 - 0.4 * away), 4), shorts=shorts)


def best(asker: Person, candidate: Person, km: float | None = None) -> Fit | None:
    """Return the best fit between two people in either direction, or None where no thing of one meets the other's.

    Ties go to what the asker gets, then by text.
    """
    found = [*fits(asker, candidate), *(replace(fit, is_returned=True) for fit in fits(candidate, asker))]
    if not found:
        return None
    first = min(found, key=lambda fit: (-fit.value, fit.is_returned, fit.need.text, fit.offer.text))
    return carried(first, km)


def fits(wisher: Person, haver: Person) -> list[Fit]:
    """Return how the things that one person looks for are met by another's: the best offer for each need, if any."""
    found = []
    for need in _things(wisher.needs):
        tried = [fit for offer in _things(haver.offers) if (fit := met(need, offer)).value > 0]
        if tried:
            found.append(min(tried, key=lambda fit: (-fit.value, fit.offer.text)))
    return found


def pairs(wishers: Roster, havers: Roster) -> dict[tuple[int, int], Fit]:
    """Return the best fit of every (wisher, haver) that has one, by positions; the same as `fits`, for a community.

    Only lines that share a word or lie near each other are compared, so that the work grows with what meets, not
    with everybody times everybody.
    """
    found: dict[tuple[int, int], Fit] = {}
    offers = [(place, line) for place, person in enumerate(havers) for line in _things(person.offers)]
    lookup = _Lookup([line for _place, line in offers])
    for row, person in enumerate(wishers):
        for need in _things(person.needs):
            for number in lookup.near(need):
                column, offer = offers[number]
                fit = met(need, offer)
                if fit.value > 0 and _is_better(fit, found.get((row, column))):
                    found[row, column] = fit
    return found


def sameness(need: Line, offer: Line) -> float:
    """Return how surely two texts name the same thing, between 0 and 1.

    A common naming word: `SAME_WORD` and more. An offer that serves the use which the need names: `FOR_THIS_USE` and
    more. Common words in different roles ("milk can" and "canned milk", "sawdust for mushrooms" and "mushrooms"): 0,
    however near the vectors lie. No common word: by the cosine alone, at most `SAME_WORD`.
    """
    near = max(0.0, _cosine(need, offer))
    wanted, had = named(need.text), named(offer.text)
    if wanted.heads & had.heads:
        return SAME_WORD + (1 - SAME_WORD) * min(1.0, near)
    if wanted.is_use_of(had):
        return FOR_THIS_USE + (1 - SAME_WORD) * min(1.0, near)
    if wanted.differs_from(had):
        return 0.0
    return SAME_WORD * min(1.0, max(0.0, (near - NEAR) / (ALIKE - NEAR)))


def level_gap(need: Line, offer: Line) -> float | None:
    """Return how far the one who offers is ahead of the one who needs, -1 to 1; None where either has not said.

    0 or less: nothing to learn here. Levels go from 0 to 4; where only years were said they stand for a level
    (1 year: 2, 3 years: 3, 10 years: 4).
    """
    theirs, own = _level(offer), _level(need)
    return None if theirs is None or own is None else (theirs - own) / 4


# --- Amount, rhythm, months ----------------------------------------------------------------------------------


def _amount(need: Line, offer: Line) -> tuple[float, float | None]:
    """The factor of the amounts, and offered over needed; amounts that cannot be compared cost a little."""
    if need.quantity is None or offer.quantity is None or not need.quantity > 0:
        return 1.0, None
    (dimension, one), (other, two) = _measure(need.unit), _measure(offer.unit)
    if dimension != other:
        return 0.85, None
    share = offer.quantity * two * _times(offer, need) / (need.quantity * one * _times(need, offer))
    return max(0.3, min(1.0, share) ** 0.5), round(share, 4)


def _measure(unit: str) -> tuple[str, float]:
    return UNITS.get(unit, (" ".join(words(unit)), 1.0))


def _times(line: Line, other: Line) -> float:
    """How often a year, while it lasts; who has not said it is taken to keep the other's rhythm."""
    every = other.every if line.every is None else line.every
    return 1.0 if not every else 365.0 / every


def _rhythm(need: Line, offer: Line) -> float:
    """1 where it is there as often as is looked for; else the root of how much rarer, at least .5."""
    if not need.every or offer.every is None or 0 < offer.every <= need.every:
        return 1.0
    return 0.5 if offer.every == 0 else max(0.5, (need.every / offer.every) ** 0.5)


def _season(need: Line, offer: Line) -> tuple[float, frozenset[int]]:
    """The factor of the months, and the months that both have; who names none has all of them."""
    year = frozenset(range(1, 13))
    both = (need.months or year) & (offer.months or year)
    if not both:
        return 0.0, frozenset()
    share = len(both) / len(need.months or year)
    # A need that names no months is not known to be one for the whole year.
    least = 0.4 if need.months else 0.7
    return least + (1 - least) * share, both if need.months or offer.months else frozenset()


def _level(line: Line) -> int | None:
    if line.level is not None or line.years is None:
        return line.level
    return 1 + sum(line.years >= years for years in (1, 3, 10))


# --- Looking lines up ----------------------------------------------------------------------------------------


class _Lookup:
    """Offers of things by the words that name them, the uses that they serve, and their vectors."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.by_word: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.by_use: dict[tuple[str, str], list[int]] = defaultdict(list)
        read: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(lines):
            naming = named(line.text)
            for word in naming.heads:
                self.by_word[line.kind, word].append(number)
            for use in naming.serves:
                self.by_use[line.kind, use].append(number)
            if line.vector is not None:
                read[line.kind].append(number)
        self.read = {kind: np.asarray(numbers, np.intp) for kind, numbers in read.items()}
        self.vectors = {kind: np.array([lines[number].vector for number in numbers]) for kind, numbers in read.items()}

    def near(self, need: Line) -> list[int]:
        """Positions of the offers that may meet a need, in order; all others have no value for it."""
        naming = named(need.text)
        found = {number for word in naming.heads for number in self.by_word.get((need.kind, word), ())}
        found |= {number for use in naming.uses for number in self.by_use.get((need.kind, use), ())}
        if need.vector is not None and need.kind in self.read:
            close = self.vectors[need.kind] @ need.vector > NEAR - 1e-4  # sums of another order differ in the last bits
            found |= {int(number) for number in self.read[need.kind][close]}
        return sorted(found)


def _things(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.kind in THINGS]


def _cosine(one: Line, other: Line) -> float:
    if one.vector is None or other.vector is None:
        return 0.0
    return float(one.vector @ other.vector)


def _is_better(fit: Fit, known: Fit | None) -> bool:
    if known is None:
        return True
    return (-fit.value, fit.need.text, fit.offer.text) < (-known.value, known.need.text, known.offer.text)
