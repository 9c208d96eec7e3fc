"""Reasons: which need of one person is met by which offer of the other, in their own words.

Reasons are a function of quotable lines alone: a "matching only" line is never quoted, and whether it exists
changes no reason. Where nothing quotable is strong enough, there is no reason, and none is made up.
"""

from collections.abc import Sequence

import numpy as np

from .kinds import Direction, MatchKind
from .people import Line, Person, Reason

FLOOR = 0.36
"""Cosine below which two lines do not count as meeting each other: where 3 % of the pairs of the skill-swap data are
graded as related, and above which 84 % of all related ones lie."""

LIMIT = 5
"""Reasons given at most for one match."""


def reasons(
    asker: Person, candidate: Person, kind: MatchKind, *, floor: float = FLOOR, limit: int = LIMIT
) -> tuple[Reason, ...]:
    """Return the (need, offer) pairs that carry a match, strongest first, ties by text.

    Each need stands in one reason at most, with the offer that meets it best. For people who want to learn
    the same, the "offer" is the candidate's like need.

    Args:
        floor: least strength of a reason, between 0 and 1.
        limit: most reasons returned (≥ 0).
    """
    found: list[Reason] = []
    if kind.direction is Direction.SHARED_NEEDS:
        found += _met(asker.needs, candidate.needs, is_returned=False)
    if kind.direction in (Direction.ASKER_NEEDS, Direction.BOTH):
        found += _met(asker.needs, _counting(candidate, kind), is_returned=False)
    if kind.direction in (Direction.CANDIDATE_NEEDS, Direction.BOTH):
        found += _met(candidate.needs, _counting(asker, kind), is_returned=True)
    strong = [reason for reason in found if reason.strength >= floor]
    return tuple(sorted(strong, key=_strongest_first)[:limit])


def _counting(person: Person, kind: MatchKind) -> list[Line]:
    return [line for line in person.offers if line.can_teach or not kind.must_teach]


def _met(needs: Sequence[Line], offers: Sequence[Line], *, is_returned: bool) -> list[Reason]:
    wanted, had = _quotable(needs), _quotable(offers)
    if not wanted or not had:
        return []
    cosines = np.array([line.vector for line in wanted]) @ np.array([line.vector for line in had]).T
    strengths = np.clip(np.round(cosines.astype(float), 4), 0.0, 1.0)
    best = strengths.argmax(axis=1)
    return [
        Reason(need, had[column], float(strengths[row, column]), is_returned)
        for row, (need, column) in enumerate(zip(wanted, best, strict=True))
    ]


def _quotable(lines: Sequence[Line]) -> list[Line]:
    # Sorted, so that the order in which people wrote their lines decides nothing.
    shown = (line for line in lines if line.is_quotable and line.vector is not None)
    return sorted(shown, key=lambda line: line.text)


def _strongest_first(reason: Reason) -> tuple[float, bool, str, str]:
    return (-reason.strength, reason.is_returned, reason.need.text, reason.offer.text)
