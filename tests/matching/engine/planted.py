"""Planted people and a toy encoder, so that every right answer in these tests is known by construction."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from matching.engine.kinds import KINDS
from matching.engine.people import PROFILE, Line, Matrix, Person, Vector
from matching.engine.text import words

DIM = 64


class WordEncoder:
    """Texts that share words are alike, texts that share none are not: no model, no surprise."""

    name = "words@1"

    def encode(self, texts: Sequence[str]) -> Matrix:
        return np.array([of_words(text) for text in texts], np.float32).reshape(len(texts), DIM)


@lru_cache(maxsize=512)
def of_words(text: str) -> Vector:
    total = np.sum([_of_word(word) for word in words(text) or ("",)], axis=0)
    return np.asarray(total / np.linalg.norm(total), np.float32)


def _of_word(word: str) -> Vector:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)


def axis(*weights: float) -> Vector:
    """A unit vector along the first few axes: `axis(1)` and `axis(0, 1)` have nothing in common."""
    vector = np.zeros(DIM, np.float32)
    vector[: len(weights)] = weights
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def line(text: str, vector: Vector | None = None, **more: Any) -> Line:
    return Line(text, text, vector=of_words(text) if vector is None else vector, **more)


def lines(*texts: str, **more: Any) -> tuple[Line, ...]:
    return tuple(line(text, **more) for text in texts)


def profile(text: str) -> tuple[Line, ...]:
    return lines(text, kind=PROFILE)


def person(name: str, offers: Sequence[str] = (), needs: Sequence[str] = (), **more: Any) -> Person:
    """An adult who is open to every kind and in nobody's way."""
    somebody = Person(
        name,
        offers=lines(*offers),
        needs=lines(*needs),
        is_adult=True,
        open_to=frozenset(kind.consent for kind in KINDS.values()),
    )
    return replace(somebody, **more)


NAMES = ("ada", "bo", "cy", "di", "ed", "flo", "gus", "hal")
THINGS = ("weave willow", "shear sheep", "graft apple trees", "forge hinges", "bake rye bread", "tan hides")


@st.composite
def people(draw: st.DrawFn, name: str) -> Person:
    """Anybody at all: any mix of consent, age, blocks, places, languages and lines."""
    ids = st.frozensets(st.sampled_from(NAMES), max_size=2)
    km = st.none() | st.integers(0, 300).map(float)
    texts = st.lists(st.sampled_from(THINGS), max_size=3, unique=True)
    wording = [draw(texts) for _ in range(3)]
    return Person(
        name,
        offers=tuple(line(text, can_teach=draw(st.booleans())) for text in wording[0]),
        needs=tuple(line(text, is_quotable=draw(st.booleans())) for text in wording[1]),
        about=lines(*wording[2], kind="sentence"),
        is_adult=draw(st.sampled_from((True, True, True, False))),
        open_to=draw(st.frozensets(st.sampled_from(sorted({kind.consent for kind in KINDS.values()})))),
        languages=draw(st.frozensets(st.sampled_from(("en", "cy", "pl")), max_size=2)),
        cell=draw(st.none() | st.tuples(st.integers(50, 54).map(float), st.integers(-5, -2).map(float))),
        max_km=draw(km),
        room=draw(st.integers(-1, 2)),
        is_paused=draw(st.booleans()),
        blocked=draw(ids),
        not_with=draw(ids),
        trade=draw(st.sampled_from(("", "weaver", "Weavers", "smith"))),
        not_own_trade_km=draw(km),
    )


@st.composite
def crowds(draw: st.DrawFn) -> list[Person]:
    """Two to five of anybody, with different names."""
    size = draw(st.integers(2, 5))
    return [draw(people(name)) for name in NAMES[:size]]
