"""The hard rules: who may be shown to whom at all, decided before any score is computed.

Each rule is a small predicate that answers "does this forbid it?", paired with the code of the refusal, so
that "why is this person not shown?" can be answered. Rules only ever take candidates away.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import lru_cache
from math import asin, cos, isfinite, radians, sin, sqrt

import numpy as np

from .kinds import MatchKind, Room
from .people import Id, Person, Rows
from .text import skeleton

EARTH_KM = 6371.0088
"""Mean radius of the earth in km (IUGG)."""


class Refusal(StrEnum):
    """Why somebody is not a candidate."""

    SELF = "self"
    """It is the asker, or an opening of theirs."""
    NOT_OPEN = "not_open"
    """The candidate has not agreed to be shown as this kind."""
    NOT_ADULT = "not_adult"
    """One of the two is, or may be, under 18."""
    PAUSED = "paused"
    """The candidate asked not to be suggested for now."""
    FULL = "full"
    """The one whose time this kind takes has no room left."""
    BLOCKED = "blocked"
    """One of the two has blocked the other."""
    NOT_WITH = "not_with"
    """One of the two would rather not meet the other."""
    OWN_TRADE = "own_trade"
    """One of the two wants nobody of their own trade so near (or no distance is known)."""
    NO_SHARED_LANGUAGE = "no_shared_language"
    """Both have said which languages they speak, and share none."""
    TOO_FAR = "too_far"
    """Further apart than one of the two has set."""
    PLACE_UNKNOWN = "place_unknown"
    """One of the two has set a distance limit and a place is missing, so it cannot be kept."""


Rule = Callable[[Person, Person, MatchKind], bool]
"""Takes asker, candidate and kind; True = forbidden."""


def is_self(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """The two are one person, or a person and their own opening."""
    if asker.owner is None and candidate.owner is None:
        return asker.id == candidate.id
    return not asker.ids.isdisjoint(candidate.ids)


def is_closed(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """The candidate has not agreed to be shown as this kind; nobody can agree to a kind without a consent."""
    return not kind.consent or kind.consent not in candidate.open_to


def is_minor(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """Either has not said that they are an adult."""
    return not (asker.is_adult and candidate.is_adult)


def is_paused(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """The candidate takes a break."""
    return candidate.is_paused


def is_full(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """The side whose capacity this kind uses has none left."""
    if kind.room is Room.NOBODY:
        return False
    return (candidate if kind.room is Room.CANDIDATE else asker).room <= 0


def is_blocked(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """Either has blocked the other (or the owner of the opening)."""
    return _names(asker.blocked, candidate) or _names(candidate.blocked, asker)


def is_not_with(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """Either has the other on their private "not with" list."""
    return _names(asker.not_with, candidate) or _names(candidate.not_with, asker)


def is_own_trade(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """Same trade, nearer than either wants; an unknown distance counts as near, since the wish protects."""
    limits = [limit for limit in (asker.not_own_trade_km, candidate.not_own_trade_km) if limit is not None]
    if not limits or not _trade(asker.trade) or _trade(asker.trade) != _trade(candidate.trade):
        return False
    apart = distance_km(asker, candidate)
    return apart is None or apart <= max(limits)


def is_speechless(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """Both have named their languages and share none."""
    return bool(asker.languages and candidate.languages) and asker.languages.isdisjoint(candidate.languages)


def is_too_far(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """Further apart than the smaller of the limits that were set."""
    limit = _limit(asker, candidate)
    if limit is None:
        return False
    apart = distance_km(asker, candidate)
    return apart is not None and apart > limit


def is_placeless(asker: Person, candidate: Person, kind: MatchKind) -> bool:
    """A limit was set and cannot be checked."""
    return _limit(asker, candidate) is not None and distance_km(asker, candidate) is None


RULES: Sequence[tuple[Refusal, Rule]] = (
    (Refusal.NOT_OPEN, is_closed),  # first: consent comes before everything else
    (Refusal.NOT_ADULT, is_minor),
    (Refusal.SELF, is_self),
    (Refusal.BLOCKED, is_blocked),
    (Refusal.NOT_WITH, is_not_with),
    (Refusal.PAUSED, is_paused),
    (Refusal.FULL, is_full),
    (Refusal.NO_SHARED_LANGUAGE, is_speechless),
    (Refusal.OWN_TRADE, is_own_trade),
    (Refusal.PLACE_UNKNOWN, is_placeless),
    (Refusal.TOO_FAR, is_too_far),
)
"""Every hard rule with its code, in the order in which they are asked."""


def refusal(asker: Person, candidate: Person, kind: MatchKind) -> Refusal | None:
    """Return the first rule that forbids showing the candidate to the asker, or None where none does."""
    for code, forbids in RULES:  # a plain loop: this runs once for every pair of a community
        if forbids(asker, candidate, kind):
            return code
    return None


def eligible(asker: Person, people: Sequence[Person], kind: MatchKind) -> Rows:
    """Return the positions of those whom no rule forbids, in order, `[k]`."""
    rows = [row for row, candidate in enumerate(people) if refusal(asker, candidate, kind) is None]
    return np.asarray(rows, np.intp)


def distance_km(one: Person, other: Person) -> float | None:
    """Return the great-circle distance between the centres of two cells in km (≥ 0), or None if one is
    unknown.

    Source: haversine formula (Sinnott, "Virtues of the haversine", Sky and Telescope 68(2), 1984).
    """
    if one.cell is None or other.cell is None or not all(map(isfinite, one.cell + other.cell)):
        return None
    return _haversine(one.cell, other.cell)


def _haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    (lat1, lon1), (lat2, lon2) = [(radians(lat), radians(lon)) for lat, lon in sorted((one, other))]
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, chord)))


def _names(listed: frozenset[Id], person: Person) -> bool:
    return bool(listed) and not listed.isdisjoint(person.ids)


def _limit(asker: Person, candidate: Person) -> float | None:
    if asker.max_km is None or candidate.max_km is None:
        return candidate.max_km if asker.max_km is None else asker.max_km
    return min(asker.max_km, candidate.max_km)


@lru_cache(maxsize=4096)
def _trade(trade: str) -> str:
    return skeleton(trade)
