"""Figures of quality, against values worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from matching.engine.evaluate import rank_folder
from matching.engine.measure import calibration, crowding, gini, heads, mutual

from .planted import WordEncoder

PLANTED = Path(__file__).parents[1] / "data" / "eval"


def test_gini_is_nothing_where_all_have_the_same_and_near_one_where_one_has_all() -> None:
    assert gini([2, 2, 2, 2]) == 0
    assert gini([0, 0, 0, 4]) == 0.75
    assert gini([1, 3]) == 0.25
    assert gini([]) == gini([0, 0]) == 0


def test_it_tells_how_crowded_lists_are() -> None:
    evenness, busiest, never = crowding([["a"], ["a"], ["b"]], ["a", "b", "c"])
    assert busiest == 2
    assert never == pytest.approx(1 / 3)
    assert evenness == pytest.approx(gini([2, 1, 0]))
    assert crowding([], ["a"]) == (0, 0, 1)


def test_it_counts_who_is_shown_to_each_other() -> None:
    assert mutual({"a": ["b", "c"], "b": ["a"], "c": ["b"]}) == pytest.approx((0.5 + 1 + 0) / 3)
    assert mutual({}) == 0


def test_it_tells_how_true_chances_are() -> None:
    assert calibration([1, 1, 0, 0], [1, 1, 0, 0]) == (0, 0)
    error, brier = calibration([0.9] * 10, [1] * 5 + [0] * 5, bins=1)
    assert error == pytest.approx(0.4)
    assert brier == pytest.approx(0.5 * 0.01 + 0.5 * 0.81)
    assert calibration([], []) == (0, 0)


def test_a_constant_at_the_base_rate_is_calibrated_and_says_nothing() -> None:
    answers = np.arange(100) % 4 == 0
    error, brier = calibration(np.full(100, 0.25), answers, bins=1)
    assert error == pytest.approx(0)
    assert brier == pytest.approx(0.1875)


def test_the_head_of_a_list_leaves_out_the_member_who_asks() -> None:
    run = list(rank_folder(PLANTED, WordEncoder(), tasks=["R1"]))
    for query, head in heads(PLANTED, "R1_skill_swap", run, depth=2):
        assert query["self"] not in head["ranking"]
        assert len(head["ranking"]) == len(head["prob"]) <= 2
