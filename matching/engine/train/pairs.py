"""What the encoder is trained on: batches of texts that belong together, and which others do too.

Each batch holds pairs of one relation. The other texts of the batch are what a pair is told apart from, so half of
the batches are drawn from one neighbourhood of trades: telling a cooper from a joiner teaches more than telling
him from a nurse. Pairs that are known to belong together are never held against each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from random import Random

import numpy as np
import numpy.typing as npt

from ..lexicon import gloss
from .data import Corpus, Occupation, Skill

BATCH = 96
"""Pairs in a batch."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of one relation.

    Attributes:
        left, right: texts; those at the same place belong together.
        known: `[pairs, pairs]`, True where left i and right j belong together, too, for i ≠ j.
    """

    left: list[str]
    right: list[str]
    known: Mask


class Pairs:
    """Draws batches; the same seed draws the same ones."""

    def __init__(self, corpus: Corpus, seed: int, size: int = BATCH) -> None:
        self.lots = Random(seed)
        self.size = size
        self.skills = corpus.skills
        self.spread = corpus.spread()
        self.trades = [one for one in corpus.occupations if one.skills]
        self.local = [one for one in self.trades if one.is_local]
        self.groups: dict[str, list[Occupation]] = {}
        for one in self.trades:
            self.groups.setdefault(one.group[:2], []).append(one)
        self.related = _related(self.trades, self.spread)

    def draw(self) -> tuple[str, Batch]:
        """Return the name of a relation and a batch of it."""
        (name,) = self.lots.choices(list(RELATIONS), [share for share, _draw in RELATIONS.values()])
        return name, RELATIONS[name][1](self)

    def neighbourhood(self) -> Sequence[Occupation]:
        """Return local trades, the trades of one main group, or all, by lot."""
        lot = self.lots.random()
        if lot < 0.35 and self.local:
            return self.local
        if lot < 0.6:
            group = self.groups[self.lots.choice(list(self.groups))]
            return group if len(group) >= self.size // 4 else self.trades
        return self.trades

    def some(self, trades: Sequence[Occupation]) -> list[Occupation]:
        """Return as many trades as a batch takes, each once where there are enough."""
        if len(trades) < self.size:
            return self.lots.choices(trades, k=self.size)
        return self.lots.sample(trades, self.size)

    def some_skills(self, fits: Callable[[Skill], bool]) -> list[Skill]:
        """Return skills for a batch, of one main group of trades half of the time."""
        if self.lots.random() < 0.5:
            group = self.groups[self.lots.choice(list(self.groups))]
            near = sorted({skill for one in group for skill in one.skills if fits(self.skills[skill])})
            if len(near) >= self.size:
                return [self.skills[skill] for skill in self.lots.sample(near, self.size)]
        found = [skill for skill in self.skills.values() if fits(skill)]
        return self.lots.sample(found, self.size) if len(found) >= self.size else self.lots.choices(found, k=self.size)

    def wish(self, skill: Skill) -> str:
        """Return a skill as somebody might ask for it."""
        lot = self.lots.random()
        if lot < 0.5 and skill.names:
            return self.lots.choice(skill.names)
        return skill.about if lot < 0.85 else skill.label

    def named(self, one: Occupation, *, label: float, name: float) -> str:
        """Return a trade by its label, by another name, or else by its whole text, at these rates."""
        lot = self.lots.random()
        if lot < label:
            return one.label
        return self.lots.choice(one.names or (one.label,)) if lot < label + name else one.text

    def a_skill_of(self, one: Occupation) -> str:
        """Return the id of one of their skills: mostly essential, mostly of few trades."""
        wanted = one.essential
        if not wanted or (one.optional and self.lots.random() < 0.2):
            wanted = one.optional or one.essential
        return self.lots.choices(wanted, [self.spread[skill] ** -0.5 for skill in wanted])[0]


def _other_names(pairs: Pairs) -> Batch:
    skills = pairs.some_skills(lambda skill: bool(skill.names))
    left = [pairs.lots.choice(skill.names) for skill in skills]
    right = [skill.label if pairs.lots.random() < 0.7 else pairs.lots.choice(skill.names) for skill in skills]
    return Batch(left, right, _same(skills))


def _descriptions(pairs: Pairs) -> Batch:
    skills = pairs.some_skills(lambda skill: True)
    right = [
        skill.label if not skill.names or pairs.lots.random() < 0.6 else pairs.lots.choice(skill.names)
        for skill in skills
    ]
    return Batch([skill.about for skill in skills], right, _same(skills))


def _wishes(pairs: Pairs) -> Batch:
    trades = pairs.some(pairs.neighbourhood())
    asked = [pairs.a_skill_of(one) for one in trades]
    right = []
    for one in trades:
        lot = pairs.lots.random()
        about = one.text.partition(". ")[2]
        right.append(one.text if lot < 0.8 or not about else about if lot < 0.9 else one.label)
    known = np.array([[skill in one.skills for one in trades] for skill in asked])
    np.fill_diagonal(known, False)
    return Batch([pairs.wish(pairs.skills[skill]) for skill in asked], right, known)


def _titles(pairs: Pairs) -> Batch:
    trades = pairs.some([one for one in pairs.neighbourhood() if one.names] or pairs.trades)
    right = [pairs.named(one, label=0.4, name=0.4) for one in trades]
    return Batch([pairs.lots.choice(one.names or (one.label,)) for one in trades], right, _same(trades))


def _foreign(pairs: Pairs) -> Batch:
    trades = pairs.some([one for one in pairs.neighbourhood() if one.foreign] or pairs.trades)
    left, right = [], []
    for one in trades:
        name = pairs.lots.choice(one.foreign or (one.label,))
        left.append(gloss(name) if pairs.lots.random() < 0.75 else name)
        right.append(pairs.named(one, label=0.15, name=0.15))
    return Batch(left, right, _same(trades))


def _neighbours(pairs: Pairs) -> Batch:
    trades = pairs.some([one for one in pairs.neighbourhood() if pairs.related[one.id]] or pairs.trades)
    others = [pairs.lots.choice(pairs.related[one.id] or [one]) for one in trades]
    near = [{one.id, *(other.id for other in pairs.related[one.id])} for one in trades]
    known = np.array([[other.id in ours for other in others] for ours in near])
    np.fill_diagonal(known, False)
    return Batch([one.text for one in trades], [other.text for other in others], known)


RELATIONS: dict[str, tuple[float, Callable[[Pairs], Batch]]] = {
    "other names": (0.22, _other_names),
    "descriptions": (0.15, _descriptions),
    "wishes": (0.30, _wishes),
    "titles": (0.08, _titles),
    "foreign": (0.17, _foreign),
    "neighbours": (0.08, _neighbours),
}
"""Share of the batches, and what draws one."""


def _same(drawn: Sequence[Skill] | Sequence[Occupation]) -> Mask:
    ids = np.array([one.id for one in drawn])
    known: Mask = ids[:, None] == ids[None, :]
    np.fill_diagonal(known, False)
    return known


def _related(trades: Sequence[Occupation], spread: dict[str, int]) -> dict[str, list[Occupation]]:
    """Return, by id, the six trades that share most of each one's skills, rare ones counting most."""
    place = {skill: column for column, skill in enumerate(sorted(spread))}
    shared = np.zeros((len(trades), len(place)), np.float32)
    for row, one in enumerate(trades):
        for skills, worth in ((one.essential, 1.0), (one.optional, 0.5)):
            for skill in skills:
                shared[row, place[skill]] = worth * log(1.4 * len(trades) / spread[skill])
    shared /= np.maximum(np.linalg.norm(shared, axis=1, keepdims=True), 1e-9)
    likeness = shared @ shared.T
    np.fill_diagonal(likeness, 0.0)
    best = np.argsort(-likeness, axis=1, kind="stable")[:, :6]
    return {
        one.id: [trades[other] for other in best[row] if likeness[row, other] > 0.12] for row, one in enumerate(trades)
    }
