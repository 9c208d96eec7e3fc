"""From one person and a roster to a ranked list with reasons: the one path by which anything is scored.

hard rules → quick score → shortlist → all the evidence → chances → ranked → explained.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from . import allpairs, candidates, complement, explain, fair, fuse, score
from .allpairs import DECIMALS, have_of, rank_all
from .kinds import Direction, MatchKind, Relation, kind_named
from .people import Id, Match, Part, Person, Reason, Roster, Rows, Scores, lines

SHORTLIST = 300
"""Candidates that the quick score hands on to be judged by all the evidence."""

FIELD = 3
"""How many times more candidates than are shown take part where attention is shared out."""

LIFT = 0.03
"""What being new adds to a score at most: newcomers stand before those who fit about as well, and no others."""

LITTLE_TO_LEARN = 0.5
"""What is left of a chance where the one who wants to learn is as far as the one who would teach, or further."""


def suggest(
    person: Person,
    roster: Roster,
    kind: str,
    limit: int = 10,
    *,
    without: Collection[Id] = (),
    weights: fuse.Weights | None = None,
) -> list[Match]:
    """Return the best candidates of a kind for a person, best first, with reasons.

    Args:
        person: the asker; they need not be in the roster.
        kind: a key of `kinds.KINDS`.
        limit: most matches returned (≥ 0).
        without: ids that are left out (dismissed before, connected already).
        weights: what the evidence is judged by; else the shipped ones.

    Returns:
        At most `limit` matches whose score is above 0. People against whom a hard rule stands are never
        scored.

    Raises:
        UnknownKind: there is no such kind.
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    entry = kind_named(kind)
    if limit <= 0:
        return []
    few = shortlist(person, roster, entry, without, max(limit, SHORTLIST))
    return matches(person, few, entry, limit, weights=weights)


def shortlist(
    person: Person, roster: Roster, kind: MatchKind, without: Collection[Id] = (), size: int = SHORTLIST
) -> Roster:
    """Return those whom no hard rule forbids and whose quick score is highest, or whose things fit.

    Args:
        size: most of those by quick score.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    rows = np.setdiff1d(candidates.eligible(person, roster, kind), roster.positions(without), assume_unique=True)
    shown = roster.take(rows)
    few = best_few(rank(person, shown, kind), shown, size)
    if kind.direction is Direction.BOTH:
        few = np.union1d(few, [column for _row, column in _things(Roster([person]), shown)]).astype(np.intp)
    return roster.take(rows[few])


def shortlists(roster: Roster, kind: MatchKind, without: Mapping[Id, Collection[Id]]) -> list[Rows]:
    """Return the `shortlist` of everybody in a roster, as positions in it, for a fraction of the work.

    Args:
        without: by the id of an asker, whom else to leave out.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    found = allpairs.best(roster, kind, SHORTLIST, without=without, order=turns(roster))
    rows = [found.of(asker) for asker in range(len(roster))]
    for asker, other in _things(roster, roster) if kind.direction is Direction.BOTH else ():
        person, candidate = roster.people[asker], roster.people[other]
        if candidate.id not in without.get(person.id, ()) and candidates.refusal(person, candidate, kind) is None:
            rows[asker] = np.union1d(rows[asker], [other]).astype(np.intp)
    return rows


def turns(roster: Roster) -> Rows:
    """Return who goes first where scores are equal, `[len(roster)]`, lower first: as `best_first` has it."""
    order = sorted(range(len(roster)), key=lambda row: _wording(roster.people[row]))
    return np.argsort(np.asarray(order, np.intp))


def matches(
    person: Person, near: Roster, kind: MatchKind, limit: int | None = None, *, weights: fuse.Weights | None = None
) -> list[Match]:
    """Return those of a few candidates who have anything to give, best first, judged and explained.

    Args:
        limit: most matches returned (≥ 0); None = all.
        weights: what the evidence is judged by; else the shipped ones.

    No hard rule is asked here.
    """
    found = judge(Roster([person]), near, kind, weights)
    scores, chances = found.scores[0], found.chances[0]
    return [
        _match(person, near.people[row], float(scores[row]), float(chances[row]), kind)
        for row in best_few(scores, near, len(near) if limit is None else limit)
    ]


def fair_matches(
    roster: Roster,
    kind: MatchKind,
    length: int,
    *,
    without: Mapping[Id, Collection[Id]],
    is_worth: Callable[[Match], bool],
    weights: fuse.Weights | None = None,
) -> Iterator[list[Match]]:
    """Yield the matches of everybody in a roster, in its order: attention is shared out among those who fit.

    Args:
        length: most matches of one asker (≥ 0).
        without: by the id of an asker, whom else to leave out (dismissed before, connected already).
        is_worth: whether a match may be shown at all; who may not takes no part.
        weights: what the evidence is judged by; else the shipped ones.

    Who keeps whom away, and who knows whom already, is private: it is heeded in the lists of the two alone, after
    attention was shared out, so that it moves nothing for anybody else.
    """
    public = Roster(replace(one, blocked=frozenset(), not_with=frozenset(), not_own_trade_km=None) for one in roster)
    field: list[list[tuple[int, Match]]] = []
    for person, rows in zip(public, shortlists(public, kind, {}), strict=True):
        found = matches(person, public.take(rows), kind, FIELD * length, weights=weights)
        place = {public.people[row].id: int(row) for row in rows}
        field.append([(place[one.person.id], one) for one in found if is_worth(one)])
    lists = fair.Lists.of(
        [np.asarray([row for row, _one in some], np.intp) for some in field],
        [np.asarray([one.score for _row, one in some], float) for some in field],
        len(public),
    )
    is_mutual = kind.direction in (Direction.BOTH, Direction.SHARED_NEEDS)
    shown = fair.spread(lists, length, mutual=fair.MUTUAL if is_mutual else 0.0)
    for asker, (person, some) in enumerate(zip(roster, field, strict=True)):
        left_out, length_here = without.get(person.id, ()), int(shown[asker].sum())
        # Those who were chosen go first; the next best take the places of those who may not be shown after all.
        turns_here = sorted(range(len(some)), key=lambda place: not shown[asker, place])
        kept = [
            replace(some[place][1], person=candidate)
            for place in turns_here
            for candidate in (roster.people[some[place][0]],)
            if candidate.id not in left_out and candidates.refusal(person, candidate, kind) is None
        ]
        yield sorted(kept[:length_here], key=lambda one: -one.score)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all the evidence says of some askers and some candidates.

    Attributes:
        scores: `[askers, candidates]`, the order in which candidates stand, 0 to 1.
        chances: `[askers, candidates]`, calibrated probability that the two fit, 0 to 1; NaN where a machine, a
            space or a material decides, for which nothing was there to calibrate on.
    """

    scores: Scores
    chances: Scores


def judge(askers: Roster, roster: Roster, kind: MatchKind, weights: fuse.Weights | None = None) -> Judgement:
    """Weigh all the evidence for every pair; dearer than `rank_all`, and meant for a shortlist.

    Who is new gets up to `LIFT` more score; their chance is what it is.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    have, weights = have_of(kind), weights or fuse.shipped()
    if kind.direction is Direction.CANDIDATE_NEEDS:
        scores = chances = _chances(roster, askers, have, kind.relation, weights).T
    else:
        scores = chances = _chances(askers, roster, have, kind.relation, weights)
    if kind.direction is Direction.BOTH:
        back = _chances(roster, askers, have, kind.relation, weights).T
        scores, chances = fuse.swap(scores, back), chances * back
        for pair, fit in _things(askers, roster).items():
            if fit.value > scores[pair]:
                scores[pair], chances[pair] = fit.value, np.nan
    return Judgement(np.round(_lifted(scores, roster), DECIMALS), np.round(chances, DECIMALS))


def _lifted(scores: Scores, roster: Roster) -> Scores:
    """Return the scores with what newcomers get; nothing becomes something by being new."""
    fresh = np.array([one.freshness for one in roster])
    return np.where(scores > 0, np.minimum(scores + LIFT * fresh, 1.0), scores) if fresh.any() else scores


@dataclass(frozen=True, slots=True)
class Ground:
    """What the chance of one match rests on: the wish that is met best.

    Attributes:
        relation: by which weights it was judged.
        evidence: one number for each of `score.FEATURES`.
    """

    relation: Relation
    evidence: tuple[float, ...]


def grounds(person: Person, few: Roster, kind: MatchKind) -> list[Ground | None]:
    """Return what each of a few matches rests on, `len(few)`; of a swap, what the asker gains; None where no wish is.

    Which wish is met best is told by the shipped weights, so that what is learned does not choose what it learns from.
    """
    own = kind.direction is not Direction.CANDIDATE_NEEDS
    wishers, havers = (Roster([person]), few) if own else (few, Roster([person]))
    found = score.evidence(wishers, havers, have_of(kind))
    laid = _relations(wishers, havers, have_of(kind), kind.relation)
    met = _met(found, laid, fuse.shipped())
    starts = wishers.stack(Part.WISHES).starts
    told: list[Ground | None] = []
    for place in range(len(few)):
        first, column = (0, place) if own else (starts[place], 0)
        part = met[first : None if own else starts[place + 1], column]
        if not len(part):
            told.append(None)
            continue
        row = first + int(np.argmax(part))
        evidence = tuple(round(float(one), 4) for one in found[row, column])
        told.append(Ground(_RELATIONS[laid[row, column]], evidence))
    return told


_RELATIONS = tuple(Relation)


def _relations(wishers: Roster, havers: Roster, have: Part, relation: Relation) -> npt.NDArray[np.intp]:
    """Return what each wish and haver are to each other, `[wishes, havers]`, as places in `_RELATIONS`."""
    starts = wishers.stack(Part.WISHES).starts
    laid = np.full((int(starts[-1]), len(havers)), _RELATIONS.index(relation))
    if relation is Relation.WISH:
        lists_none = havers.counts(Part.TAUGHT if have is Part.TEACHING else Part.STATEMENTS) == 0
        laid[:, lists_none] = _RELATIONS.index(Relation.COLD)
        unstated = np.repeat(wishers.counts(Part.NEEDS) == 0, np.diff(starts))
        laid[unstated] = _RELATIONS.index(Relation.LIKENESS)
    return laid


def _met(found: score.Evidence, laid: npt.NDArray[np.intp], weights: fuse.Weights) -> Scores:
    met = np.zeros(laid.shape)
    for place in np.unique(laid):
        met = np.where(laid == place, weights[_RELATIONS[place]].probability(found), met)
    return met


def _chances(wishers: Roster, havers: Roster, have: Part, relation: Relation, weights: fuse.Weights) -> Scores:
    starts = wishers.stack(Part.WISHES).starts
    met = _met(score.evidence(wishers, havers, have), _relations(wishers, havers, have, relation), weights)
    if have is Part.TEACHING:
        met = met * _gains(wishers, havers)
    # Who has no line that counts here has nothing to give.
    return fuse.any_of(met * (havers.counts(have) > 0), starts)


def _gains(wishers: Roster, havers: Roster) -> Scores:
    """Return 1 for each wish and haver, or `LITTLE_TO_LEARN` where the likest offer is no further than the wish."""
    wishes = [line for one in wishers for line in lines(one, Part.WISHES) if line.vector is not None]
    gains = np.ones((len(wishes), len(havers)))
    stated = [row for row, line in enumerate(wishes) if line.level is not None or line.years is not None]
    for column, haver in enumerate(havers if stated else ()):
        offers = [line for line in lines(haver, Part.TAUGHT) if line.vector is not None]
        for row in stated if offers else ():
            likest = max(offers, key=lambda offer: (float(np.dot(wishes[row].vector, offer.vector)), offer.text))  # type: ignore[arg-type]
            gap = complement.level_gap(wishes[row], likest)
            if gap is not None and gap <= 0:
                gains[row, column] = LITTLE_TO_LEARN
    return gains


def _things(askers: Roster, roster: Roster) -> dict[tuple[int, int], complement.Fit]:
    """Return, by positions, the best fit of a machine, space or material of one with a need of the other."""
    if not any(line.kind in complement.THINGS for one in askers for line in (*one.offers, *one.needs)):
        return {}
    found = complement.pairs(askers, roster)
    for (column, row), fit in complement.pairs(roster, askers).items():
        if (row, column) not in found or fit.value > found[row, column].value:
            found[row, column] = replace(fit, is_returned=True)
    return {
        pair: complement.carried(fit, candidates.distance_km(askers.people[pair[0]], roster.people[pair[1]]))
        for pair, fit in found.items()
    }


def rank(person: Person, roster: Roster, kind: MatchKind) -> Scores:
    """Return the score of everybody in the roster for one asker, `[len(roster)]`, each between 0 and 1.

    No hard rule is asked here: callers that show people to people use `suggest`.

    Raises:
        UnsoundInput: a vector is not finite, not of length 1, or of another width than the rest.
    """
    alone = Roster([person])
    return np.concatenate([np.zeros(0), *(rank_all(alone, block, kind)[0] for block in roster.blocks())])


def best_first(scores: Scores, roster: Roster) -> Rows:
    """Return positions by falling score, `[len(roster)]`; ties go by what people wrote, then by id."""
    order = np.argsort(-scores, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(scores[order])) + 1, [len(order)]])
    for run in np.flatnonzero(np.diff(starts) > 1):
        tied = order[starts[run] : starts[run + 1]]
        tied[:] = sorted(tied, key=lambda row: _wording(roster.people[row]))
    return order


def best_few(scores: Scores, roster: Roster, limit: int) -> Rows:
    """Return the first `limit` positions of `best_first` whose score is above 0, without sorting everybody."""
    some = np.flatnonzero(scores > 0)
    if limit <= 0:
        return some[:0]
    if limit < len(some):
        some = some[scores[some] >= np.partition(scores[some], -limit)[-limit]]
    return some[best_first(scores[some], roster.take(some))][:limit]


def why_not(person: Person, candidate: Person, kind: str) -> candidates.Refusal | None:
    """Return the hard rule that keeps a candidate from a person, or None where none does.

    Whether the answer may be told to anybody (a block, an age) is for the caller to decide.

    Raises:
        UnknownKind: there is no such kind.
    """
    return candidates.refusal(person, candidate, kind_named(kind))


def _wording(person: Person) -> tuple[str, str, str, str, str]:
    about, offers, needs = (
        "\n".join(sorted(line.text for line in part)) for part in (person.about, person.offers, person.needs)
    )
    return (person.trade, about, offers, needs, str(person.id))


def _match(person: Person, candidate: Person, value: float, chance: float, kind: MatchKind) -> Match:
    distance = candidates.distance_km(person, candidate)
    found = explain.reasons(person, candidate, kind)
    if kind.direction is Direction.BOTH:
        found = _with_thing(found, complement.best(_quotable(person), _quotable(candidate), distance))
    probability = None if np.isnan(chance) else chance
    return Match(candidate, value, reasons=found, distance_km=distance, probability=probability)


def _quotable(person: Person) -> Person:
    """Return somebody with those lines alone that may be quoted: whether there are others must change no reason."""
    offers, needs = (tuple(line for line in part if line.is_quotable) for part in (person.offers, person.needs))
    return replace(person, offers=offers, needs=needs)


def _with_thing(found: tuple[Reason, ...], fit: complement.Fit | None) -> tuple[Reason, ...]:
    """Put the thing that fits best among the reasons in words, by its strength; a weak one is no reason."""
    if fit is None or fit.value < explain.FLOOR:
        return found
    others = [reason for reason in found if reason.need is not fit.need]
    return tuple(sorted([fit.as_reason(), *others], key=lambda reason: -reason.strength)[: explain.LIMIT])
