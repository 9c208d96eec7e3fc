"""What stewards may know of the matching: how much each feature counts, and how evenly people are suggested."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

from django.db.models import Count

from community.members.models import Profile
from matching import refresh
from matching.engine.fuse import WEIGHTS, WeightsUnsound
from matching.engine.kinds import KINDS, Relation
from matching.engine.learn import OUTCOMES, PEOPLE, Verdict
from matching.engine.measure import gini
from matching.engine.score import FEATURES
from matching.models import Learned, Suggestion

SHIPPED = WEIGHTS

FEW = 5  # people; of fewer no number is told, since one could guess who they are
FIFTHS = 5


@dataclass(frozen=True, slots=True)
class Weight:
    """How much one feature counts for one kind of match; below 0 it speaks against."""

    feature: str
    value: float


@dataclass(frozen=True, slots=True)
class Taught:
    """What this community's outcomes say of one relation, as far as stewards may know it.

    Attributes:
        relation: what was judged.
        state: `in_use`, `stopped` (by a steward), `not_better`, `too_few`, or `outdated`: held against weights that
            are not the shipped ones any more.
        outcomes, people, held_back: how many were learned from, and how many answers they were tried on; 0 where
            there are too few, since small numbers tell of people.
        order: of 100 pairs of one welcome and one unwelcome suggestion, how many stand in the right order by the
            shipped weights, by the corrected ones, and what the correction gains at least and at most.
        surprise: the mean log loss, in the same four numbers; less is better, a gain counts as positive.
        learned: the corrected weight of each feature; empty where there are too few.
    """

    relation: str
    state: str
    outcomes: int = 0
    people: int = 0
    held_back: int = 0
    order: tuple[float, ...] = ()
    surprise: tuple[float, ...] = ()
    learned: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exposure:
    """How suggestions of one kind are spread over the people who may be shown.

    Attributes:
        people: how many may be shown; None for fewer than `FEW`.
        gini: 0 = everybody equally often, towards 1 = always the same few; None for fewer than `FEW` people.
        busiest: how often the most suggested person is shown, over the mean; None for fewer than `FEW` people.
        never: how many are never shown; None for fewer than `FEW`.
        fifths: the share of all suggestions, 0 to 1, that goes to each fifth of the people, most shown first; empty
            where a fifth would be fewer than `FEW`.
    """

    people: int | None
    gini: float | None
    busiest: float | None
    never: int | None
    fifths: tuple[float, ...] = ()


def shipped(file: Path = SHIPPED) -> tuple[dict[str, list[Weight]], dict[str, Any]]:
    """The weights in use, by what they judge, the weightiest first, and their source; empty where there are none.

    Raises WeightsUnsound where the file cannot be understood.
    """
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, {}
    except (OSError, ValueError) as error:
        raise WeightsUnsound(f"{file.name} cannot be read: make it again with train_fusion.") from error
    try:
        named = read.get("features")
        return {kind: _weights(entry, named) for kind, entry in read["kinds"].items()}, dict(read.get("provenance", {}))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WeightsUnsound(f"{file.name} holds no weights of features: make it again with train_fusion.") from error


def _weights(entry: Any, named: Any) -> list[Weight]:
    """One kind's weights; its features stand in its own entry, or once for all kinds."""
    features = [str(name) for name in entry.get("features", named)]
    values = [float(value) for value in entry["coef"]]
    if len(features) != len(values) or not all(map(isfinite, values)):
        raise ValueError("as many finite numbers as features")
    rows = [Weight(feature, value) for feature, value in zip(features, values, strict=True)]
    return sorted(rows, key=lambda row: (-abs(row.value), row.feature))


NEEDED = {"outcomes": OUTCOMES, "people": PEOPLE}


def taught(newest: Learned | None) -> list[Taught]:
    """What was learned of each relation, in the newest lesson."""
    lessons = newest.lessons if newest else {}
    return [_taught(newest, Relation(name), told) for name, told in lessons.items() if newest]


def _taught(newest: Learned, relation: Relation, told: Mapping[str, Any]) -> Taught:
    verdict = Verdict(told["verdict"])
    if verdict is Verdict.TOO_FEW:
        return Taught(relation.value, verdict.value)
    state = verdict.value
    if verdict is Verdict.BETTER:
        is_proven = newest.proven(relation) is not None
        state = "outdated" if not is_proven else "stopped" if newest.stopped_at else "in_use"
    return Taught(
        relation.value,
        state,
        told["outcomes"],
        told["people"],
        told["held_back"],
        order=tuple(100 * value for value in (*told["auc"], *told["auc_gain"])),
        surprise=(*told["loss"], *told["loss_gain"]),
        learned=dict(zip(FEATURES, told["learned"]["coef"], strict=True)),
    )


def exposure() -> dict[str, Exposure]:
    """How evenly people are suggested, by kind, in two queries whatever the number of people."""
    profiles = Profile.objects.filter(
        member__is_active=True, member__is_adult=True, is_matched=True, is_paused=False
    ).values_list("member", "open_to")
    rows = Suggestion.objects.filter(dismissed_at=None).order_by().values_list("kind", "other").annotate(Count("pk"))
    shown = Counter({(kind, other): count for kind, other, count in rows})
    may = [(member, set(open_to)) for member, open_to in profiles]
    return {
        kind: spread([shown[kind, member] for member, open_to in may if KINDS[kind].consent in open_to])
        for kind in refresh.PAIR_KINDS
    }


def spread(counts: list[int]) -> Exposure:
    """How evenly these numbers of times are spread; one number a person."""
    people, total = len(counts), sum(counts)
    never = sum(count == 0 for count in counts)
    told_never = never if never >= FEW else None
    if people < FEW or not total:
        return Exposure(people if people >= FEW else None, None, None, told_never)
    rising = sorted(counts)
    edges = [round(people * part / FIFTHS) for part in range(FIFTHS + 1)]
    fifths = tuple(sum(rising[::-1][low:high]) / total for low, high in zip(edges, edges[1:], strict=False))
    return Exposure(
        people,
        gini(counts),
        max(counts) * people / total,
        told_never,
        fifths if people >= FEW * FIFTHS else (),
    )
