"""What a community's own outcomes teach: a small correction of the shipped weights, used only once it proves itself.

A logistic regression whose prior is the shipped one: odds = a · shipped(x) + d · x + b of the kind, where d is held
to 0 by a ridge penalty. That is compared, on later outcomes, with a · shipped(x) + b of the kind, fitted to the same
rows: so neither a community that accepts more often than the shipped chances say, nor one that answers at random,
can look like a better order. Ridge: Hoerl and Kennard, Technometrics 12, 1970; the interval: bootstrap over people
(Efron and Tibshirani, "An introduction to the bootstrap", 1993, chapters 8 and 13).
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from .fuse import Logistic
from .people import UnsoundInput
from .score import FEATURES

OUTCOMES, PEOPLE = 200, 30
"""Fewest outcomes (as `Outcomes.worth` counts them) and people from which anything is learned."""

ONE_PERSON = 20
"""Nobody counts for more than so many outcomes, however many they gave."""

HELD_BACK = 0.3
"""Share of the outcomes, the latest, on which weights must prove themselves."""

HELD_PEOPLE, HELD_ANSWERS = 10, 5
"""Fewest people, and fewest good and fewest bad outcomes, among those that are held back."""

RIDGE = 4.0
"""Penalty on each correction, in units of log odds a standard deviation: a prior of ± 1/2."""

SURE = 0.95
"""How sure the interval must be that the correction is better."""

RESAMPLES = 1000
LEAST_LIKE = 0.3
"""Least correlation of the corrected odds with the shipped ones: what turns the order around is no correction."""

LEAST_SLOPE = 0.05
"""Least weight of the shipped odds in what the correction is held against: their order is kept, whatever came of it."""

STEPS = 50
SEED = 11

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Verdict(StrEnum):
    """What comes of the outcomes of one relation."""

    TOO_FEW = "too_few"
    """Not enough outcomes, people or different answers."""
    NOT_BETTER = "not_better"
    """The correction did not prove itself on what was held back."""
    BETTER = "better"
    """It did."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of suggestions whose chance rests on one relation, oldest first.

    Attributes:
        evidence: `[n, features]`, as `score.evidence` had it for the wish that was met best.
        good: `[n]`, whether it was welcome.
        people: `[n]`, who judged: any whole number that tells people apart.
        kinds: `[n]`, a whole number for each kind of match: kinds may be welcome more or less often.
    """

    evidence: Floats
    good: Flags
    people: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        sizes = {len(self.evidence), len(self.good), len(self.people), len(self.kinds)}
        if self.evidence.ndim != 2 or len(sizes) != 1 or not np.isfinite(self.evidence).all():
            raise UnsoundInput("Outcomes need as many rows of finite evidence as answers, people and kinds.")

    def __len__(self) -> int:
        return len(self.good)

    def take(self, rows: slice) -> "Outcomes":
        """Return some of them, in the same order."""
        return Outcomes(self.evidence[rows], self.good[rows], self.people[rows], self.kinds[rows])

    @property
    def worth(self) -> Floats:
        """How much each counts, `[n]`: 1, and less where somebody gave more than `ONE_PERSON`."""
        _people, which, counts = np.unique(self.people, return_inverse=True, return_counts=True)
        return np.minimum(1.0, ONE_PERSON / np.maximum(counts, 1))[which]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned from the outcomes of one relation, and how that was found out.

    Attributes:
        verdict: whether the correction may be used.
        outcomes, people: how many there were.
        held_back: how many outcomes it was tried on; 0 where there were too few to try.
        weights: the corrected weights; None where nothing was learned. They spread the odds of these outcomes as
            widely as the shipped ones and around the same mean: who is likelier changes, not how likely people fit.
        loss, auc: (shipped, corrected) on what was held back: mean log loss in nats, and the share of pairs of one
            good and one bad outcome of the same kind that stand in the right order.
        loss_gain, auc_gain: interval of what the correction gains; above 0 = better.
    """

    verdict: Verdict
    outcomes: int
    people: int
    held_back: int = 0
    weights: Logistic | None = None
    loss: tuple[float, float] = (0.0, 0.0)
    auc: tuple[float, float] = (0.0, 0.0)
    loss_gain: tuple[float, float] = (0.0, 0.0)
    auc_gain: tuple[float, float] = (0.0, 0.0)


def basis_of(model: str) -> str:
    """Return what tells evidence of this language model and these features from any other: a hash, 64 letters."""
    return hashlib.sha256("\n".join((model, *FEATURES)).encode()).hexdigest()


def learn(found: Outcomes, shipped: Logistic) -> Lesson:
    """Return what outcomes teach of one relation; the same outcomes give the same answer.

    Args:
        shipped: the weights that are corrected, of the same width as the evidence.

    Raises:
        UnsoundInput: the evidence has another width than the weights.
    """
    if len(found) and found.evidence.shape[1] != len(shipped.weights):
        raise UnsoundInput("Outcomes have another width of evidence than the weights.")
    people = len(np.unique(found.people))
    cut = len(found) - int(HELD_BACK * len(found))
    seen, kept = found.take(slice(0, cut)), found.take(slice(cut, None))
    if found.worth.sum() < OUTCOMES or people < PEOPLE or not _can_judge(kept) or len(np.unique(seen.good)) < 2:
        return Lesson(Verdict.TOO_FEW, len(found), people)
    plain, better = _Fit.of(seen, shipped, is_corrected=False), _Fit.of(seen, shipped, is_corrected=True)
    odds, corrected = plain.odds(kept), better.odds(kept)
    gains = _gains(kept, odds, corrected)
    weights = better.weights(seen, shipped)
    is_like = np.corrcoef(*(found.evidence @ np.asarray(one.weights) for one in (shipped, weights)))[0, 1] > LEAST_LIKE
    is_better = bool(is_like) and min(gains[0][0], gains[1][0]) > 0
    return Lesson(
        Verdict.BETTER if is_better else Verdict.NOT_BETTER,
        len(found),
        people,
        len(kept),
        weights,
        loss=(_loss(kept, odds, kept.worth), _loss(kept, corrected, kept.worth)),
        auc=(_Order(kept, odds).auc(kept.worth), _Order(kept, corrected).auc(kept.worth)),
        loss_gain=gains[0],
        auc_gain=gains[1],
    )


def _can_judge(kept: Outcomes) -> bool:
    good = int(kept.good.sum())
    return len(np.unique(kept.people)) >= HELD_PEOPLE and min(good, len(kept) - good) >= HELD_ANSWERS


@dataclass(frozen=True, slots=True)
class _Fit:
    """Odds fitted to outcomes: `slope` · shipped + a shift for each kind + `correction` · evidence."""

    shipped: Logistic
    slope: float
    shifts: Floats
    correction: Floats

    @classmethod
    def of(cls, seen: Outcomes, shipped: Logistic, *, is_corrected: bool) -> "_Fit":
        """Fit by Newton's method, with a prior of 1 for the slope and of 0 for the rest."""
        spread = np.maximum(seen.evidence.std(axis=0), 1e-3)
        columns = [_odds(shipped, seen.evidence)[:, None], _one_hot(seen)]
        if is_corrected:
            columns.append((seen.evidence - seen.evidence.mean(axis=0)) / spread)
        design = np.hstack(columns)
        kinds = columns[1].shape[1]
        penalty = np.array([1.0] + [0.05] * kinds + [RIDGE] * (design.shape[1] - 1 - kinds))
        prior = np.eye(1, design.shape[1])[0]
        found = _newton(design, seen.good, seen.worth, penalty, prior)
        if not is_corrected and found[0] < LEAST_SLOPE:
            penalty[0], prior[0] = 1e6, LEAST_SLOPE
            found = _newton(design, seen.good, seen.worth, penalty, prior)
        correction = found[1 + kinds :] / spread if is_corrected else np.zeros(seen.evidence.shape[1])
        shifts = found[1 : 1 + kinds] - (correction @ seen.evidence.mean(axis=0))
        return cls(shipped, float(found[0]), shifts, correction)

    def odds(self, those: Outcomes) -> Floats:
        """Return the log odds of outcomes, `[n]`; a kind that was never seen has the mean shift."""
        known = those.kinds < len(self.shifts)
        shifts = np.where(known, self.shifts[np.where(known, those.kinds, 0)], self.shifts.mean())
        found: Floats = self.slope * _odds(self.shipped, those.evidence) + those.evidence @ self.correction + shifts
        return found

    def weights(self, seen: Outcomes, shipped: Logistic) -> Logistic:
        """Return the corrected weights, spread and centred as the shipped ones are on these outcomes."""
        turned = self.slope * np.asarray(shipped.weights) + self.correction
        before, after = _odds(shipped, seen.evidence), seen.evidence @ turned
        turned = turned * (before.std() / max(after.std(), 1e-9))
        bias = float(before.mean() - (seen.evidence @ turned).mean())
        return Logistic(tuple(round(float(one), 4) for one in turned), round(bias, 4))


def _odds(shipped: Logistic, evidence: Floats) -> Floats:
    odds: Floats = evidence @ np.asarray(shipped.weights) + shipped.bias
    return odds


def _one_hot(those: Outcomes) -> Floats:
    return np.eye(int(those.kinds.max()) + 1)[those.kinds]


def _newton(design: Floats, good: Flags, worth: Floats, penalty: Floats, prior: Floats) -> Floats:
    """Return the parameters that make the penalised log likelihood largest; it is concave, so there is one answer."""
    found = prior.copy()
    for _step in range(STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (worth * (good - chance)) - penalty * (found - prior)
        bend = (design * (worth * chance * (1.0 - chance))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        found = found + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return found


def _losses(those: Outcomes, odds: Floats) -> Floats:
    return np.asarray(np.logaddexp(0.0, np.where(those.good, -odds, odds)))


def _loss(those: Outcomes, odds: Floats, worth: Floats) -> float:
    return float(_losses(those, odds) @ worth / worth.sum())


class _Order:
    """Outcomes laid out by kind and odds, so that their order can be judged under many weights."""

    def __init__(self, those: Outcomes, odds: Floats) -> None:
        self.by = np.lexsort((odds, those.kinds))
        kinds, values = those.kinds[self.by], odds[self.by]
        self.good = those.good[self.by]
        self.ties = np.flatnonzero(np.r_[True, (np.diff(values) != 0) | (np.diff(kinds) != 0)])
        self.kinds = np.flatnonzero(np.r_[True, np.diff(kinds[self.ties]) != 0])

    def auc(self, worth: Floats) -> float:
        """Return the share of pairs, one good and one bad of the same kind, in the right order; ties count half."""
        laid = worth[self.by]
        good = np.add.reduceat(laid * self.good, self.ties)
        bad = np.add.reduceat(laid * ~self.good, self.ties)
        sizes = np.diff(np.r_[self.kinds, len(bad)])
        goods, bads = (np.add.reduceat(some, self.kinds) for some in (good, bad))
        below = np.cumsum(bad) - bad - np.repeat(np.cumsum(bads) - bads, sizes)
        pairs = float((goods * bads).sum())
        return float((good * (below + bad / 2)).sum() / pairs) if pairs else 0.5


def _gains(kept: Outcomes, odds: Floats, corrected: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the intervals of what corrected odds gain in loss and in order, drawn anew over people."""
    _people, which = np.unique(kept.people, return_inverse=True)
    before, after = _losses(kept, odds), _losses(kept, corrected)
    old, new = _Order(kept, odds), _Order(kept, corrected)
    lots = np.random.default_rng(SEED)
    size = int(which.max()) + 1
    gains = np.zeros((RESAMPLES, 2))
    for draw in gains:
        worth = kept.worth * np.bincount(lots.integers(0, size, size), minlength=size)[which]
        draw[0] = (before - after) @ worth / max(worth.sum(), 1e-9)
        draw[1] = new.auc(worth) - old.auc(worth)
    low, high = np.quantile(gains, [(1 - SURE) / 2, (1 + SURE) / 2], axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
