"""Which words matter, and what words of a second language mean: learned from texts alone, kept as one JSON.

Meanings are the best of IBM Model 1 (Brown et al., "The Mathematics of Statistical Machine Translation",
Computational Linguistics 19(2), 1993), run in both directions over parallel names and sentences; a pair is kept
where the geometric mean of the two directions says that the words mostly stand for each other.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..text import sentences, surface, words
from .data import Corpus, Occupation

SEEN = 3
"""A word counts as known from so many texts on."""

SURE = 0.08
"""Least geometric mean of the two translation probabilities."""

LEAST = 0.8
"""Least expected number of times that the pair stood together."""

ROUNDS = 8
"""Steps of expectation and maximisation; more change nothing that matters."""

Pair = tuple[Sequence[str], Sequence[str], float]
"""Foreign words, our words, and how much the pair counts."""


def learn(corpus: Corpus) -> dict[str, Any]:
    """Return the wording table: `idf` by stem, `unseen`, and `meanings` by foreign word."""
    counts: Counter[str] = Counter()
    texts = [one.text for one in corpus.occupations]
    texts += [f"{skill.label} {skill.text}" for skill in corpus.skills.values()]
    for text in texts:
        counts.update(set(words(text)))
    idf = {word: round(log(1 + len(texts) / count), 3) for word, count in sorted(counts.items()) if count >= SEEN}
    return {"idf": idf, "unseen": round(log(1 + len(texts)), 3), "meanings": meanings(corpus)}


def write(table: dict[str, Any], out: Path) -> None:
    """Write the table whole or not at all, a line a word so that changes can be read."""
    said = {
        "provenance": {
            "trained_on": "ESCO v1.1.1, English and French: names and descriptions.",
            "statement": "This service uses the ESCO classification of the European Commission.",
        }
    }
    part = out.with_name(f"{out.name}.part")
    part.write_text(json.dumps(said | table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    part.replace(out)


def meanings(corpus: Corpus) -> dict[str, str]:
    """Return our word for each foreign word whose meaning the parallel texts show."""
    pairs = [pair for one in corpus.occupations if one.foreign for pair in _pairs(one)]
    if not pairs:
        return {}
    theirs = _numbered(word for foreign, _ours, _weight in pairs for word in foreign)
    ours = _numbered(word for _foreign, our, _weight in pairs for word in our)
    coded = [([theirs[w] for w in foreign], [ours[w] for w in our], weight) for foreign, our, weight in pairs]
    there, counts = _model_one([(f, o, w) for f, o, w in coded], len(theirs), len(ours))
    back, _counts = _model_one([(o, f, w) for f, o, w in coded], len(ours), len(theirs))
    best: dict[int, tuple[float, int]] = defaultdict(lambda: (0.0, -1))
    for (foreign, our), chance in there.items():
        sure = sqrt(chance * back.get((our, foreign), 0.0))
        if sure > SURE and counts[foreign, our] >= LEAST and (sure, -our) > best[foreign]:
            best[foreign] = (sure, -our)
    names, meant = list(theirs), list(ours)
    told = {names[foreign]: meant[-our] for foreign, (_sure, our) in sorted(best.items())}
    return {foreign: our for foreign, our in told.items() if foreign != our}


def _pairs(one: Occupation) -> Iterator[Pair]:
    for name in one.foreign:
        yield surface(name), surface(one.label), 2.0
        for other in one.names[:3]:
            yield surface(name), surface(other), 0.5
    about = one.text.partition(". ")[2]
    foreign, ours = sentences(one.foreign_text), sentences(about)
    if len(foreign) == len(ours):
        yield from ((surface(theirs), surface(our), 1.0) for theirs, our in zip(foreign, ours, strict=True))
    else:
        yield surface(one.foreign_text), surface(about), 1.0


def _numbered(found: Iterator[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(dict.fromkeys(found))}


def _model_one(
    pairs: Sequence[tuple[Sequence[int], Sequence[int], float]], givers: int, takers: int
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Return t(taker | giver) and expected counts; each taking word comes from one giving word or from nothing."""
    nothing = givers
    given: list[int] = []
    taken: list[int] = []
    token: list[int] = []
    weights: list[float] = []
    for source, target, weight in pairs:
        for word in target if source else ():
            choices = [*source, nothing]
            given += choices
            taken += [word] * len(choices)
            token += [len(weights)] * len(choices)
            weights.append(weight)
    keys, place = np.unique(np.asarray(given, np.int64) * takers + np.asarray(taken), return_inverse=True)
    chance, counts = _settle(keys // takers, place, np.asarray(token), np.asarray(weights), givers + 1)
    named = [(int(key // takers), int(key % takers)) for key in keys]
    return dict(zip(named, chance.tolist(), strict=True)), dict(zip(named, counts.tolist(), strict=True))


def _settle(
    giver: npt.NDArray[np.int64],
    place: npt.NDArray[np.intp],
    token: npt.NDArray[np.intp],
    weights: npt.NDArray[np.float64],
    givers: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    chance = np.full(len(giver), 1.0)
    counts = chance
    for _round in range(ROUNDS):
        shares = chance[place]
        shares = shares / np.bincount(token, shares)[token] * weights[token]
        counts = np.bincount(place, shares, minlength=len(giver))
        chance = counts / np.bincount(giver, counts, minlength=givers)[giver]
    return chance, counts
