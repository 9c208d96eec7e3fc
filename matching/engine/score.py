"""How well one person's wishes are met by what another has, for many pairs at once.

For a wish w and a person b: s(w, b) = P · cos(w, whole b) + (1 - P) · max over b's lines of cos(w, line),
cut at 0. Over the wishes of a: F(a → b) = (mean of s^E)^(1/E), a power mean: one wish met well counts for
more than several met badly, and every further wish met still helps. Max over lines is the late interaction
of Khattab and Zaharia ("ColBERT", SIGIR 2020) with statements in place of tokens; P and E were chosen on
the dev data (docs/matching.md).
"""

import numpy as np
import numpy.typing as npt

from . import lexicon, trades
from .people import PROFILE, Line, Part, Person, Roster, Scores, Stack, UnsoundInput, lines

PROFILE_SHARE = 0.3
"""P: weight of the whole profile against the best single line."""

EXPONENT = 4.0
"""E: 1 = plain mean over the wishes, infinite = only the best met wish."""

STAND_IN = 0.5
"""Factor where a profile stands in for wishes that nobody stated: likeness is a weaker sign than a wish."""

FEW = 16
"""Wishes up to which the product is taken the other way round: with one person's wishes it is twice as quick so."""


def directional(wishers: Roster, havers: Roster, have: Part) -> Scores:
    """Return how well each haver meets the wishes of each wisher, `[wishers, havers]`, each between 0 and 1.

    Args:
        have: which lines of the havers count: `Part.OFFERS`, `Part.TEACHING`, or `Part.WISHES` for people who
            want to learn the same.

    A pair where one side has nothing to compare gets 0. Batch and one by one agree to rounding.

    Raises:
        UnsoundInput: the two rosters' vectors have different widths, or one of them is unsound.
    """
    wishes, lines = wishers.stack(Part.WISHES), havers.stack(have)
    if not wishes.vectors.size or not lines.vectors.size:
        return np.zeros((len(wishers), len(havers)))
    best = segment(np.maximum, _cosines(wishes, lines), lines.starts, axis=1)
    whole = havers.stack(Part.WHOLE)
    if have is Part.WISHES or not whole.vectors.size:
        met = best
    else:
        similar = segment(np.add, _cosines(wishes, whole), whole.starts, axis=1)
        # Who has no line that counts here (nothing to teach, nothing written) gets nothing for the whole.
        met = PROFILE_SHARE * similar * (lines.counts > 0) + (1 - PROFILE_SHARE) * best
    return _power_mean(np.clip(met, 0.0, 1.0), wishes) * _stand_in(wishers)[:, None]


def segment(
    ufunc: np.ufunc, values: npt.NDArray[np.floating], starts: npt.NDArray[np.intp], *, axis: int
) -> npt.NDArray[np.float64]:
    """Reduce runs of rows (axis 0) or columns (axis 1) of `[r, c]` to one each; an empty run gives 0.

    Args:
        ufunc: `np.maximum` or `np.add`.
        starts: `[runs + 1]`, as in `Stack.starts`.
    """
    filled = np.flatnonzero(np.diff(starts))
    shape = list(values.shape)
    shape[axis] = len(starts) - 1
    reduced = np.zeros(shape)
    where = (filled, slice(None)) if axis == 0 else (slice(None), filled)
    if len(filled):
        # Empty runs have no width, so leaving them out keeps every other run whole.
        reduced[where] = ufunc.reduceat(values, starts[:-1][filled], axis=axis)
    return reduced


def _cosines(wishes: Stack, lines: Stack) -> npt.NDArray[np.float32]:
    if wishes.vectors.shape[1] != lines.vectors.shape[1]:
        raise UnsoundInput("Vectors of different widths: encode all texts again with one model.")
    if len(wishes.vectors) <= FEW:
        return np.ascontiguousarray((lines.vectors @ wishes.vectors.T).T)
    return wishes.vectors @ lines.vectors.T


def _power_mean(met: npt.NDArray[np.float64], wishes: Stack) -> Scores:
    counts = np.maximum(wishes.counts, 1)[:, None]
    return (segment(np.add, met**EXPONENT, wishes.starts, axis=0) / counts) ** (1 / EXPONENT)


def _stand_in(wishers: Roster) -> Scores:
    return np.where(wishers.counts(Part.NEEDS) > 0, 1.0, STAND_IN)


FEATURES = (
    *("whole", "sentence", "statement", "line", "cover", "wording"),
    *("trade", "route", "familiar_profile", "familiar_wish"),
)
"""What is known of how one wish meets one person, each from -1 or 0 to 1: cosine with the whole profile; best
cosine over the sentences of "about", over the statements, over both; share of the wish's words that they use;
likeness of wording with their likest line; and what known trades say (`trades.Trades.evidence`)."""

Evidence = npt.NDArray[np.float64]
"""`[wishes, people, len(FEATURES)]`."""

_STATEMENTS = {Part.TEACHING: Part.TAUGHT, Part.OFFERS: Part.STATEMENTS, Part.WISHES: Part.WISHES}


def evidence(wishers: Roster, havers: Roster, have: Part, known: trades.Trades | None = None) -> Evidence:
    """Return every feature of every wish against every haver; wishes lie end to end as in `Part.WISHES`.

    Args:
        have: which lines of the havers count: `Part.OFFERS`, `Part.TEACHING`, or `Part.WISHES`.
        known: trades that profiles are held against; else the shipped ones.

    What is missing (no statement, no sentence) counts as 0.

    Raises:
        UnsoundInput: as `directional`.
    """
    wishes = wishers.stack(Part.WISHES)
    found = np.zeros((len(wishes.vectors), len(havers), len(FEATURES)))
    if not found.size:
        return found
    about = () if have is Part.WISHES else (Part.WHOLE, Part.SENTENCES)
    for place, part in enumerate([*about, _STATEMENTS[have]] if about else [have], start=0 if about else 2):
        there = havers.stack(part)
        if there.vectors.size:
            found[:, :, place] = segment(np.maximum, _cosines(wishes, there), there.starts, axis=1)
    found[:, :, 3] = found[:, :, 1:3].max(axis=2)
    if about and havers.stack(Part.WHOLE).vectors.size:
        whole = havers.stack(Part.WHOLE)
        has_one = whole.counts > 0
        found[:, has_one, 6:] = (known or trades.shipped()).evidence(wishes.vectors, whole.vectors)
    texts = [lexicon.index(_counted(person, have)) for person in havers.people]
    wanted = [lexicon.bag(line.text) for person in wishers.people for line in _wishes(person)]
    for row, wish in enumerate(wanted):
        for column, text in enumerate(texts):
            found[row, column, 4:6] = lexicon.overlap(wish, text)
    return found


def _wishes(person: Person) -> list[Line]:
    return [line for line in lines(person, Part.WISHES) if line.vector is not None]


def _counted(person: Person, have: Part) -> tuple[str, ...]:
    return tuple(line.text for line in lines(person, have) if line.kind != PROFILE)
