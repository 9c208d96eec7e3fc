"""Normal form, hashes, sentences, skeletons."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matching.engine.text import MAX_CHARS, normalise, profile_text, sentences, skeleton, text_hash, words


@given(st.text())
@example("a\u0000\u0301")
@example("e\u200b\u0301 \u00a0x")
def test_it_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text())
def test_it_leaves_no_control_character_and_no_double_space(text: str) -> None:
    plain = normalise(text)
    assert "  " not in plain
    assert plain == plain.strip()
    kept = {"\u200c", "\u200d"}
    assert all(letter in kept or not unicodedata.category(letter).startswith("C") for letter in plain)


@given(st.text())
def test_it_hashes_spellings_of_one_text_alike(text: str) -> None:
    assert text_hash(unicodedata.normalize("NFD", text)) == text_hash(unicodedata.normalize("NFC", text))
    assert text_hash(f"  {text}\n") == text_hash(text)


def test_it_hashes_as_it_always_has() -> None:
    # A change here makes every community embed everything again.
    assert text_hash("Weave  willow\u00a0baskets") == text_hash("Weave willow baskets")
    assert text_hash("Weave willow baskets") == "8f533e74c1c8c6a9c35794e29883c19c847cfa29c5deaf385f6b10c31099cb49"
    assert text_hash("weave willow baskets") != text_hash("Weave willow baskets")


def test_it_cuts_what_no_model_would_read() -> None:
    assert len(normalise("x" * 1_000_000)) == MAX_CHARS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" \n\t ", ()),
        ("One line", ("One line",)),
        ("I forge. I weld! Do I shoe? Yes", ("I forge.", "I weld!", "Do I shoe?", "Yes")),
        ("Tools, e.g. hammers. Mr. Hale helps.", ("Tools, e.g. hammers.", "Mr. Hale helps.")),
        ("J. Hale keeps bees. Honey too.", ("J. Hale keeps bees.", "Honey too.")),
        ("hedges\n\n- walls\r\ngates", ("hedges", "- walls", "gates")),
        ("He said “go.” Then he went.", ("He said “go.”", "Then he went.")),
        ("It costs 3.50 a kilo. Cheap.", ("It costs 3.50 a kilo.", "Cheap.")),
        ("蜂を飼う。籠を編む。", ("蜂を飼う。", "籠を編む。")),
    ],
)
def test_it_splits_sentences(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected


@given(st.text())
def test_it_loses_no_word_in_sentences(text: str) -> None:
    assert " ".join(sentences(text)).split() == normalise(text).split()


def test_it_puts_the_trade_before_the_rest_of_a_profile() -> None:
    assert profile_text("Cooper.", "I make  barrels.") == "Cooper. I make barrels."
    assert profile_text("", "I make barrels.") == "I make barrels."
    assert profile_text("Cooper", "") == "Cooper"
    assert profile_text("", " ") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bee-keepers", "bee keeper"),
        ("Café owners", "CAFE OWNER"),
        ("Nurseries", "nursery"),
        ("Straße", "strasse"),
    ],
)
def test_it_gives_two_spellings_of_a_trade_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other) != ""


def test_it_keeps_words_apart_that_only_look_like_plurals() -> None:
    assert words("glass bus gas") == ("glass", "bus", "gas")
