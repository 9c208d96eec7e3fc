"""What answers a question: words, their spelling, and that no score depends on other texts."""

import numpy as np
import pytest

from matching.engine import ask, evaluate
from matching.engine.kinds import ASK_PEOPLE
from matching.engine.text import words
from tests.matching.planted import WordEncoder

TEXTS = [
    "Mend a dry-stone wall",
    "Blue mould on cheese",
    "Bees in winter",
    "Cheese that tastes bitter",
    "A wall of cheese",
]


def judged(question: str, texts: list[str], odd: tuple[str, ...] = ()) -> list[float]:
    """The scores of some texts."""
    by = WordEncoder()
    vectors = by.encode([question, *texts])
    found, _shares = ask.answers(
        question, vectors[0], [[pair] for pair in zip(texts, vectors[1:], strict=True)], odd=odd
    )
    return found.tolist()


@pytest.mark.parametrize("question", ["bitter cheese", "what about the bees in the winter", "wall", "nothing of that"])
def test_it_gives_each_text_the_same_score_whatever_else_there_is(question: str) -> None:
    together = judged(question, TEXTS)
    assert together == [judged(question, [text])[0] for text in TEXTS]
    assert all(0 <= score <= 1 for score in together)


def test_it_ranks_what_is_asked_for_first() -> None:
    assert max(zip(judged("my cheese tastes bitter", TEXTS), TEXTS, strict=True))[1] == "Cheese that tastes bitter"


def test_few_words_are_looked_up_and_many_are_not() -> None:
    by = WordEncoder()
    far = np.zeros(by.dim, np.float32)
    far[0] = 1.0
    texts = [[("Stilvander built it", far)]]
    rare, _ = ask.answers("stilvander", by.encode(["x"])[0], texts)
    many, _ = ask.answers("stilvander alpha beta gamma delta epsilon zeta", by.encode(["x"])[0], texts)
    assert rare[0] > 100 * many[0]


def test_words_alone_decide_where_there_is_no_vector() -> None:
    scores, shares = ask.answers("bitter cheese", None, [[(text, None)] for text in TEXTS])
    assert np.argmax(scores) == 3 and shares[3] == 1 and shares[2] == 0


def test_nothing_to_judge_is_no_fault() -> None:
    assert [len(part) for part in ask.answers("cheese", None, [])] == [0, 0]
    scores, shares = ask.answers("", None, [[("cheese", None)], []])
    assert shares.tolist() == [0, 0] and len(scores) == 2


def test_people_are_judged_by_their_best_offer() -> None:
    by = WordEncoder()
    texts = ["make hard cheese", "keep bees", "mend walls"]
    rows = dict(zip([*texts, "make cheese"], by.encode([*texts, "make cheese"]), strict=True))
    offers = [[(texts[1], rows[texts[1]]), (texts[0], rows[texts[0]])], [(texts[2], rows[texts[2]])]]
    scores, _ = ask.answers("make cheese", rows["make cheese"], offers, kind=ASK_PEOPLE)
    assert scores[0] > scores[1]


@pytest.mark.parametrize(
    ("asked", "word", "is_one"),
    [
        ("mould", "mould", True), ("oul", "mould", True), ("mold", "mould", True), ("muold", "mould", True),
        ("vinager", "vinegar", True), ("mushrom", "mushroom", True), ("stone", "mould", False), ("hay", "way", False),
        ("ab", "cab", False), ("hive", "wasp", False), ("cheesemaking", "cheesemonger", False),
    ],
)  # fmt: skip
def test_it_knows_a_word_by_its_spelling(asked: str, word: str, is_one: bool) -> None:
    assert (ask.spelling(asked, word) > 0) is is_one
    assert 0 <= ask.spelling(asked, word) <= 1


def test_a_misspelt_word_counts_only_where_it_was_looked_for_so() -> None:
    asked = ask.wanted("blue mold")
    there = set(words("Blue mould"))
    assert ask.share_found(asked, there) < ask.share_found(asked, there, odd=["mold"]) < 1
    assert ask.share_found(ask.wanted("Blue mould"), there) == 1


def test_small_words_are_not_looked_for() -> None:
    assert set(ask.wanted("What do I do about the mould on my cheese?")) == {"mould", "cheese"}
    assert set(ask.wanted("who is who")) == {"who", "is"}
    assert ask.wanted("") == {} and ask.wanted("?!") == {}
    assert len(ask.wanted(" ".join(f"word{number}" for number in range(99)))) == ask.MOST_WORDS


def test_evaluation_judges_titles_by_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = [{"qid": "q", "text": "bitter cheese"}]
    candidates = [{"id": f"c{number}", "text": text} for number, text in enumerate(TEXTS)]
    (row,) = evaluate.rank_task("T5", queries, candidates, WordEncoder())
    assert row["ranking"][0] == "c3"
    monkeypatch.setattr(ask, "answers", lambda *args, **kwargs: (np.arange(len(TEXTS)) / 9.0, np.zeros(len(TEXTS))))
    (other,) = evaluate.rank_task("T5", queries, candidates, WordEncoder())
    assert other["ranking"] != row["ranking"]
