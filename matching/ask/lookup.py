"""Which passages hold the words of a question: as they are, and where no visible text has a word, spelled nearly so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching import reading
from matching.engine.ask import END, PART, START
from matching.models import Passage
from matching.models.passage import token

MOST = 40  # passages taken for their words
ODD = 3  # words of a question that are looked for by their spelling
NEAR = 0.4  # what half of a word counts, when it is only looked whether to look closer

Words = list[list[str]]


@dataclass(frozen=True, slots=True)
class Side:
    """Where to look: in pages, or in what people offer.

    Attributes:
        marks: of words and of trigrams, as `reading.tokens_of` wrote them.
        is_visible: for keys of passages, whether the asker may see each, `[n]` → `[n]`.
    """

    marks: tuple[str, str]
    is_visible: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Hits:
    """What one side has.

    Attributes:
        keys: the passages with the weightiest words, those first.
        odd: stems that no visible text of this side holds.
    """

    keys: np.ndarray
    odd: frozenset[str]


def look_up(wanted: Mapping[str, float], sides: Sequence[Side], *, is_typed: bool = True) -> list[Hits]:
    """Return the best few passages of each side, in at most two queries for all.

    Args:
        wanted: stems with what each says, the weightiest first.
        is_typed: whether somebody typed them, who may have spelt them wrong; of a page that is told, nobody did.
    """
    exact = _visible([(side, [[token(side.marks[0], stem)]]) for side in sides for stem in wanted])
    found: list[list[tuple[np.ndarray, float]]] = []
    odd: list[list[str]] = []
    for number in range(len(sides)):
        own = exact[number * len(wanted) : (number + 1) * len(wanted)]
        found.append(list(zip(own, wanted.values(), strict=True)))
        missed = [stem for stem, keys in zip(wanted, own, strict=True) if not len(keys) and len(stem) >= reading.SHORT]
        odd.append(missed[:ODD] if is_typed else [])
    asked = [(number, stem, words) for number, some in enumerate(odd) for stem in some
             for words in _spelled(sides[number].marks, stem)]  # fmt: skip
    near = _visible([(sides[number], words) for number, _stem, words in asked])
    for place, ((number, stem, _words), keys) in enumerate(zip(asked, near, strict=True)):
        found[number].append((keys, wanted[stem] * (NEAR if place % 2 else PART)))
    return [Hits(_best(some), frozenset(stems)) for some, stems in zip(found, odd, strict=True)]


def _spelled(marks: tuple[str, str], stem: str) -> tuple[Words, Words]:
    """Two ways to find a word that is nowhere: as a part of others; and, one half of it spelled right, as misspelt."""
    word, gram = marks
    begun = [f"{token(word, stem)}*"]
    if len(stem) <= reading.SHORT:
        return [begun], []
    half = len(stem) // 2
    inside = [token(gram, one) for one in _threes(stem)]
    halves = [_threes(f"{START}{stem[:half]}"), _threes(f"{stem[half:]}{END}")]
    return [begun, inside], [[token(gram, one) for one in part] for part in halves]


def _threes(text: str) -> list[str]:
    return [text[start : start + 3] for start in range(max(1, len(text) - 2))]


def _visible(asked: Sequence[tuple[Side, Words]]) -> list[np.ndarray]:
    """Return for each item the keys of passages that hold it and that the asker may see."""
    keys = Passage.holding([words for _side, words in asked])
    empty = np.zeros(0, np.int64)
    some = [keys.get(place, empty) for place in range(len(asked))]
    return [
        found[side.is_visible(found)] if len(found) else empty
        for (side, _words), found in zip(asked, some, strict=True)
    ]


def _best(found: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
    """Return the keys of greatest weight, those first; equals in the order of their keys."""
    filled = [(keys, weight) for keys, weight in found if len(keys)]
    if not filled:
        return np.zeros(0, np.int64)
    every, places = np.unique(np.concatenate([keys for keys, _weight in filled]), return_inverse=True)
    weights = np.concatenate([np.full(len(keys), weight) for keys, weight in filled])
    totals = np.bincount(places, weights=weights, minlength=len(every))
    return every[np.argsort(-totals, kind="stable")[:MOST]]
