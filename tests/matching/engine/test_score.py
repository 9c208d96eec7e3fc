"""Scores whose value can be worked out by hand, and what must hold for any of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.people import PROFILE, Line, Part, Person, Roster, UnsoundInput
from matching.engine.score import EXPONENT, PROFILE_SHARE, STAND_IN, directional, segment

from .planted import axis, crowds, line, person


def score(wisher: Person, haver: Person, have: Part = Part.OFFERS) -> float:
    return float(directional(Roster([wisher]), Roster([haver]), have)[0, 0])


def wisher(*needs: np.ndarray) -> Person:
    return replace(person("ada"), needs=tuple(line(f"need {n}", need) for n, need in enumerate(needs)))


def haver(*offers: np.ndarray, profile: np.ndarray | None = None) -> Person:
    about = () if profile is None else (Line("p", "p", kind=PROFILE, vector=profile),)
    return replace(person("bo"), offers=tuple(line(f"offer {n}", offer) for n, offer in enumerate(offers)), about=about)


def test_it_gives_one_for_the_very_thing_and_nothing_for_what_has_nothing_in_common() -> None:
    assert score(wisher(axis(1)), haver(axis(1))) == pytest.approx(1)
    assert score(wisher(axis(1)), haver(axis(0, 1))) == pytest.approx(0)
    assert score(wisher(axis(1)), haver(axis(-1))) == 0


def test_it_counts_the_best_line_and_a_share_of_the_whole() -> None:
    # Offers: the thing itself and something else; profile at cosine 0.6.
    bo = haver(axis(1), axis(0, 1), profile=axis(0.6, 0.8))
    assert score(wisher(axis(1)), bo) == pytest.approx(PROFILE_SHARE * 0.6 + (1 - PROFILE_SHARE) * 1)


def test_it_takes_the_power_mean_over_the_wishes() -> None:
    ada = wisher(axis(1), axis(0, 0, 1))
    bo = haver(axis(1), profile=axis(1))
    assert score(ada, bo) == pytest.approx((1 / 2) ** (1 / EXPONENT))


def test_it_discounts_likeness_against_stated_wishes() -> None:
    silent = replace(person("ada"), about=(Line("p", "p", kind=PROFILE, vector=axis(1)),))
    assert score(silent, haver(axis(1))) == pytest.approx(STAND_IN)


def test_it_compares_text_with_text_where_nobody_has_stated_anything() -> None:
    one = replace(person("ada"), about=(Line("p", "p", kind=PROFILE, vector=axis(1)),))
    near = replace(one, about=(Line("p", "p", kind=PROFILE, vector=axis(1, 0.2)),))
    far = replace(one, about=(Line("p", "p", kind=PROFILE, vector=axis(0.2, 1)),))
    assert score(one, near) > score(one, far) > 0


def test_it_compares_wishes_with_wishes_for_those_who_learn_the_same() -> None:
    assert score(wisher(axis(1)), wisher(axis(1)), Part.WISHES) == pytest.approx(1)
    assert score(wisher(axis(1)), haver(axis(1)), Part.WISHES) == 0


def test_it_gives_nothing_where_a_side_is_silent() -> None:
    assert score(person("ada"), haver(axis(1))) == 0
    assert score(wisher(axis(1)), person("bo")) == 0
    assert directional(Roster([]), Roster([haver(axis(1))]), Part.OFFERS).shape == (0, 1)
    assert directional(Roster([wisher(axis(1))]), Roster([]), Part.OFFERS).shape == (1, 0)


def test_it_gives_nothing_to_those_who_have_nothing_to_teach() -> None:
    doer = replace(person("bo"), offers=(line("drive", axis(1), can_teach=False),))
    teacher = haver(axis(0.5, 1))
    both = directional(Roster([wisher(axis(1))]), Roster([doer, teacher]), Part.TEACHING)
    assert both[0, 0] == 0
    assert both[0, 1] > 0


def test_it_refuses_people_of_two_models() -> None:
    short = replace(person("bo"), offers=(line("weave", axis(1)[:8]),))
    with pytest.raises(UnsoundInput, match="one model"):
        score(wisher(axis(1)), short)


@given(crowds())
def test_it_stays_between_nought_and_one(crowd: list[Person]) -> None:
    everybody = Roster(crowd)
    for have in (Part.OFFERS, Part.TEACHING, Part.WISHES):
        scores = directional(everybody, everybody, have)
        assert scores.shape == (len(crowd), len(crowd))
        assert np.all((scores >= 0) & (scores <= 1 + 1e-6))


@given(crowds())
def test_it_gives_the_same_all_at_once_and_one_by_one(crowd: list[Person]) -> None:
    everybody = Roster(crowd)
    at_once = directional(everybody, everybody, Part.TEACHING)
    one_by_one = [[score(one, other, Part.TEACHING) for other in crowd] for one in crowd]
    assert np.allclose(at_once, one_by_one, atol=1e-6)


@given(crowds(), st.randoms(use_true_random=False))
def test_it_does_not_care_in_which_order_lines_are_written(crowd: list[Person], random: object) -> None:
    def mixed(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        order = list(lines)
        random.shuffle(order)  # type: ignore[attr-defined]
        return tuple(order)

    other = [replace(p, offers=mixed(p.offers), needs=mixed(p.needs), about=mixed(p.about)) for p in crowd]
    before = directional(Roster(crowd), Roster(crowd), Part.OFFERS)
    assert np.allclose(before, directional(Roster(other), Roster(other), Part.OFFERS), atol=1e-6)


@given(st.lists(st.sampled_from(range(8)), min_size=1, max_size=4, unique=True), st.sampled_from(range(8)))
def test_it_never_falls_when_an_offer_is_added_to_a_written_profile(offered: list[int], more: int) -> None:
    ada = wisher(axis(1, 0.5), axis(0, 0, 1))
    profile = axis(1, 1, 1)
    units = [axis(*np.eye(8)[n]) for n in [*offered, more]]
    assert score(ada, haver(*units, profile=profile)) >= score(ada, haver(*units[:-1], profile=profile)) - 1e-6


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.sampled_from((0, 1)))
def test_it_reduces_runs_as_a_loop_does_and_empty_ones_to_nought(counts: list[int], across: int) -> None:
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    values = np.random.default_rng(3).standard_normal((int(starts[-1]), 3))
    runs = [values[begin:end] for begin, end in zip(starts[:-1], starts[1:], strict=True)]
    highest = np.array([run.max(axis=0) if len(run) else np.zeros(3) for run in runs])
    found = segment(np.maximum, values if across == 0 else values.T, starts, axis=across)
    assert np.array_equal(found if across == 0 else found.T, highest)
