"""Lists that are fair to those who are shown: attention is shared out, and who sees somebody is seen by them.

A small market: whoever is asked for too often gets dearer, whoever too rarely cheaper, until the lists demand
everybody about equally; being shown to each other is worth a little. The last step keeps a cap for certain.
Prices are the dual variables of sharing out a limited good (Bertsekas, "The auction algorithm", Annals of
Operations Research 14, 1988); capped exposure as in Biega, Gummadi and Weikum, "Equity of attention", SIGIR 2018.
Only the order of what one may see is changed: no hard rule is touched, and nobody is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .people import Rows, Scores

MUTUAL = 0.01
"""What being shown to each other is worth, in units of the score."""

CAP = 1.4
"""Most often that anybody is shown, over the mean."""

BAND = 0.4
"""How far from the mean demand may lie before prices move: being wanted a little more is no injustice."""

STEPS = 120
"""Rounds of the market; prices move less each round."""

NOBODY = -1
"""Fills lists that are shorter than others."""


@dataclass(frozen=True, slots=True)
class Lists:
    """For each asker some candidates.

    Attributes:
        rows: `[askers, width]` positions of candidates, each at most once a row; `NOBODY` fills up.
        scores: `[askers, width]`, 0 to 1; anything where nobody stands.
        people: how many candidates there are; rows lie below it.
    """

    rows: Rows
    scores: Scores
    people: int

    @classmethod
    def of(cls, rows: Sequence[Rows], scores: Sequence[Scores], people: int) -> "Lists":
        """Lay lists of different lengths side by side."""
        width = max((len(some) for some in rows), default=0)
        laid = cls(np.full((len(rows), width), NOBODY, np.intp), np.zeros((len(rows), width)), people)
        for asker, (some, worth) in enumerate(zip(rows, scores, strict=True)):
            laid.rows[asker, : len(some)], laid.scores[asker, : len(some)] = some, worth
        return laid


def spread(
    lists: Lists, length: int, *, cap: float = CAP, mutual: float = MUTUAL, band: float = BAND, steps: int = STEPS
) -> npt.NDArray[np.bool_]:
    """Return which entries each asker is shown, `[askers, width]`: at most `length` of each list.

    Args:
        lists: whom each asker may be shown; askers and candidates are the same people where `mutual` > 0.
        length: most entries of one list that are shown (≥ 0).
        cap: nobody is shown more often than this times the mean (≥ 1), rounded up, in the place of somebody who is
            shown less.
        mutual: what being shown to each other is worth (≥ 0).
        band: share of the mean by which demand may differ from it (≥ 0) before prices move.

    Each list has as many entries as it can: the cap says who, not how many.
    """
    there = lists.rows >= 0
    if length <= 0 or not there.any():
        return np.zeros_like(there)
    worth = np.where(there, lists.scores, -np.inf)
    back = _way_back(lists) if mutual > 0 else None
    wanted = np.minimum(there.sum(axis=1), length).sum() / max(1, len(np.unique(lists.rows[there])))
    price, shown = np.zeros(lists.people), np.zeros_like(there)
    step = 0.5 * float(np.std(lists.scores[there])) + 1e-9
    value = worth
    for turn in range(steps):
        value = worth - np.where(there, price[lists.rows], 0.0)
        if back is not None:
            value = value + mutual * (shown.ravel()[back] & (back >= 0))
        shown = _best(value, length) & there
        load = np.bincount(lists.rows[shown], minlength=lists.people)
        price += step * (1.0 - turn / steps) * _beyond(load / wanted - 1.0, band)
    return _capped(lists, value, length, int(np.ceil(cap * wanted)))


def _beyond(excess: Scores, band: float) -> Scores:
    """Return how far demand lies outside the band around the mean, -1 to 1; within it prices rest."""
    return np.asarray(np.clip(np.sign(excess) * np.maximum(np.abs(excess) - band, 0.0), -1.0, 1.0))


def _best(value: Scores, length: int) -> npt.NDArray[np.bool_]:
    shown = np.zeros(value.shape, bool)
    places = np.argsort(-value, axis=1, kind="stable")[:, :length]
    np.put_along_axis(shown, places, True, axis=1)
    return shown


def _way_back(lists: Lists) -> npt.NDArray[np.intp]:
    """Return, for each entry (a shows b), the flat place of (b shows a), or -1 where b may not be shown a."""
    askers, width = lists.rows.shape
    names = np.arange(askers)[:, None] * lists.people + lists.rows
    there = lists.rows >= 0
    order = np.argsort(np.where(there, names, np.iinfo(np.int64).max), axis=None, kind="stable")
    known = np.where(there, names, np.iinfo(np.int64).max).ravel()[order]
    wanted = lists.rows * lists.people + np.arange(askers)[:, None]
    place = np.minimum(np.searchsorted(known, wanted.ravel()), known.size - 1)
    found = (known[place] == wanted.ravel()) & there.ravel()
    return np.where(found, order[place], -1).reshape(askers, width)


def _capped(lists: Lists, value: Scores, length: int, most: int) -> npt.NDArray[np.bool_]:
    """Take entries by falling value while both sides have room."""
    near = _best(value, min(4 * length, value.shape[1])) & (lists.rows >= 0)
    shown = np.zeros_like(near)
    _take(lists, value, near, shown, length, most)
    _take(lists, value, (lists.rows >= 0) & ~near, shown, length, most)
    # Where all others are at the cap already, showing nobody would help nobody.
    _take(lists, value, (lists.rows >= 0) & ~shown, shown, length, len(shown))
    _give_turns(lists, value, shown)
    return shown


def _give_turns(lists: Lists, value: Scores, shown: npt.NDArray[np.bool_]) -> None:
    """Show whoever is still shown to nobody once, where it costs least, in the place of somebody shown often."""
    load = np.bincount(lists.rows[shown], minlength=lists.people)
    for candidate in np.setdiff1d(lists.rows[lists.rows >= 0], lists.rows[shown]):
        askers, places = np.nonzero(lists.rows == candidate)
        spare = shown[askers] & (load[lists.rows[askers]] > 1)
        given_up = np.where(spare, value[askers], np.inf)
        if not spare.any():
            continue
        best = int(np.argmax(value[askers, places] - given_up.min(axis=1)))
        asker, out = askers[best], int(np.argmin(given_up[best]))
        load[lists.rows[asker, out]] -= 1
        load[candidate] += 1
        shown[asker, out], shown[asker, places[best]] = False, True


def _take(
    lists: Lists,
    value: Scores,
    choice: npt.NDArray[np.bool_],
    shown: npt.NDArray[np.bool_],
    length: int,
    most: int,
) -> None:
    room = length - shown.sum(axis=1)
    load = np.bincount(lists.rows[shown], minlength=lists.people)
    askers, places = np.nonzero(choice & (room > 0)[:, None])
    for entry in np.argsort(-value[askers, places], kind="stable"):
        asker, place = askers[entry], places[entry]
        candidate = lists.rows[asker, place]
        if room[asker] > 0 and load[candidate] < most:
            shown[asker, place] = True
            room[asker] -= 1
            load[candidate] += 1
