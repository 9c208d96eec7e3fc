"""Everybody's best candidates at once: the same as scoring every pair, whatever the way."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import allpairs, kernels, pipeline
from matching.engine.allpairs import Nearest, best, can_be_quick
from matching.engine.candidates import refusal
from matching.engine.kinds import KINDS, MatchKind
from matching.engine.people import PROFILE, Line, Person, Roster, UnsoundInput, Vector

from .planted import NAMES, crowds, people, person

DIM = 32
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
LOOPS: dict[str, Callable[..., None]] = {
    loop.__name__: loop for loop in (kernels.meet, kernels.pool, kernels.merge, kernels.judge)
}


@pytest.fixture
def plain_loops(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The loops as Python runs them: slow, and the same."""
    monkeypatch.setattr(allpairs, "compiled", lambda: LOOPS)
    yield


def crowd(size: int, seed: int = 1, spread: float = 0.5, **more: object) -> Roster:
    """People around three themes, with none to three lines of each sort, some of them equal to their profile."""
    rng = np.random.default_rng(seed)
    themes = rng.standard_normal((3, DIM))

    def some(most: int) -> list[Vector]:
        rows = themes[rng.integers(0, 3, rng.integers(0, most + 1))] + spread * rng.standard_normal(DIM)
        return [np.asarray(row / np.linalg.norm(row), np.float32) for row in rows]

    def lines(vectors: list[Vector], kind: str = "skill") -> tuple[Line, ...]:
        return tuple(Line(n, f"line {n}", kind=kind, vector=v, can_teach=n != 1) for n, v in enumerate(vectors))

    found = []
    for number in range(size):
        profile = lines(some(1), PROFILE)
        one = person(
            str(number), about=profile + lines(some(2), "sentence"), blocked=frozenset({str(number * 7 % size)})
        )
        found.append(replace(one, offers=lines(some(3)), needs=lines(some(3)), **more))
    return Roster(found)


def by_hand(roster: Roster, kind: MatchKind, k: int) -> list[list[int]]:
    """Every pair by the rules and by `pipeline.rank_all`; ties by position."""
    scores = pipeline.rank_all(roster, roster, kind)
    found = []
    for row, asker in enumerate(roster):
        free = [n for n, one in enumerate(roster) if scores[row, n] > 0 and refusal(asker, one, kind) is None]
        found.append(sorted(free, key=lambda n: (-scores[row, n], n))[:k])
    return found


def lists(found: Nearest) -> list[list[int]]:
    return [found.of(asker).tolist() for asker in range(len(found.rows))]


@every_kind
def test_it_gives_what_scoring_every_pair_gives(kind: MatchKind) -> None:
    roster = crowd(60)
    found = best(roster, kind, 5, is_quick=False)
    assert lists(found) == by_hand(roster, kind, 5)
    assert found.redone == 0


@every_kind
@pytest.mark.parametrize("k", [1, 4, 40])
def test_it_gives_the_same_the_quick_way(
    kind: MatchKind, k: int, plain_loops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allpairs, "BLOCK", 7)
    roster = crowd(30)
    quick, slow = (best(roster, kind, k, is_quick=is_quick) for is_quick in (True, False))
    assert np.abs(quick.scores - slow.scores).max() <= 2e-6
    assert_same_but_for_rounding(quick, slow)


def assert_same_but_for_rounding(one: Nearest, other: Nearest) -> None:
    """Lists may differ only where two scores are equal to the last digit that is kept."""
    differ = one.rows != other.rows
    assert np.all((np.abs(one.scores - other.scores) <= 2e-6)[differ])
    assert differ.mean() <= 0.02


@pytest.mark.skipif(not can_be_quick(), reason="no 8-bit products on this machine")
@every_kind
def test_it_gives_the_same_in_machine_code(kind: MatchKind) -> None:
    roster = crowd(300, seed=3)
    assert_same_but_for_rounding(best(roster, kind, 8, is_quick=True), best(roster, kind, 8, is_quick=False))


def test_it_scores_in_full_where_the_proof_fails(plain_loops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allpairs, "SPARE", 0)
    twins = crowd(1, seed=5).people[0]
    offer = replace(twins, offers=crowd(9, seed=2).people[3].about or twins.offers, blocked=frozenset())
    roster = Roster([replace(offer, id=f"twin {n}") for n in range(40)] + list(crowd(6, seed=2)))
    kind = KINDS["collaborator"]
    quick, slow = best(roster, kind, 2, is_quick=True), best(roster, kind, 2, is_quick=False)
    assert lists(quick) == lists(slow)
    assert quick.redone > 0  # forty who are equal leave no gap between those in the list and those out of it


@given(crowds(), st.sampled_from(list(KINDS.values())), st.integers(1, 3))
@settings(max_examples=40)
def test_it_keeps_every_hard_rule(everybody: list[Person], kind: MatchKind, k: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allpairs, "compiled", lambda: LOOPS)
        patch.setattr(allpairs, "BLOCK", 2)
        roster = Roster(everybody)
        for is_quick in (True, False):
            found = best(roster, kind, k, is_quick=is_quick and can_be_quick())
            for asker, rows in zip(everybody, lists(found), strict=True):
                assert all(refusal(asker, everybody[row], kind) is None for row in rows)
            assert_same_but_for_rounding(found, best(roster, kind, k, is_quick=False))


@given(crowds(), people("closed"), st.sampled_from(list(KINDS.values())))
@settings(max_examples=25)
def test_a_closed_member_changes_nobody_elses_list(everybody: list[Person], closed: Person, kind: MatchKind) -> None:
    shut = replace(closed, open_to=frozenset())
    with_them = best(Roster([*everybody, shut]), kind, 3, is_quick=False)
    assert lists(with_them)[:-1] == lists(best(Roster(everybody), kind, 3, is_quick=False))


@pytest.mark.parametrize("is_quick", [True, False])
def test_it_leaves_out_whom_it_is_told_to(is_quick: bool, plain_loops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allpairs, "BLOCK", 4)
    roster, kind = crowd(12), KINDS["collaborator"]
    first = lists(best(roster, kind, 12, is_quick=is_quick))
    # For one asker alone, and for everybody at once: whoever stands before or behind them in the roster.
    for askers in ([row for row in range(12) if len(first[row]) > 2][:1], range(12)):
        gone = {row: first[row][::2] for row in askers}
        without = {roster.people[row].id: [roster.people[other].id for other in out] for row, out in gone.items()}
        found = lists(best(roster, kind, 12, without=without | {"nobody": ["7"]}, is_quick=is_quick))
        assert found == [[other for other in rows if other not in gone.get(row, ())] for row, rows in enumerate(first)]
    assert any(other < row for row in range(12) for other in gone[row][:1])


@pytest.mark.parametrize("is_quick", [True, False])
def test_it_breaks_ties_in_the_order_it_is_given(is_quick: bool, plain_loops: None) -> None:
    asker = person("ada", needs=["weave willow"])
    equals = [person(name, offers=["weave willow"]) for name in NAMES[1:5]]
    roster = Roster([asker, *equals])
    found = best(roster, KINDS["mentor"], 3, order=np.array([0, 4, 2, 3, 1]), is_quick=is_quick)
    assert found.of(0).tolist() == [4, 2, 3]
    assert best(roster, KINDS["mentor"], 3, is_quick=is_quick).of(0).tolist() == [1, 2, 3]


@pytest.mark.parametrize("is_quick", [True, False])
@every_kind
def test_it_has_nobody_to_show_where_nothing_is_known(kind: MatchKind, is_quick: bool) -> None:
    for roster in (Roster([]), Roster([person("ada")]), Roster([person("ada"), person("bo")])):
        assert lists(best(roster, kind, 3, is_quick=is_quick)) == [[] for _ in roster]


@every_kind
def test_it_gives_everybody_the_shortlist_that_each_would_get(
    kind: MatchKind, plain_loops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SHORTLIST", 6)
    roster = crowd(40, seed=4)
    without = {"3": {"1", "2", "4"}, "9": {"3"}}
    found = pipeline.shortlists(roster, kind, without)
    for asker, rows in zip(roster, found, strict=True):
        alone = pipeline.shortlist(asker, roster, kind, without.get(str(asker.id), ()), 6)
        assert {roster.people[row].id for row in rows} == {one.id for one in alone}


def test_it_wants_one_candidate_at_least() -> None:
    with pytest.raises(ValueError, match="at least"):
        best(Roster([]), KINDS["mentor"], 0)


@pytest.mark.parametrize("is_quick", [True, False])
def test_it_refuses_unsound_vectors(is_quick: bool) -> None:
    odd = Line("x", "weave", vector=np.ones(7, np.float32) / np.float32(np.sqrt(7)))
    torn = Line("x", "weave", vector=np.full(64, np.nan, np.float32))
    for bad in (odd, torn):
        roster = Roster([person("ada", needs=["weave"]), replace(person("bo"), offers=(bad,))])
        with pytest.raises(UnsoundInput):
            best(roster, KINDS["mentor"], 2, is_quick=is_quick)


def test_it_bounds_every_score_from_above(plain_loops: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof rests on this: no score is above its bound, and none is far below."""
    bounds: list[tuple[int, int, np.ndarray]] = []

    def watch(search: allpairs._Search, one: int, other: int, found: np.ndarray, free: np.ndarray) -> None:
        bounds.append((one, other, np.array(found)))

    monkeypatch.setattr(allpairs._Search, "_merge", watch)
    monkeypatch.setattr(allpairs, "BLOCK", 8)
    roster = crowd(24, seed=9)
    for kind in KINDS.values():
        exact = pipeline.rank_all(roster, roster, kind)
        best(roster, kind, 3, is_quick=True)
        assert len(bounds) == 9
        for one, other, found in bounds:
            gap = found - exact[8 * one : 8 * one + 8, 8 * other : 8 * other + 8]
            assert gap.min() >= -1e-6
            assert gap.max() < 0.06
        bounds.clear()


@pytest.mark.parametrize("is_wish_exact", [True, False])
def test_it_bounds_scores_whose_rounding_all_goes_one_way(
    is_wish_exact: bool, plain_loops: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every number of one vector is rounded down, and none of the other: the worst that rounding can do."""
    even = np.full(DIM, DIM**-0.5, np.float32)
    worst = np.array([127.0] + [40.49] * (DIM - 1))
    uneven = np.asarray(worst / np.linalg.norm(worst), np.float32)
    wish, offer = (even, uneven) if is_wish_exact else (uneven, even)
    asker = replace(person("ada"), needs=(Line("n", "n", vector=wish),))
    roster = Roster([asker, replace(person("bo"), offers=(Line("o", "o", vector=offer),))])
    bounds: list[np.ndarray] = []
    monkeypatch.setattr(allpairs._Search, "_merge", lambda search, one, other, found, free: bounds.append(found.copy()))
    best(roster, KINDS["mentor"], 1, is_quick=True)
    exact = pipeline.rank_all(roster, roster, KINDS["mentor"])[0, 1]
    assert exact - 1e-6 <= bounds[0][0, 1] <= exact + 0.05
