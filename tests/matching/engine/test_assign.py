"""Placing everybody at once: rosters whose best pairs are known, anything at all against SciPy, and what is refused."""

from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from matching.engine import assign as module
from matching.engine.assign import Aim, Assignment, ContradictoryLock, assign, blocking_pairs
from matching.engine.people import UnsoundInput

NEVER = -np.inf
Scores = npt.NDArray[np.float32]


def ones(count: int) -> list[int]:
    return [1] * count


def pairs(found: Assignment) -> list[tuple[int, ...]]:
    return [tuple(pair) for pair in found.pairs.tolist()]


def best_with_slots(scores: Scores, rows: Any, columns: Any, bonus: float = 0.0) -> float:
    """SciPy's optimum with one line a place, for capacities of rows of 1; a pair that must not be is worth nothing."""
    wide = np.repeat(scores.astype(float) + bonus, columns, axis=1)
    wide = np.repeat(np.maximum(wide, 0.0), rows, axis=0)
    at, to = linear_sum_assignment(wide, maximize=True)
    return float(wide[at, to].sum())


@st.composite
def rounds(draw: st.DrawFn, most: int = 1) -> tuple[Scores, list[int], list[int]]:
    """Scores of a small cohort with forbidden pairs and ties, and capacities."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    worth = st.integers(0, 8).map(lambda eighths: eighths / 8) | st.just(NEVER) | st.floats(-1, 1, width=32)
    scores = draw(arrays(np.float32, (n, m), elements=worth))
    places = st.integers(0, most)
    return (
        scores,
        draw(st.lists(places, min_size=n, max_size=n)),
        draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)),
    )


def keeps_the_rules(found: Assignment, scores: Scores, rows: list[int], columns: list[int]) -> bool:
    used = [np.bincount(found.pairs[:, side], minlength=size) for side, size in enumerate(scores.shape)]
    return (
        len(set(pairs(found))) == len(found.pairs)
        and bool(np.all(used[0] <= rows) and np.all(used[1] <= columns))
        and bool(np.all(scores[found.pairs[:, 0], found.pairs[:, 1]] > NEVER))
    )


# --- Known answers --------------------------------------------------------------------------------------------


def test_it_finds_the_planted_pairs() -> None:
    # Taking the best first (.9) would leave the others .1: .8 + .7 is the better round.
    scores = [[0.9, 0.8], [0.7, 0.1]]
    found = assign(scores, ones(2), ones(2))
    assert pairs(found) == [(0, 1), (1, 0)]
    assert found.total == pytest.approx(1.5)
    assert found.is_optimal and found.gap < 1e-9


def test_it_gives_a_mentor_as_many_as_they_have_room_for() -> None:
    scores = [[0.9, 0.1], [0.8, 0.1], [0.7, 0.1], [0.6, 0.1]]
    assert pairs(assign(scores, ones(4), [2, 1])) == [(0, 0), (1, 0), (2, 1)]
    assert pairs(assign(scores, ones(4), [0, 1])) == [(0, 1)]


def test_it_gives_a_learner_several_mentors_but_each_once() -> None:
    found = assign([[0.9, 0.5, 0.1]], [2], [3, 3, 3])
    assert pairs(found) == [(0, 0), (0, 1)]


def test_it_leaves_people_alone_who_have_nothing_for_each_other() -> None:
    assert pairs(assign([[0.0, -0.5], [NEVER, 0.2]], ones(2), ones(2))) == [(1, 1)]


def test_it_matches_more_people_where_that_is_the_aim() -> None:
    # The best total is one pair of .9; two pairs of .1 are more people.
    scores = [[0.9, 0.1], [0.1, NEVER]]
    assert pairs(assign(scores, ones(2), ones(2), Aim.TOTAL)) == [(0, 0)]
    most = assign(scores, ones(2), ones(2), Aim.MOST)
    assert pairs(most) == [(0, 1), (1, 0)]
    assert most.total == pytest.approx(0.2) and most.is_optimal


def test_it_is_stable_where_that_is_the_aim() -> None:
    # 0 and 0 would leave the best total for each other.
    scores = np.array([[0.9, 0.8], [0.7, 0.1]], np.float32)
    stable = assign(scores, ones(2), ones(2), Aim.STABLE)
    assert pairs(stable) == [(0, 0), (1, 1)]
    assert (stable.blocking_pairs, stable.is_optimal) == (0, False)
    assert assign(scores, ones(2), ones(2), Aim.TOTAL).blocking_pairs == 1


def test_it_solves_the_example_of_gale_and_shapley() -> None:
    """Example 2 of their paper: men and women who rank each other in opposite ways; men ask and get their first."""
    ranks = np.array([[1, 2, 3], [3, 1, 2], [2, 3, 1]])
    back = np.array([[3, 2, 1], [1, 3, 2], [2, 1, 3]])
    found = assign(4.0 - ranks, ones(3), ones(3), Aim.STABLE, back=4.0 - back)
    assert pairs(found) == [(0, 0), (1, 1), (2, 2)]
    asked = assign((4.0 - back).T, ones(3), ones(3), Aim.STABLE, back=(4.0 - ranks).T)
    assert sorted((row, column) for column, row in pairs(asked)) == [(0, 2), (1, 0), (2, 1)]


def test_it_keeps_what_is_locked_whatever_it_is_worth() -> None:
    scores = [[0.9, 0.2], [0.8, 0.7]]
    for aim in Aim:
        found = assign(scores, ones(2), ones(2), aim, locked=[(0, 1)])
        assert pairs(found) == [(0, 1), (1, 0)]
        assert found.total == pytest.approx(1.0)


def test_it_locks_a_pair_that_is_worth_nothing() -> None:
    assert pairs(assign([[-0.5, 0.3]], [2], [1, 1], locked=[(0, 0)])) == [(0, 0), (0, 1)]


@pytest.mark.parametrize("aim", Aim)
def test_it_has_no_pairs_where_there_is_nobody(aim: Aim) -> None:
    for scores, rows, columns in ((np.zeros((0, 3)), [], ones(3)), (np.ones((2, 2)), [0, 0], [1, 1])):
        found = assign(scores, np.array(rows, int), columns, aim)
        assert (len(found.pairs), found.total, found.blocking_pairs) == (0, 0.0, 0)


# --- Anything at all ------------------------------------------------------------------------------------------


@given(rounds())
@settings(max_examples=150, deadline=None)
def test_it_reaches_the_best_total(cohort: tuple[Scores, list[int], list[int]]) -> None:
    scores, rows, columns = cohort
    found = assign(scores, rows, columns)
    assert found.total == pytest.approx(best_with_slots(scores, rows, columns), abs=1e-6)
    assert found.is_optimal and 0 <= found.gap < 1e-6
    assert keeps_the_rules(found, scores, rows, columns)


@given(rounds())
@settings(max_examples=150, deadline=None)
def test_it_matches_as_many_as_can_be_and_of_these_ways_takes_the_best(
    cohort: tuple[Scores, list[int], list[int]],
) -> None:
    scores, rows, columns = cohort
    found = assign(scores, rows, columns, Aim.MOST)
    bonus = 100.0  # more than all scores of a small cohort together
    best = best_with_slots(scores, rows, columns, bonus)
    assert len(found.pairs) * bonus + found.total == pytest.approx(best, abs=1e-4)
    assert found.is_optimal and keeps_the_rules(found, scores, rows, columns)


def by_trying_everything(scores: Scores, rows: list[int], columns: list[int]) -> float:
    """The best total where learners, too, may have several: every way to give each mentor a set of learners."""
    best = {tuple(rows): 0.0}
    for column, places in enumerate(columns):
        after: dict[tuple[int, ...], float] = {}
        for left, total in best.items():
            for chosen in range(1 << len(rows)):
                takes = [row for row in range(len(rows)) if chosen >> row & 1]
                if len(takes) > places or any(left[row] == 0 or scores[row, column] <= 0 for row in takes):
                    continue
                rest = tuple(n - (row in takes) for row, n in enumerate(left))
                worth = total + float(scores[takes, column].sum(dtype=float))
                after[rest] = max(after.get(rest, 0.0), worth)
        best = after
    return max(best.values())


@given(rounds(most=3))
@settings(max_examples=100, deadline=None)
def test_it_reaches_the_best_total_where_both_sides_have_room(cohort: tuple[Scores, list[int], list[int]]) -> None:
    scores, rows, columns = cohort
    found = assign(scores, rows, columns)
    assert found.total == pytest.approx(by_trying_everything(scores, rows, columns), abs=1e-5)
    assert found.is_optimal and keeps_the_rules(found, scores, rows, columns)


@given(rounds(most=2), st.data())
@settings(max_examples=100, deadline=None)
def test_locking_a_pair_of_the_best_round_costs_nothing(
    cohort: tuple[Scores, list[int], list[int]], data: st.DataObject
) -> None:
    scores, rows, columns = cohort
    free = assign(scores, rows, columns)
    if not len(free.pairs):
        return
    lock = data.draw(st.sampled_from(pairs(free)))
    held = assign(scores, rows, columns, locked=[lock])  # type: ignore[list-item]
    assert lock in pairs(held)
    assert held.total == pytest.approx(free.total, abs=1e-6)


@given(rounds(most=3), st.booleans(), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_nobody_who_is_stable_would_leave(
    cohort: tuple[Scores, list[int], list[int]], is_shared: bool, seed: int
) -> None:
    scores, rows, columns = cohort
    back = scores if is_shared else np.random.default_rng(seed).permuted(scores).astype(np.float32)
    found = assign(scores, rows, columns, Aim.STABLE, back=back)
    assert found.blocking_pairs == blocking_by_hand(found, scores, back, rows, columns) == 0
    assert all(scores[pair] > 0 and back[pair] > 0 for pair in pairs(found))


def blocking_by_hand(found: Assignment, scores: Scores, back: Scores, rows: list[int], columns: list[int]) -> int:
    """Every pair one by one, as the definition has it."""
    together = set(pairs(found))
    count = 0
    for row, column in np.ndindex(scores.shape):
        mine = [scores[pair] for pair in together if pair[0] == row]
        theirs = [back[pair] for pair in together if pair[1] == column]
        wants = scores[row, column] > (0 if len(mine) < rows[row] else min(mine, default=np.inf))
        wanted = back[row, column] > (0 if len(theirs) < columns[column] else min(theirs, default=np.inf))
        count += wants and wanted and (row, column) not in together
    return count


@given(rounds(most=2))
@settings(max_examples=100, deadline=None)
def test_it_counts_the_pairs_that_would_rather_leave(cohort: tuple[Scores, list[int], list[int]]) -> None:
    scores, rows, columns = cohort
    found = assign(scores, rows, columns)
    assert found.blocking_pairs == blocking_by_hand(found, scores, scores, rows, columns)


@pytest.mark.parametrize("aim", Aim)
def test_the_order_of_people_changes_nothing_but_the_order(aim: Aim) -> None:
    rng = np.random.default_rng(5)
    scores = rng.random((40, 12)).astype(np.float32)
    rows, columns = rng.integers(1, 3, 40), rng.integers(1, 4, 12)
    plain = assign(scores, rows, columns, aim)
    across, down = rng.permutation(40), rng.permutation(12)
    mixed = assign(scores[across][:, down], rows[across], columns[down], aim)
    assert sorted(zip(across[mixed.pairs[:, 0]], down[mixed.pairs[:, 1]], strict=True)) == pairs(plain)
    assert mixed.total == pytest.approx(plain.total)


@pytest.mark.parametrize("aim", [Aim.TOTAL, Aim.MOST])
@pytest.mark.parametrize("shape", ["same_for_all", "two_sided_fame", "the_same_few", "thin"])
def test_it_proves_its_answer_where_a_thin_graph_is_not_enough(shape: str, aim: Aim) -> None:
    """Where everybody wants the same few, the first graph misses pairs and only the prices of all pairs tell."""
    rng = np.random.default_rng(2)
    n, m = 240, 60
    fame, skill = rng.random(m), rng.random((n, 1))
    scores = {
        "same_for_all": np.full((n, m), 0.5),
        "two_sided_fame": skill * fame,
        "the_same_few": 0.95 * fame + 0.05 * rng.random((n, m)),
        "thin": np.where(rng.random((n, m)) < 0.05, rng.random((n, m)), NEVER),
    }[shape].astype(np.float32)
    columns = rng.integers(2, 5, m)
    found = assign(scores, ones(n), columns, aim)
    assert found.is_optimal
    bonus = 0.0 if aim is Aim.TOTAL else 1000.0
    best = best_with_slots(scores, ones(n), columns, bonus)
    assert found.total + bonus * len(found.pairs) == pytest.approx(best, rel=1e-6)


def test_only_the_prices_of_all_pairs_prove_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With hardly any candidates the first search misses the optimum, and the loop mends it."""
    monkeypatch.setattr(module, "A_ROW", 1)
    monkeypatch.setattr(module, "A_COLUMN", 1)
    rng = np.random.default_rng(4)
    scores = (rng.random(20) * rng.random((60, 1))).astype(np.float32)
    best = best_with_slots(scores, ones(60), ones(20))
    assert assign(scores, ones(60), ones(20)).total == pytest.approx(best, rel=1e-7)
    monkeypatch.setattr(module, "MOST_ROUNDS", 1)
    early = assign(scores, ones(60), ones(20))
    assert not early.is_optimal
    assert early.total < best <= early.total + early.gap + 1e-6


def test_the_same_scores_give_the_same_pairs_every_time() -> None:
    scores = np.round(np.random.default_rng(8).random((80, 20)), 1)
    for aim in Aim:
        assert len({tuple(pairs(assign(scores, ones(80), [2] * 20, aim))) for _again in range(3)}) == 1


def test_equal_scores_go_by_the_order_of_the_people() -> None:
    stable = assign(np.full((3, 3), 0.5), ones(3), ones(3), Aim.STABLE)
    assert pairs(stable) == [(0, 0), (1, 1), (2, 2)]


# --- What is refused ------------------------------------------------------------------------------------------

GOOD = np.full((3, 2), 0.5)


@pytest.mark.parametrize(
    ("scores", "rows", "columns"),
    [
        (np.where(GOOD > 0, np.nan, 0), ones(3), ones(2)),
        (np.where(GOOD > 0, np.inf, 0), ones(3), ones(2)),
        (GOOD * 1e9, ones(3), ones(2)),
        (GOOD[0], ones(3), ones(2)),
        (GOOD[None], ones(3), ones(2)),
        ([["a", "b"]], ones(1), ones(2)),
        ([[0.1, 0.2], [0.3]], ones(2), ones(2)),
        (GOOD, ones(2), ones(2)),
        (GOOD, ones(3), ones(3)),
        (GOOD, [1, -1, 1], ones(2)),
        (GOOD, [1, 1.5, 1], ones(2)),
        (GOOD, [1, np.nan, 1], ones(2)),
    ],
)
@pytest.mark.parametrize("aim", Aim)
def test_it_refuses_what_is_unsound(scores: Any, rows: Any, columns: Any, aim: Aim) -> None:
    with pytest.raises(UnsoundInput) as trouble:
        assign(scores, rows, columns, aim)
    assert "\n" not in str(trouble.value)


@pytest.mark.parametrize(
    "locked", [[(0, 0), (0, 1)], [(0, 0), (0, 0)], [(1, 1)], [(0, 0), (2, 0)], [(9, 0)], [(-1, 0)]]
)
def test_it_refuses_locks_that_cannot_be(locked: list[tuple[int, int]]) -> None:
    scores = GOOD.copy()
    scores[1, 1] = NEVER
    with pytest.raises(ContradictoryLock):
        assign(scores, ones(3), ones(2), locked=locked)


def test_it_changes_nothing_that_it_was_given() -> None:
    scores = np.random.default_rng(1).random((6, 3)).astype(np.float32)
    rows, columns, before = np.ones(6, int), np.array([1, 2, 1]), scores.copy()
    for aim in Aim:
        assign(scores, rows, columns, aim, locked=[(0, 0)])
    assert np.array_equal(scores, before)
    assert rows.tolist() == [1] * 6 and columns.tolist() == [1, 2, 1]


@given(arrays(np.float32, 30, elements=st.sampled_from((-1.5, -0.0, 0.0, 0.25, 0.5, 1e6, -1e6))), st.integers(1, 5))
def test_arcs_stand_by_node_and_falling_value(values: Scores, nodes: int) -> None:
    at = np.arange(30) * 7 % nodes
    assert module._by_value(at, values).tolist() == np.lexsort((-values, at)).tolist()


def test_counting_is_blind_to_the_order_of_pairs() -> None:
    scores = np.random.default_rng(6).random((5, 4)).astype(np.float32)
    found = assign(scores, ones(5), ones(4)).pairs
    places = np.ones(5, np.int64), np.ones(4, np.int64)
    counts = {blocking_pairs(found[list(order)], scores, scores, *places) for order in permutations(range(len(found)))}
    assert len(counts) == 1
