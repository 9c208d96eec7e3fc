"""Newcomers stand before those who fit about as well, never before those who fit clearly better."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.kinds import KINDS
from matching.engine.people import Person, Roster
from matching.engine.pipeline import LIFT, fair_matches, judge, suggest

from .planted import crowds, person

LEARNER = person("learner", needs=["weave willow"])


def mentor(name: str, text: str, freshness: float = 0.0) -> Person:
    return replace(person(name, offers=[text]), freshness=freshness)


def first(*people: Person) -> object:
    return suggest(LEARNER, Roster(people), "mentor")[0].person.id


def test_a_newcomer_stands_before_somebody_who_fits_as_well() -> None:
    for old, new in (("a", "b"), ("b", "a")):
        assert first(mentor(old, "weave willow"), mentor(new, "weave willow", 1.0)) == new


def test_a_newcomer_never_stands_before_somebody_who_fits_clearly_better() -> None:
    good, poor = mentor("good", "weave willow"), mentor("poor", "weave wool and flax", 1.0)
    plain = judge(Roster([LEARNER]), Roster([good, replace(poor, freshness=0.0)]), KINDS["mentor"]).scores[0]
    assert plain[0] > plain[1] + LIFT > LIFT, "the case must be what its name says"
    assert first(good, poor) == "good"


def test_it_says_nothing_else_of_somebody_that_they_are_new() -> None:
    old, new = (suggest(LEARNER, Roster([mentor("a", "weave willow", fresh)]), "mentor")[0] for fresh in (0.0, 1.0))
    assert new.probability == old.probability and new.reasons == old.reasons
    assert new.score == pytest.approx(min(1.0, old.score + LIFT))


@settings(max_examples=25, deadline=None)
@given(crowds(), st.lists(st.floats(0, 1), min_size=5, max_size=5), st.sampled_from(sorted(KINDS)))
def test_the_lift_is_bounded_and_makes_nothing_out_of_nothing(
    people: list[Person], fresh: list[float], kind: str
) -> None:
    old = Roster(people)
    new = Roster(replace(one, freshness=some) for one, some in zip(people, fresh, strict=False))
    before, after = (judge(some, some, KINDS[kind]) for some in (old, new))
    gained = after.scores - before.scores
    assert (gained[before.scores == 0] == 0).all() and (after.scores <= 1).all()
    assert (gained >= -1e-6).all() and (gained <= LIFT * np.array(fresh[: len(people)]) + 1e-6).all()
    assert np.array_equal(before.chances, after.chances, equal_nan=True)


def test_who_is_new_stands_first_among_equals_on_every_list_they_are_on() -> None:
    mentors = [mentor(f"m{number}", "weave willow", float(number == 9)) for number in range(10)]
    learners = [replace(person(f"l{number}", needs=["weave willow"]), open_to=frozenset()) for number in range(5)]
    everybody = Roster([*mentors, *learners])
    lists = list(fair_matches(everybody, KINDS["mentor"], 3, without={}, is_worth=lambda match: True))[10:]
    found = [names for some in lists if "m9" in (names := [match.person.id for match in some])]
    assert found and all(names[0] == "m9" for names in found)
