"""What outcomes teach: planted ones are learned, chance is not, and nothing is learned from too little."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import fuse
from matching.engine import learn as engine
from matching.engine.kinds import Relation
from matching.engine.learn import ONE_PERSON, Outcomes, Verdict, basis_of, learn
from matching.engine.people import UnsoundInput
from matching.engine.score import FEATURES

SHIPPED = fuse.shipped()[Relation.WISH]
COVER = FEATURES.index("cover")


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval is as wide with fewer draws, only a little rougher."""
    monkeypatch.setattr(engine, "RESAMPLES", 200)


def world(seed: int, size: int = 900, people: int = 60, cover: float = 0.0, own: float = 0.5) -> Outcomes:
    """Answers that depend on the shipped odds by `own` and on the share of common words by `cover`, and on chance."""
    lots = np.random.default_rng(seed)
    evidence = np.clip(lots.beta(5, 5, (size, 1)) * 0.6 + lots.normal(0.2, 0.13, (size, len(FEATURES))), 0, 1)
    who = lots.integers(0, people, size)
    odds = own * scaled(evidence @ np.asarray(SHIPPED.weights)) + cover * scaled(evidence[:, COVER])
    odds += lots.normal(0, 0.7, people)[who]  # some say yes to everything
    good = lots.random(size) < 1 / (1 + np.exp(-odds))
    return Outcomes(evidence, good, who, lots.integers(0, 3, size))


def scaled(values: np.ndarray) -> np.ndarray:
    return np.asarray((values - values.mean()) / values.std())


def test_it_learns_what_really_matters_here() -> None:
    for seed in range(3):
        lesson = learn(world(seed, cover=2.0), SHIPPED)
        assert lesson.verdict == Verdict.BETTER and lesson.weights
        assert lesson.weights.weights[COVER] - SHIPPED.weights[COVER] > 2
        assert lesson.auc[1] > lesson.auc[0] + 0.03 and lesson.loss[1] < lesson.loss[0]
        assert lesson.loss_gain[0] > 0 and lesson.auc_gain[0] > 0


@pytest.mark.parametrize("own", [0.0, 0.5], ids=["pure chance", "the shipped weights are right"])
def test_it_learns_nothing_from_chance(own: float) -> None:
    assert {learn(world(seed, own=own), SHIPPED).verdict for seed in range(12)} == {Verdict.NOT_BETTER}


def test_it_does_not_mistake_a_community_that_says_yes_often_for_a_better_order() -> None:
    for seed in range(6):
        found = world(seed)
        yes = replace(found, good=found.good | (np.random.default_rng(seed).random(len(found)) < 0.7))
        assert learn(yes, SHIPPED).verdict == Verdict.NOT_BETTER


@pytest.mark.parametrize(
    ("size", "people", "verdict"), [(199, 40, Verdict.TOO_FEW), (900, 29, Verdict.TOO_FEW), (900, 30, Verdict.BETTER)]
)
def test_it_needs_enough_answers_of_enough_people(size: int, people: int, verdict: Verdict) -> None:
    found = world(1, size, people, cover=3.0)
    lesson = learn(found, SHIPPED)
    assert len(np.unique(found.people)) == people
    assert lesson.verdict == verdict and (lesson.weights is None) == (verdict == Verdict.TOO_FEW)


def test_nobody_counts_for_more_than_their_share() -> None:
    found = world(2, 600, 40, cover=3.0)
    loud = replace(found, people=np.where(np.arange(600) < 450, 0, found.people))
    assert loud.worth.sum() < 200 < found.worth.sum()
    assert loud.worth[loud.people == 0].sum() == pytest.approx(ONE_PERSON)
    assert learn(loud, SHIPPED).verdict == Verdict.TOO_FEW


def test_it_needs_both_answers() -> None:
    found = world(3, cover=3.0)
    for answer in (True, False):
        assert learn(replace(found, good=np.full(len(found), answer)), SHIPPED).verdict == Verdict.TOO_FEW


def test_it_is_tried_on_the_latest_answers_alone() -> None:
    """What was true once and is not true any more proves nothing."""
    before, now = world(4, 700, cover=3.0), world(5, 300)
    both = Outcomes(*(np.concatenate([getattr(one, name) for one in (before, now)]) for name in before.__slots__))
    assert learn(both, SHIPPED).verdict == Verdict.NOT_BETTER


def test_it_never_turns_the_order_around() -> None:
    lesson = learn(world(6, own=-2.5), SHIPPED)
    assert lesson.auc_gain[0] > 0, "as an order it would be better here"
    assert lesson.verdict == Verdict.NOT_BETTER


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 9999), st.floats(-3, 3))
def test_corrected_chances_spread_as_before(seed: int, cover: float) -> None:
    found = world(seed, 400, 40, cover=cover)
    lesson = learn(found, SHIPPED)
    assert lesson == learn(found, SHIPPED)
    if lesson.weights:
        seen = found.evidence[: len(found) - lesson.held_back]
        before, after = (seen @ np.asarray(one.weights) + one.bias for one in (SHIPPED, lesson.weights))
        assert after.mean() == pytest.approx(before.mean(), abs=0.01)
        assert after.std() == pytest.approx(before.std(), rel=0.01)


def test_the_order_counts_pairs_of_one_kind() -> None:
    good, kinds = np.array([True, False, True, False, True]), np.array([0, 0, 1, 1, 1])
    found = Outcomes(np.zeros((5, 1)), good, np.arange(5), kinds)
    judged = engine._Order(found, np.array([0.1, 0.2, 0.9, 0.5, 0.5]))
    # kind 0: one pair, wrong; kind 1: one right and one tie
    assert judged.auc(np.ones(5)) == pytest.approx((0 + 1 + 0.5) / 3)
    assert judged.auc(np.array([0, 0, 1, 1, 0.0])) == 1
    assert judged.auc(np.array([1, 0, 0, 1, 0.0])) == 0.5, "no pair says nothing"


def test_it_refuses_what_is_no_evidence() -> None:
    found = world(1, 20)
    with pytest.raises(UnsoundInput, match="finite"):
        replace(found, evidence=np.full((20, 3), np.nan))
    with pytest.raises(UnsoundInput, match="as many rows"):
        replace(found, good=found.good[:5])
    with pytest.raises(UnsoundInput, match="width"):
        learn(replace(found, evidence=found.evidence[:, :4]), SHIPPED)
    assert learn(Outcomes(np.zeros((0, 10)), *(np.zeros(0, kind) for kind in (bool, int, int))), SHIPPED).people == 0


def test_evidence_of_another_model_is_told_apart() -> None:
    assert len(basis_of("a")) == 64 and basis_of("a") != basis_of("b")
