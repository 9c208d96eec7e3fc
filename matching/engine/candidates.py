"""The hard rules: who may be shown to whom at all, decided before any score is computed.

Each rule is a small predicate that answers "does this forbid it?", paired with the code of the refusal, so
that "why is this person not shown?" can be answered. Rules only ever take candidates away.

The predicates are the rules. `allowed` asks the same of many pairs at once, on arrays; a pair so close to a limit
that rounding could decide it is decided by the predicates, so that the two never differ.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from math import asin, cos, isfinite, radians, sin, sqrt
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from .kinds import MatchKind, Room
from .people import Id, Person, Roster, Rows
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


def eligible(asker: Person, people: Roster | Sequence[Person], kind: MatchKind) -> Rows:
    """Return the positions of those whom no rule forbids, in order, `[k]`; quick where a roster is asked again."""
    columns = columns_of(people if isinstance(people, Roster) else Roster(people))
    return np.flatnonzero(allowed(Columns.of([asker], columns.words), columns, kind)[0])


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


# --- The same rules for many pairs at once --------------------------------------------------------------------

Flags = npt.NDArray[np.bool_]
"""Yes or no for each person, `[n]`, or for each pair, `[askers, candidates]`."""

Numbers = npt.NDArray[np.float64]

HALF_ROUND_KM = 20_016.0
"""Nobody is further away: half of the earth's circumference is 20,015.1 km."""

DOUBT = 1e-12
"""A squared half chord this near to a limit's is decided by the predicate; rounding stays a thousand times below."""


@dataclass(frozen=True, slots=True)
class Words:
    """Which number stands for which language and for which trade in one set of columns."""

    languages: Mapping[str, int]
    trades: Mapping[str, int]


@dataclass(frozen=True)
class Columns:
    """What the rules ask of people, one array a question, in the people's order; made by `Columns.of`.

    Attributes:
        people: whom the rows stand for.
        words: what the numbers of `languages` and `trade` mean.
        open_to: by consent, who gave it.
        is_adult, is_paused, has_room, has_languages: as in `Person`.
        languages: `[n, words]`, one bit a language.
        trade: number of the trade; -1 = none, -2 = one that `words` does not know.
        place: `[n, 3]`, the cell as a point on a globe of radius 1; NaN where unknown.
        reach, apart: `max_km` and `not_own_trade_km` as squared half chords; infinite and -infinite where not set.
        is_odd: what they said fits no array (NaN as a limit, a place off the map): the predicates decide.
    """

    people: Sequence[Person]
    words: Words
    open_to: Mapping[str, Flags]
    is_adult: Flags
    is_paused: Flags
    has_room: Flags
    has_languages: Flags
    languages: npt.NDArray[np.uint64]
    trade: npt.NDArray[np.int32]
    place: Numbers
    reach: Numbers
    apart: Numbers
    is_odd: Flags

    def __len__(self) -> int:
        return len(self.people)

    @classmethod
    def of(cls, people: Sequence[Person], words: Words | None = None) -> "Columns":
        """Lay out people; with the words of other columns, so that the two can be compared."""
        words = words or _words(people)
        consents = {consent for person in people for consent in person.open_to}
        cells = np.array([person.cell or (np.nan, np.nan) for person in people], np.float64).reshape(-1, 2)
        reach, reach_is_odd = _limits([person.max_km for person in people], np.inf)
        apart, apart_is_odd = _limits([person.not_own_trade_km for person in people], -np.inf)
        return cls(
            people=people,
            words=words,
            open_to={consent: _flags(consent in person.open_to for person in people) for consent in consents},
            is_adult=_flags(person.is_adult for person in people),
            is_paused=_flags(person.is_paused for person in people),
            has_room=_flags(person.room > 0 for person in people),
            has_languages=_flags(person.languages for person in people),
            languages=_language_bits(people, words),
            trade=np.array([_trade_number(person.trade, words) for person in people], np.int32),
            place=_on_globe(cells),
            reach=reach,
            apart=apart,
            is_odd=reach_is_odd | apart_is_odd | (np.abs(cells) > (90, 360)).any(axis=1),
        )

    def take(self, rows: Rows | slice) -> "Columns":
        """Return the columns of the people at these positions, in this order."""
        chosen = self.people[rows] if isinstance(rows, slice) else [self.people[row] for row in rows]
        arrays: dict[str, Any] = {
            name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        arrays["open_to"] = {consent: is_open[rows] for consent, is_open in self.open_to.items()}
        return replace(self, people=chosen, **arrays)

    def are_open(self, consent: str) -> Flags:
        """Return who gave this consent, `[n]`; nobody can have given an empty one."""
        nobody = np.zeros(len(self), np.bool_)
        return self.open_to.get(consent, nobody) if consent else nobody

    def rows_apart(self, person: Person) -> set[int]:
        """Return the positions of those whom a block, a "not with" or being the same person keeps from this one."""
        called, shunning = self._called_and_shunning
        found = [called.get(one, ()) for one in person.ids | person.blocked | person.not_with]
        return {row for rows in (*found, *(shunning.get(one, ()) for one in person.ids)) for row in rows}

    @cached_property
    def _called_and_shunning(self) -> tuple[dict[Id, list[int]], dict[Id, list[int]]]:
        called: dict[Id, list[int]] = {}
        shunning: dict[Id, list[int]] = {}
        for row, person in enumerate(self.people):
            for one in person.ids:
                called.setdefault(one, []).append(row)
            for one in person.blocked | person.not_with:
                shunning.setdefault(one, []).append(row)
        return called, shunning


_KEPT: "WeakKeyDictionary[Roster, Columns]" = WeakKeyDictionary()


def columns_of(roster: Roster) -> Columns:
    """Return a roster's columns, laid out on first use and kept as long as the roster."""
    if roster not in _KEPT:
        if roster.source is None:
            _KEPT[roster] = Columns.of(roster.people)
        else:
            whole, rows = roster.source
            _KEPT[roster] = columns_of(whole).take(rows)
    return _KEPT[roster]


def allowed(askers: Columns, candidates: Columns, kind: MatchKind) -> Flags:
    """Return for each pair whether no rule forbids it, `[askers, candidates]`: as `refusal`, pair by pair."""
    if askers.words is not candidates.words:
        askers = Columns.of(askers.people, candidates.words)
    may_ask = askers.is_adult & (askers.has_room if kind.room is Room.ASKER else True)
    shown = candidates.are_open(kind.consent) & candidates.is_adult & ~candidates.is_paused
    if kind.room is Room.CANDIDATE:
        shown = shown & candidates.has_room
    free = may_ask[:, None] & shown[None, :]
    _part(free, askers, candidates)
    both_said = askers.has_languages[:, None] & candidates.has_languages[None, :]
    free &= ~both_said | _share(askers.languages, candidates.languages)
    for row, column in np.argwhere(_keep_distance(free, askers, candidates)):
        free[row, column] = refusal(askers.people[row], candidates.people[column], kind) is None
    return free


def _part(free: Flags, askers: Columns, candidates: Columns) -> None:
    # Who keeps apart is the same seen from both sides, so the shorter side is walked.
    if len(askers) <= len(candidates):
        for row, person in enumerate(askers.people):
            free[row, list(candidates.rows_apart(person))] = False
    else:
        for column, person in enumerate(candidates.people):
            free[list(askers.rows_apart(person)), column] = False


def _share(ones: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64]) -> Flags:
    shared = np.zeros((len(ones), len(others)), np.bool_)
    for one, other in zip(ones.T, others.T, strict=True):
        shared |= (one[:, None] & other[None, :]) != 0
    return shared


def _keep_distance(free: Flags, askers: Columns, candidates: Columns) -> Flags:
    """Take pairs away by both rules on distance; return those whose decision rounding could turn, to be asked again."""
    unsure = free & (askers.is_odd[:, None] | candidates.is_odd[None, :])
    if not any(np.isfinite(column).any() for side in (askers, candidates) for column in (side.reach, side.apart)):
        return unsure
    reach = np.minimum(askers.reach[:, None], candidates.reach[None, :])
    same = (askers.trade[:, None] == candidates.trade[None, :]) & (askers.trade >= 0)[:, None]
    apart = np.where(same, np.maximum(askers.apart[:, None], candidates.apart[None, :]), -np.inf)
    chord = (1.0 - askers.place @ candidates.place.T) / 2
    unknown = np.isnan(chord)
    unsure |= free & ((np.abs(chord - reach) <= DOUBT) | (np.abs(chord - apart) <= DOUBT))
    free &= ~((chord > reach) | (unknown & (reach < np.inf)))
    free &= ~((chord <= apart) | (unknown & (apart > -np.inf)))
    return unsure


def _words(people: Sequence[Person]) -> Words:
    languages = sorted({language for person in people for language in person.languages})
    trades = sorted({_trade(person.trade) for person in people} - {""})
    return Words(*(dict(zip(words, range(len(words)), strict=True)) for words in (languages, trades)))


def _trade_number(trade: str, words: Words) -> int:
    return words.trades.get(_trade(trade), -2) if _trade(trade) else -1


def _language_bits(people: Sequence[Person], words: Words) -> npt.NDArray[np.uint64]:
    bits = np.zeros((len(people), (len(words.languages) + 63) // 64), np.uint64)
    for row, person in enumerate(people):
        for language in person.languages:
            number = words.languages.get(language)
            if number is not None:  # a language that nobody there speaks is shared with nobody
                bits[row, number // 64] |= np.uint64(1 << number % 64)
    return bits


def _flags(answers: Iterable[object]) -> Flags:
    return np.fromiter((bool(answer) for answer in answers), np.bool_)


def _limits(limits: Sequence[float | None], unset: float) -> tuple[Numbers, Flags]:
    """Limits as sin²(d / 2R), which grows with the distance (-1: none is that small, 2: each is); and which are NaN."""
    km = np.array([np.nan if limit is None else limit for limit in limits], np.float64)
    chord = np.sin(np.clip(km, 0.0, HALF_ROUND_KM) / (2 * EARTH_KM)) ** 2
    chord = np.where(km < 0, -1.0, np.where(km >= HALF_ROUND_KM, 2.0, chord))
    is_set = _flags(limit is not None for limit in limits)
    return np.where(is_set, chord, unset), is_set & np.isnan(km)


def _on_globe(cells: Numbers) -> Numbers:
    known = np.isfinite(cells).all(axis=1, keepdims=True)
    lat, lon = np.radians(np.where(known, cells, np.nan)).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
