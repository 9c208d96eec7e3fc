"""The table of kinds."""

import pytest

from matching.engine.kinds import KINDS, LOOK_UP, UnknownKind, kind_named


def test_it_finds_a_kind_by_its_name() -> None:
    assert {name: kind.name for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert kind_named("mentor") is KINDS["mentor"]


def test_it_says_which_kinds_there_are() -> None:
    with pytest.raises(UnknownKind, match=r"'nanny'.*mentor.*apprentice.*collaborator.*peer.*opening"):
        kind_named("nanny")


def test_it_asks_consent_for_every_kind_that_shows_people() -> None:
    assert all(kind.consent for kind in KINDS.values())
    assert LOOK_UP.name not in KINDS
