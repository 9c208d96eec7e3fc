"""What people of a trade usually can do, even where they do not say it: a shipped table of trades and their skills.

A profile is held against known trades; what is expected of it is the mean of the skills of the nearest ones. This is
document expansion (Tao et al., "Language model information retrieval with document expansion", NAACL 2006) with
vectors in place of words. Only for judging: nothing is ever said of somebody because of it.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .people import Matrix

TABLE = Path(__file__).parent / "weights" / "trades.npz"
"""The shipped table: int8 `trades` and `skills` `[n, dim]`, each row 127 times a unit vector at its largest number."""

NEAREST = 5
"""Trades that a profile is taken to be near to."""

SHARPNESS = 10.0
"""How much more the nearest one counts: weights go by exp(SHARPNESS · cosine)."""

ROUTE_SHARPNESS = 15.0
"""The same where a wish and a profile are each seen as a mixture of all trades."""

COUNT = 4
"""How many numbers `evidence` gives for each pair."""


@dataclass(frozen=True, slots=True)
class Trades:
    """Known trades.

    Attributes:
        texts: `[n, dim]`, unit vectors of name and description.
        skills: `[n, dim]`, unit vectors of what they take, rare skills counting most.
    """

    texts: Matrix
    skills: Matrix

    def fits(self, vectors: Matrix) -> bool:
        """Whether anything is known of such vectors."""
        return bool(len(self.texts) and vectors.size and vectors.shape[1] == self.texts.shape[1])

    def evidence(self, wishes: Matrix, profiles: Matrix) -> npt.NDArray[np.float64]:
        """Return what known trades say of each wish and profile, `[wishes, people, COUNT]`, 0 or about 0 to 1.

        Cosine of the wish with what is expected of the profile; how much the trades that take what is wished for are
        the trades that the profile is like; and how near each of the two, by itself, is to anything known: what is
        near to everything says little (hubs; Radovanović et al., JMLR 11, 2010).
        """
        found = np.zeros((len(wishes), len(profiles), COUNT))
        if self.fits(profiles) and self.fits(wishes):
            likeness, asked = profiles @ self.texts.T, wishes @ self.skills.T
            found[:, :, 0] = wishes @ self.expected(profiles).T
            found[:, :, 1] = _mixture(asked) @ _mixture(likeness).T
            found[:, :, 2] = _familiar(likeness)[None, :]
            found[:, :, 3] = _familiar(asked)[:, None]
        return found

    def expected(self, profiles: Matrix) -> Matrix:
        """Return what is expected of each profile, `[people, dim]`, rows of length 1; zeros where nothing is known.

        Args:
            profiles: unit vectors `[people, dim]`; of another width than the table, nothing is known of them.
        """
        if not self.fits(profiles):
            return np.zeros_like(profiles)
        likeness = profiles @ self.texts.T
        count = min(NEAREST, likeness.shape[1])
        near = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        shares = np.exp(SHARPNESS * (np.take_along_axis(likeness, near, axis=1) - 1.0))
        found = np.einsum("pk,pkd->pd", shares, self.skills[near])
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)


def _mixture(likeness: Matrix) -> Matrix:
    shares = np.exp(ROUTE_SHARPNESS * (likeness - likeness.max(axis=1, keepdims=True)))
    return np.asarray(shares / np.linalg.norm(shares, axis=1, keepdims=True), np.float32)


def _familiar(likeness: Matrix) -> Matrix:
    return np.asarray(
        np.partition(likeness, -min(NEAREST, likeness.shape[1]), axis=1)[:, -NEAREST:].mean(axis=1), np.float32
    )


@lru_cache(maxsize=1)
def shipped() -> Trades:
    """The shipped table; without it nothing is known."""
    if not TABLE.is_file():
        return Trades(np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))
    with np.load(TABLE, allow_pickle=False) as table:
        return Trades(_unit(table["trades"]), _unit(table["skills"]))


def write(trades: Trades, out: Path) -> None:
    """Write a table whole or not at all."""
    part = out.with_name(f"{out.name}.part")
    with part.open("wb") as file:
        np.savez_compressed(file, trades=_rounded(trades.texts), skills=_rounded(trades.skills))
    part.replace(out)


def _rounded(vectors: Matrix) -> npt.NDArray[np.int8]:
    scaled = np.round(127 * vectors / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9))
    return np.asarray(scaled, np.int8)


def _unit(numbers: npt.NDArray[np.int8]) -> Matrix:
    vectors = numbers.astype(np.float32)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), np.float32)
