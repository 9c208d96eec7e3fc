"""Things that one has over and another looks for: typed rules first, words alone never."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.complement import (
    THINGS,
    UNITS,
    Fit,
    Short,
    best,
    carried,
    fits,
    level_gap,
    met,
    pairs,
    sameness,
)
from matching.engine.people import Line, Person, Roster
from matching.engine.thing import named
from tests.matching.engine.planted import axis, line, person

SUMMER = frozenset(range(5, 11))


def thing(text: str, kind: str = "material", **more: Any) -> Line:
    """One line about a thing, without a vector unless one is given."""
    return Line(text, text, kind=kind, **more)


def with_things(name: str, offers: tuple[Line, ...] = (), needs: tuple[Line, ...] = ()) -> Person:
    return replace(person(name), offers=offers, needs=needs)


WHEY = thing("whey from soft cheese", quantity=200.0, unit="l", every=7, months=SUMMER)
FEED = thing("feed for forty pigs: whey or brewers' grains", quantity=600.0, unit="l", every=7)


# --- Planted: who should meet whom ---------------------------------------------------------------------------


def test_it_brings_the_whey_to_the_pigs_and_says_what_falls_short() -> None:
    fit = met(FEED, WHEY)
    assert fit.value > 0.3
    assert fit.shorts == (Short.AMOUNT, Short.MONTHS)
    assert fit.share == pytest.approx(1 / 3, abs=1e-3)
    assert fit.months == SUMMER


def test_it_brings_the_sawdust_to_the_mushrooms() -> None:
    need = thing("hardwood sawdust or chips for growing oyster mushrooms", quantity=10.0, unit="sacks", every=30)
    offer = thing("clean sawdust from an oak saw mill", quantity=40.0, unit="sack", every=7)
    assert met(need, offer).value >= 0.75
    assert met(need, offer).shorts == ()


def test_it_brings_the_apples_to_the_cold_store_in_hours() -> None:
    need = thing("cold store for apples", "space", quantity=1.0, unit="day", every=7, months=frozenset({9, 10, 11}))
    offer = thing("walk-in cold store", "space", quantity=12.0, unit="h", every=7, months=frozenset({10, 11, 12}))
    fit = met(need, offer)
    assert fit.shorts == (Short.AMOUNT, Short.MONTHS)
    assert fit.share == 0.5
    assert fit.months == {10, 11}


def test_it_brings_pig_feed_and_what_feeds_pigs_together_without_a_common_name() -> None:
    assert met(thing("pig feed"), thing("whey, good for feeding pigs")).value == pytest.approx(0.6)
    assert met(thing("horse feed"), thing("whey, good for feeding pigs")).value == 0
    assert met(thing("bedding for cows"), thing("straw for bedding")).value == pytest.approx(0.6)


@pytest.mark.parametrize(
    "need, offer",
    [
        ("milk can", "canned milk"),
        ("canned milk", "a milk can with a lid"),
        ("mushrooms for a market stall", "sawdust for growing mushrooms"),
        ("sawdust", "briquettes made from sawdust"),
        ("cheese whey", "whey cheese"),
        ("straw for forty ewes", "straw hats"),
        ("wood chip", "chip pan"),
        ("milk, 100 litres a week", "whey, 100 litres a week"),
        ("milk, Tuesdays and Thursdays", "whey, Mondays and Thursdays"),
    ],
)
def test_it_is_not_led_astray_by_words_however_near_the_vectors(need: str, offer: str) -> None:
    near = axis(1.0, 0.35)  # cosine .94
    assert met(thing(need, vector=axis(1.0)), thing(offer)).value == 0
    if named(need).main & named(offer).main or named(need).aside or named(offer).aside:
        assert met(thing(need, vector=axis(1.0)), thing(offer, vector=near)).value == 0


@pytest.mark.parametrize(
    "need, offer", [("a can of milk", "milk, raw"), ("straw bales", "barley straw"), ("potatoes", "seed potato")]
)
def test_it_reads_over_measures_and_containers(need: str, offer: str) -> None:
    assert met(thing(need), thing(offer)).value == pytest.approx(0.75)


def test_it_asks_the_vectors_where_no_word_is_shared() -> None:
    def alike(cosine: float) -> float:
        other = axis(cosine, (1 - cosine**2) ** 0.5)
        need = thing("walk-in fridge for apples", "space", vector=axis(1.0))
        return met(need, thing("cold room", "space", vector=other)).value

    assert alike(0.5) == 0 < alike(0.7) < alike(0.8) < 0.75 == alike(0.9)


def test_it_takes_sorts_that_are_listed_for_no_other_thing() -> None:
    need = thing("clean hardwood dust for the smoke box, oak or apple", vector=axis(1.0))
    assert met(need, thing("oak sawdust kept apart from the rest", vector=axis(1.0, 0.5))).value > 0.5


def test_it_lets_the_vectors_tell_cold_stores_and_cold_rooms_alike() -> None:
    need, offer = thing("cold store", "space", vector=axis(1.0)), thing("cold room", "space", vector=axis(1.0, 0.5))
    assert met(need, offer).value > 0.5


# --- Rules ---------------------------------------------------------------------------------------------------


def test_it_never_pairs_two_kinds_or_two_skills() -> None:
    assert met(thing("chipper", "machine"), thing("chipper", "machine")).value == 0.75
    for kind, other in (("machine", "material"), ("skill", "skill"), ("sentence", "sentence"), ("space", "machine")):
        assert met(thing("chipper", kind), thing("chipper", other)).value == 0


def test_it_finds_no_value_where_the_months_never_meet() -> None:
    fit = met(thing("whey", months=frozenset({1, 2})), thing("whey", months=SUMMER))
    assert (fit.value, fit.shorts, fit.months) == (0, (Short.SEASON,), frozenset())


def test_it_names_units_that_cannot_be_compared() -> None:
    fit = met(thing("straw", quantity=3.0, unit="t"), thing("straw", quantity=40.0, unit="m²"))
    assert fit.shorts == (Short.UNIT,) and fit.share is None and 0 < fit.value < 0.75


def test_it_names_what_is_there_too_rarely() -> None:
    need = thing("whey", every=1)
    values = [met(need, thing("whey", every=every)).value for every in (1, 7, 30, 0)]
    assert values == sorted(values, reverse=True) and values[0] > values[1]
    assert met(need, thing("whey", every=7)).shorts == (Short.RHYTHM,)
    assert met(thing("whey", every=0), thing("whey", every=7)).shorts == ()


def test_it_converts_within_a_dimension() -> None:
    fit = met(thing("straw", quantity=2.0, unit="t"), thing("straw", quantity=500.0, unit="kg"))
    assert fit.share == 0.25
    assert met(thing("sacks", quantity=2.0, unit="sacks"), thing("sacks", quantity=2.0, unit="sack")).share == 1


def test_it_compares_amounts_over_the_same_time() -> None:
    need = thing("whey", quantity=100.0, unit="l", every=7)
    assert met(need, thing("whey", quantity=100.0, unit="l", every=1)).share == 7
    assert met(need, thing("whey", quantity=100.0, unit="l")).share == 1  # nothing said: the other's rhythm


def test_it_counts_the_way_and_never_to_nothing() -> None:
    fit = met(FEED, WHEY)
    assert carried(fit, None) == carried(fit, 0) == carried(fit, float("nan")) == fit
    assert carried(fit, 20).shorts == fit.shorts
    far = carried(fit, 5000)
    assert far.shorts[-1] is Short.FAR and far.value == pytest.approx(0.6 * fit.value, abs=1e-4)


def test_it_finds_the_best_of_both_directions() -> None:
    dairy = with_things("dairy", offers=(WHEY, thing("dung")), needs=(thing("straw for bedding"),))
    pigs = with_things("pigs", offers=(thing("barley straw"),), needs=(FEED,))
    there, back = best(pigs, dairy), best(dairy, pigs)
    assert there is not None and back is not None
    assert (there.offer.text, there.is_returned) == ("barley straw", True)
    assert (back.offer.text, back.is_returned) == ("barley straw", False)
    assert [fit.offer.text for fit in fits(pigs, dairy)] == ["whey from soft cheese"]
    assert best(pigs, with_things("smith", offers=(thing("gate hinges"),))) is None
    reason = back.as_reason()
    assert (reason.need, reason.offer, reason.strength) == (back.need, back.offer, back.value)


# --- Levels --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "need, offer, gap",
    [
        ({"level": 1}, {"level": 4}, 0.75),
        ({"level": 4}, {"level": 4}, 0.0),
        ({"level": 4}, {"level": 2}, -0.5),
        ({"level": 0}, {"years": 20}, 1.0),
        ({"years": 2}, {"level": 4, "years": 0}, 0.5),
        ({}, {"level": 4}, None),
        ({"level": 2}, {}, None),
    ],
)
def test_it_says_how_far_one_is_ahead_of_the_other(need: Any, offer: Any, gap: float | None) -> None:
    assert level_gap(line("weave willow", **need), line("weave willow", **offer)) == gap


# --- Properties ----------------------------------------------------------------------------------------------

TEXTS = ("milk can", "canned milk", "whey from cheese", "pig feed", "whey for feeding pigs", "cold store", "cold room")
amounts = st.none() | st.floats(0.01, 1e6)


@st.composite
def things(draw: st.DrawFn) -> Line:
    """Any line, about a thing or not, with or without a vector, amount and months."""
    angle = draw(st.none() | st.floats(0, 1.5))
    text = draw(st.sampled_from(TEXTS))
    return Line(
        text,
        text,
        kind=draw(st.sampled_from((*sorted(THINGS), "skill"))),
        vector=None if angle is None else axis(float(np.cos(angle)), float(np.sin(angle))),
        quantity=draw(amounts),
        unit=draw(st.sampled_from((*UNITS, "sack"))),
        every=draw(st.none() | st.sampled_from((0, 1, 7, 30, 365))),
        months=draw(st.frozensets(st.integers(1, 12))),
    )


@st.composite
def traders(draw: st.DrawFn, name: str) -> Person:
    """Somebody with any few of such lines."""
    some = st.lists(things(), max_size=3).map(tuple)
    return with_things(name, draw(some), draw(some))


@given(things(), things())
def test_it_keeps_every_fit_between_0_and_1_and_says_what_is_short(need: Line, offer: Line) -> None:
    fit = met(need, offer)
    assert 0 <= fit.value <= 1
    assert 0 <= sameness(need, offer) <= 1
    assert fit.share is None or fit.share >= 0
    assert (Short.SEASON in fit.shorts) <= (fit.value == 0)
    assert met(need, offer) == fit


@given(things(), things(), st.floats(1, 100), st.sampled_from((1, 7, 30, 365)))
def test_it_never_likes_less_more(need: Line, offer: Line, factor: float, every: int) -> None:
    value = met(need, offer).value
    if offer.quantity is not None:
        assert met(need, replace(offer, quantity=offer.quantity * factor)).value >= value
    if offer.every is not None and (offer.every == 0 or every <= offer.every):
        assert met(need, replace(offer, every=every)).value >= value
    assert met(need, replace(offer, months=frozenset())).value >= value


@given(things(), things(), st.floats(0, 1000), st.floats(0, 1000))
def test_it_never_likes_the_longer_way_more(need: Line, offer: Line, near: float, far: float) -> None:
    fit = met(need, offer)
    assert carried(fit, max(near, far)).value <= carried(fit, min(near, far)).value <= fit.value


@given(st.tuples(traders("ada"), traders("bo"), traders("cy"), traders("di")))
def test_it_finds_for_a_community_what_it_finds_one_by_one(crowd: tuple[Person, ...]) -> None:
    wishers, havers = Roster(crowd[:2]), Roster(crowd[2:])
    found = pairs(wishers, havers)
    for row, wisher in enumerate(wishers):
        for column, haver in enumerate(havers):
            alone = fits(wisher, haver)
            top = max((fit.value for fit in alone), default=0.0)
            assert (found[row, column].value if (row, column) in found else 0.0) == pytest.approx(top)


@given(st.permutations([thing("whey, raw"), thing("whey from soft cheese"), thing("dung"), thing("whey")]))
def test_it_does_not_mind_the_order_of_lines(offers: list[Line]) -> None:
    wisher = with_things("ada", needs=(thing("whey"), thing("dung")))
    one = best(wisher, with_things("bo", offers=tuple(offers)))
    assert isinstance(one, Fit)
    assert (one.need.text, one.offer.text) == ("dung", "dung")


def test_it_looks_up_by_name_by_use_and_by_vector() -> None:
    needs = (thing("sawdust"), thing("pig feed"), thing("cold store", vector=axis(1.0)))
    wishers = Roster(with_things(need.text, needs=(need,)) for need in needs)
    offers = (thing("oak sawdust"), thing("whey for feeding pigs"), thing("cold room", vector=axis(1.0, 0.5)))
    havers = Roster(with_things(offer.text, offers=(offer,)) for offer in offers)
    assert sorted(pairs(wishers, havers)) == [(0, 0), (1, 1), (2, 2)]
    assert pairs(wishers, Roster([])) == {}
