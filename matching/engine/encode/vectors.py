"""What every encoder promises, and what they share: one normal form, equal texts once, unit vectors in order."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from ..people import Matrix
from ..text import normalise

Read = Callable[[Sequence[str]], Matrix]
"""Turns normalised texts, none of them twice, into `[len(texts), dim]`, in their order and of whatever length."""


class ModelUnsound(Exception):
    """The language model cannot be trusted or loaded; the message says what is wrong and what to do."""


class Encodes(Protocol):
    """Anything that turns texts into unit vectors and can say which model it is."""

    @property
    def name(self) -> str:
        """The name stored beside each vector; vectors of two names are never compared."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return float32 `[len(texts), dim]`, each row of length 1, in the order of the texts."""


class Runtime(Protocol):
    """One way to run a model that is loaded."""

    @property
    def about(self) -> str:
        """What runs the model, and in which precision."""

    def read(self, texts: Sequence[str]) -> Matrix:
        """See `Read`."""


def encode_with(read: Read, texts: Sequence[str]) -> Matrix:
    """Encode at least one text, after normalising; equal texts are read once, longest first.

    Returns:
        float32 `[len(texts), dim]`, rows of length 1, in the order given.

    Raises:
        ModelUnsound: what came back is not one sound vector for each text.
    """
    plain = [normalise(text) for text in texts]
    unique = sorted(set(plain), key=lambda text: (-len(text), text))
    vectors = unit(np.asarray(read(unique), np.float32))
    if len(vectors) != len(unique):
        raise ModelUnsound(
            f"The language model returned {len(vectors)} vectors for {len(unique)} texts: check ENCODER."
        )
    place = {text: row for row, text in enumerate(unique)}
    return vectors[[place[text] for text in plain]]


def unit(vectors: Matrix) -> Matrix:
    """Return the rows `[n, dim]` scaled to length 1 as float32; a cosine is then one dot product.

    Raises:
        ModelUnsound: a row is zero or not finite, which no sound model returns.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise ModelUnsound("The language model returned a vector that is empty or not finite: check ENCODER.")
    return np.asarray(vectors / lengths, np.float32)
