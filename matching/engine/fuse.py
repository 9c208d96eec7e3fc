"""Two directions into one score."""

import numpy as np

from .people import Scores


def harmonic_mean(one: Scores, other: Scores) -> Scores:
    """Return the harmonic mean of two scores of the same shape: high only where both are, 0 where one is 0.

    Symmetric, monotone, between the smaller score and the arithmetic mean. Source: reciprocal recommendation
    (Pizzato et al., "RECON", RecSys 2010).
    """
    total = one + other
    return np.divide(2.0 * one * other, total, out=np.zeros_like(total), where=total > 0)
