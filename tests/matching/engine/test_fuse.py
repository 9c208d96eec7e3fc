"""Evidence into probabilities, wishes into one chance, two directions into one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matching.engine import fuse
from matching.engine.fuse import Logistic, WeightsUnsound, any_of, harmonic_mean, read, shipped, swap
from matching.engine.kinds import Relation
from matching.engine.score import FEATURES

scores = arrays(np.float64, 5, elements=st.floats(0, 1, allow_subnormal=False))


@given(scores, scores)
def test_it_lies_between_the_smaller_and_the_mean_and_is_the_same_both_ways(one: np.ndarray, other: np.ndarray) -> None:
    both = harmonic_mean(one, other)
    assert np.array_equal(both, harmonic_mean(other, one))
    assert np.all(both >= np.minimum(one, other) - 1e-12)
    assert np.all(both <= (one + other) / 2 + 1e-12)


@given(scores, scores, st.floats(0, 1))
def test_it_never_falls_when_a_side_rises(one: np.ndarray, other: np.ndarray, more: float) -> None:
    for both in (harmonic_mean, swap):
        assert np.all(both(np.minimum(one + more, 1), other) >= both(one, other) - 1e-12)
        assert np.all(both(other, np.minimum(one + more, 1)) >= both(other, one) - 1e-12)


def test_it_is_nothing_where_one_side_gets_nothing() -> None:
    for both in (harmonic_mean, swap):
        assert both(np.array([0.0, 0.9, 0.0]), np.array([0.9, 0.0, 0.0])).tolist() == [0, 0, 0]


def test_it_is_what_the_books_say() -> None:
    assert np.allclose(harmonic_mean(np.array([0.5]), np.array([1.0])), [2 / 3])
    assert np.allclose(swap(np.array([0.25]), np.array([1.0]), lean=0.5), [0.5])
    assert np.allclose(any_of(np.array([[0.5], [0.5], [0.2]]), np.array([0, 2, 2, 3])), [[0.75], [0.0], [0.2]])


@given(arrays(np.float64, (4, 3), elements=st.floats(0, 1)))
def test_one_more_wish_never_makes_it_less_likely_that_any_is_met(chances: np.ndarray) -> None:
    fewer, all_of_them = any_of(chances[:3], np.array([0, 3])), any_of(chances, np.array([0, 4]))
    assert np.all(all_of_them >= fewer - 1e-12)
    assert np.all(all_of_them >= chances.max(axis=0) - 1e-12)


def test_it_turns_evidence_into_a_probability() -> None:
    weighed = Logistic((2.0, -1.0), -0.5).probability(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    assert np.allclose(weighed, 1 / (1 + np.exp([0.5, -1.5, 1.5])))


def test_the_shipped_weights_know_every_relation_and_every_feature() -> None:
    for relation in Relation:
        assert len(shipped()[relation].weights) == len(FEATURES)


def test_more_likeness_never_counts_against_anybody() -> None:
    for relation in Relation:
        weights = dict(zip(FEATURES, shipped()[relation].weights, strict=True))
        assert weights["whole"] + weights["sentence"] + weights["statement"] + weights["line"] > 0, relation


@pytest.mark.parametrize("written", [None, "{"])
def test_it_says_in_one_line_that_the_weights_are_gone(
    written: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuse, "WEIGHTS", tmp_path / "fusion.json")
    if written is not None:
        fuse.WEIGHTS.write_text(written)
    shipped.cache_clear()
    try:
        with pytest.raises(WeightsUnsound, match="install again"):
            shipped()
    finally:
        shipped.cache_clear()


def damaged(**change: Any) -> dict[str, Any]:
    kinds = {relation.value: {"coef": [1.0] * len(FEATURES), "intercept": 0.0} for relation in Relation}
    kinds["wish"].update(change)
    return {"kinds": kinds}


@pytest.mark.parametrize(
    "change", [{"coef": [1.0]}, {"coef": [float("nan")] * 6}, {"coef": ["1"] * 6}, {"intercept": None}]
)
def test_it_refuses_damaged_weights(change: dict[str, Any]) -> None:
    read(damaged())
    with pytest.raises(WeightsUnsound, match="wish.*train_fusion"):
        read(damaged(**change))
