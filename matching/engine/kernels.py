"""The inner loops of `allpairs`, in plain Python; `compiled` hands them to numba, and nothing else does.

numba is loaded by the first call of `compiled`, so that a web process, which never makes one, does not hold it.
Each loop stands alone, writes into the arrays it is given, and trusts their shapes.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer[Any]]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]


def meet(
    products: Ints, starts: Ints, counts: Ints, wholes: Ints, scales: Floats, slacks: Floats,
    wish_scales: Floats, wish_slacks: Floats, share: float, met: Floats,
) -> None:  # fmt: skip
    """Turn integer products of lines and wishes into upper bounds of how well each haver meets each wish.

    Each of the loops over wishes goes along memory, so that the processor takes sixteen of them at a time.

    Args:
        products: `[lines, wishes]` of one block of havers and one of wishers.
        starts, counts, wholes: of each haver the first row, how many lines, and the row of the whole (-1: none).
        scales: `[lines]`; slacks: `[havers]`, what a cosine may be off by on their side.
        wish_scales, wish_slacks: `[wishes]`; share: P of `score`.
        met: `[havers, wishes]`, is filled; 0 where a haver has no line.
    """
    rest = np.float32(1.0 - share)
    for haver in range(len(counts)):
        mine = met[haver]
        mine[:] = -2.0 if counts[haver] > 0 else 0.0
        for row in range(starts[haver], starts[haver] + counts[haver]):
            scale = scales[row] * rest
            for wish in range(len(mine)):
                value = np.float32(products[row, wish]) * scale
                mine[wish] = value if value > mine[wish] else mine[wish]
        if wholes[haver] >= 0:
            scale = scales[wholes[haver]] * np.float32(share)
            for wish in range(len(mine)):
                mine[wish] += np.float32(products[wholes[haver], wish]) * scale
        if counts[haver] > 0:
            for wish in range(len(mine)):
                value = mine[wish] * wish_scales[wish] + wish_slacks[wish] + slacks[haver]
                value = value if value > 0.0 else np.float32(0.0)
                mine[wish] = value if value < 1.0 else np.float32(1.0)


def pool(
    met: Floats, wish_starts: Ints, parts: Floats, factors: Floats, exponent: float, found: Floats
) -> None:  # fmt: skip
    """Take the power mean over the wishes of each wisher.

    Args:
        met: `[havers, wishes]`, 0 to 1; is overwritten.
        wish_starts: `[wishers + 1]`.
        parts, factors: `[wishers]`, one divided by the number of their wishes; the stand-in.
        exponent: E of `score`.
        found: `[havers, wishers]`, is filled.
    """
    for haver in range(len(met)):
        mine, theirs = met[haver], found[haver]
        for wish in range(len(mine)):
            # Two squares and two roots are ten times as quick as powers.
            square = mine[wish] * mine[wish]
            mine[wish] = square * square if exponent == 4.0 else np.float32(mine[wish] ** exponent)
        for wisher in range(len(factors)):
            total = np.float32(0.0)
            for wish in range(wish_starts[wisher], wish_starts[wisher + 1]):
                total += mine[wish]
            theirs[wisher] = total
        if exponent == 4.0:
            for wisher in range(len(factors)):
                theirs[wisher] = np.sqrt(np.sqrt(theirs[wisher] * parts[wisher])) * factors[wisher]
        else:
            for wisher in range(len(factors)):
                theirs[wisher] = (theirs[wisher] * parts[wisher]) ** (1.0 / exponent) * factors[wisher]


def merge(
    bounds: Floats, free: Flags, first: int, keep: int, held: Floats, rows: Ints, sizes: Ints, floors: Floats
) -> None:
    """Put a block of candidates into the lists of a block of askers, where they are free and above the floor.

    Args:
        bounds, free: `[askers, candidates]`; first: the position of the first candidate in the roster.
        keep: how many a full list is cut to.
        held, rows: `[askers, 2 · keep]`, bounds and positions of those in the lists; sizes: `[askers]`.
        floors: `[askers]`, from 0 on; whoever is free and not in the list has a bound of at most this.
    """
    for asker in range(len(sizes)):
        floor, size = floors[asker], sizes[asker]
        for candidate in range(bounds.shape[1]):
            value = bounds[asker, candidate]
            if value <= floor or not free[asker, candidate]:
                continue
            held[asker, size] = value
            rows[asker, size] = first + candidate
            size += 1
            if size == 2 * keep:
                floor = np.partition(held[asker], keep - 1)[keep - 1]
                size = 0
                for place in range(2 * keep):
                    if held[asker, place] > floor:
                        held[asker, size] = held[asker, place]
                        rows[asker, size] = rows[asker, place]
                        size += 1
        floors[asker], sizes[asker] = floor, size


def judge(
    wishers: Ints, havers: Ints, vectors: Floats, starts: Ints, counts: Ints, wholes: Ints,
    wishes: Floats, wish_starts: Ints, parts: Floats, factors: Floats, share: float, exponent: float, found: Floats,
) -> None:  # fmt: skip
    """Score pairs in float32: how well each haver meets the wishes of the wisher beside them.

    Args:
        wishers, havers: `[pairs]`, positions in the roster; found: `[pairs]`, is filled.
        vectors, wishes: of everybody, `[rows, dim]`; the rest as in `meet` and `pool`, with positions among all rows.
    """
    for pair in range(len(wishers)):
        wisher, haver = wishers[pair], havers[pair]
        found[pair] = 0.0
        if counts[haver] == 0:
            continue
        total = 0.0
        for wish in range(wish_starts[wisher], wish_starts[wisher + 1]):
            line_best, whole = np.float32(-2.0), np.float32(0.0)
            for row in range(starts[haver], starts[haver + 1]):
                cosine = np.float32(0.0)
                for number in range(wishes.shape[1]):
                    cosine += wishes[wish, number] * vectors[row, number]
                if row < starts[haver] + counts[haver] and cosine > line_best:
                    line_best = cosine
                if row == wholes[haver]:
                    whole = cosine
            met: float = share * float(whole) + (1.0 - share) * float(line_best)
            met = met if met > 0.0 else 0.0
            total += float((met if met < 1.0 else 1.0) ** exponent)
        found[pair] = (total * parts[wisher]) ** (1.0 / exponent) * factors[wisher]


@lru_cache(maxsize=1)
def compiled() -> dict[str, Callable[..., None]]:
    """Return the loops as machine code, compiled on first use and kept on disk.

    Raises:
        ImportError: numba is not installed.
    """
    import numba

    # Sums may be taken in any order; NaN never gets here (`people.stack` refuses it).
    make = numba.njit(cache=True, fastmath=True, error_model="numpy")
    return {loop.__name__: make(loop) for loop in (meet, pool, merge, judge)}
