"""Which words matter, and what foreign words mean."""

from hypothesis import given
from hypothesis import strategies as st

from matching.engine.lexicon import bag, gloss, index, overlap, table, weight

sayings = st.lists(st.sampled_from(["mend", "nets", "bake", "rye", "bread", "the"]), max_size=6).map(" ".join)


def test_it_reads_a_foreign_text_word_by_word() -> None:
    assert gloss("inspecteur qualité construction") == "inspector quality construction"


def test_it_keeps_what_it_does_not_know_of_a_foreign_text() -> None:
    assert gloss("inspecteur de zzyzx").endswith("zzyzx")


def test_it_leaves_our_own_texts_alone() -> None:
    for text in (
        "Make brioche dough.",
        "a de facto standard",
        "Repair dry-stone walls, en route",
        "Prune old apple trees",
    ):
        assert gloss(text) == text


def test_it_leaves_names_and_numbers_alone() -> None:
    for text in ("", "123", "MIG / MAG", "O'Brien"):
        assert gloss(text) == text


def test_it_says_where_its_knowledge_comes_from() -> None:
    assert "ESCO" in table()["provenance"]["statement"]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    assert weight("weld") > weight("work") > 0
    assert weight("zzyzx") == table()["unseen"]


@given(sayings)
def test_a_bag_has_length_one_or_nothing_in_it(text: str) -> None:
    found = bag(text)
    assert not found or abs(sum(value * value for value in found.values()) - 1) < 1e-9


@given(sayings, st.lists(sayings, max_size=4))
def test_overlap_lies_between_nothing_and_all(wish: str, texts: list[str]) -> None:
    shared, likeness = overlap(bag(wish), index(tuple(texts)))
    assert 0 <= shared <= 1 + 1e-9
    assert 0 <= likeness <= 1


@given(sayings.filter(lambda text: bool(bag(text))), st.lists(sayings, max_size=3))
def test_who_says_the_same_shares_all(wish: str, texts: list[str]) -> None:
    shared, likeness = overlap(bag(wish), index((*texts, wish)))
    assert shared > 1 - 1e-9
    assert likeness > 1 - 1e-9


def test_words_that_say_nothing_share_nothing() -> None:
    assert overlap(bag("mend the nets"), index(("bake the rye bread",))) == (0, 0)
