"""Two directions into one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matching.engine.fuse import harmonic_mean

scores = arrays(np.float64, 5, elements=st.floats(0, 1, allow_subnormal=False))


@given(scores, scores)
def test_it_lies_between_the_smaller_and_the_mean_and_is_the_same_both_ways(one: np.ndarray, other: np.ndarray) -> None:
    both = harmonic_mean(one, other)
    assert np.array_equal(both, harmonic_mean(other, one))
    assert np.all(both >= np.minimum(one, other) - 1e-12)
    assert np.all(both <= (one + other) / 2 + 1e-12)


@given(scores, scores, st.floats(0, 1))
def test_it_never_falls_when_a_side_rises(one: np.ndarray, other: np.ndarray, more: float) -> None:
    assert np.all(harmonic_mean(np.minimum(one + more, 1), other) >= harmonic_mean(one, other) - 1e-12)


def test_it_is_nothing_where_one_side_gets_nothing() -> None:
    assert harmonic_mean(np.array([0.0, 0.9, 0.0]), np.array([0.9, 0.0, 0.0])).tolist() == [0, 0, 0]


def test_it_is_what_the_books_say() -> None:
    assert np.allclose(harmonic_mean(np.array([0.5]), np.array([1.0])), [2 / 3])
