"""From people to suggestions: planted valleys whose best pairs are known, and what holds for every kind."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.candidates import Refusal, refusal
from matching.engine.kinds import KINDS, LOOK_UP, UnknownKind
from matching.engine.people import Match, Person, Roster, UnsoundInput
from matching.engine.pipeline import best_few, best_first, fair_matches, rank, rank_all, suggest, why_not

from .planted import NAMES, crowds, line, people, person, profile

WEAVER = person("weaver", offers=["weave willow baskets"], needs=["keep bees"], about=profile("I weave willow"))
KEEPER = person("keeper", offers=["keep bees in hives"], needs=["weave willow"], about=profile("I keep bees"))
SMITH = person("smith", offers=["forge hinges"], needs=["keep bees"], about=profile("I forge iron"))
LEARNER = person("learner", needs=["weave willow"])
VALLEY = Roster([SMITH, KEEPER, WEAVER, LEARNER])

every_kind = pytest.mark.parametrize("kind", list(KINDS))


def names(found: list[Match]) -> list[object]:
    return [match.person.id for match in found]


def test_it_finds_the_mentor_who_teaches_what_is_wished_for() -> None:
    best = suggest(LEARNER, VALLEY, "mentor")[0]
    assert best.person is WEAVER
    assert [(reason.need.text, reason.offer.text) for reason in best.reasons] == [
        ("weave willow", "weave willow baskets")
    ]


def test_it_finds_the_learner_who_wishes_for_what_is_taught() -> None:
    assert names(suggest(WEAVER, VALLEY, "apprentice"))[:2] in (["keeper", "learner"], ["learner", "keeper"])
    assert names(suggest(KEEPER, VALLEY, "apprentice"))[:2] in (["smith", "weaver"], ["weaver", "smith"])


def test_it_finds_the_swap_that_serves_both() -> None:
    assert names(suggest(KEEPER, VALLEY, "collaborator"))[0] == "weaver"
    assert names(suggest(WEAVER, VALLEY, "collaborator"))[0] == "keeper"


def test_it_finds_those_who_learn_the_same() -> None:
    assert names(suggest(WEAVER, VALLEY, "peer"))[0] == "smith"
    assert names(suggest(LEARNER, VALLEY, "peer"))[0] == "keeper"


def test_it_finds_openings_for_people_and_people_for_openings() -> None:
    workshop = person("opening:1", offers=["weave willow"], owner="weaver")
    forge = person("opening:2", offers=["forge hinges"], owner="smith")
    assert names(suggest(LEARNER, Roster([forge, workshop]), "opening"))[0] == "opening:1"
    assert names(suggest(workshop, VALLEY, "apprentice"))[0] in ("keeper", "learner")
    assert "weaver" not in names(suggest(workshop, VALLEY, "apprentice"))


def test_it_is_one_score_seen_from_two_sides() -> None:
    mentors = rank_all(VALLEY, VALLEY, KINDS["mentor"])
    assert np.array_equal(mentors, rank_all(VALLEY, VALLEY, KINDS["apprentice"]).T)
    swaps = rank_all(VALLEY, VALLEY, KINDS["collaborator"])
    assert np.array_equal(swaps, swaps.T)


def test_it_leaves_out_who_was_dismissed() -> None:
    assert "weaver" not in names(suggest(LEARNER, VALLEY, "mentor", without={"weaver"}))


def test_it_gives_no_more_than_asked_for() -> None:
    assert len(suggest(LEARNER, VALLEY, "mentor", 2)) == 2
    assert suggest(LEARNER, VALLEY, "mentor", 0) == suggest(LEARNER, VALLEY, "mentor", -1) == []


def test_it_suggests_nobody_of_whom_nothing_is_known() -> None:
    assert suggest(LEARNER, Roster([person("bo")]), "mentor") == []
    assert suggest(person("ada"), VALLEY, "mentor") == []
    assert suggest(LEARNER, Roster([]), "mentor") == []


def test_it_says_how_far_away_somebody_lives() -> None:
    here = replace(LEARNER, cell=(52.0, -3.0))
    there = replace(WEAVER, cell=(53.0, -3.0))
    assert suggest(here, Roster([there]), "mentor")[0].distance_km == pytest.approx(111.2, abs=0.1)
    assert suggest(here, VALLEY, "mentor")[0].distance_km is None


def test_it_breaks_ties_by_what_people_wrote_and_not_by_who_they_are() -> None:
    one, other = person(1, offers=["weave b"]), person(2, offers=["weave a"])
    scores = np.array([0.5, 0.5])
    assert best_first(scores, Roster([one, other])).tolist() == [1, 0]
    assert best_first(scores, Roster([replace(one, id=9), other])).tolist() == [1, 0]


@given(st.lists(st.sampled_from((0.0, 0.25, 0.5, 0.75)), max_size=12), st.integers(-1, 14))
def test_it_takes_the_first_few_as_a_full_sort_would(found: list[float], limit: int) -> None:
    roster = Roster([person(number, offers=[f"weave {number * 7 % 5}"]) for number in range(len(found))])
    scores = np.array(found)
    everybody = [row for row in best_first(scores, roster) if scores[row] > 0]
    assert best_few(scores, roster, limit).tolist() == everybody[: max(0, limit)]


def test_it_ranks_a_roster_of_many_blocks_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rank(LEARNER, VALLEY, KINDS["mentor"])
    monkeypatch.setattr(Roster.blocks, "__defaults__", (1,))
    assert len(list(VALLEY.blocks())) == 4
    assert rank(LEARNER, VALLEY, KINDS["mentor"]).tolist() == whole.tolist()


def test_it_says_why_somebody_is_not_shown() -> None:
    assert why_not(LEARNER, WEAVER, "mentor") is None
    assert why_not(LEARNER, replace(WEAVER, room=0), "mentor") is Refusal.FULL


def test_it_knows_no_other_kinds() -> None:
    with pytest.raises(UnknownKind):
        suggest(LEARNER, VALLEY, "nanny")
    with pytest.raises(UnknownKind):
        suggest(LEARNER, VALLEY, LOOK_UP.name)
    with pytest.raises(UnknownKind):
        why_not(LEARNER, WEAVER, "nanny")


@every_kind
def test_it_refuses_unsound_vectors_whatever_the_kind(kind: str) -> None:
    broken = person("bo", about=(replace(line("weave"), vector=np.full(64, np.nan, np.float32)),))
    with pytest.raises(UnsoundInput):
        suggest(WEAVER, Roster([broken, KEEPER]), kind)


@given(crowds(), st.sampled_from(sorted(KINDS)))
@settings(max_examples=200)
def test_it_shows_only_people_whom_no_rule_forbids_best_first(crowd: list[Person], kind: str) -> None:
    found = suggest(crowd[0], Roster(crowd), kind)
    assert all(refusal(crowd[0], match.person, KINDS[kind]) is None for match in found)
    assert all(0 < match.score <= 1 for match in found)
    scores = [match.score for match in found]
    assert scores == sorted(scores, reverse=True)


@given(crowds(), people("closed"), st.sampled_from(sorted(KINDS)))
def test_it_gives_the_same_list_whether_or_not_a_closed_member_is_there(
    crowd: list[Person], closed: Person, kind: str
) -> None:
    closed = replace(closed, open_to=frozenset())
    with_them = suggest(crowd[0], Roster([*crowd, closed]), kind)
    without = suggest(crowd[0], Roster(crowd), kind)
    assert closed.id not in names(with_them)
    assert [(match.person, match.score, match.reasons) for match in with_them] == [
        (match.person, match.score, match.reasons) for match in without
    ]


@given(crowds(), st.permutations(range(5)), st.sampled_from(sorted(KINDS)))
def test_it_does_not_care_about_the_order_of_the_roster(crowd: list[Person], order: list[int], kind: str) -> None:
    mixed = [crowd[row] for row in order if row < len(crowd)]
    assert names(suggest(crowd[0], Roster(crowd), kind)) == names(suggest(crowd[0], Roster(mixed), kind))


@given(crowds(), st.sampled_from(list(KINDS.values())))
def test_it_ranks_a_batch_as_it_ranks_one_by_one(crowd: list[Person], kind: object) -> None:
    everybody = Roster(crowd)
    batch = rank_all(everybody, everybody, kind)  # type: ignore[arg-type]
    single = [rank(one, everybody, kind) for one in crowd]  # type: ignore[arg-type]
    assert np.allclose(batch, single, atol=1e-5)
    assert len(NAMES) >= len(crowd)


def learners_and_weavers() -> Roster:
    """Many who want to weave, and a few who teach it; one of these says it in the very words of the wish."""
    weavers = [
        person(f"weaver {name}", offers=[f"weave willow {name}"], open_to=["mentor"])
        for name in ("baskets", "fences", "chairs", "boats", "creels", "hurdles")
    ]
    first = person("famous", offers=["weave willow"], open_to=["mentor"])
    learners = [person(f"learner {number}", needs=["weave willow"], open_to=[]) for number in range(21)]
    return Roster([first, *weavers, *learners])


def shared_out(valley: Roster, is_worth: Callable[[Match], bool] = lambda match: True) -> list[list[Match]]:
    return list(fair_matches(valley, KINDS["mentor"], 3, without={}, is_worth=is_worth))


def test_the_same_few_are_not_shown_to_everybody() -> None:
    valley = learners_and_weavers()
    plain = [names(suggest(one, valley, "mentor", 3)) for one in valley if one.needs]
    assert sum("famous" in shown for shown in plain) == 21
    fair = [names(found) for found in shared_out(valley)]
    shown = [one for found in fair for one in found]
    assert max(shown.count(one) for one in set(shown)) <= 13, (
        "21 lists of 3 among 7 weavers: 9 each, 1.4 times that at most"
    )
    assert len(set(shown)) == 7, "everybody gets their turn"
    assert all(len(found) == 3 for one, found in zip(valley, fair, strict=True) if one.needs)


def test_sharing_out_never_shows_somebody_who_is_closed_or_blocked() -> None:
    valley = learners_and_weavers()
    closed = replace(valley.people[0], open_to=frozenset())
    shy = replace(valley.people[1], blocked=frozenset(one.id for one in valley if one.needs))
    found = shared_out(Roster([closed, shy, *valley.people[2:]]))
    assert not {"famous", shy.id} & {one for seen in found for one in names(seen)}


def test_somebody_who_is_closed_changes_no_list_by_being_there() -> None:
    valley = learners_and_weavers()
    closed = replace(valley.people[0], open_to=frozenset())
    there, gone = shared_out(Roster([closed, *valley.people[1:]])), shared_out(Roster(valley.people[1:]))
    assert [names(seen) for seen in there[1:]] == [names(seen) for seen in gone]


@pytest.mark.parametrize("word", ["blocked", "not_with"])
def test_who_keeps_whom_away_moves_nothing_for_anybody_else(word: str) -> None:
    valley = learners_and_weavers()
    learner, mentor = valley.people[9], next(iter(shared_out(valley)[9])).person
    changed = Roster(replace(one, **{word: frozenset({learner.id})}) if one is mentor else one for one in valley)
    before, after = ([names(seen) for seen in shared_out(crowd)] for crowd in (valley, changed))
    assert mentor.id in before[9] and mentor.id not in after[9]
    assert len(after[9]) == len(before[9]), "the next best takes the place"
    assert [seen for row, seen in enumerate(before) if row != 9] == [seen for row, seen in enumerate(after) if row != 9]


def test_who_may_not_be_shown_takes_no_part_in_sharing_out() -> None:
    valley = learners_and_weavers()
    found = shared_out(valley, is_worth=lambda match: match.person.id != "famous")
    assert {one for seen in found for one in names(seen)} == {one.id for one in valley.people[1:7]}


def test_who_is_as_far_as_the_mentor_is_less_likely_to_learn_from_them() -> None:
    teacher = replace(person("teacher"), offers=(line("weave willow", level=2),))
    beginner = replace(person("beginner"), needs=(line("weave willow", level=0),))
    equal = replace(person("equal"), needs=(line("weave willow", level=2),))
    (far,), (near,) = (suggest(one, Roster([teacher]), "mentor") for one in (beginner, equal))
    assert far.probability is not None and near.probability is not None
    assert near.probability == pytest.approx(far.probability / 2, abs=1e-5)
