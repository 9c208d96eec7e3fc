"""Learns how far each piece of evidence can be trusted, on trades that the encoder never saw.

Practice tasks are made from what `data.split` keeps back, in the form in which people ask: a wish in another
wording against profiles with and without listed skills; whole profiles against each other; names and first
sentences against labels. A logistic regression (Cox, JRSS B 20, 1958) over `score.FEATURES` is fitted to each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import evaluate, score
from ..encode import Encodes
from ..kinds import Relation
from ..people import Part, Roster
from ..trades import Trades
from .data import LOCAL, Corpus, Occupation, Skill, split

SEED = 7
LISTED = 6
"""Skills that a practice profile lists, as in the evaluation data."""

NEAR = 25
"""Candidates a wish that are learned from: the likest ones, since only the head of a list is looked at."""

FREEDOM = {Relation.ASK: 0.1}
"""Inverse strength of regularisation where it is not 3; chosen on the dev part."""

OF_WORDS = ("whole", "sentence", "statement", "line", "cover", "wording")
OF_NEARNESS = (*OF_WORDS, "familiar_profile", "familiar_wish")
USED = {
    Relation.WISH: OF_NEARNESS,
    Relation.COLD: OF_NEARNESS,
    Relation.LIKENESS: ("whole", "cover", "trade"),
    Relation.NAME: OF_WORDS,
    Relation.ASK: OF_WORDS,
}
"""Features of relations that do not use all; the others get no weight. What trades take says nothing of a title. Of a
wish it says nothing more since the encoder has learned from all trades; how near a text is to anything known still
does. Of two profiles the practice answers, made from shared skills, would say too much."""

RELATED = 0.12
"""Least overlap of skills (cosine of inverse document frequencies) of two trades that count as related."""


@dataclass(frozen=True, slots=True)
class Practice:
    """Evidence with its answers: `[wishes, people, features]` and `[wishes, people]`.

    Attributes:
        best: which answers are the best ones, where some are better than others: these decide the order.
    """

    evidence: score.Evidence
    answers: npt.NDArray[np.bool_]
    best: npt.NDArray[np.bool_] | None = None

    def near(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return the features, answers and best answers of each wish's likest candidates, laid end to end."""
        likest = np.argsort(-(self.evidence[:, :, 0] + self.evidence[:, :, 3]), axis=1, kind="stable")[:, :NEAR]
        rows = np.arange(len(likest))[:, None]
        width = self.evidence.shape[2]
        best = self.answers if self.best is None else self.best
        answers = self.answers[rows, likest].ravel()
        return self.evidence[rows, likest].reshape(-1, width), answers, best[rows, likest].ravel()


def learn(corpus: Corpus, encoder: Encodes) -> dict[str, Any]:
    """Return the weights of every relation, in the form that `fuse.read` takes, with how well they did."""
    seen, kept = split(corpus)
    # The shipped table knows all trades; practice is only fair with one that does not know what is kept back.
    known = table(seen, encoder)
    made = {
        Relation.WISH: wishes(corpus, kept, encoder, known, listed=True),
        Relation.COLD: wishes(corpus, kept, encoder, known, listed=False),
        Relation.LIKENESS: related(corpus, kept, encoder, known),
        Relation.NAME: titles(kept, encoder, known),
        Relation.ASK: lessons(kept, encoder, known),
    }
    return {
        "provenance": {
            "encoder": encoder.name,
            "trained_on": "ESCO v1.1.1: trades and skills that the encoder never saw.",
            "statement": "This service uses the ESCO classification of the European Commission.",
            "method": f"Logistic regression over the {NEAR} likest candidates of each practice wish.",
        },
        "features": list(score.FEATURES),
        "kinds": {relation.value: _fit(practice, relation) for relation, practice in made.items()},
    }


def table(corpus: Corpus, encoder: Encodes) -> Trades:
    """Return trades with what they take: the mean of their skills, rare ones counting most, optional ones half."""
    used = sorted({skill for one in corpus.occupations for skill in one.skills})
    vectors = dict(zip(used, encoder.encode([corpus.skills[skill].label for skill in used]), strict=True))
    spread, size = corpus.spread(), len(corpus.occupations)
    texts = encoder.encode([one.text for one in corpus.occupations])
    skills = np.zeros_like(texts)
    for row, one in enumerate(corpus.occupations):
        for listed, worth in ((one.essential, 1.0), (one.optional, 0.5)):
            for skill in listed:
                skills[row] += worth * log(1 + size / spread[skill]) * vectors[skill]
    lengths = np.linalg.norm(skills, axis=1, keepdims=True)
    return Trades(texts, np.asarray(skills / np.maximum(lengths, 1e-9), np.float32))


def _fit(practice: Practice, relation: Relation) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import brier_score_loss, roc_auc_score

    evidence, answers, best = practice.near()
    unused = [place for place, name in enumerate(score.FEATURES) if name not in USED.get(relation, score.FEATURES)]
    evidence[:, unused] = 0.0
    model = LogisticRegression(C=FREEDOM.get(relation, 3.0), max_iter=3000).fit(evidence, best)
    # The order is that of the best answers; how likely any answer is, is read off it (Platt scaling, 1999).
    odds = model.decision_function(evidence)[:, None]
    scale = LogisticRegression(C=1e6).fit(odds, answers)
    chances = scale.predict_proba(odds)[:, 1]
    slope, shift = float(scale.coef_[0, 0]), float(scale.intercept_[0])
    return {
        "coef": [round(slope * float(weight), 4) for weight in model.coef_[0]],
        "intercept": round(slope * float(model.intercept_[0]) + shift, 4),
        "pairs": len(answers),
        "fitting": round(float(answers.mean()), 4),
        "auc": round(float(roc_auc_score(answers, chances)), 4),
        "brier": round(float(brier_score_loss(answers, chances)), 4),
    }


def wishes(corpus: Corpus, kept: Corpus, encoder: Encodes, known: Trades, *, listed: bool) -> Practice:
    """Return wishes in other words against profiles, with six of their essential skills listed or without."""
    lots = Random(SEED + listed)
    rows = [_profile(one, corpus, lots if listed else None) for one in kept.occupations]
    asked = [(skill, _asked(skill, lots)) for skill in kept.skills.values()]
    asked = [(skill, text) for skill, text in asked if any(skill.id in one.skills for one in kept.occupations)]
    answers = [[skill.id in one.skills for one in kept.occupations] for skill, _text in asked]
    practice = _practice([text for _skill, text in asked], rows, answers, encoder, known)
    if not listed:
        return practice
    essential = [[skill.id in one.essential for one in kept.occupations] for skill, _text in asked]
    return replace(practice, best=np.asarray(essential, bool))


def related(corpus: Corpus, kept: Corpus, encoder: Encodes, known: Trades) -> Practice:
    """Return the profiles of trades against each other; related are those that share much of their skills."""
    ours = [one for one in kept.occupations if LOCAL.match(one.group)] or list(kept.occupations)
    spread = corpus.spread()
    skills = sorted({skill for one in ours for skill in one.skills})
    place = {skill: column for column, skill in enumerate(skills)}
    shared = np.zeros((len(ours), len(skills)))
    for row, one in enumerate(ours):
        for skill in one.skills:
            worth = 1.0 if skill in one.essential else 0.5
            shared[row, place[skill]] = worth * log(len(corpus.occupations) / spread[skill])
    shared /= np.maximum(np.linalg.norm(shared, axis=1, keepdims=True), 1e-9)
    answers = shared @ shared.T > RELATED
    rows = [{"id": one.id, "text": one.text} for one in ours]
    vectors = evaluate.vectors_of(rows, encoder)
    people = Roster(evaluate.person(row, str(row["id"]), vectors) for row in rows)
    found = score.evidence(people, people, Part.OFFERS, known)
    others = ~np.eye(len(ours), dtype=bool)
    size = (len(ours), len(ours) - 1)
    return Practice(found[others].reshape(*size, -1), answers[others].reshape(size))


def lessons(kept: Corpus, encoder: Encodes, known: Trades) -> Practice:
    """Return first sentences of what skills are about against all labels."""
    lots = Random(SEED)
    skills = list(kept.skills.values())
    asked = lots.sample(skills, min(700, len(skills)))
    rows = [{"id": skill.id, "text": skill.label} for skill in skills]
    answers = [[skill.id == other.id for other in skills] for skill in asked]
    return _practice([skill.about for skill in asked], rows, answers, encoder, known, is_named=True)


def titles(kept: Corpus, encoder: Encodes, known: Trades) -> Practice:
    """Return one name of a trade against the names of all trades."""
    lots = Random(SEED)
    ours = [one for one in kept.occupations if len(one.names) > 1]
    asked = {one.id: lots.choice(one.names) for one in ours}
    rows = [{"id": one.id, "text": name} for one in ours for name in (one.label, *one.names) if name != asked[one.id]]
    answers = [[row["id"] == one.id for row in rows] for one in ours]
    return _practice(list(asked.values()), rows, answers, encoder, known, is_named=True)


def _practice(
    texts: Sequence[str],
    rows: Sequence[dict[str, Any]],
    answers: Sequence[Sequence[bool]],
    encoder: Encodes,
    known: Trades,
    *,
    is_named: bool = False,
) -> Practice:
    asked = [{"qid": str(number), "text": text} for number, text in enumerate(texts)]
    vectors = evaluate.vectors_of([*rows, *asked], encoder)
    make = evaluate.named if is_named else evaluate.person
    roster = Roster(make(row, str(number), vectors) for number, row in enumerate(rows))
    askers = Roster(evaluate.wish(row, vectors) for row in asked)
    return Practice(score.evidence(askers, roster, Part.OFFERS, known), np.asarray(answers, bool))


def _asked(skill: Skill, lots: Random) -> str:
    if skill.names and lots.random() < 0.6:
        return lots.choice(skill.names)
    return skill.about


def _profile(one: Occupation, corpus: Corpus, lots: Random | None) -> dict[str, Any]:
    if lots is None:
        return {"id": one.id, "text": one.text}
    listed = lots.sample(one.essential, min(LISTED, len(one.essential)))
    return {"id": one.id, "text": one.text, "skills": [corpus.skills[skill].label for skill in listed]}
