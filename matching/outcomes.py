"""Learns once a month from what became of suggestions; the worker calls it, pages never do."""

from collections.abc import Sequence

import numpy as np
from django.utils import timezone

from matching import refresh
from matching.engine import fuse
from matching.engine.kinds import KINDS, Relation
from matching.engine.learn import Lesson, Outcomes, basis_of, learn
from matching.models import Learned, Outcome

# What suggestions between people are judged by; names and questions are looked up, and nobody judges that.
TAUGHT = (Relation.WISH, Relation.COLD, Relation.LIKENESS, Relation.NAME)
PLACES = {name: place for place, name in enumerate(KINDS)}


def learn_if_due() -> Learned | None:
    """Learn, unless that was done this month already."""
    newest, today = Learned.newest(), timezone.localdate()
    if newest is not None and timezone.localdate(newest.made_at).replace(day=1) == today.replace(day=1):
        return None
    return learn_now()


def learn_now() -> Learned:
    """Weigh what became of suggestions, each relation by itself, and write down what comes of it."""
    Outcome.prune()
    basis = basis_of(refresh.encoder().name)
    rows = list(Outcome.objects.telling(basis))
    lessons = {relation: _lesson([row for row in rows if row.relation == relation], relation) for relation in TAUGHT}
    return Learned.keep(basis, lessons)


def _lesson(rows: Sequence[Outcome], relation: Relation) -> Lesson:
    shipped = fuse.shipped()[relation]
    found = Outcomes(
        evidence=np.array([row.evidence for row in rows], float).reshape(len(rows), len(shipped.weights)),
        good=np.array([row.is_good for row in rows], bool),
        people=np.array([row.member_id for row in rows], np.int64),
        kinds=np.array([PLACES[row.kind] for row in rows], np.int64),
    )
    return learn(found, shipped)
