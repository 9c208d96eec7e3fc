"""Evidence into probabilities, wishes into one chance, two directions into one.

The weights are a logistic regression over `score.FEATURES` for each relation, learned by `train/fusion.py` and
kept as readable JSON; here they are applied with numpy alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .kinds import Relation
from .people import Scores

WEIGHTS = Path(__file__).parent / "weights" / "fusion.json"
"""The shipped weights: `kinds` by `Relation`, and `provenance`."""

LEAN = 0.6
"""Share of the asker's own gain in the order of a swap; at one half both sides count the same."""


class WeightsUnsound(ValueError):
    """The file of weights is damaged; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression.

    Attributes:
        weights: one a feature, in the order of `score.FEATURES`.
        bias: the log odds where all features are 0.
    """

    weights: tuple[float, ...]
    bias: float

    def probability(self, evidence: npt.NDArray[np.float64]) -> Scores:
        """Return the probability for each row of features, `[..., features]` → `[...]`, between 0 and 1."""
        odds: Scores = 1.0 / (1.0 + np.exp(-(evidence @ np.asarray(self.weights) + self.bias)))
        return odds


Weights = Mapping[Relation, Logistic]
"""What each relation is judged by."""


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The shipped weights by relation.

    Raises:
        WeightsUnsound: the file is missing or damaged.
    """
    try:
        data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsUnsound(f"{WEIGHTS} cannot be read ({error}): install again, or run train_fusion.") from error
    return read(data)


def read(data: Mapping[str, Any], width: int = 10) -> Weights:
    """Return the weights in a decoded file.

    Raises:
        WeightsUnsound: a relation is missing, or its numbers are not finite or not as many as there are features.
    """
    found: dict[Relation, Logistic] = {}
    for relation in Relation:
        entry = data.get("kinds", {}).get(relation.value, {})
        weights, bias = entry.get("coef", []), entry.get("intercept")
        if len(weights) != width or not all(isinstance(x, int | float) and np.isfinite(x) for x in [*weights, bias]):
            raise WeightsUnsound(f"The weights of {relation.value!r} are damaged: run train_fusion again.")
        found[relation] = Logistic(tuple(map(float, weights)), float(bias))
    return found


def any_of(chances: Scores, starts: npt.NDArray[np.intp]) -> Scores:
    """Return the chance that at least one wish of each wisher is met: noisy-or over runs of rows.

    Args:
        chances: `[wishes, people]`.
        starts: `[wishers + 1]`, as in `Stack.starts`; who has no wish gets 0.

    Source: Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988, section 4.3.2.
    """
    missed = np.ones((len(starts) - 1, chances.shape[1]))
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        missed[filled] = np.multiply.reduceat(1.0 - chances, starts[:-1][filled], axis=0)
    return 1.0 - missed


def harmonic_mean(one: Scores, other: Scores) -> Scores:
    """Return the harmonic mean of two scores of the same shape: high only where both are, 0 where one is 0.

    Symmetric, monotone, between the smaller score and the arithmetic mean. Source: reciprocal recommendation
    (Pizzato et al., "RECON", RecSys 2010).
    """
    total = one + other
    return np.divide(2.0 * one * other, total, out=np.zeros_like(total), where=total > 0)


def swap(own: Scores, theirs: Scores, lean: float = LEAN) -> Scores:
    """Return the worth of a swap to one side: own gain and theirs, a weighted geometric mean, 0 to 1.

    Monotone in both; 0 where either gains nothing.
    """
    return np.asarray(own**lean * theirs ** (1.0 - lean), np.float64)
