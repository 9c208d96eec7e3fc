"""Which words matter, and what foreign words mean: a small table learned from parallel texts, shipped beside it.

The model reads English. A text in which enough words are foreign and known to the table is read to it word by
word in English; everything else is read as it stands. Source of the table: `train/wording.py`.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import sqrt
from pathlib import Path
from typing import Any

from .text import surface, words

TABLE = Path(__file__).parent / "weights" / "words.json"
"""The shipped table: `idf`, `unseen`, `meanings`, `provenance`."""

FOREIGN_SHARE = 0.3
"""Share of words unknown to us from which a text counts as foreign."""

COMMON = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "its", "of", "on", "or", "such"}
    | {"that", "the", "their", "they", "this", "to", "with"}
)
"""Words that say nothing about a skill."""


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """The shipped table; empty where it is missing, and then every word counts the same and none is translated."""
    if not TABLE.is_file():
        return {"idf": {}, "unseen": 1.0, "meanings": {}}
    loaded: Mapping[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return loaded


def weight(stem: str) -> float:
    """Return how much a stem says about a text (inverse document frequency, > 0)."""
    return float(table()["idf"].get(stem, table()["unseen"]))


@lru_cache(maxsize=4096)
def gloss(text: str) -> str:
    """Return a foreign text word by word in English, and any other text unchanged.

    Words whose meaning is unknown stay as they are: many are the same in both languages.
    """
    meanings: Mapping[str, str] = table()["meanings"]
    spoken = surface(text)
    foreign = [word for word in spoken if word in meanings and word not in PARTICLES and not _is_ours(word)]
    if not foreign or len([word for word in spoken if not _is_ours(word)]) < FOREIGN_SHARE * len(spoken):
        return text
    return " ".join(meanings.get(word, word) if not _is_ours(word) or word in PARTICLES else word for word in spoken)


PARTICLES = frozenset(
    {"a", "d", "de", "des", "du", "en", "l", "la", "le", "les", "sur", "et", "au", "aux", "par", "pour"}
)
"""Small words of the second language that stand in our texts, too, by chance."""


def _is_ours(word: str) -> bool:
    return word not in PARTICLES and all(stem in table()["idf"] for stem in words(word))


@lru_cache(maxsize=65536)
def bag(text: str) -> Mapping[str, float]:
    """Return the stems of a text with their weights, scaled to length 1; empty where no word says anything.

    tf-idf with the square root of the count (Salton and Buckley, 1988).
    """
    counts = Counter(stem for stem in words(gloss(text)) if stem not in COMMON)
    weighted = {stem: weight(stem) * sqrt(count) for stem, count in counts.items()}
    length = sqrt(sum(value * value for value in weighted.values()))
    return {stem: value / length for stem, value in weighted.items()}


Index = Mapping[str, Sequence[tuple[int, float]]]
"""For each stem the texts that have it, by number, and its weight there."""


@lru_cache(maxsize=20000)
def index(texts: tuple[str, ...]) -> Index:
    """Return where each stem stands in these texts."""
    found: dict[str, list[tuple[int, float]]] = {}
    for number, text in enumerate(texts):
        for stem, value in bag(text).items():
            found.setdefault(stem, []).append((number, value))
    return found


def overlap(wish: Mapping[str, float], texts: Index) -> tuple[float, float]:
    """Return how much of a wish stands anywhere in some texts, and how like it the likest one is worded.

    Args:
        wish: a `bag`.

    Returns:
        Two numbers from 0 to 1: the weight of the stems found over that of all; the best cosine of two bags.
    """
    shared, likeness = 0.0, {0: 0.0}
    for stem, value in wish.items():
        places = texts.get(stem, ())
        if places:
            shared += value
        for number, other in places:
            likeness[number] = likeness.get(number, 0.0) + value * other
    return (shared / sum(wish.values()) if shared else 0.0), min(1.0, max(likeness.values()))
