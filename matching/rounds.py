"""Brings the people of a round together: who may meet whom, who should, and what is told in the end.

Working out the pairs loads numba, so only the worker and the commands `preview`; pages read what is proposed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from community.connections.models import TEACHING, Connection
from community.members.models import Member
from matching import refresh, roster
from matching.engine import allpairs
from matching.engine.assign import Aim, Assignment, assign
from matching.engine.candidates import allowed, columns_of
from matching.engine.kinds import KINDS
from matching.models import UNDER_WAY, Entry, Fixed, Pair, Round, RoundState, Side
from matching.roster import Roster
from matching.stores import exact as store

CHUNK = 512  # learners scored at a time, so that no more than the scores themselves is held

Flags = npt.NDArray[np.bool_]


class Cohort:
    """The people of a round as the engine may know them, in the order of their ids, and what stands between them."""

    def __init__(self, entries: "QuerySet[Entry]", vectors: dict[str, Any]) -> None:
        found = list(entries.select_related("member__profile").order_by("member_id"))
        profiles = roster.matchable([entry.member.profile.pk for entry in found])
        people = {person.id: person for person in roster.build(vectors, profiles)}
        self.left_out = [entry for entry in found if entry.member_id not in people]
        known = [entry for entry in found if entry.member_id in people]
        self.mentors = [entry for entry in known if entry.side == Side.MENTOR]
        self.learners = [entry for entry in known if entry.side == Side.LEARNER]
        self.teaching = Roster(people[entry.member_id] for entry in self.mentors)
        self.learning = Roster(people[entry.member_id] for entry in self.learners)

    def free(self) -> Flags:
        """Whether two may meet, `[learners, mentors]`: by every hard rule, seen from both, and not met already."""
        learning, teaching = columns_of(self.learning), columns_of(self.teaching)
        free = allowed(learning, teaching, KINDS["mentor"]) & allowed(teaching, learning, KINDS["apprentice"]).T
        for learner, mentor in self._places_of(_met([entry.member_id for entry in self.learners])):
            free[learner, mentor] = False
        return free

    def rooms(self) -> npt.NDArray[np.int64]:
        """How many each mentor takes in this round: what they entered, and no more than they have room for."""
        rooms = [min(entry.capacity, person.room) for entry, person in zip(self.mentors, self.teaching, strict=True)]
        return np.maximum(np.array(rooms, np.int64), 0)

    def scores(self) -> npt.NDArray[np.float32]:
        """What each pair is worth, `[learners, mentors]`; the one place that says by which score rounds are made."""
        scores = np.zeros((len(self.learners), len(self.mentors)), np.float32)
        for start in range(0, len(self.learners), CHUNK):
            rows = np.arange(start, min(start + CHUNK, len(self.learners)), dtype=np.intp)
            scores[rows] = allpairs.rank_all(self.learning.take(rows), self.teaching, KINDS["mentor"])
        return scores

    def places(self, fixed: Sequence[Fixed]) -> list[tuple[int, int]]:
        """Where pairs that were fixed stand in the tables; those with somebody who left are nowhere."""
        learners = {entry.pk: at for at, entry in enumerate(self.learners)}
        mentors = {entry.pk: at for at, entry in enumerate(self.mentors)}
        both = [(learners.get(one.learner_id), mentors.get(one.mentor_id)) for one in fixed]
        return [(learner, mentor) for learner, mentor in both if learner is not None and mentor is not None]

    def _places_of(self, pairs: set[tuple[int, int]]) -> list[tuple[int, int]]:
        learners = {entry.member_id: at for at, entry in enumerate(self.learners)}
        mentors = {entry.member_id: at for at, entry in enumerate(self.mentors)}
        return [(learners[one], mentors[other]) for one, other in pairs if one in learners and other in mentors]


def _met(members: Sequence[int]) -> set[tuple[int, int]]:
    """Who has something open with whom already, as (one, other) both ways; they need no round."""
    rows = Connection.objects.filter(state__in=UNDER_WAY, kind__in=TEACHING)
    wanted = set(members)
    pairs = {(a, b) for a, b in rows.values_list("asker", "asked") if a in wanted or b in wanted}
    return pairs | {(b, a) for a, b in pairs}


def work_out(round_: Round) -> tuple[Cohort, Assignment, npt.NDArray[np.float32]]:
    """Find the pairs of a round by its mode and by what holds now, with the scores of all; changes nothing.

    A locked pair that a hard rule forbids, or for which there is no room, is left out and not spoken of: whoever
    locked it must not learn who keeps whom away.
    """
    cohort = Cohort(round_.entries.all(), dict(store.load(refresh.encoder().name)))
    free, scores, rooms = cohort.free(), cohort.scores(), cohort.rooms()
    fixed = list(round_.fixed.order_by("pk"))
    for at in cohort.places([one for one in fixed if not one.is_locked]):
        free[at] = False
    wanted = cohort.places([one for one in fixed if one.is_locked])
    places = np.array([entry.capacity for entry in cohort.learners], np.int64)
    locked = _within([at for at in wanted if free[at]], places, rooms)
    # People who have nothing for each other are no pair, however many the round wants to match.
    scores[~free | ((scores <= 0) & ~_marked(scores.shape, locked))] = -np.inf
    return cohort, assign(scores, places, rooms, Aim(round_.mode), locked=locked), scores


def _within(pairs: list[tuple[int, int]], learners: Any, mentors: Any) -> list[tuple[int, int]]:
    """The pairs, first come first kept, for which both have places."""
    left, room, kept = list(learners), list(mentors), []
    for learner, mentor in pairs:
        if left[learner] > 0 and room[mentor] > 0:
            left[learner], room[mentor] = left[learner] - 1, room[mentor] - 1
            kept.append((learner, mentor))
    return kept


def _marked(shape: tuple[int, ...], pairs: list[tuple[int, int]]) -> Flags:
    marks = np.zeros(shape, bool)
    for pair in pairs:
        marks[pair] = True
    return marks


def preview(round_: Round) -> dict[str, Any]:
    """Work the pairs out and propose them to the stewards; returns what `match_round` prints.

    Raises ValidationError where the round was published.
    """
    cohort, found, scores = work_out(round_)
    rows = [
        Pair(round=round_, mentor=cohort.mentors[mentor], learner=cohort.learners[learner],
             score=round(float(scores[learner, mentor]), 6))
        for learner, mentor in found.pairs
    ]  # fmt: skip
    outcome = told(round_, cohort, found, scores)
    round_.propose(rows, {key: outcome[key] for key in ("total", "optimal", "gap", "blocking_pairs")})
    return outcome


def preview_if_open(round_id: int) -> None:
    """Work the pairs of a round out, unless it is gone or was published."""
    if found := Round.objects.exclude(state=RoundState.PUBLISHED).filter(pk=round_id).first():
        try:
            preview(found)
        except ValidationError:
            return  # published while we counted


def told(round_: Round, cohort: Cohort, found: Assignment, scores: npt.NDArray[np.float32]) -> dict[str, Any]:
    """What a round came to, as `match_round` prints it."""
    pairs = [
        {"mentor": _address(cohort.mentors[mentor]), "learner": _address(cohort.learners[learner]),
         "score": round(float(scores[learner, mentor]), 6)}
        for learner, mentor in found.pairs
    ]  # fmt: skip
    matched = {cohort.mentors[mentor].pk for _learner, mentor in found.pairs}
    matched |= {cohort.learners[learner].pk for learner, _mentor in found.pairs}
    alone = [entry for entry in (*cohort.learners, *cohort.mentors, *cohort.left_out) if entry.pk not in matched]
    return {
        "pairs": sorted(pairs, key=lambda pair: (-pair["score"], pair["learner"], pair["mentor"])),
        "unmatched": sorted({_address(entry) for entry in alone}),
        "total": round(found.total, 6),
        "mode": round_.mode,
        "optimal": found.is_optimal,
        "gap": 0.0 if np.isnan(found.gap) else found.gap,
        "blocking_pairs": found.blocking_pairs,
    }


def _address(entry: Entry) -> str:
    return entry.member.email or entry.member.handle


def dry_run(round_: Round) -> dict[str, Any]:
    """What `match_round` would print, without a trace."""
    return told(round_, *work_out(round_))


def publish(round_id: int, by: Member | None) -> int:
    """Introduce the proposed pairs to each other, all or none, once for ever; returns how many pairs were told now.

    Whoever left, paused, closed or keeps the other away since the preview is left out, and nobody hears why.
    Raises ValidationError where no pairs are proposed.
    """
    with transaction.atomic():
        found = Round.objects.select_for_update().get(pk=round_id)
        if found.state == RoundState.PUBLISHED:
            return 0
        if found.state != RoundState.PREVIEWED:
            raise ValidationError("Nothing is proposed yet: work out the pairs first.")
        return len(found.close(_still_good(found), by))


def _still_good(round_: Round) -> list[Pair]:
    """The proposed pairs that every rule allows at this moment, best first as far as there is room."""
    cohort = Cohort(round_.entries.all(), {})
    free, rooms = cohort.free(), cohort.rooms()
    for apart in cohort.places(list(round_.fixed.filter(is_locked=False))):
        free[apart] = False
    learners = {entry.pk: at for at, entry in enumerate(cohort.learners)}
    mentors = {entry.pk: at for at, entry in enumerate(cohort.mentors)}
    left, kept = [entry.capacity for entry in cohort.learners], []
    for pair in round_.pairs.select_related("mentor__member__profile", "learner__member__profile"):
        at, to = learners.get(pair.learner_id), mentors.get(pair.mentor_id)
        if at is None or to is None or not free[at, to] or left[at] <= 0 or rooms[to] <= 0:
            continue
        left[at], rooms[to] = left[at] - 1, rooms[to] - 1
        kept.append(pair)
    return kept
