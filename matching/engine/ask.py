"""What answers a question: how well texts deal with it, by meaning and by words, whatever else there is to find.

The learned weights of `Relation.ASK` and `Relation.WISH` judge meaning and wording (`fuse`). Whoever types one to
three words looks for these very words, so to their odds is added what the words alone say, the more the fewer there
are: names and rare words come first. Words that are spelled otherwise are compared by their trigrams. Every number is
of one question and one text: nothing depends on which other texts there are.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import numpy as np

from . import fuse, lexicon, score, trades
from .kinds import ASK, MatchKind
from .people import Line, Part, Person, Roster, Scores, Vector
from .text import words

Text = tuple[str, Vector | None]
"""A text and its vector, `[dim]` float32 of length 1, or None where it was not read yet."""

LOOK_UP = 8.0
"""What it adds to the log odds that a text holds all words of a question of up to `FEW` words."""

FEW = 3
"""Words up to which a question is taken for a look-up; of n more words, (FEW / n)² of it remains, and of a text
that holds a share of them, the third power of that share."""

MOST_WORDS = 12
"""Words of a question that are looked for; of more, those that say most."""

LONG = 7
"""Letters from which a word may be misspelt twice."""

PART = 0.8
"""What a word counts for that stands inside another one."""

START, END = "\x02", "\x03"
"""What marks the two ends of a word in its trigrams; no text has them."""

DECIMALS = 6
"""To which scores are rounded."""

LEAST, MOST = 1e-6, 1.0 - 1e-6
"""Chances are kept between these, so that odds are finite."""

_SMALL = (
    "about after all also am any anybody anyone been before but can cannot could did do does doing don "
    "done else get give go going got had has have having he help her here him his how i if into know like "
    "look make many may me more most much must my need no not now off one only other our out own please "
    "she should so some somebody someone something still tell than them then there these thing those "
    "through till too up us use very want was we well were under over again because what when where which "
    "while who whom whose why will without would you your s t "
    "came come coming comes went made makes making way lot bit really keep kept put try tried trying day days night"
)
SAYS_NOTHING = lexicon.COMMON | frozenset(words(_SMALL))
"""Stems of words of which questions are made and that name nothing."""


def wanted(question: str) -> dict[str, float]:
    """Return the stems that a question looks for with what each says (`lexicon.weight`), weightiest first.

    At most `MOST_WORDS`; where all of its words say nothing, all of them.
    """
    stems = dict.fromkeys(words(question))
    telling = [stem for stem in stems if stem not in SAYS_NOTHING] or list(stems)
    weights = {stem: lexicon.weight(stem) for stem in telling}
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_WORDS])


_NO_TRADES = trades.Trades(np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))


@lru_cache(maxsize=65536)
def grams(word: str) -> frozenset[str]:
    """Return the trigrams of a word with a mark at each end."""
    marked = f"{START}{word}{END}"
    return frozenset(marked[start : start + 3] for start in range(len(marked) - 2))


@lru_cache(maxsize=65536)
def spelling(asked: str, word: str) -> float:
    """Return how surely two stems are one word, 0 to 1: the same, one inside the other, or spelled nearly alike.

    Nearly alike are words with a trigram in common that one slip of the pen tells apart, and long ones with two.
    """
    if asked == word:
        return 1.0
    if len(asked) >= FEW and asked in word:
        return PART
    slips = 2 if min(len(asked), len(word)) >= LONG else 1
    if len(asked) <= FEW or len(word) <= FEW or abs(len(asked) - len(word)) > slips:
        return 0.0
    if not grams(asked) & grams(word):
        return 0.0
    distance = _slips(asked, word)
    return 1.0 - distance / len(asked) if distance <= slips else 0.0


def _slips(one: str, other: str) -> int:
    """Letters wrong, missing, too many, or changed for a neighbour (optimal string alignment; Damerau, CACM 1964)."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i] + [0] * len(other)
        for j, there in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]


def share_found(asked: Mapping[str, float], there: Collection[str], odd: Collection[str] = ()) -> float:
    """Return the share of what is asked for, by weight, that a text holds, 0 to 1.

    Args:
        asked: as `wanted` returns it.
        there: the stems of the text.
        odd: stems that are looked for by their spelling where they are not there as they are.
    """
    total = sum(asked.values())
    if not total:
        return 0.0
    got = 0.0
    for stem, weight in asked.items():
        if stem in there:
            got += weight
        elif stem in odd:
            got += weight * max((spelling(stem, word) for word in there), default=0.0)
    return got / total


def answers(
    question: str,
    vector: Vector | None,
    candidates: Sequence[Sequence[Text]],
    *,
    kind: MatchKind = ASK,
    odd: Collection[str] = (),
) -> tuple[Scores, Scores]:
    """Return how likely each candidate deals with a question, and the share of its words that it holds, `[n]` each.

    Args:
        vector: of the question; None where no model is ready: then the words alone decide.
        candidates: each one passage of a page, or the offers of a person.
        kind: `kinds.ASK` for passages, `kinds.ASK_PEOPLE` for people.
        odd: as `share_found`.

    Scores are between 0 and 1, and each is the same whatever the other candidates are.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    asked = wanted(question)
    shares = np.array([_best_share(asked, texts, odd) for texts in candidates], float)
    chances = np.full(len(candidates), LEAST)
    if vector is not None and candidates:
        asker = Person("", needs=(Line(0, question, vector=vector),))
        roster = Roster(Person(place, offers=_lines(texts)) for place, texts in enumerate(candidates))
        # What people of a trade usually can do says something of people, and nothing of what is written.
        known = _NO_TRADES if kind is ASK else None
        found = score.evidence(Roster([asker]), roster, Part.OFFERS, known)
        met = fuse.shipped()[kind.relation].probability(found)[0]
        chances = np.clip(met * (roster.counts(Part.OFFERS) > 0), LEAST, MOST)
    weight = LOOK_UP * min(1.0, FEW / max(1, len(asked))) ** 2
    odds = np.log(chances / (1.0 - chances)) + weight * shares**3
    return np.round(1.0 / (1.0 + np.exp(-odds)), DECIMALS), shares


def _best_share(asked: Mapping[str, float], texts: Sequence[Text], odd: Collection[str]) -> float:
    return max((share_found(asked, stems(text), odd) for text, _vector in texts), default=0.0)


def _lines(texts: Sequence[Text]) -> tuple[Line, ...]:
    return tuple(Line(place, text, vector=vector) for place, (text, vector) in enumerate(texts))


@lru_cache(maxsize=4000)
def stems(text: str) -> frozenset[str]:
    """Return the different word stems of a text."""
    return frozenset(words(text))
