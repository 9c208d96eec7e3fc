"""Who meets whom when everybody is placed at once: one cohort under everyone's capacity.

Best total and most pairs are solved exactly: on a thin graph of likely pairs by shortest augmenting paths, after which
every pair of the whole matrix is held against the prices that came out. A pair that is worth more than its two prices
joins the graph, and the search goes on from where it stands. At the end the prices bound what any assignment could
reach (weak duality), so the answer proves itself: `gap` is that bound less the total that was found.
Stable is deferred acceptance (Gale and Shapley, "College admissions and the stability of marriage", 1962).

Rows are learners and columns mentors, in the order of their ids: where scores tie, the order of the people decides.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from .people import UnsoundInput

Table = npt.NDArray[np.float32]
"""What each pair is worth, `[rows, columns]`; minus infinity = must not be."""

Places = npt.NDArray[np.int64]
"""How many partners each may have (≥ 0), `[rows]` or `[columns]`."""

Pairs = npt.NDArray[np.int64]
"""Row and column of each pair, `[k, 2]`, by row and column."""

Keys = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

A_ROW, A_COLUMN = 16, 12
"""Likely pairs that the thin graph begins with: so many best and so many outstanding ones of each row, and of each
column the outstanding ones."""

PRICED = 8
"""Pairs of each row that join the graph at once where prices do not hold."""

EXACT = 1e-6
"""Gap, as a share of the total, up to which an answer counts as optimal; rounding alone stays far below."""

FEW, MOST_ROUNDS = 3, 60
"""Times that the whole matrix is held against the prices: so often until nothing at all is left to gain, then until
the gap is a tenth of `EXACT`; scores that differ by rounding alone would never come to an end."""

FAME, SAMPLE = 0.04, 256
"""Spread of people's mean scores, as a share of the spread of all scores (taken from so many rows), from which it pays
to begin with prices made of the means: measured on mixtures of fame and noise."""

LARGEST = 1e6
"""Scores beyond this, either way, are refused: sums of them would not be exact enough."""

CHUNK = 1024


class Aim(StrEnum):
    """What a round wants."""

    TOTAL = "best total"
    """The highest sum of scores."""
    MOST = "most people matched"
    """As many pairs as can be; of the ways to do that, one with the highest sum."""
    STABLE = "stable"
    """No two who would both rather have each other than what they got."""


class ContradictoryLock(UnsoundInput):
    """A pair that must be cannot be: it is forbidden, there twice, or more than somebody has room for."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One way to place everybody.

    Attributes:
        pairs: `[k, 2]`, by row and column; locked pairs included.
        total: sum of their scores.
        gap: bound on the aim of any assignment less the aim of this one (≥ 0); for stable, which has no such aim, how
            much its total falls short of no bound: nan.
        is_optimal: whether the gap proves that nothing better exists; False for stable.
        blocking_pairs: how many two, not together, would both rather have each other than one they have, or nobody.
    """

    pairs: Pairs
    total: float
    gap: float
    is_optimal: bool
    blocking_pairs: int


def assign(
    scores: npt.ArrayLike,
    rows: npt.ArrayLike,
    columns: npt.ArrayLike,
    aim: Aim = Aim.TOTAL,
    *,
    locked: Collection[tuple[int, int]] = (),
    back: npt.ArrayLike | None = None,
) -> Assignment:
    """Place everybody at once.

    Args:
        scores: `[n, m]`, what each pair is worth (best in float32, C order: then nothing is copied); staying alone is
            worth 0, minus infinity forbids a pair. Pairs worth 0 or less are made for `Aim.MOST` alone.
        rows, columns: `[n]` and `[m]`, how many partners each may have (whole numbers ≥ 0).
        locked: (row, column) of pairs that must be; they use up places, whatever they are worth.
        back: `[n, m]`, what each pair is worth to its column, for `Aim.STABLE`; None = the same as to its row.

    Raises:
        UnsoundInput: a shape does not fit, a score is not a number or beyond ±1,000,000, a capacity is no whole number
            ≥ 0.
        ContradictoryLock: a locked pair is forbidden, there twice, or more than somebody has room for.
    """
    table = _table(scores)
    own, other = _places(rows, table.shape[0]), _places(columns, table.shape[1])
    behind = table if back is None else _table(back, table.shape)
    own, other = np.minimum(own, table.shape[1]), np.minimum(other, table.shape[0])
    fixed = _fixed(locked, table, own, other)
    own, other = (
        own - np.bincount(fixed[:, 0], minlength=len(own)),
        other - np.bincount(fixed[:, 1], minlength=len(other)),
    )
    worth = _sum(table, fixed)
    if len(fixed):
        table, behind = _without(table, fixed), _without(behind, fixed)
    if not (table.size and own.any() and other.any()):
        found, gap = np.zeros((0, 2), np.int64), 0.0
    elif aim is Aim.STABLE:
        found, gap = _defer(table, behind, own, other), float("nan")
    else:
        found, gap = _Solver(table, own, other, _bonus(table, own, other) if aim is Aim.MOST else 0.0).solve()
    total = worth + _sum(table, found)
    return Assignment(
        pairs=_sorted(np.concatenate([fixed, found])),
        total=total,
        gap=gap,
        is_optimal=aim is not Aim.STABLE and gap <= EXACT * max(1.0, abs(total)),
        blocking_pairs=blocking_pairs(found, table, behind, own, other),
    )


def blocking_pairs(pairs: Pairs, scores: Table, back: Table, rows: Places, columns: Places) -> int:
    """Return how many two, not together, would both rather have each other than the worst they have (or a free place).

    Args:
        scores, back: `[n, m]`, what a pair is worth to its row and to its column; 0 or less is worse than nobody.
        rows, columns: how many partners each may have.
    """
    own = _worst(pairs[:, 0], scores[pairs[:, 0], pairs[:, 1]], rows)
    other = _worst(pairs[:, 1], back[pairs[:, 0], pairs[:, 1]], columns)
    count = 0
    for start in range(0, len(scores), CHUNK):
        part = slice(start, start + CHUNK)
        wanted = (scores[part] > own[part, None]) & (back[part] > other)
        here = pairs[(pairs[:, 0] >= start) & (pairs[:, 0] < start + CHUNK)]
        wanted[here[:, 0] - start, here[:, 1]] = False
        count += int(np.count_nonzero(wanted))
    return count


class _Solver:
    """The thin graph, the prices of both sides, and the loop between searching and pricing."""

    def __init__(self, table: Table, rows: Places, columns: Places, bonus: float) -> None:
        self.table, self.rows, self.columns, self.bonus = table, rows, columns, bonus
        self.floor = -np.inf if bonus else 0.0
        self.u, self.v = np.zeros(len(rows)), np.zeros(len(columns))
        self.keys = np.zeros(0, np.int64)
        self.value, self.taken = np.zeros(0), np.zeros(0, bool)

    def solve(self) -> tuple[Pairs, float]:
        """Return the pairs and the gap."""
        from . import flow

        means = _means(self.table)
        self._join(_fresh(flow.candidates(self.table, self.floor, *means, A_ROW, A_COLUMN), self.keys))
        self._begin(*means)
        most = PRICED + min(int(self.rows.max()), len(self.columns))
        slack = 1e-13 * (1.0 + self.bonus)
        for turn in range(MOST_ROUNDS):
            self._search()
            over, keys = flow.price(self.table, self.bonus, self.floor, self.u, self.v, slack, most)
            gap = float(self.u @ self.rows + self.v @ self.columns) + over - float(self.value[self.taken].sum())
            fresh = _fresh(keys, self.keys)
            total = float(self.value[self.taken].sum()) - self.bonus * np.count_nonzero(self.taken)
            is_enough = turn >= FEW and gap <= EXACT / 10 * abs(total)
            if not len(fresh) or is_enough or turn == MOST_ROUNDS - 1:
                break
            self._admit(fresh)
        return np.stack(np.divmod(self.keys[self.taken], len(self.columns)), axis=1), max(0.0, gap)

    def _begin(self, own: Floats, usual: Floats) -> None:
        """The first prices: whom everybody wants costs more from the start, and the rest follows from what is left.

        The side with fewer places searches, since it soon finds somebody free on the other.
        """
        rows, columns = np.divmod(self.keys, len(self.columns))
        sample = self.table[:: max(1, len(self.table) // SAMPLE)]
        spread = FAME * float(np.std(sample, where=sample > -np.inf)) if (sample > -np.inf).any() else 0.0
        if self.rows.sum() < self.columns.sum():
            self.v[:] = _start(usual, self.columns, int(self.rows.sum()), spread)
            np.maximum.at(self.u, rows, self.value - self.v[columns])
        else:
            self.u[:] = _start(own, self.rows, int(self.columns.sum()), spread)
            np.maximum.at(self.v, columns, self.value - self.u[rows])

    def _join(self, keys: Keys) -> None:
        value = self.table.ravel()[keys] + np.float64(self.bonus)
        self.keys = np.concatenate([self.keys, keys])
        self.value = np.concatenate([self.value, value])
        self.taken = np.concatenate([self.taken, np.zeros(len(keys), bool)])

    def _admit(self, keys: Keys) -> None:
        """Let pairs join that are worth more than their prices: their rows' prices rise, and who is too dear parts."""
        rows, columns = np.divmod(keys, len(self.columns))
        self._join(keys)
        np.maximum.at(self.u, rows, self.value[-len(keys) :] - self.v[columns])
        rows, columns = np.divmod(self.keys, len(self.columns))
        self.taken &= self.value - self.u[rows] - self.v[columns] >= -1e-12 * (1.0 + self.bonus)

    def _search(self) -> None:
        rows, columns = np.divmod(self.keys, len(self.columns))
        sides = [(rows, self.u, self.rows), (columns, self.v, self.columns)]
        if self.rows.sum() >= self.columns.sum():
            sides.reverse()
        for (near, a, own), (far, b, other) in (sides, sides[::-1]):
            self._place(near, far, a, b, own, other)

    def _place(self, near: Keys, far: Keys, a: Floats, b: Floats, own: Places, other: Places) -> None:
        """Find a partner for every place of one side that is left and has a price."""
        from . import flow

        pending = np.where(a > 0, own - np.bincount(near[self.taken], minlength=len(own)), 0)
        if not pending.any():
            return
        order = _by_value(near, self.table.ravel()[self.keys])
        starts = np.concatenate([[0], np.cumsum(np.bincount(near, minlength=len(own)))])
        spare = other - np.bincount(far[self.taken], minlength=len(other))
        slots = np.concatenate([[0], np.cumsum(other)])
        held = _laid(np.flatnonzero(self.taken), far[self.taken], slots)
        flow.push(pending, starts, order, near, far, self.value, self.taken, a, b, spare, slots, held)


def _defer(table: Table, back: Table, rows: Places, columns: Places) -> Pairs:
    from . import flow

    slots = np.concatenate([[0], np.cumsum(columns)])
    held = np.full(slots[-1], -1)
    flow.defer(table, back, rows.copy(), slots, held)
    kept = held >= 0
    return np.stack([held[kept], np.repeat(np.arange(len(columns)), columns)[kept]], axis=1)


def _fresh(keys: Keys, known: Keys) -> Keys:
    """Those that are not known yet, each once, in order. (Sorted by hand: np.unique takes ten times as long.)"""
    ordered, known = np.sort(keys), np.sort(known)
    ordered = ordered[np.diff(ordered, prepend=-1) > 0]
    if not len(known):
        return ordered
    at = np.minimum(np.searchsorted(known, ordered), len(known) - 1)
    fresh: Keys = ordered[known[at] != ordered]
    return fresh


def _by_value(nodes: Keys, values: Table) -> Keys:
    """Positions by node, then by falling value, then as they come; values are float32.

    Two plain sorts of whole numbers that carry their position along take a fifth of the time of `np.lexsort`.
    """
    bits = (values + np.float32(0)).view(np.int32)  # there is a -0, too
    rising = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits).astype(np.int64)  # floats compare as these whole numbers do
    falling = np.sort((~rising << 32) | np.arange(len(values))) & 0xFFFFFFFF
    by_node: Keys = falling[np.sort((nodes[falling] << 32) | np.arange(len(values))) & 0xFFFFFFFF]
    return by_node


def _laid(values: Keys, nodes: Keys, slots: Places) -> Keys:
    """Values in the slots of their nodes; -1 where a slot is left."""
    held = np.full(slots[-1], -1)
    order = np.argsort(nodes, kind="stable")
    ranked = nodes[order]
    held[slots[ranked] + np.arange(len(ranked)) - np.searchsorted(ranked, ranked)] = values[order]
    return held


def _bonus(table: Table, rows: Places, columns: Places) -> float:
    """What every pair must be worth beyond its score, so that one more pair outweighs any loss of score."""
    least, most = np.inf, -np.inf
    for part in _parts(table):
        allowed = part[part > -np.inf]
        if allowed.size:
            least, most = min(least, float(allowed.min())), max(most, float(allowed.max()))
    pairs = int(min(rows.sum(), columns.sum()))
    return max(1.0, pairs * (most - least) - least + 1.0) if most > -np.inf else 1.0


def _means(table: Table) -> tuple[Floats, Floats]:
    """Mean score of each row and of each column; forbidden pairs count as 0."""
    rows, columns = np.zeros(len(table)), np.zeros(table.shape[1])
    for start in range(0, len(table), CHUNK):
        part = np.where(table[start : start + CHUNK] > -np.inf, table[start : start + CHUNK], np.float32(0))
        rows[start : start + CHUNK] = part.mean(axis=1)
        columns += part.sum(axis=0)
    return rows, columns / len(table)


def _start(means: Floats, places: Places, wanted: int, spread: float) -> Floats:
    """What each is worth on the whole beyond the last of them who would find a partner; 0 where all are about equal."""
    if np.std(means) <= spread:
        return np.zeros(len(means))  # prices made of noise only have to be unmade again
    order = np.argsort(-means, kind="stable")
    last = order[min(int(np.searchsorted(np.cumsum(places[order]), wanted)), len(order) - 1)]
    above: Floats = np.maximum(0.0, means - means[last])
    return above


def _worst(ends: Keys, values: Table, places: Places) -> Floats:
    """What somebody new must beat for each: the least they have, 0 where a place is left, infinity without places."""
    worst = np.full(len(places), np.inf)
    np.minimum.at(worst, ends, values)
    return np.where(np.bincount(ends, minlength=len(places)) < places, 0.0, worst)


def _sum(table: Table, pairs: Pairs) -> float:
    return float(table[pairs[:, 0], pairs[:, 1]].sum(dtype=np.float64))


def _sorted(pairs: Pairs) -> Pairs:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _without(table: Table, pairs: Pairs) -> Table:
    copy = table.copy()
    copy[pairs[:, 0], pairs[:, 1]] = -np.inf
    return copy


def _parts(table: Table) -> list[Table]:
    return [table[start : start + CHUNK] for start in range(0, len(table), CHUNK)]


# --- What is refused ------------------------------------------------------------------------------------------


def _table(scores: npt.ArrayLike, shape: tuple[int, ...] | None = None) -> Table:
    try:
        table = np.ascontiguousarray(scores, np.float32)
    except (TypeError, ValueError) as error:
        raise UnsoundInput(f"Scores must be one table of numbers: {error}.") from error
    if table.ndim != 2 or np.ndim(scores) != 2 or (shape is not None and table.shape != shape):
        raise UnsoundInput(f"Scores must be a table of rows and columns, not of shape {np.shape(scores)}.")
    for part in _parts(table):
        # Written so that "not a number" fails, too.
        if not np.all((np.abs(part) <= LARGEST) | (part == -np.inf)):
            raise UnsoundInput("A score is not a number, or beyond 1,000,000: look at what computed it.")
    return table


def _places(given: npt.ArrayLike, count: int) -> Places:
    places = np.asarray(given)
    if places.shape != (count,):
        raise UnsoundInput(f"There must be one capacity for each of {count} people, not {places.shape}.")
    if count and not (np.issubdtype(places.dtype, np.integer) and places.min() >= 0):
        raise UnsoundInput("Capacities must be whole numbers from 0.")
    return places.astype(np.int64)


def _fixed(locked: Collection[tuple[int, int]], table: Table, rows: Places, columns: Places) -> Pairs:
    pairs = np.asarray(sorted(locked), np.int64).reshape(-1, 2)
    for row, column in pairs:
        if not (0 <= row < len(rows) and 0 <= column < len(columns)):
            raise ContradictoryLock(f"The locked pair ({row}, {column}) names somebody who is not there.")
        if table[row, column] == -np.inf:
            raise ContradictoryLock(f"The pair ({row}, {column}) is locked and forbidden.")
    if len(np.unique(pairs, axis=0)) < len(pairs):
        raise ContradictoryLock("A pair is locked twice.")
    for ends, places in ((pairs[:, 0], rows), (pairs[:, 1], columns)):
        if (np.bincount(ends, minlength=len(places)) > places).any():
            raise ContradictoryLock("More pairs are locked for somebody than they have room for.")
    return pairs
