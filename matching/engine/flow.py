"""The kernels of the assignment: compiled loops over arrays, and no judgement of what they mean.

Two sides with capacities, arcs with a value, each arc taken once at most, staying alone worth 0. A price `a` for
every place on one side and `b` on the other keep three promises: an arc that is not taken is worth at most a + b; one
that is taken is worth at least that; whoever has a place left has the price 0. Together they prove the optimum
(complementary slackness). `push` restores the third promise, unit by unit, along shortest paths that keep the first
two: Dijkstra on what an arc falls short of its prices, as in Jonker and Volgenant ("A shortest augmenting path
algorithm for dense and sparse linear assignment problems", Computing 38, 1987), with capacities on both sides.

Only the worker and the commands import this: numba takes 90 MB and a third of a second.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Keys = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Table = npt.NDArray[np.float32]

SPREAD = 4
"""Pairs of each row in the first graph that are there only to reach every column."""


def _compiled(function: F) -> F:
    return cast(F, njit(cache=True)(function))


@_compiled
def _add(keys: Floats, nodes: Whole, size: int, key: float, node: int) -> int:
    """Put a node on the heap; returns its new size."""
    at = size
    while at > 0 and keys[(at - 1) >> 1] > key:
        keys[at], nodes[at] = keys[(at - 1) >> 1], nodes[(at - 1) >> 1]
        at = (at - 1) >> 1
    keys[at], nodes[at] = key, node
    return size + 1


@_compiled
def _take(keys: Floats, nodes: Whole, size: int) -> int:
    """Drop the first of the heap; returns its new size."""
    size -= 1
    key, node, at = keys[size], nodes[size], 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at], nodes[at] = keys[child], nodes[child]
        at = child
    keys[at], nodes[at] = key, node
    return size


@_compiled
def push(
    pending: Whole, starts: Whole, arcs: Whole, near: Whole, far: Whole, value: Floats, taken: Flags,
    a: Floats, b: Floats, spare: Whole, slots: Whole, held: Whole,
) -> None:  # fmt: skip
    """Find a partner, or the proof that there is none, for every pending unit of one side; works in place.

    Args:
        pending: `[near side]`, how many units each has to place.
        starts, arcs: `[near side + 1]` and `[arcs]`, the arcs of each by falling value.
        near, far, value, taken: `[arcs]`, the two ends of an arc, its worth, whether it is taken.
        a, b: prices of the near and of the far side (≥ 0).
        spare: `[far side]`, places left.
        slots, held: `[far side + 1]` and `[places]`, the taken arcs of each far node; -1 = place left.
    """
    count = len(a) + len(b)
    keys, nodes = np.empty(count + len(value)), np.empty(count + len(value), np.int64)
    reach, via, seen = np.full(count, np.inf), np.full(count, -1), np.empty(count, np.int64)
    for source in range(len(a)):
        while pending[source] > 0:
            pending[source] -= 1
            end, best, met = _search(
                source, starts, arcs, near, far, value, taken, a, b, spare, slots, held, keys, nodes, reach, via, seen
            )
            _swap(end, source, near, far, taken, spare, slots, held, via, len(a))
            for at in range(met):
                node = seen[at]
                if reach[node] < best:
                    if node < len(a):
                        a[node] = max(0.0, a[node] - (best - reach[node]))
                    else:
                        b[node - len(a)] += best - reach[node]
                reach[node] = np.inf
            if end < len(a):
                a[end] = 0.0
            if end == source:
                pending[source] = 0


@_compiled
def _search(
    source: int, starts: Whole, arcs: Whole, near: Whole, far: Whole, value: Floats, taken: Flags, a: Floats, b: Floats,
    spare: Whole, slots: Whole, held: Whole, keys: Floats, nodes: Whole, reach: Floats, via: Whole, seen: Whole,
) -> tuple[int, float, int]:  # fmt: skip
    """The nearest end of a path from one unit: a far node with a place, or a near node whose unit stays alone."""
    n = len(a)
    end, best, met, size = source, a[source], 1, 0
    reach[source], seen[0] = 0.0, source
    size = _add(keys, nodes, size, 0.0, source)
    while size > 0 and keys[0] < best:
        key, node = keys[0], nodes[0]
        size = _take(keys, nodes, size)
        if key > reach[node]:
            continue  # a shorter way was found since
        if node < n:
            for at in range(starts[node], starts[node + 1]):
                arc = arcs[at]
                if key + a[node] - value[arc] >= best:
                    break  # arcs stand by falling value and prices are never below 0
                far_node = far[arc]
                if taken[arc]:
                    continue
                way = key + max(0.0, a[node] + b[far_node] - value[arc])
                if way < best and way < reach[n + far_node]:
                    met = _reach(n + far_node, way, arc, reach, via, seen, met)
                    if spare[far_node] > 0:
                        end, best = n + far_node, way
                    else:
                        size = _add(keys, nodes, size, way, n + far_node)
            continue
        for at in range(slots[node - n], slots[node - n + 1]):
            arc = held[at]
            way = key + max(0.0, value[arc] - a[near[arc]] - b[node - n])
            if way < best and way < reach[near[arc]]:
                met = _reach(near[arc], way, arc, reach, via, seen, met)
                size = _add(keys, nodes, size, way, near[arc])
                if way + a[near[arc]] < best:
                    end, best = near[arc], way + a[near[arc]]
    return end, best, met


@_compiled
def _reach(node: int, way: float, arc: int, reach: Floats, via: Whole, seen: Whole, met: int) -> int:
    """Note a shorter way to a node; returns how many nodes were met so far."""
    if reach[node] == np.inf:
        seen[met] = node
        met += 1
    reach[node], via[node] = way, arc
    return met


@_compiled
def _swap(
    end: int, source: int, near: Whole, far: Whole, taken: Flags, spare: Whole, slots: Whole, held: Whole, via: Whole,
    n: int,
) -> None:  # fmt: skip
    """Walk the path back from its end: what was not taken is taken, and the other way round."""
    node = end
    if end >= n:
        spare[end - n] -= 1
        node = _place(-1, via[end], end - n, near, taken, slots, held)
    while node != source:
        arc = via[node]
        taken[arc] = False
        node = _place(arc, via[n + far[arc]], far[arc], near, taken, slots, held)


@_compiled
def _place(old: int, new: int, node: int, near: Whole, taken: Flags, slots: Whole, held: Whole) -> int:
    """Put an arc where another (or nobody) was; returns the near end of the new one."""
    for at in range(slots[node], slots[node + 1]):
        if held[at] == old:
            held[at] = new
            break
    taken[new] = True
    return int(near[new])


@_compiled
def candidates(scores: Table, floor: float, own: Floats, usual: Floats, a_row: int, a_column: int) -> Keys:
    """The likely pairs above a floor: the best of every row, those that stand out in it, and in every column.

    Where everybody wants the same few, the best of all rows are the same columns, and a graph of these alone places
    nobody else. What stands out is what is worth more than usual: less the column's mean in a row, the row's in a
    column. Each row begins to look at a place of its own, so that equals do not all name the same.

    Args:
        own, usual: `[rows]` and `[columns]`, the means.

    Returns:
        `[k]` keys, row · columns + column; some twice.
    """
    rows, columns = scores.shape
    a_row, a_column = min(a_row, columns), min(a_column, rows)
    best, place = np.empty((2, a_row)), np.empty((2, a_row), np.int64)
    tops, where = np.full((columns, a_column), -np.inf), np.full((columns, a_column), -1)
    found, count = np.empty(rows * (2 * a_row + SPREAD) + columns * a_column, np.int64), 0
    for row in range(rows):
        best[:], place[:] = -np.inf, -1
        first = row * columns // rows
        for step in range(SPREAD):
            column = (first + (2 * step + 1) * columns // (2 * SPREAD)) % columns
            if scores[row, column] > floor:
                found[count] = row * columns + column
                count += 1
        for step in range(columns):
            column = first + step if first + step < columns else first + step - columns
            value = scores[row, column]
            if value <= floor:
                continue
            if value > best[0, 0]:
                _replace(best[0], place[0], value, column)
            if value - usual[column] > best[1, 0]:
                _replace(best[1], place[1], value - usual[column], column)
            if value - own[row] > tops[column, 0]:
                _replace(tops[column], where[column], value - own[row], row)
        count = _note(place.ravel(), 1, row * columns, found, count)
    for column in range(columns):
        count = _note(where[column], columns, column, found, count)
    return found[:count]


@_compiled
def _note(places: Whole, step: int, first: int, found: Keys, count: int) -> int:
    """Append the keys of places that are filled; returns how many keys there are."""
    for place in places:
        if place >= 0:
            found[count] = first + place * step
            count += 1
    return count


@_compiled
def _replace(best: Floats, place: Whole, value: float, at: int) -> None:
    """Put a value in place of the least of a small heap whose least stands first."""
    hole, size = 0, len(best)
    while 2 * hole + 1 < size:
        child = 2 * hole + 1
        if child + 1 < size and best[child + 1] < best[child]:
            child += 1
        if best[child] >= value:
            break
        best[hole], place[hole] = best[child], place[child]
        hole = child
    best[hole], place[hole] = value, at


@_compiled
def price(
    scores: Table, bonus: float, floor: float, u: Floats, v: Floats, slack: float, most: int
) -> tuple[float, Keys]:
    """Hold every pair of the whole matrix against the prices.

    Returns:
        by how much pairs are worth more than their prices, in sum, and the keys of the worst `most` of each row.
    """
    rows, columns = scores.shape
    over, count, most = 0.0, 0, min(most, columns)
    best, place = np.empty(most), np.empty(most, np.int64)
    found = np.empty(rows * most, np.int64)
    for row in range(rows):
        own, line = u[row] - bonus, 0.0
        for column in range(columns):
            more = scores[row, column] - own - v[column]
            if scores[row, column] > floor and more > 0.0:
                line += more
        over += line
        if line <= slack:
            continue
        best[:], place[:] = slack, -1
        first = row * columns // rows
        for step in range(columns):
            column = first + step if first + step < columns else first + step - columns
            more = scores[row, column] - own - v[column]
            if scores[row, column] > floor and more > best[0]:
                _replace(best, place, more, column)
        count = _note(place, 1, row * columns, found, count)
    return over, found[:count]


@_compiled
def defer(scores: Table, back: Table, places: Whole, slots: Whole, held: Whole) -> None:
    """Deferred acceptance: rows ask, columns keep the best so far; works in place.

    A column that would turn somebody down now would do so later, too, so a row asks only where it would be kept:
    the outcome is that of asking in order, without anybody's list being sorted.

    Args:
        scores, back: what a pair is worth to its row and to its column; both must be above 0.
        places: `[rows]`, how many each row may have.
        slots, held: `[columns + 1]` and `[places]`, the rows that each column keeps; -1 = place left.
    """
    rows, columns = scores.shape
    bar, last = np.zeros(columns), np.full(columns, -1)  # who asks must beat this, and at a tie stand before that row
    for column in range(columns):
        if slots[column] == slots[column + 1]:
            bar[column] = np.inf
    queue, size = np.arange(rows - 1, -1, -1), rows
    while size > 0:
        row = queue[size - 1]
        choice = _choice(row, scores, back, bar, last, slots, held) if places[row] > 0 else -1
        if choice < 0:
            size -= 1  # nobody would keep them, now or later
            continue
        places[row] -= 1
        size -= places[row] == 0
        bumped = _keep(choice, row, last[choice], slots, held)
        if bumped >= 0:
            if places[bumped] == 0:  # else they wait in the queue, or have asked everybody
                queue[size] = bumped
                size += 1
            places[bumped] += 1
        bar[choice], last[choice] = _bar(choice, back, slots, held)


@_compiled
def _choice(row: int, scores: Table, back: Table, bar: Floats, last: Whole, slots: Whole, held: Whole) -> int:
    """The best column that would keep this row and does not yet, or -1."""
    best, choice = 0.0, -1
    for column in range(scores.shape[1]):
        value = back[row, column]
        if scores[row, column] <= best or value < bar[column] or (value == bar[column] and row >= last[column]):
            continue
        if not (held[slots[column] : slots[column + 1]] == row).any():
            best, choice = scores[row, column], column
    return choice


@_compiled
def _keep(column: int, row: int, last: int, slots: Whole, held: Whole) -> int:
    """Give a row the place that is left or, where none is, that of the last; returns who lost it, or -1."""
    for at in range(slots[column], slots[column + 1]):
        if held[at] == last:
            held[at] = row
            return last
    return -1


@_compiled
def _bar(column: int, back: Table, slots: Whole, held: Whole) -> tuple[float, int]:
    """What somebody must beat to be kept: nothing while a place is left, then the least of those who are kept."""
    bar, last = np.inf, -1
    for at in range(slots[column], slots[column + 1]):
        if held[at] < 0:
            return 0.0, -1
        value = back[held[at], column]
        if value < bar or (value == bar and held[at] > last):
            bar, last = value, held[at]
    return bar, last
