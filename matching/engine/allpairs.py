"""The best candidates of everybody at once: exactly what scoring every pair would give, for a fraction of the work.

All lines lie end to end as 8-bit integers. Each two blocks of people are held against each other once, by integer
matrix products; out of these comes, for each pair, an upper bound of its score: with x8 for x rounded,
|cos(x, y) - x8·y8| ≤ |x - x8| |y| + |x8| |y - y8|, and mean, power mean and harmonic mean only grow with what goes
into them. Each asker keeps the highest bounds; these pairs are scored in float32, from the highest bound down, until
the k-th best score is above every bound that is left. That proves the list. An asker whose list ends before the
proof is scored against everybody instead (`Nearest.redone` counts them), so that the answer is exact in any case, to
the rounding of float32 sums.

Where torch, numba or sound 8-bit products are missing, everything is scored by `score`, with the same answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from . import fuse, score
from .candidates import Flags, allowed, columns_of
from .kernels import compiled
from .kinds import Direction, MatchKind
from .people import Id, Matrix, Part, Roster, Rows, Scores

BLOCK = 128
"""People of a block: the products of two blocks (some 1.6 MB) stay in the cache until they are read."""

SPARE = 44
"""Bounds kept beyond the number of candidates asked for (at least half as many again)."""

DECIMALS = 6
"""Scores are rounded to this, so that the order of a matrix product's sums decides no ranking."""

Singles = npt.NDArray[np.float32]

NOBODY: Mapping[Id, Collection[Id]] = {}


@dataclass(frozen=True, slots=True)
class Nearest:
    """The best candidates of everybody in a roster.

    Attributes:
        rows: `[people, k]`, positions of candidates, best first; -1 where there are fewer.
        scores: `[people, k]`, 0 to 1; 0 where there are fewer.
        redone: for how many askers the bounds proved too little and everybody was scored in full.
    """

    rows: Rows
    scores: Scores
    redone: int = 0

    def of(self, asker: int) -> Rows:
        """Return the candidates of one asker, best first, `[≤ k]`."""
        mine: Rows = self.rows[asker]
        return mine[mine >= 0]


def best(
    roster: Roster,
    kind: MatchKind,
    k: int,
    *,
    without: Mapping[Id, Collection[Id]] = NOBODY,
    order: Rows | None = None,
    is_quick: bool | None = None,
) -> Nearest:
    """Return the k best candidates of everybody in a roster, among those whom no hard rule forbids.

    Args:
        k: most candidates for each (≥ 1); those whose score is 0 are left out.
        without: by the id of an asker, whom else to leave out (dismissed before, connected already).
        order: `[people]`, who goes first where scores are equal (lower first); else the order of the roster.
        is_quick: False = score every pair in full; None = the quick way where this machine can.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
        ValueError: k is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}: ask for one candidate at least.")
    places = np.arange(len(roster), dtype=np.intp) if order is None else order
    rules = _Rules(roster, kind, without)
    laid = _Laid.of(roster, kind)
    everybody = np.arange(len(roster), dtype=np.intp)
    if not (can_be_quick() if is_quick is None else is_quick) or not laid.lines.size or not laid.wishes.size:
        return Nearest(*_in_full(everybody, roster, kind, k, rules, places))
    rows, scores, sure = _Search(laid, rules, kind, k).run(places)
    redo = np.flatnonzero(~sure)
    if len(redo):
        rows[redo], scores[redo] = _in_full(redo, roster, kind, k, rules, places)
    return Nearest(rows, scores, len(redo))


@lru_cache(maxsize=1)
def can_be_quick() -> bool:
    """Return whether this machine has torch and numba, and multiplies 8-bit integers without overflow."""
    try:
        import numba  # noqa: F401
        import torch
    except ImportError:
        return False
    highest = torch.full((32, 384), 127, dtype=torch.int8)
    try:
        return bool((torch._int_mm(highest, highest.t().contiguous()) == 127 * 127 * 384).all())
    except RuntimeError:
        return False


# --- Every pair in full -----------------------------------------------------------------------------------------


class _Rules:
    """Who may be shown to whom in this search."""

    def __init__(self, roster: Roster, kind: MatchKind, without: Mapping[Id, Collection[Id]]) -> None:
        self.columns, self.kind = columns_of(roster), kind
        self.out = {
            row: roster.positions(ids) for asker, ids in without.items() if ids for row in roster.positions([asker])
        }

    def shown_to(self, askers: Rows) -> Flags:
        """Return who of everybody may be shown to these, `[askers, people]`."""
        free = allowed(self.columns.take(askers), self.columns, self.kind)
        for place, asker in enumerate(askers):
            free[place, self.out.get(int(asker), [])] = False
        return free

    def shown(self, block: slice) -> Flags:
        """Return to whom of everybody the people of a block may be shown, `[people, block]`."""
        free = allowed(self.columns, self.columns.take(block), self.kind)
        for asker, out in self.out.items():
            free[asker, out[(out >= block.start) & (out < block.stop)] - block.start] = False
        return free


def _in_full(askers: Rows, roster: Roster, kind: MatchKind, k: int, rules: _Rules, order: Rows) -> tuple[Rows, Scores]:
    rows = np.full((len(askers), k), -1, np.intp)
    scores = np.zeros((len(askers), k))
    for start in range(0, len(askers), BLOCK):
        some = askers[start : start + BLOCK]
        found = np.where(rules.shown_to(some), rank_all(roster.take(some), roster, kind), 0.0)
        for asker, values in enumerate(found, start):
            ranked = _first(values, k, order)
            rows[asker, : len(ranked)], scores[asker, : len(ranked)] = ranked, values[ranked]
    return rows, scores


def rank_all(askers: Roster, roster: Roster, kind: MatchKind) -> Scores:
    """Return the quick score of everybody for many askers, `[len(askers), len(roster)]`, each between 0 and 1.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    have = have_of(kind)
    if kind.direction is Direction.ASKER_NEEDS:
        found = score.directional(askers, roster, have)
    elif kind.direction is Direction.CANDIDATE_NEEDS:
        found = score.directional(roster, askers, have).T
    else:
        there, back = score.directional(askers, roster, have), score.directional(roster, askers, have).T
        found = fuse.harmonic_mean(there, back)
    return np.round(found, DECIMALS)


def _first(values: Scores, k: int, order: Rows) -> Rows:
    some = np.flatnonzero(values > 0)
    if k < len(some):
        some = some[values[some] >= np.partition(values[some], -k)[-k]]
    return some[np.lexsort((order[some], -values[some]))][:k]


def have_of(kind: MatchKind) -> Part:
    """Return which lines of those who have something count for a kind."""
    if kind.direction is Direction.SHARED_NEEDS:
        return Part.WISHES
    return Part.TEACHING if kind.must_teach else Part.OFFERS


# --- The quick way ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Laid:
    """Everybody's wishes, and lines with the whole profile among or behind them, end to end.

    Attributes:
        wishes, lines: float32 `[rows, dim]`.
        wish_starts, starts: `[people + 1]`.
        counts: how many lines each has; wholes: the row of the whole profile, -1 = none.
        parts: one divided by the number of wishes; factors: the stand-in of those who stated none; share: P of `score`.
    """

    wishes: Matrix
    wish_starts: Rows
    lines: Matrix
    starts: Rows
    counts: Rows
    wholes: Rows
    parts: Singles
    factors: Singles
    share: float

    @classmethod
    def of(cls, roster: Roster, kind: MatchKind) -> "_Laid":
        have = have_of(kind)
        wishes, lines, whole = roster.stack(Part.WISHES), roster.stack(have), roster.stack(Part.WHOLE)
        parts = (1.0 / np.maximum(wishes.counts, 1)).astype(np.float32)
        factors = np.where(roster.counts(Part.NEEDS) > 0, 1.0, score.STAND_IN).astype(np.float32)
        widths = {stack.vectors.shape[1] for stack in (wishes, lines) if stack.vectors.size}
        if len(widths) > 1:
            score.directional(roster, roster, have)  # it says what is wrong
        if have is Part.WISHES or not whole.vectors.size or not lines.vectors.size:
            share = 0.0
            joined, starts, wholes = lines.vectors, lines.starts, np.full(len(roster), -1, np.intp)
        else:
            share = score.PROFILE_SHARE
            joined, starts, wholes = _joined(lines.vectors, lines.starts, whole.vectors, whole.counts)
        return cls(wishes.vectors, wishes.starts, joined, starts, lines.counts, wholes, parts, factors, share)


def _joined(lines: Matrix, starts: Rows, whole: Matrix, has_whole: Rows) -> tuple[Matrix, Rows, Rows]:
    """Put each whole behind the lines of its person, unless it is one of them; gives rows, starts and where it is."""
    counts = np.diff(starts)
    owners = np.repeat(np.arange(len(counts)), counts)
    profiles = np.zeros((len(counts), lines.shape[1]), np.float32)
    profiles[has_whole > 0] = whole
    is_whole = (lines == profiles[owners]).all(axis=1)
    among = np.full(len(counts), -1, np.intp)
    places = np.arange(len(lines)) - starts[:-1][owners]
    among[owners[is_whole]] = places[is_whole]
    # Who has no line that counts gets nothing for the whole.
    behind = (has_whole > 0) & (among < 0) & (counts > 0)
    new_starts = np.concatenate([[0], np.cumsum(counts + behind)]).astype(np.intp)
    joined = np.empty((new_starts[-1], lines.shape[1]), np.float32)
    joined[new_starts[:-1][owners] + places] = lines
    joined[new_starts[:-1][behind] + counts[behind]] = profiles[behind]
    at = np.where(behind, counts, among)
    return joined, new_starts, np.where(at >= 0, new_starts[:-1] + at, -1)


@dataclass(frozen=True)
class _Rounded:
    """Vectors as 8-bit integers: `vectors ≈ numbers · scales[:, None]`, off by at most `errors` in length."""

    numbers: npt.NDArray[np.int8]
    scales: Singles
    errors: Singles

    @classmethod
    def of(cls, vectors: Matrix) -> "_Rounded":
        scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
        numbers = np.rint(vectors / scales[:, None]).astype(np.int8)
        errors = np.linalg.norm(vectors - numbers * scales[:, None], axis=1)
        return cls(numbers, scales, np.asarray(errors, np.float32))


LENGTH = 1.001
"""The longest that a vector may be (`people.stack`)."""

ROUNDING = 1e-5
"""Covers the float32 arithmetic of bounds."""

MARGIN = 2e-6
"""Covers the rounding of scores to six decimals and the last bits of sums in float32."""

STEP = 16
"""Pairs of a list that are scored exactly before the proof is tried again."""

_DIRECTIONS = {Direction.ASKER_NEEDS: 0, Direction.CANDIDATE_NEEDS: 1, Direction.BOTH: 2, Direction.SHARED_NEEDS: 2}


class _Search:
    """One run over all blocks; holds the lists of everybody while it lasts."""

    def __init__(self, laid: _Laid, rules: _Rules, kind: MatchKind, k: int) -> None:
        self.laid, self.rules, self.k = laid, rules, k
        self.direction = _DIRECTIONS[kind.direction]
        self.keep = k + max(SPARE, k // 2)
        size = len(laid.counts)
        self.held = np.zeros((size, 2 * self.keep), np.float32)
        self.listed = np.zeros((size, 2 * self.keep), np.int32)
        self.sizes = np.zeros(size, np.int32)
        self.floors = np.zeros(size, np.float32)
        self.wishes, self.lines = _Rounded.of(laid.wishes), _Rounded.of(laid.lines)
        self.wish_slacks = self.wishes.errors * np.float32(LENGTH)
        longest = LENGTH + float(self.wishes.errors.max())
        by_line = self.lines.errors * np.float32(longest) + np.float32(ROUNDING)
        self.slacks = score.segment(np.maximum, by_line[None, :], laid.starts, axis=1)[0].astype(np.float32)
        self.blocks = [slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]
        self.turned = [self._turned(block) for block in self.blocks]

    def run(self, order: Rows) -> tuple[Rows, Scores, Flags]:
        """Hold each two blocks against each other and settle the lists; gives rows, scores, and who is sure."""
        for number, block in enumerate(self.blocks):
            to, fro = self.rules.shown_to(np.arange(block.start, block.stop)), self.rules.shown(block)
            for other in range(number, len(self.blocks)):
                self._meet(number, other, to[:, self.blocks[other]], fro[self.blocks[other]])
        self.held[np.arange(self.held.shape[1]) >= self.sizes[:, None]] = 0.0
        falling = np.argsort(-self.held, axis=1)
        rows = np.take_along_axis(self.listed, falling, axis=1)
        scores, sure = self._settle(np.take_along_axis(self.held, falling, axis=1), rows)
        first = np.lexsort((order[rows], -scores), axis=1)[:, : self.k]
        scores = np.take_along_axis(scores, first, axis=1)
        return np.where(scores > 0, np.take_along_axis(rows, first, axis=1), -1).astype(np.intp), scores, sure

    def _settle(self, bounds: Singles, rows: npt.NDArray[np.int32]) -> tuple[Scores, Flags]:
        """Score everybody's list from the highest bound down, until who follows cannot be among the k best."""
        width = bounds.shape[1]
        scores, sure = np.zeros(bounds.shape), np.zeros(len(bounds), np.bool_)
        unsettled, done = np.arange(len(bounds)), 0
        while len(unsettled) and done < width:
            step = slice(done, min(width, done + (STEP if done else self.k)))
            place, column = np.nonzero(bounds[unsettled, step] > 0)
            askers, columns = unsettled[place], column + done
            scores[askers, columns] = self._exact(askers, rows[askers, columns])
            done = step.stop
            worst = np.partition(scores[unsettled, :done], -self.k, axis=1)[:, -self.k]
            left = np.maximum(bounds[unsettled, done] if done < width else 0.0, self.floors[unsettled])
            is_sure = (left <= 0) | (worst > left + MARGIN)
            sure[unsettled[is_sure]] = True
            unsettled = unsettled[~is_sure]
        return scores, sure

    def _exact(self, askers: Rows, candidates: npt.NDArray[np.int32]) -> Scores:
        ones, others = np.asarray(askers, np.int64), candidates.astype(np.int64)
        if self.direction < 2:
            return np.round(self._judged(*((ones, others) if self.direction == 0 else (others, ones))), DECIMALS)
        # Two people who list each other are scored once.
        keys = np.minimum(ones, others) * len(self.sizes) + np.maximum(ones, others)
        pairs, where = np.unique(keys, return_inverse=True)
        ones, others = np.divmod(pairs, len(self.sizes))
        both = fuse.harmonic_mean(self._judged(ones, others), self._judged(others, ones))
        return np.round(both, DECIMALS)[where]

    def _judged(self, wishers: npt.NDArray[np.int64], havers: npt.NDArray[np.int64]) -> Scores:
        laid, found = self.laid, np.zeros(len(wishers))
        compiled()["judge"](
            wishers, havers, laid.lines, laid.starts, laid.counts, laid.wholes,
            laid.wishes, laid.wish_starts, laid.parts, laid.factors, laid.share, score.EXPONENT, found,
        )  # fmt: skip
        return found

    def _meet(self, one: int, other: int, to: Flags, fro: Flags) -> None:
        is_free, is_free_back = bool(to.any()), one != other and bool(fro.any())
        if not (is_free or is_free_back):
            return
        for asker, candidate, free, wanted in ((one, other, to, is_free), (other, one, fro, is_free_back)):
            if wanted and self.direction < 2:
                pair = (asker, candidate) if self.direction == 0 else (candidate, asker)
                bounds = self._bounds(*pair)
                self._merge(asker, candidate, bounds.T if self.direction == 0 else bounds, free)
        if self.direction == 2:
            there = self._bounds(one, other).T
            back = there.T if one == other else self._bounds(other, one)
            both: Singles = fuse.harmonic_mean(there, back)  # type: ignore[arg-type, assignment]
            self._merge(one, other, both, to)
            if is_free_back:
                self._merge(other, one, both.T, fro)

    def _bounds(self, wishers: int, havers: int) -> Singles:
        """Upper bounds of how well the people of one block meet those of another, `[havers, wishers]`."""
        import torch

        laid, those, these = self.laid, self.blocks[havers], self.blocks[wishers]
        found = np.zeros((those.stop - those.start, these.stop - these.start), np.float32)
        rows = slice(laid.starts[those.start], laid.starts[those.stop])
        mine = slice(laid.wish_starts[these.start], laid.wish_starts[these.stop])
        if rows.start == rows.stop or mine.start == mine.stop:
            return found
        products = torch._int_mm(torch.from_numpy(self.lines.numbers[rows]), self.turned[wishers]).numpy()
        met = np.empty((len(found), products.shape[1]), np.float32)
        compiled()["meet"](
            products, laid.starts[those] - rows.start, laid.counts[those],
            np.where(laid.wholes[those] >= 0, laid.wholes[those] - rows.start, -1),
            self.lines.scales[rows], self.slacks[those],
            self.wishes.scales[mine], self.wish_slacks[mine], laid.share, met,
        )  # fmt: skip
        wish_starts = laid.wish_starts[these.start : these.stop + 1] - mine.start
        compiled()["pool"](met, wish_starts, laid.parts[these], laid.factors[these], score.EXPONENT, found)
        return found

    def _turned(self, block: slice) -> Any:
        """The wishes of a block as a torch tensor `[dim, wishes]`, row by row in memory: half the time of a view."""
        import torch

        mine = slice(self.laid.wish_starts[block.start], self.laid.wish_starts[block.stop])
        return torch.from_numpy(np.ascontiguousarray(self.wishes.numbers[mine].T))

    def _merge(self, askers: int, candidates: int, bounds: Singles, free: Flags) -> None:
        mine = self.blocks[askers]
        compiled()["merge"](
            np.ascontiguousarray(bounds), np.ascontiguousarray(free), self.blocks[candidates].start, self.keep,
            self.held[mine], self.listed[mine], self.sizes[mine], self.floors[mine],
        )  # fmt: skip
