"""How hard a text is to read: the number, and the one thing that is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.library.models import read

EASY = "We cut the rods in May. They split. We cut them again in March and none of them split at all on the bend."
HARD = "Institutional considerations notwithstanding, implementation requires interdisciplinary collaboration."


def test_it_knows_the_number_by_hand() -> None:
    reading = read("One two three four five six seven eight nine ten. " * 2 + "Enormous.")
    assert reading is not None
    assert (reading.lix, reading.longest) == (round(21 / 3 + 100 / 21, 1), 10)


def test_it_tells_easy_from_hard() -> None:
    easy, hard = read(EASY), read(" ".join([HARD] * 3))
    assert easy is not None and easy.is_easy and "reads easily" in str(easy.hint)
    assert hard is not None and not hard.is_easy and "hard to read" in str(hard.hint)


def test_it_names_the_longest_sentence() -> None:
    reading = read(" ".join(["so"] * 44) + ". Short.")
    assert reading is not None and "44 words" in str(reading.hint)


@pytest.mark.parametrize("text", ["", "   ", "Too few words to tell.", "\x00", "…"])
def test_it_says_nothing_of_too_little(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=2000))
def test_it_takes_any_text(text: str) -> None:
    reading = read(text)
    assert reading is None or (reading.lix > 0 and reading.longest > 0)
