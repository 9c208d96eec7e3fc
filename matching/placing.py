"""Openings and people who might suit each other, worked out in the background; pages read the rows."""

from collections.abc import Iterable

from django.db.models import Q

from community.openings.models import OpeningKind
from matching import refresh, roster
from matching.engine import pipeline
from matching.models import Placement, PlacementSide
from matching.roster import Match
from matching.stores import exact as store

KEPT = 12  # on each side: more than anybody reads


def place() -> int:
    """Find people for every opening and openings for everybody, anew; returns how many pairs there are."""
    refresh.embed_openings()
    vectors, weights = store.load(refresh.encoder().name), refresh.weights_now()
    people, pages = roster.build(vectors), list(roster.openings())
    shown = roster.openings_as_people(vectors, pages)
    keys = {page.slug: page.pk for page in pages}
    rows: list[Placement] = []
    for page, asker in zip(pages, shown, strict=True):
        kind = "mentor" if page.kind == OpeningKind.GUEST_TEACHING else "apprentice"
        found = pipeline.suggest(asker, people, kind, KEPT, weights=weights)
        rows += _rows(PlacementSide.OPENING, found, opening=page.pk)
    for person in people if pages else ():
        found = pipeline.suggest(person, shown, "opening", KEPT, weights=weights)
        rows += _rows(PlacementSide.PERSON, found, member=int(person.id), keys=keys)
    return Placement.replace(Q(), rows)


def _rows(
    side: PlacementSide,
    found: Iterable[Match],
    *,
    opening: int = 0,
    member: int = 0,
    keys: dict[str, int] | None = None,
) -> list[Placement]:
    rows = []
    for match in filter(refresh.is_worth_showing, found):
        page = keys[str(match.person.id)] if keys else opening
        who = member or int(match.person.id)
        pairs = [_pair(str(reason.need.id), str(reason.offer.id)) for reason in match.reasons]
        rows.append(Placement(side=side, opening_id=page, member_id=who, score=match.score, reasons=pairs))
    return rows


def _pair(one: str, other: str) -> list[int]:
    """The keys of an opening's line, which begins with o, and of a person's."""
    line, statement = (one, other) if one.startswith("o") else (other, one)
    return [int(line.removeprefix("o")), int(statement)]
