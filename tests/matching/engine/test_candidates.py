"""The hard rules, each on its own and all of them on anybody at all."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.candidates import RULES, Columns, Refusal, allowed, columns_of, distance_km, eligible, refusal
from matching.engine.kinds import KINDS, LOOK_UP, MatchKind, Room
from matching.engine.people import Person, Roster

from .planted import NAMES, crowds, people, person

ADA, BO = person("ada"), person("bo")
MENTOR = KINDS["mentor"]
BUILTH, HAY, CARDIFF = (52.15, -3.40), (52.07, -3.13), (51.48, -3.18)

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def why(asker: dict[str, Any], candidate: dict[str, Any], kind: MatchKind = MENTOR) -> Refusal | None:
    return refusal(replace(ADA, **asker), replace(BO, **candidate), kind)


@every_kind
def test_it_lets_two_people_meet_against_whom_nothing_stands(kind: MatchKind) -> None:
    assert refusal(ADA, BO, kind) is None


@every_kind
def test_it_never_shows_anybody_to_themselves(kind: MatchKind) -> None:
    assert refusal(ADA, ADA, kind) is Refusal.SELF


def test_it_never_shows_an_opening_to_its_owner() -> None:
    assert why({}, {"id": "opening:1", "owner": "ada"}, KINDS["opening"]) is Refusal.SELF
    assert why({"id": "opening:1", "owner": "bo"}, {}, KINDS["apprentice"]) is Refusal.SELF


@every_kind
def test_it_asks_the_candidate_for_consent_and_not_the_asker(kind: MatchKind) -> None:
    others = frozenset(other.consent for other in KINDS.values()) - {kind.consent}
    assert why({}, {"open_to": others}, kind) is Refusal.NOT_OPEN
    assert why({"open_to": frozenset()}, {}, kind) is None


def test_it_shows_nobody_by_a_kind_that_asks_no_consent() -> None:
    assert why({}, {"open_to": frozenset({""})}, LOOK_UP) is Refusal.NOT_OPEN


@every_kind
def test_it_protects_the_young_on_both_sides(kind: MatchKind) -> None:
    assert why({}, {"is_adult": False}, kind) is Refusal.NOT_ADULT
    assert why({"is_adult": False}, {}, kind) is Refusal.NOT_ADULT


def test_it_leaves_people_in_peace_who_take_a_break() -> None:
    assert why({}, {"is_paused": True}) is Refusal.PAUSED
    assert why({"is_paused": True}, {}) is None


@pytest.mark.parametrize("room", [0, -1])
@every_kind
def test_it_counts_the_room_of_the_side_whose_time_it_takes(kind: MatchKind, room: int) -> None:
    expected = {Room.CANDIDATE: (None, Refusal.FULL), Room.ASKER: (Refusal.FULL, None), Room.NOBODY: (None, None)}
    assert (why({"room": room}, {}, kind), why({}, {"room": room}, kind)) == expected[kind.room]


@pytest.mark.parametrize(("field", "code"), [("blocked", Refusal.BLOCKED), ("not_with", Refusal.NOT_WITH)])
@every_kind
def test_it_keeps_apart_whoever_of_the_two_asked_for_it(kind: MatchKind, field: str, code: Refusal) -> None:
    assert why({field: frozenset({"bo"})}, {}, kind) is code
    assert why({}, {field: frozenset({"ada"})}, kind) is code
    assert why({field: frozenset({"cy"})}, {}, kind) is None


def test_it_blocks_the_openings_of_those_who_are_blocked() -> None:
    opening = {"id": "opening:1", "owner": "bo"}
    assert why({"blocked": frozenset({"bo"})}, opening, KINDS["opening"]) is Refusal.BLOCKED
    assert why({}, {**opening, "blocked": frozenset({"ada"})}, KINDS["opening"]) is Refusal.BLOCKED


def test_it_needs_a_shared_language_only_where_both_have_said_theirs() -> None:
    assert why({"languages": frozenset({"cy"})}, {"languages": frozenset({"en"})}) is Refusal.NO_SHARED_LANGUAGE
    assert why({"languages": frozenset({"cy", "en"})}, {"languages": frozenset({"en"})}) is None
    assert why({"languages": frozenset()}, {"languages": frozenset({"en"})}) is None
    assert why({"languages": frozenset({"cy"})}, {"languages": frozenset()}) is None


@pytest.mark.parametrize(("mine", "theirs"), [(10, None), (None, 10), (100, 10), (10, 100)])
def test_it_keeps_the_smaller_limit_of_the_two(mine: float | None, theirs: float | None) -> None:
    near = ({"cell": BUILTH, "max_km": mine}, {"cell": BUILTH, "max_km": theirs})
    far = ({"cell": BUILTH, "max_km": mine}, {"cell": HAY, "max_km": theirs})  # about 20 km
    assert why(*near) is None
    assert why(*far) is Refusal.TOO_FAR


def test_it_asks_for_no_distance_where_nobody_has_set_one() -> None:
    assert why({"cell": (52.0, -3.0)}, {"cell": (-41.0, 174.0)}) is None
    assert why({"cell": None}, {"cell": HAY}) is None


def test_it_cannot_keep_a_limit_where_a_place_is_unknown() -> None:
    assert why({"max_km": 50}, {"cell": HAY}) is Refusal.PLACE_UNKNOWN
    assert why({"cell": HAY}, {"max_km": 50}) is Refusal.PLACE_UNKNOWN
    assert why({"cell": HAY, "max_km": 50}, {"cell": (float("nan"), -3.0)}) is Refusal.PLACE_UNKNOWN


@pytest.mark.parametrize(("mine", "theirs"), [(30, None), (None, 30)])
def test_it_keeps_competitors_apart_who_live_near(mine: float | None, theirs: float | None) -> None:
    def two(their_trade: str, cell: tuple[float, float] | None) -> Refusal | None:
        return why(
            {"trade": "Bee-keeper", "cell": BUILTH, "not_own_trade_km": mine},
            {"trade": their_trade, "cell": cell, "not_own_trade_km": theirs},
        )

    assert two("bee keepers", HAY) is Refusal.OWN_TRADE
    assert two("bee keepers", None) is Refusal.OWN_TRADE
    assert two("bee keepers", CARDIFF) is None
    assert two("smith", HAY) is None


def test_it_takes_two_people_without_a_trade_for_no_competitors() -> None:
    assert why({"not_own_trade_km": 100}, {}) is None


def test_it_measures_as_the_crow_flies() -> None:
    # One degree of latitude is 111.195 km on a sphere of 6371.0088 km.
    assert distance_km(replace(ADA, cell=(52.0, -3.0)), replace(BO, cell=(53.0, -3.0))) == pytest.approx(
        111.195, abs=0.01
    )
    # London to Paris, a textbook pair.
    assert distance_km(replace(ADA, cell=(51.5074, -0.1278)), replace(BO, cell=(48.8566, 2.3522))) == pytest.approx(
        344, abs=1
    )
    assert distance_km(ADA, BO) is None


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees, degrees)
def test_it_measures_the_same_both_ways(one: tuple[float, float], other: tuple[float, float]) -> None:
    ada, bo = replace(ADA, cell=one), replace(BO, cell=other)
    there = distance_km(ada, bo)
    assert there == distance_km(bo, ada)
    assert there is not None and 0 <= there <= 20_016
    assert distance_km(ada, ada) == 0


@given(people("ada"), people("bo"), st.sampled_from(list(KINDS.values())))
@settings(max_examples=200)
def test_it_never_makes_a_closed_member_a_candidate(asker: Person, candidate: Person, kind: MatchKind) -> None:
    closed = replace(candidate, open_to=frozenset())
    assert refusal(asker, closed, kind) is not None
    assert len(eligible(asker, [closed], kind)) == 0
    if refusal(asker, candidate, kind) is None:
        assert kind.consent in candidate.open_to


@given(crowds(), st.sampled_from(list(KINDS.values())))
def test_it_takes_exactly_those_whom_no_rule_forbids(crowd: list[Person], kind: MatchKind) -> None:
    asker = crowd[0]
    taken = eligible(asker, crowd, kind).tolist()
    free = [not any(forbids(asker, other, kind) for _, forbids in RULES) for other in crowd]
    assert taken == [row for row, is_free in enumerate(free) if is_free]


@given(people("ada"), people("bo"))
def test_it_blocks_both_ways_or_not_at_all(one: Person, other: Person) -> None:
    apart = {Refusal.BLOCKED, Refusal.NOT_WITH, Refusal.TOO_FAR, Refusal.OWN_TRADE, Refusal.NO_SHARED_LANGUAGE}
    for code, forbids in RULES:
        if code in apart:
            assert forbids(one, other, MENTOR) == forbids(other, one, MENTOR)


def test_it_names_every_refusal_by_exactly_one_rule() -> None:
    assert sorted(code for code, _ in RULES) == sorted(Refusal)


# --- Many pairs at once ---------------------------------------------------------------------------------------

BERLIN, NOWHERE, OFF_THE_MAP = (52.52, 13.4), (float("nan"), -3.0), (95.0, 700.0)
FAR_APART = distance_km(replace(ADA, cell=BUILTH), replace(BO, cell=HAY)) or 0.0
LIMITS = (None, 0, -1.0, 20.0, FAR_APART, float("nan"), float("inf"), 20_015.1, 20_016.0, 1e300)


@st.composite
def anybody(draw: st.DrawFn, name: str) -> Person:
    """Somebody with every oddity that a row may hold: an owner, no place, a limit of NaN, a limit met exactly."""
    limit = st.sampled_from(LIMITS)
    places = (None, BUILTH, HAY, CARDIFF, BERLIN, NOWHERE, OFF_THE_MAP, (-52.15, 176.6))
    return replace(
        draw(people(name)),
        is_adult=draw(st.sampled_from((True, True, True, True, False))),
        open_to=draw(st.sampled_from((ADA.open_to, frozenset()))),
        is_paused=draw(st.sampled_from((False, False, False, True))),
        languages=draw(st.frozensets(st.sampled_from(("en", "cy", *map(str, range(70)))), max_size=2)),
        owner=draw(st.none() | st.sampled_from(NAMES)),
        cell=draw(st.sampled_from(places)),
        max_km=draw(limit),
        not_own_trade_km=draw(limit),
    )  # fmt: skip


def pair_by_pair(askers: list[Person], candidates: list[Person], kind: MatchKind) -> list[list[bool]]:
    return [[refusal(asker, other, kind) is None for other in candidates] for asker in askers]


crowd_of_anybody = st.integers(1, 7).flatmap(lambda size: st.tuples(*(anybody(name) for name in NAMES[:size])))


@given(crowd_of_anybody, crowd_of_anybody, st.sampled_from([*KINDS.values(), LOOK_UP]))
@settings(max_examples=400)
def test_it_asks_the_same_of_many_pairs_as_of_each(
    askers: tuple[Person, ...], others: tuple[Person, ...], kind: MatchKind
) -> None:
    expected = pair_by_pair(list(askers), list(others), kind)
    assert allowed(Columns.of(askers), Columns.of(others), kind).tolist() == expected
    everybody = columns_of(Roster([*askers, *others]))
    rows = np.arange(len(askers), len(everybody))
    assert allowed(everybody.take(slice(0, len(askers))), everybody.take(rows), kind).tolist() == expected


@given(crowd_of_anybody, st.sampled_from(list(KINDS.values())), st.data())
def test_it_finds_the_same_candidates_in_a_part_of_a_roster(
    crowd: tuple[Person, ...], kind: MatchKind, data: st.DataObject
) -> None:
    rows = np.array(data.draw(st.permutations(range(len(crowd)))), np.intp)[: data.draw(st.integers(0, len(crowd)))]
    part = Roster(crowd).take(rows)
    free = [refusal(crowd[0], crowd[row], kind) is None for row in rows]
    assert eligible(crowd[0], part, kind).tolist() == np.flatnonzero(free).tolist()


@pytest.mark.parametrize("further", [-1e-9, 0.0, 1e-9])
def test_it_agrees_to_the_last_bit_where_a_distance_equals_a_limit(further: float) -> None:
    limit = FAR_APART + further
    near, far = person("bo", cell=HAY, max_km=limit), person("cy", cell=HAY, trade="smith", not_own_trade_km=limit)
    asker = person("ada", cell=BUILTH, trade="smith")
    expected = pair_by_pair([asker], [near, far], MENTOR)
    assert expected == [[further >= 0, further < 0]]
    assert allowed(Columns.of([asker]), Columns.of([near, far]), MENTOR).tolist() == expected


@given(degrees, degrees, st.sampled_from((-1e-7, -1e-9, 0.0, 1e-9, 1e-7)))
@settings(max_examples=300)
def test_it_keeps_limits_anywhere_on_the_globe(
    one: tuple[float, float], other: tuple[float, float], further: float
) -> None:
    ada, bo = replace(ADA, cell=one), replace(BO, cell=other)
    limit = (distance_km(ada, bo) or 0.0) + further
    pairs = [replace(bo, max_km=limit), replace(bo, trade="smith", not_own_trade_km=limit)]
    ada = replace(ada, trade="smith")
    assert allowed(Columns.of([ada]), Columns.of(pairs), MENTOR).tolist() == pair_by_pair([ada], pairs, MENTOR)


def test_it_knows_more_languages_than_a_number_has_bits() -> None:
    crowd = [person(str(n), languages=frozenset({f"x{n}", f"x{n + 1}"})) for n in range(150)]
    assert allowed(Columns.of(crowd), Columns.of(crowd), MENTOR).tolist() == pair_by_pair(crowd, crowd, MENTOR)


def test_it_lays_a_roster_out_once() -> None:
    roster = Roster([ADA, BO])
    assert columns_of(roster) is columns_of(roster)
