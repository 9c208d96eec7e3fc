"""Lines laid end to end, and what is refused."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from matching.engine.people import Line, Part, Person, Roster, UnsoundInput, stack

from .planted import DIM, axis, line, person, profile


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        person("ada").room = 3  # type: ignore[misc]


def test_it_is_closed_and_a_minor_until_somebody_says_otherwise() -> None:
    nobody = Person("ada")
    assert not nobody.is_adult
    assert not nobody.open_to


def test_it_lays_lines_end_to_end_in_order() -> None:
    roster = Roster([person("ada", ["weave", "dye"]), person("bo"), person("cy", ["forge"])])
    offers = roster.stack(Part.OFFERS)
    assert offers.vectors.shape == (3, DIM)
    assert offers.starts.tolist() == [0, 2, 2, 3]
    assert offers.counts.tolist() == [2, 0, 1]


def test_it_leaves_out_lines_without_a_vector() -> None:
    roster = Roster([replace(person("ada"), offers=(Line(1, "not embedded yet"), line("weave")))])
    assert roster.stack(Part.OFFERS).counts.tolist() == [1]


def test_it_counts_only_what_can_be_taught_where_teaching_is_asked_for() -> None:
    ada = replace(person("ada"), offers=(line("weave"), line("drive", can_teach=False)))
    assert Roster([ada]).stack(Part.TEACHING).counts.tolist() == [1]
    assert Roster([ada]).stack(Part.OFFERS).counts.tolist() == [2]


def test_it_takes_the_profile_for_wishes_that_nobody_stated() -> None:
    stated = person("ada", needs=["weave"], about=profile("a smith"))
    silent = person("bo", about=(*profile("a smith"), line("I forge hinges", kind="sentence")))
    wishes = Roster([stated, silent]).stack(Part.WISHES)
    assert wishes.counts.tolist() == [1, 1]
    assert np.allclose(wishes.vectors[1], profile("a smith")[0].vector)


def test_it_takes_the_mean_of_the_lines_for_a_profile_that_nobody_wrote() -> None:
    ada = replace(person("ada"), offers=(line("a", axis(1)), line("b", axis(0, 1))))
    assert np.allclose(Roster([ada]).stack(Part.WHOLE).vectors[0], axis(1, 1))


def test_it_has_no_whole_where_lines_cancel_out_or_nothing_is_written() -> None:
    torn = replace(person("ada"), offers=(line("a", axis(1)), line("b", axis(-1))))
    assert Roster([torn, person("bo")]).stack(Part.WHOLE).counts.tolist() == [0, 0]


def test_it_gathers_the_same_stacks_as_a_fresh_roster() -> None:
    everybody = [person(name, ["x " + name] * size) for size, name in enumerate(("ada", "bo", "cy", "di"))]
    taken = Roster(everybody).take(np.array([3, 0, 2]))
    fresh = Roster([everybody[3], everybody[0], everybody[2]])
    assert taken.people == fresh.people
    for part in Part:
        assert np.array_equal(taken.stack(part).vectors, fresh.stack(part).vectors)
        assert taken.stack(part).starts.tolist() == fresh.stack(part).starts.tolist()


def test_it_can_be_empty() -> None:
    assert Roster([]).stack(Part.OFFERS).starts.tolist() == [0]
    assert len(Roster([person("ada")]).take(np.array([], np.intp))) == 0


@pytest.mark.parametrize(
    "vector",
    [
        np.full(DIM, np.nan, np.float32),
        np.full(DIM, np.inf, np.float32),
        np.zeros(DIM, np.float32),
        np.full(DIM, 1e30, np.float32),
        axis(1) * 1.01,
    ],
    ids=["nan", "infinite", "zero", "huge", "not quite one"],
)
def test_it_refuses_unsound_vectors(vector: np.ndarray) -> None:
    with pytest.raises(UnsoundInput, match="encode its text again"), np.errstate(all="ignore"):
        stack([[vector]])


def test_it_refuses_mixed_widths() -> None:
    with pytest.raises(UnsoundInput, match="one model"):
        stack([[axis(1)], [axis(1)[:8]]])
    with pytest.raises(UnsoundInput, match="one model"):
        stack([[axis(1).reshape(1, -1)]])


def test_it_takes_people_with_all_they_have() -> None:
    roster = Roster([person("ada", ["weave", "dye"]), person("bo"), person("cy", ["forge"], ["keep bees"])])
    for rows in ([2, 0], [1, 2], [], [0, 1, 2]):
        taken = roster.take(np.array(rows, np.intp))
        fresh = Roster(roster.people[row] for row in rows)
        assert (len(taken), taken.people) == (len(rows), fresh.people)
        for part in Part:
            assert taken.counts(part).tolist() == taken.stack(part).counts.tolist() == fresh.counts(part).tolist()
            assert taken.stack(part).vectors.tolist() == fresh.stack(part).vectors.tolist()


def test_it_takes_a_run_of_people_without_copying_their_vectors() -> None:
    roster = Roster([person(name, ["weave", "dye"]) for name in ("ada", "bo", "cy")])
    whole = roster.stack(Part.OFFERS).vectors
    assert np.shares_memory(roster.take(np.array([1, 2], np.intp)).stack(Part.OFFERS).vectors, whole)
    assert not np.shares_memory(roster.take(np.array([0, 2], np.intp)).stack(Part.OFFERS).vectors, whole)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_it_goes_through_everybody_block_by_block(size: int) -> None:
    roster = Roster([person(name, [name]) for name in ("ada", "bo", "cy", "di", "ed")])
    some = roster.take(np.array([4, 1, 2], np.intp))
    for people in (roster, some, some.take(np.array([2, 0], np.intp))):
        blocks = list(people.blocks(size))
        assert [one for block in blocks for one in block] == list(people)
        assert all(len(block) <= size for block in blocks)


def test_it_finds_people_by_their_ids() -> None:
    roster = Roster([person("ada"), person("bo"), person("cy")])
    assert roster.positions(["cy", "ada", "nobody", "cy"]).tolist() == [0, 2]
    assert roster.positions([]).tolist() == []
