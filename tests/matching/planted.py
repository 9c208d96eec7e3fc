"""A stand-in for the language model whose similarities are known by construction: texts are near that share words."""

import hashlib
from collections.abc import Sequence

import numpy as np

from matching.engine.people import Matrix
from matching.engine.text import words


class WordEncoder:
    """Each word is a fixed random direction; a text is the sum of its words."""

    name = "words"
    dim = 256

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One unit vector a text; remembers what it was asked to read."""
        self.read += texts
        rows = np.stack(
            [sum((_direction(word) for word in words(text) or ("",)), np.zeros(self.dim)) for text in texts]
        )
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(WordEncoder.dim)
