"""The twin test: once a story is published, no row and no file tells whether Anna or Boris told it."""

from pathlib import Path

import pytest

from tests.trust import twins
from tests.trust.twins import ANNA, BORIS, GONE, STAYS

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


def test_nothing_tells_who_told_it(blank_site: Path, tmp_path: Path) -> None:
    (anna, boris), said = twins.raise_twins(blank_site, tmp_path, "purged")
    assert twins.differences(anna, boris) == []
    for place in (anna, boris):
        assert {word: twins.bytes_of(place, word) for word in GONE} == dict.fromkeys(GONE, 0)
        assert twins.bytes_of(place, STAYS) >= 1
    for name in (ANNA, BORIS, "Anna Field", "Boris Stone"):
        assert twins.bytes_of(anna, name) == twins.bytes_of(boris, name), name
    assert not any(word in said for word in (*GONE, STAYS, ANNA, BORIS))


def test_it_needs_the_purge(blank_site: Path, tmp_path: Path) -> None:
    """The control: without the purge the mailbox of the site still names the teller, and the same test sees it."""
    (anna, boris), _said = twins.raise_twins(blank_site, tmp_path, "published")
    found = twins.differences(anna, boris)
    assert any(name.startswith("mail/") for name in found), found
    assert twins.bytes_of(anna, ANNA) != twins.bytes_of(boris, ANNA)


def test_it_looks_where_the_words_are(blank_site: Path, tmp_path: Path) -> None:
    """The control for the search in raw bytes: while the story lies at the desk, it finds the words and the teller."""
    (anna, boris), _said = twins.raise_twins(blank_site, tmp_path, "told")
    assert all(twins.bytes_of(anna, word) for word in GONE[:3])
    assert "library_deskstory" in twins.differences(anna, boris)
