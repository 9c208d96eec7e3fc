"""From one person and a roster to a ranked list with reasons: the one path by which anything is scored.

hard rules → directional scores → fused → ranked → explained.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from . import candidates, explain, fuse, score
from .kinds import Direction, MatchKind, kind_named
from .people import Id, Match, Part, Person, Reason, Roster, Rows, Scores

DECIMALS = 6
"""Scores are rounded to this, so that the order of a matrix product's sums decides no ranking."""


def suggest(person: Person, roster: Roster, kind: str, limit: int = 10, *, without: Collection[Id] = ()) -> list[Match]:
    """Return the best candidates of a kind for a person, best first, with reasons.

    Args:
        person: the asker; they need not be in the roster.
        kind: a key of `kinds.KINDS`.
        limit: most matches returned (≥ 0).
        without: ids that are left out (dismissed before, connected already).

    Returns:
        At most `limit` matches whose score is above 0. People against whom a hard rule stands are never
        scored.

    Raises:
        UnknownKind: there is no such kind.
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    entry = kind_named(kind)
    shut_out = frozenset(without)
    rows = candidates.eligible(person, roster.people, entry)
    rows = np.asarray([row for row in rows if roster.people[row].id not in shut_out], np.intp)
    shown = roster.take(rows)
    scores = rank(person, shown, entry)
    order = best_first(scores, shown)[: max(0, limit)]
    return [_match(person, shown.people[row], float(scores[row]), entry) for row in order if scores[row] > 0]


def rank(person: Person, roster: Roster, kind: MatchKind) -> Scores:
    """Return the score of everybody in the roster for one asker, `[len(roster)]`, each between 0 and 1.

    No hard rule is asked here: callers that show people to people use `suggest`.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    scores: Scores = rank_all(Roster([person]), roster, kind)[0]
    return scores


def rank_all(askers: Roster, roster: Roster, kind: MatchKind) -> Scores:
    """Return the scores of everybody for many askers, `[len(askers), len(roster)]`, each between 0 and 1.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    have = Part.TEACHING if kind.must_teach else Part.OFFERS
    if kind.direction is Direction.SHARED_NEEDS:
        have = Part.WISHES
    if kind.direction is Direction.ASKER_NEEDS:
        fused = score.directional(askers, roster, have)
    elif kind.direction is Direction.CANDIDATE_NEEDS:
        fused = score.directional(roster, askers, have).T
    else:
        there = score.directional(askers, roster, have)
        back = score.directional(roster, askers, have).T
        fused = fuse.harmonic_mean(there, back)
    return np.round(fused, DECIMALS)


def best_first(scores: Scores, roster: Roster) -> Rows:
    """Return positions by falling score, `[len(roster)]`; ties go by what people wrote, then by id."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order])) + 1
    for tied in np.split(order, ends):
        if len(tied) > 1:
            tied[:] = sorted(tied, key=lambda row: _wording(roster.people[row]))
    return order


def why_not(person: Person, candidate: Person, kind: str) -> candidates.Refusal | None:
    """Return the hard rule that keeps a candidate from a person, or None where none does.

    Whether the answer may be told to anybody (a block, an age) is for the caller to decide.

    Raises:
        UnknownKind: there is no such kind.
    """
    return candidates.refusal(person, candidate, kind_named(kind))


def _wording(person: Person) -> tuple[str, str, str, str, str]:
    about, offers, needs = (
        "\n".join(sorted(line.text for line in lines)) for lines in (person.about, person.offers, person.needs)
    )
    return (person.trade, about, offers, needs, str(person.id))


def _match(person: Person, candidate: Person, value: float, kind: MatchKind) -> Match:
    distance = candidates.distance_km(person, candidate)
    found: tuple[Reason, ...] = explain.reasons(person, candidate, kind)
    return replace(Match(candidate, value), reasons=found, distance_km=distance)
