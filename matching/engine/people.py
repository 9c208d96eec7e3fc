"""The engine's own frozen copies of people, and the lists it gives back. Nothing here computes a score.

Vectors are float32, L2-normalised (length 1), all of one width `dim` and of one model; a line without a
vector (not embedded yet, or never) takes part in no similarity. Distances are kilometres, coordinates
degrees (WGS 84).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Id = int | str
"""What the caller knows a person or a line by; the engine only compares it for equality and gives it back."""

Matrix = npt.NDArray[np.float32]
"""Rows of vectors, `[n, dim]`."""

Vector = npt.NDArray[np.float32]
"""One vector, `[dim]`, of length 1."""

Scores = npt.NDArray[np.float64]
"""Numbers between 0 and 1, higher is better: `[n]` for n candidates, or `[m, n]` for m askers."""

Rows = npt.NDArray[np.intp]
"""Positions of people in a roster, or of lines in a stack."""

PROFILE = "profile"
"""The `kind` of the one line in `Person.about` that stands for the whole profile."""


class UnsoundInput(ValueError):
    """Data that the engine refuses: NaN, not of length 1, or of another width than the rest."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement (an offer or a need), one sentence of "about", or a whole profile as one text.

    Attributes:
        id: the caller's own name for the line; given back in reasons.
        text: what the person wrote.
        can_teach: an offer that its owner could pass on; mentors are scored by these alone.
        is_quotable: False for "matching only": it may raise a score but stands in no reason.
        kind: what it is about: skill, machine, space, material, or sentence and profile for "about".
        vector: `[dim]` float32 of length 1, or None.
        level: how well they can do it, 0 to 4 (of a need: how well they can by now); None = not said.
        years: how long they have done it (≥ 0); None = not said.
        quantity, unit: how much of a thing there is, or is wanted, each time ("2", "tonne"); None, "" = not said.
        every: how often, in days between two times (7 = weekly); 0 = once; None = not said.
        months: in which months of the year (1 to 12); empty = all year.
    """

    id: Id
    text: str
    can_teach: bool = True
    is_quotable: bool = True
    kind: str = "skill"
    vector: Vector | None = field(default=None, compare=False, repr=False)
    level: int | None = None
    years: int | None = None
    quantity: float | None = None
    unit: str = ""
    every: int | None = None
    months: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """One member (or one opening) as the engine sees them; everything a hard rule or a score may use.

    Attributes:
        id: the caller's own name for the person.
        offers, needs: their statements; "only me" lines are never handed over.
        about: sentences of the free text and the whole profile as one line; scored, never quoted.
        is_adult: False also where nobody has said yes; such a person is never a candidate and has none.
        open_to: names of the kinds as which they agreed to be shown; empty = closed.
        languages: language codes they speak; empty = not stated.
        cell: (latitude, longitude) of the centre of their 10 km cell, or None where no place is known.
        max_km: their own distance limit in km (≥ 0), or None for no limit.
        room: how many more people they can take on (≤ 0 = full).
        is_paused: they asked not to be suggested for now.
        blocked: ids of those they blocked.
        not_with: ids of those they would rather not meet.
        trade: what they do, in their own words; may be empty.
        not_own_trade_km: they want nobody of their own trade within so many km, or None.
        owner: for an opening, the id of who posted it: blocks of and by the owner hold for the opening too.
        freshness: how new they are, or the newest line that may be read of them, from 1 (today) to 0 (not new).
    """

    id: Id
    offers: tuple[Line, ...] = ()
    needs: tuple[Line, ...] = ()
    about: tuple[Line, ...] = ()
    is_adult: bool = False
    open_to: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    cell: tuple[float, float] | None = None
    max_km: float | None = None
    room: int = 1
    is_paused: bool = False
    blocked: frozenset[Id] = frozenset()
    not_with: frozenset[Id] = frozenset()
    trade: str = ""
    not_own_trade_km: float | None = None
    owner: Id | None = None
    freshness: float = 0.0

    @property
    def ids(self) -> frozenset[Id]:
        """The ids that a block can name: their own and, for an opening, its owner's."""
        return frozenset({self.id}) if self.owner is None else frozenset({self.id, self.owner})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two people were matched: one need of one of them and the offer of the other that meets it.

    Attributes:
        need, offer: the two lines, both quotable.
        strength: cosine of the two, or for things how well they fit, between 0 and 1.
        is_returned: False: the candidate's offer meets the asker's need; True: the asker's offer meets
        theirs.
    """

    need: Line
    offer: Line
    strength: float
    is_returned: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """One suggested person.

    Attributes:
        person: who is suggested.
        score: between 0 and 1, by which matches stand in order; comparable within one kind and one model.
        probability: calibrated chance that the two fit, 0 to 1; None where nothing was calibrated for the kind.
        reasons: strongest first; empty where nothing quotable carries the score.
        distance_km: between the centres of the two cells, or None where a place is unknown.
    """

    person: Person
    score: float
    reasons: tuple[Reason, ...] = ()
    distance_km: float | None = None
    probability: float | None = None


class Part(StrEnum):
    """The parts of people that are laid end to end."""

    OFFERS = "offers"
    """All their offers, then their sentences and profile: what they have."""
    TEACHING = "teaching"
    """The same with only those offers that they can pass on."""
    NEEDS = "needs"
    """What they said they look for."""
    WISHES = "wishes"
    """Their needs; of people who stated none, the whole profile (or else the sentences) in their place."""
    STATEMENTS = "statements"
    """Their offers alone."""
    TAUGHT = "taught"
    """Those of their offers that they can pass on."""
    SENTENCES = "sentences"
    """The sentences of "about" alone."""
    WHOLE = "whole"
    """At most one row a person: the whole profile, or else the mean of what they have."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Lines of many people laid end to end, so that one matrix product scores all of them.

    Attributes:
        vectors: `[rows, dim]`; `[0, 0]` where nobody has a line.
        starts: `[people + 1]`; person i owns rows `starts[i]` up to, not including, `starts[i + 1]`.
    """

    vectors: Matrix
    starts: Rows

    @property
    def counts(self) -> Rows:
        """How many rows each person has, `[people]`."""
        return np.diff(self.starts)

    def take(self, people: Rows) -> "Stack":
        """Return the stack of the people at these positions, in this order; of a run of people without copying."""
        counts = self.counts[people]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        if _is_run(people):
            first = self.starts[people[0]]
            return Stack(self.vectors[first : first + starts[-1]], starts)
        rows = np.repeat(self.starts[:-1][people] - starts[:-1], counts) + np.arange(starts[-1])
        return Stack(self.vectors[rows], starts)


def _is_run(people: Rows) -> bool:
    return len(people) > 0 and people[-1] - people[0] == len(people) - 1 and bool(np.all(np.diff(people) == 1))


BLOCK = 512
"""People scored at a time: their vectors still lie in the processor's cache when the next step reads them."""


class Roster:
    """People in a fixed order with their vectors laid end to end; build it once, rank against it often.

    Attributes:
        source: of a roster that was taken from another one: that one and the positions in it; else None.
    """

    def __init__(self, people: Iterable[Person]) -> None:
        self.source: tuple[Roster, Rows] | None = None
        self._people: tuple[Person, ...] | None = tuple(people)
        self._stacks: dict[Part, Stack] = {}
        self._counts: dict[Part, Rows] = {}
        self._positions: dict[Id, list[int]] | None = None

    def __len__(self) -> int:
        return len(self.people if self.source is None else self.source[1])

    def __iter__(self) -> Iterator[Person]:
        return iter(self.people)

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in order."""
        if self._people is None:
            assert self.source is not None
            whole, rows = self.source
            self._people = tuple(whole.people[row] for row in rows)
        return self._people

    def stack(self, part: Part) -> Stack:
        """Return one part of everybody, laid end to end on first use and kept.

        Raises:
            UnsoundInput: a vector is not finite, not of length 1, or of another width than the others.
        """
        if part not in self._stacks:
            if self.source is None:
                self._stacks[part] = stack([_vectors(person, part) for person in self.people])
            else:
                whole, rows = self.source
                self._stacks[part] = whole.stack(part).take(rows)
        return self._stacks[part]

    def counts(self, part: Part) -> Rows:
        """Return how many rows of a part each person has, `[people]`, without laying the vectors end to end."""
        if part not in self._counts:
            if self.source is None:
                self._counts[part] = np.array([len(_vectors(person, part)) for person in self.people], np.intp)
            else:
                whole, rows = self.source
                self._counts[part] = whole.counts(part)[rows]
        return self._counts[part]

    def positions(self, ids: Iterable[Id]) -> Rows:
        """Return the positions of the people who are called so, in order; ids of nobody here are passed over."""
        if self._positions is None:
            self._positions = {}
            for row, person in enumerate(self.people):
                self._positions.setdefault(person.id, []).append(row)
        found = {row for one in ids for row in self._positions.get(one, ())}
        return np.asarray(sorted(found), np.intp)

    def take(self, rows: Rows) -> "Roster":
        """Return a roster of the people at these positions, in this order.

        Its people and vectors are gathered from this roster's when they are needed, and not checked again.
        """
        taken = Roster(())
        taken._people, taken.source = None, (self, rows)
        return taken

    def blocks(self, size: int = BLOCK) -> Iterator["Roster"]:
        """Yield rosters of so many people each (the last may have fewer), in order; together they are everybody."""
        if self.source is None:
            whole, rows = self, np.arange(len(self), dtype=np.intp)
        else:
            whole, rows = self.source
        for start in range(0, len(rows), size):
            yield whole.take(rows[start : start + size])


def stack(vectors_by_person: Sequence[Sequence[Vector]]) -> Stack:
    """Lay people's vectors end to end.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1 (± 0.001), or of another width than the others.
    """
    rows = [vector for vectors in vectors_by_person for vector in vectors]
    counts = [len(vectors) for vectors in vectors_by_person]
    return Stack(_matrix(rows), np.concatenate([[0], np.cumsum(counts)]).astype(np.intp))


def _matrix(rows: Sequence[Vector]) -> Matrix:
    if not rows:
        return np.zeros((0, 0), np.float32)
    if len({np.shape(row) for row in rows}) > 1 or np.ndim(rows[0]) != 1:
        raise UnsoundInput("Vectors of different widths: encode all texts again with one model.")
    matrix = np.asarray(rows, np.float32)
    lengths = np.linalg.norm(matrix, axis=1)
    if not np.all(np.abs(lengths - 1.0) <= 1e-3):  # also catches NaN
        raise UnsoundInput("A vector is not finite or not of length 1: encode its text again.")
    return matrix


def lines(person: Person, part: Part) -> list[Line]:
    """Return the lines of one part of a person, in order, with and without vectors; of `Part.WHOLE` the profile."""
    if part is Part.NEEDS or (part is Part.WISHES and _of(person.needs)):
        return list(person.needs)
    if part is Part.WISHES:
        return _profile(person) or list(person.about)
    if part is Part.WHOLE:
        return _profile(person)
    if part is Part.SENTENCES:
        return [line for line in person.about if line.kind != PROFILE]
    offers = [line for line in person.offers if line.can_teach or part not in (Part.TEACHING, Part.TAUGHT)]
    return offers if part in (Part.STATEMENTS, Part.TAUGHT) else offers + list(person.about)


def _vectors(person: Person, part: Part) -> list[Vector]:
    if part is Part.WHOLE:
        return _of(_profile(person)) or _mean(_of(person.about) or _of(person.offers))
    return _of(lines(person, part))


def _of(lines: Iterable[Line]) -> list[Vector]:
    return [line.vector for line in lines if line.vector is not None]


def _profile(person: Person) -> list[Line]:
    return [line for line in person.about if line.kind == PROFILE]


def _mean(vectors: list[Vector]) -> list[Vector]:
    total = np.sum(vectors, axis=0, dtype=np.float32) if vectors else np.zeros(0, np.float32)
    length = float(np.linalg.norm(total))
    # Opposite vectors cancel out: such a person has no direction as a whole.
    return [np.asarray(total / length, np.float32)] if length > 1e-6 else []
