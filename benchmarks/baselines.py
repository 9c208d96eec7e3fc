"""What others would do, each in its best plain form: the peers of the quality table."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import log
from typing import Any

import numpy as np

from matching.engine.encode import Encodes
from matching.engine.text import normalise, sentences, words

Rows = Sequence[Mapping[str, Any]]


class Documents:
    """The candidates of one task, laid out for every baseline; each part is made when it is first asked for."""

    def __init__(self, rows: Rows, encoder: Encodes) -> None:
        self.encoder = encoder
        self.texts = [normalise(row["text"]) for row in rows]
        self.lines = [[*sentences(row["text"]), *map(normalise, row.get("skills", []))] for row in rows]
        self.full = [" ; ".join([text, *row.get("skills", [])]) for text, row in zip(self.texts, rows, strict=True)]

    @cached_property
    def whole(self) -> np.ndarray:
        """One vector a candidate, `[n, dim]`."""
        return self.encoder.encode(self.texts)

    @cached_property
    def stacked(self) -> tuple[np.ndarray, np.ndarray]:
        """One vector a line, and where each candidate's lines begin."""
        starts = np.cumsum([0, *(len(lines) for lines in self.lines[:-1])])
        return self.encoder.encode([line for lines in self.lines for line in lines]), starts

    @cached_property
    def postings(self) -> tuple[dict[str, list[tuple[int, float]]], int]:
        """BM25 weight of each stem in each candidate (Robertson and Walker, SIGIR 1994; k1 1.2, b 0.75)."""
        counts = [Counter(words(text)) for text in self.full]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / max(1, len(lengths))
        spread = Counter(stem for count in counts for stem in count)
        found: dict[str, list[tuple[int, float]]] = {}
        for number, count in enumerate(counts):
            for stem, times in count.items():
                idf = log(1 + (len(counts) - spread[stem] + 0.5) / (spread[stem] + 0.5))
                weight = times * 2.2 / (times + 1.2 * (0.25 + 0.75 * lengths[number] / mean))
                found.setdefault(stem, []).append((number, idf * weight))
        return found, len(counts)

    @cached_property
    def characters(self) -> tuple[Any, Any]:
        """Character 3- to 5-grams within words, sublinear tf-idf: the vectoriser and the candidates."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectoriser = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        return vectoriser, vectoriser.fit_transform(self.full)


def bm25(documents: Documents, wishes: Sequence[str]) -> np.ndarray:
    """Okapi BM25 over stems, `[wishes, candidates]`."""
    postings, size = documents.postings
    scores = np.zeros((len(wishes), size))
    for row, wish in enumerate(wishes):
        for stem in words(wish):
            for number, weight in postings.get(stem, ()):
                scores[row, number] += weight
    return scores


def characters(documents: Documents, wishes: Sequence[str]) -> np.ndarray:
    """Cosine of character n-grams."""
    vectoriser, candidates = documents.characters
    return np.asarray((vectoriser.transform(wishes) @ candidates.T).todense())


def cosine(documents: Documents, wishes: Sequence[str]) -> np.ndarray:
    """Cosine of the whole wish with the whole profile: plain semantic search."""
    return documents.encoder.encode(list(map(normalise, wishes))) @ documents.whole.T


def multi_vector(documents: Documents, wishes: Sequence[str]) -> np.ndarray:
    """Best cosine over the candidate's sentences and skills."""
    lines, starts = documents.stacked
    return np.maximum.reduceat(documents.encoder.encode(list(map(normalise, wishes))) @ lines.T, starts, axis=1)


def hybrid(documents: Documents, wishes: Sequence[str]) -> np.ndarray:
    """Weighted sum of standardised scores: whole, best line and BM25; the best combination known before ours."""
    parts = ((0.4, cosine), (0.4, multi_vector), (0.2, bm25))
    return np.sum([share * _standard(score(documents, wishes)) for share, score in parts], axis=0)


def _standard(scores: np.ndarray) -> np.ndarray:
    spread = scores.std(axis=1, keepdims=True)
    return (scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)


BASELINES: Mapping[str, Callable[[Documents, Sequence[str]], np.ndarray]] = {
    "BM25": bm25,
    "character TF-IDF": characters,
    "MiniLM cosine": cosine,
    "MiniLM multi-vector": multi_vector,
    "weighted hybrid": hybrid,
}
