"""The best for everybody, both ways, each with several lines, and for one member among many; beside plain ways.

The people are synthetic: unit vectors around common centres, 1 to 8 offers, 1 to 8 needs, one profile each. All
ways of the first part compute the same formula (docs/matching.md), so their lists can be compared as well as their
times; ours asks the hard rules of every pair besides.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from benchmarks import postgres
from benchmarks.table import Row
from benchmarks.timing import Way, round_robin, timed
from matching.engine.allpairs import best, rank_all
from matching.engine.kinds import KINDS
from matching.engine.people import PROFILE, Line, Matrix, Part, Person, Roster, Scores
from matching.engine.pipeline import shortlist
from matching.engine.score import EXPONENT, PROFILE_SHARE, segment

PART = "matching"
SIZES = (1000, 4000)
MANY = 100_000
"""People among whom one member looks for others, each with 8 statements."""
SHARES = (0.05, 0.2, 1.0)
"""Which part of them the hard rules leave."""
MOST_MS = 150
WIDTH = 384
CENTRES = 40
SPREAD = 0.06
REPEATS = 5
LOOPED = 6
"""Askers for whom the slow ways run; their time for everybody is extrapolated from these."""
NAIVE_CANDIDATES = 50
LEAST_RATIO, LEAST_RECALL, DEPTH = 4.0, 0.9999, 10
PROBE_MB = 256
"""Read once from end to end to learn how fast memory is: far more than any cache holds."""


@dataclass(frozen=True)
class Crowd:
    """The same people twice: as plain arrays, and as the engine's roster."""

    needs: Sequence[Matrix]
    offers: Sequence[Matrix]
    profiles: Matrix
    roster: Roster

    def __len__(self) -> int:
        return len(self.needs)

    @property
    def lines(self) -> list[Matrix]:
        """What each person has: the offers and the profile."""
        return [np.vstack([own, whole]) for own, whole in zip(self.offers, self.profiles, strict=True)]


def rows(scale: float) -> list[Row]:
    """The rows for each size, then those for one member."""
    found = [row for size in SIZES for row in compare(max(20, round(size * scale)))]
    return found + [row for share in SHARES for row in alone(max(200, round(MANY * scale)), share)]


def compare(size: int) -> list[Row]:
    """Time and check all ways with so many people."""
    crowd = gather(size)
    laid, kind = Laid.of(crowd), KINDS["collaborator"]
    ours_way = partial(best, crowd.roster, kind, DEPTH)
    bare_way = partial(bare, laid)
    limits = Limits()
    ours, gemm, product, *most = round_robin([ours_way, partial(first_ten, laid), bare_way, *limits.ways], REPEATS)
    askers = np.random.default_rng(size).choice(size, min(LOOPED, size), replace=False)
    candidates = range(min(NAIVE_CANDIDATES, size))
    exact = np.array([[both_ways(dot, crowd, a, b) for b in range(size)] for a in askers])
    exact[np.arange(len(askers)), askers] = 0.0  # nobody is shown to themselves
    loop = timed(lambda: [both_ways(dot, crowd, a, b) for a in askers for b in candidates])
    naive = timed(lambda: [both_ways(sklearn, crowd, a, b) for a in askers for b in candidates])
    share = size * size / (len(askers) * len(candidates))
    found = ours_way()
    ranks, scores = np.zeros(exact.shape), rank_all(crowd.roster.take(askers), crowd.roster, kind)
    for place, asker in enumerate(askers):
        ranks[place, found.of(asker)] = found.scores[asker][: len(found.of(asker))]
    name = f"the best {DEPTH} for each of {size:,} people"
    row = partial(Row, PART, measured=ours, unit="ms")
    read, products = laid.needs.nbytes + laid.lines.nbytes, 2.0 * laid.needs.size * len(laid.lines)
    return [
        row(
            f"{name}: engine", peer=gemm, peer_name="GEMM + reduceat", least_ratio=LEAST_RATIO if size >= 1000 else None
        ),
        row(f"{name}: engine", peer=loop * share, peer_name="Python loop"),
        row(f"{name}: engine", peer=naive * share, peer_name="sklearn a pair"),
        row(f"{name}: engine", peer=product, peer_name="the bare float32 GEMM"),
        *limits.shares(name, ours, most, read, products),
        Row(PART, f"{name}: recall, exact loop", recall(ranks, exact), least=LEAST_RECALL),
        Row(PART, f"{name}: largest error", float(np.abs(scores - exact)[exact > 0].max()), most=1e-5),
    ]


def alone(size: int, share: float) -> list[Row]:
    """Time one member's shortlist, hard rules and all, where the rules leave this share of everybody."""
    import faiss

    roster, kind = gather_many(size, share), KINDS["mentor"]
    asker = roster.people[0]
    left = roster.take(np.flatnonzero([kind.consent in one.open_to for one in roster]))
    lines, wishes = left.stack(Part.TEACHING).vectors, Roster([asker]).stack(Part.WISHES).vectors
    index = faiss.IndexFlatIP(WIDTH)
    index.add(lines)
    near = NearestNeighbors(n_neighbors=min(300, len(lines)), algorithm="brute", metric="cosine").fit(lines)
    limits = Limits()
    ours, peer, other, read, *most = round_robin(
        [
            partial(shortlist, asker, roster, kind),
            partial(near.kneighbors, wishes),
            partial(index.search, wishes, min(300, len(lines))),
            partial(np.matmul, lines, wishes.T),
            *limits.ways,
        ],
        REPEATS,
    )
    name = f"one member among {size:,} people, {share:.0%} left by the rules"
    row = partial(Row, PART, name, measured=ours, unit="ms")
    return [
        row(peer=peer, peer_name="sklearn NearestNeighbors, lines alone", most=MOST_MS if share <= 0.05 else None),
        row(peer=other, peer_name="faiss IndexFlatIP, lines alone"),
        row(peer=read, peer_name="the bare product"),
        *limits.shares(name, ours, most, lines.nbytes, 2 * lines.size * len(wishes)),
        *(by_postgres(name, partial(shortlist, asker, roster, kind), left, wishes) if share <= min(SHARES) else ()),
    ]


def by_postgres(name: str, way: Way, left: Roster, wishes: Matrix) -> list[Row]:
    """The same member's search beside pgvector, in turns; one row that says so where there is no server."""
    lines = left.stack(Part.TEACHING)
    owners = np.repeat(np.arange(len(left)), lines.counts)
    try:
        with postgres.holding(lines.vectors, owners, wishes) as searches:
            ours = round_robin([way, searches], REPEATS)[0]
            found = searches()
    except postgres.NoServer as reason:
        return [Row(PART, f"{name}: beside pgvector, not measured ({str(reason).splitlines()[-1][:60]})", 0.0)]
    theirs = statistics.median(searches.ms[1 : REPEATS + 1])
    cosines = segment(np.maximum, wishes @ lines.vectors.T, lines.starts, axis=1)
    ten = np.argsort(-cosines, axis=1, kind="stable")[:, :DEPTH]
    same = np.mean(
        [len(set(own.tolist()) & set(other[:DEPTH])) / len(own) for own, other in zip(ten, found, strict=True)]
    )
    return [
        Row(PART, name, ours, "ms", peer=theirs, peer_name="pgvector, exact, those lines alone: the server's CPU"),
        Row(
            PART,
            f"{name}: of the nearest {DEPTH} of each wish, found by pgvector, too",
            float(same),
            least=LEAST_RECALL,
        ),
    ]


class Limits:
    """The most that this core can do, to be measured in turns with what is held against it."""

    def __init__(self) -> None:
        self.memory = np.ones(PROBE_MB * 2**18, np.float32)
        lots = np.random.default_rng(3)
        self.left, self.right = (lots.random(shape, np.float32) for shape in ((1024, WIDTH), (WIDTH, 4096)))
        self.ways: list[Way] = [partial(np.dot, self.memory, self.memory), partial(np.matmul, self.left, self.right)]

    def shares(self, name: str, ours: float, most: Sequence[float], read: int, products: float) -> list[Row]:
        """Two rates of ours beside the limits: what must be read at least once, and what must be multiplied.

        Args:
            ours, most: times in ms, of ours and of the two ways in their order.
            read: bytes; products: floating-point operations.
        """
        limits = self.memory.nbytes / most[0], 2.0 * self.left.size * self.right.shape[1] / most[1]
        row = partial(Row, PART, is_more_better=True)
        return [
            row(f"{name}: vectors read", read / ours / 1e6, "GB/s", limits[0] / 1e6, "memory read end to end"),
            row(f"{name}: products", products / ours / 1e6, "GFLOP/s", limits[1] / 1e6, "a float32 GEMM"),
        ]


def bare(laid: "Laid") -> None:
    """The product alone, block by block, so that nothing but arithmetic is timed."""
    for start in range(0, len(laid.needs), 1024):
        np.matmul(laid.needs[start : start + 1024], laid.lines.T)


def gather_many(size: int, share: float, seed: int = 2) -> Roster:
    """So many people with four offers, four needs and a profile; this share of them is open as mentors."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.standard_normal((CENTRES, WIDTH)))
    picked = centres[rng.integers(0, CENTRES, (size, 9))].astype(np.float32)
    vectors = unit(picked + np.float32(SPREAD) * rng.standard_normal(picked.shape, np.float32))
    is_open = rng.random(size) < share
    return Roster(
        Person(
            number, offers=_lines(own[:4]), needs=_lines(own[4:8]), about=_lines(own[8:], PROFILE), is_adult=True,
            open_to=frozenset({"mentor"} if is_open[number] else ()),
        )
        for number, own in enumerate(vectors)
    )  # fmt: skip


def gather(size: int, seed: int = 1) -> Crowd:
    """So many synthetic people; the same size and seed give the same people."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.standard_normal((CENTRES, WIDTH)))

    def some(least: int, most: int) -> list[Matrix]:
        counts = rng.integers(least, most + 1, size)
        near = centres[rng.integers(0, CENTRES, counts.sum())]
        return np.split(unit(near + SPREAD * rng.standard_normal(near.shape)), np.cumsum(counts)[:-1])

    needs, offers = some(1, 8), some(1, 8)
    profiles = unit(np.array([own.mean(axis=0) for own in offers]) + SPREAD / 2 * rng.standard_normal((size, WIDTH)))
    people = [
        Person(
            n,
            offers=_lines(offers[n]),
            needs=_lines(needs[n]),
            about=_lines(profiles[n : n + 1], PROFILE),
            is_adult=True,
            open_to=frozenset(KINDS),
        )
        for n in range(size)
    ]
    return Crowd(needs, offers, profiles, Roster(people))


def unit(vectors: npt.NDArray[np.floating]) -> Matrix:
    """Rows of length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def _lines(vectors: Matrix, kind: str = "skill") -> tuple[Line, ...]:
    return tuple(Line(n, f"line {n}", kind=kind, vector=vector) for n, vector in enumerate(vectors))


# --- The peers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Laid:
    """The arrays end to end, as anybody would lay them for one matrix product."""

    needs: Matrix
    need_starts: npt.NDArray[np.intp]
    need_counts: npt.NDArray[np.intp]
    lines: Matrix
    line_starts: npt.NDArray[np.intp]
    profiles: Matrix

    @classmethod
    def of(cls, crowd: Crowd) -> "Laid":
        """Lay them."""
        needs = np.array([len(own) for own in crowd.needs])
        lines = np.array([len(own) for own in crowd.lines])
        starts = [np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp) for counts in (needs, lines)]
        return cls(np.vstack(crowd.needs), starts[0], needs, np.vstack(crowd.lines), starts[1], crowd.profiles)


def gemm_both(laid: Laid) -> Matrix:
    """The plain fast way in float32: two matrix products, `np.maximum.reduceat`, power mean, harmonic mean."""
    best = np.maximum.reduceat(laid.needs @ laid.lines.T, laid.line_starts, axis=1)
    met = np.clip(PROFILE_SHARE * (laid.needs @ laid.profiles.T) + (1 - PROFILE_SHARE) * best, 0, 1)
    total = np.add.reduceat(met**EXPONENT, laid.need_starts, axis=0)
    there = (total / laid.need_counts[:, None]).astype(np.float32) ** np.float32(1 / EXPONENT)
    both = there + there.T
    return np.asarray(2 * there * there.T / np.where(both > 0, both, 1), np.float32)


def first_ten(laid: Laid) -> npt.NDArray[np.intp]:
    """The best few of each by the plain fast way, in order."""
    scores = gemm_both(laid)
    np.fill_diagonal(scores, -1.0)
    some = np.argpartition(-scores, DEPTH, axis=1)[:, :DEPTH]
    order = np.argsort(-np.take_along_axis(scores, some, axis=1), axis=1)
    return np.take_along_axis(some, order, axis=1)


Cosines = Callable[[Matrix, Matrix], Matrix]


def dot(these: Matrix, those: Matrix) -> Matrix:
    """Cosines by one product a pair of people, in float64: the exact answer."""
    return np.asarray(these.astype(np.float64) @ those.astype(np.float64).T)


def sklearn(these: Matrix, those: Matrix) -> Matrix:
    """Cosines as scikit-learn gives them, called once a pair of people."""
    return np.asarray(cosine_similarity(these, those))


def both_ways(cosines: Cosines, crowd: Crowd, a: int, b: int) -> float:
    """The score of one pair, as the documentation writes it."""
    there, back = one_way(cosines, crowd, a, b), one_way(cosines, crowd, b, a)
    return 2 * there * back / (there + back) if there + back > 0 else 0.0


def one_way(cosines: Cosines, crowd: Crowd, a: int, b: int) -> float:
    """How well b meets the needs of a."""
    found = cosines(crowd.needs[a], np.vstack([crowd.offers[b], crowd.profiles[b : b + 1]]))
    met = np.clip(PROFILE_SHARE * found[:, -1] + (1 - PROFILE_SHARE) * found.max(axis=1), 0, 1)
    return float(np.mean(met**EXPONENT) ** (1 / EXPONENT))


# --- The check ------------------------------------------------------------------------------------------------


def recall(found: Scores, exact: Scores) -> float:
    """Which share of the best ten is as good as the exact best ten; equal scores (to 1e-6) are equally right."""
    depth = min(DEPTH, exact.shape[1])
    hits = 0
    for ours, truth in zip(found, exact, strict=True):
        worst = np.sort(truth)[-depth]
        hits += int((truth[np.argsort(-ours, kind="stable")[:depth]] >= worst - 1e-6).sum())
    return hits / (depth * len(exact))
