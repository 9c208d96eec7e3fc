"""Sharing out attention."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.fair import NOBODY, Lists, spread


def everybody(scores: np.ndarray) -> Lists:
    """Each may be shown all others."""
    size = len(scores)
    rows = np.tile(np.arange(size), (size, 1))
    np.fill_diagonal(rows, NOBODY)
    return Lists(rows, scores, size)


def load(lists: Lists, shown: np.ndarray) -> np.ndarray:
    return np.bincount(lists.rows[shown], minlength=lists.people)


@st.composite
def some_lists(draw: st.DrawFn) -> Lists:
    askers, people = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    width = draw(st.integers(1, people))
    random = np.random.default_rng(draw(st.integers(0, 9999)))
    rows = np.array([random.permutation(people)[:width] for _ in range(askers)])
    rows[random.random(rows.shape) < 0.3] = NOBODY
    return Lists(rows, random.random(rows.shape), people)


@given(some_lists(), st.integers(0, 5), st.floats(1, 2))
def test_it_shows_only_who_may_be_shown_and_as_many_as_it_can(lists: Lists, length: int, cap: float) -> None:
    shown = spread(lists, length, cap=cap, mutual=0)
    assert not shown[lists.rows < 0].any()
    assert (shown.sum(axis=1) == np.minimum(length, (lists.rows >= 0).sum(axis=1))).all()


@given(st.integers(0, 9999), st.integers(1, 3), st.floats(1, 2))
def test_nobody_is_shown_too_often_where_there_are_others(seed: int, length: int, cap: float) -> None:
    random = np.random.default_rng(seed)
    lists = everybody(random.random((16, 16)) * random.random(16))  # some are everybody's favourites
    shown = spread(lists, length, cap=cap, mutual=0)
    times, most = load(lists, shown), ceil(cap * length)
    for favourite in np.flatnonzero(times > most):
        askers = np.flatnonzero((shown & (lists.rows == favourite)).any(axis=1))
        others = [lists.rows[asker][~shown[asker] & (lists.rows[asker] != NOBODY)] for asker in askers]
        assert any((times[left] >= most).all() for left in others), "one of the lists had nobody left with room"


@given(some_lists(), st.integers(1, 5))
def test_it_gives_the_same_twice(lists: Lists, length: int) -> None:
    assert np.array_equal(spread(lists, length), spread(lists, length))


def test_the_favourite_is_not_shown_to_everybody_and_the_overlooked_is_shown() -> None:
    random = np.random.default_rng(3)
    scores = random.random((40, 40)) * 0.5
    scores[:, 0] += 0.5  # everybody's favourite
    scores[:, 1] *= 0.1  # nobody's
    lists = everybody(scores)
    shown = spread(lists, 5)
    assert load(lists, shown)[0] <= ceil(1.3 * 5)
    assert load(lists, shown).min() >= 1
    plain = np.argsort(-np.where(lists.rows >= 0, scores, -1), axis=1)[:, :5]
    assert np.bincount(plain.ravel(), minlength=40)[0] == 39, "without sharing out, all would be shown the same one"


@given(some_lists(), st.integers(1, 5))
def test_who_can_be_given_a_turn_gets_one(lists: Lists, length: int) -> None:
    shown = spread(lists, length, mutual=0)
    times = load(lists, shown)
    for one in np.unique(lists.rows[lists.rows >= 0]):
        if not times[one]:
            askers = np.nonzero((lists.rows == one).any(axis=1))[0]
            assert all(times[lists.rows[asker][shown[asker]]].max(initial=0) <= 1 for asker in askers)


def test_it_gives_up_little_of_what_fits() -> None:
    scores = np.random.default_rng(5).random((60, 60))
    lists = everybody(scores)
    best = -np.sort(-np.where(lists.rows >= 0, scores, 0), axis=1)[:, :8].sum()
    assert scores[spread(lists, 8)].sum() > 0.9 * best


def test_who_is_shown_somebody_is_shown_to_them() -> None:
    random = np.random.default_rng(4)
    scores = random.random((50, 50))
    scores = 0.7 * (scores + scores.T) / 2 + 0.3 * random.random((50, 50))
    lists = everybody(scores)

    def mutual(worth: float) -> float:
        shown = spread(lists, 6, mutual=worth)
        full = np.zeros((50, 50), bool)
        full[np.nonzero(shown)[0], lists.rows[shown]] = True
        return float((full & full.T).sum() / full.sum())

    assert mutual(0.2) > mutual(0.0)
    assert mutual(0.2) > 0.7


@pytest.mark.parametrize("length", [0, -1])
def test_nobody_is_shown_where_nothing_is_asked_for(length: int) -> None:
    assert not spread(everybody(np.ones((3, 3))), length).any()


def test_nobody_at_all_is_no_trouble() -> None:
    assert spread(Lists(np.full((2, 3), NOBODY), np.zeros((2, 3)), 0), 4).sum() == 0
