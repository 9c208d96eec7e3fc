"""Groups of people who offer and look for the same things, and the words that say what.

Agglomerative clustering with average linkage on the cosine of people's mean lines (scikit-learn); how many groups
there are follows from the silhouette (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7). Only worker and commands
call this: scikit-learn is loaded inside.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.engine.people import Id, Matrix, Person
from matching.engine.text import surface

CONSENTS = frozenset({"peer", "collaborator"})
"""As one of these somebody must have agreed to be shown."""
LOOSEST = 0.3
"""Mean cosine to the middle of the group under which people have too little in common (range -1 to 1)."""
TELLING, SAID_BY = 4, 3
"""How many words name a group, and by how many of its people each must be said."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """People who might meet as a circle, the nearest to the middle first, and the words that they share."""

    ids: tuple[Id, ...]
    words: tuple[str, ...]


def clusters(people: Iterable[Person], smallest: int = 3, largest: int = 20) -> list[Cluster]:
    """Return groups of `smallest` to `largest` people, largest group first; nobody stands in two.

    Nobody closed, under 18, paused, or without a line takes part; in no group does a block or a private "not with"
    stand between two, and all of a group share a language (those who state none share any).
    """
    found = [one for one in people if _takes_part(one)]
    if len(found) < smallest:
        return []
    points = np.stack([_middle(one) for one in found])
    groups = []
    for label in np.unique(labels := split(points, smallest)):
        own = np.flatnonzero(labels == label)
        group = _kept(found, points, own, smallest)[:largest]
        if len(group) >= smallest:
            members = {one.id for one in group}
            outside = [one for one in found if one.id not in members]
            groups.append(Cluster(tuple(one.id for one in group), _telling(group, outside)))
    # What nobody can put in words is nothing to invite people to.
    return sorted((one for one in groups if one.words), key=lambda one: (-len(one.ids), one.words))


def split(points: Matrix, smallest: int = 3) -> np.ndarray:
    """Return one label a row (n × dim, unit length): the cut of the tree whose silhouette is best."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import silhouette_score

    distances = np.clip(1.0 - points @ points.T, 0.0, 2.0)
    np.fill_diagonal(distances, 0.0)
    best, chosen = 0.0, np.zeros(len(points), int)
    for number in range(2, min(len(points) // smallest, 40) + 1):
        tree = AgglomerativeClustering(number, metric="precomputed", linkage="average")
        labels = np.asarray(tree.fit_predict(distances))
        score = float(silhouette_score(distances, labels, metric="precomputed"))
        if score > best:
            best, chosen = score, labels
    return chosen


def _takes_part(one: Person) -> bool:
    has_lines = any(line.vector is not None for line in (*one.offers, *one.needs))
    return one.is_adult and not one.is_paused and bool(one.open_to & CONSENTS) and has_lines


def _middle(one: Person) -> Matrix:
    rows = [line.vector for line in (*one.offers, *one.needs) if line.vector is not None]
    mean = np.mean(np.stack(rows), axis=0, dtype=np.float64)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _kept(found: Sequence[Person], points: Matrix, own: np.ndarray, smallest: int) -> list[Person]:
    """Those of a group who are near enough to its middle and may meet each other, the nearest first."""
    middle = points[own].mean(axis=0)
    near = points[own] @ (middle / max(float(np.linalg.norm(middle)), 1e-9))
    if len(own) < smallest or float(near.mean()) < LOOSEST:
        return []
    spoken = Counter(tongue for at in own for tongue in found[at].languages)
    tongue = min(spoken, key=lambda one: (-spoken[one], one)) if spoken else ""
    group: list[Person] = []
    for at in own[np.argsort(-near, kind="stable")]:
        one = found[at]
        speaks = not one.languages or tongue in one.languages
        if speaks and all(_may_meet(one, other) for other in group):
            group.append(one)
    return group


def _may_meet(one: Person, other: Person) -> bool:
    apart = one.blocked | one.not_with
    return not (apart & other.ids) and not ((other.blocked | other.not_with) & one.ids)


def _telling(group: Sequence[Person], outside: Sequence[Person]) -> tuple[str, ...]:
    """The words that many of the group say and few others do; only of lines that may be quoted."""
    inside, others = Counter(_said(group)), Counter(_said(outside))
    scores = {
        word: number / len(group) - others[word] / max(len(outside), 1)
        for word, number in inside.items()
        if number >= SAID_BY and len(word) > 2 and word.isalpha()
    }
    best = sorted((word for word in scores if scores[word] > 0), key=lambda word: (-scores[word], word))
    return tuple(best[:TELLING])


def _said(people: Sequence[Person]) -> list[str]:
    """Each word once for each person who says it, as it is written."""
    lines = [[line.text for line in (*one.offers, *one.needs) if line.is_quotable] for one in people]
    return [word for texts in lines for word in {w for text in texts for w in surface(text)}]
