"""Keeps vectors and suggestions true to what people wrote; the worker and the commands call it, pages never do."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any, TypedDict

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from community.connections.models import Connection
from community.members.models import Member, Profile, Visibility
from community.openings.models import OpeningKind, OpeningPage
from matching import reading, roster
from matching.engine import fuse, pipeline
from matching.engine.encode import Encodes
from matching.engine.kinds import KINDS, MatchKind
from matching.engine.learn import basis_of
from matching.language import encoder
from matching.models import UNDER_WAY, Followed, Learned, Suggestion, Vector
from matching.roster import Id, Match, Person, Roster
from matching.stores import exact as store

CHUNK = 512  # texts encoded before they are stored: what a crash costs at most
WRITTEN = 25  # members whose suggestions are replaced in one transaction

SPEAKS_FOR_ITSELF = 0.25  # a score from which somebody is shown without a line to quote
# Openings are looked up when asked for; only what pairs two people is stored.
PAIR_KINDS = tuple(name for name in KINDS if name != "opening")

Tell = Callable[[str], None]


class Outcome(TypedDict):
    """What a refresh did."""

    embedded: int
    deleted: int
    members: int
    suggestions: int
    seconds: float


def embed(profile_ids: Collection[int] | None = None, by: Encodes | None = None, tell: Tell | None = None) -> list[int]:
    """Bring the vectors of these profiles (or of everybody) up to date; returns [embedded, deleted].

    Only texts whose hash changed are encoded. A text that changed while it was being encoded is not stored:
    the change has queued a refresh of its own.
    """
    return _bring_up_to_date(_wanted(profile_ids), store.known(profile_ids), by or encoder(), tell)


def embed_openings(by: Encodes | None = None) -> list[int]:
    """Bring the vectors of all openings up to date; returns [embedded, deleted]."""
    wanted = {text.key: text for text in roster.opening_texts()}
    known = {key: value for key, value in store.known().items() if key.startswith("o")}
    return _bring_up_to_date(wanted, known, by or encoder(), None)


def _bring_up_to_date(
    wanted: dict[str, roster.Text], known: dict[str, tuple[str, str]], by: Encodes, tell: Tell | None
) -> list[int]:
    stale = [text for key, text in wanted.items() if known.get(key) != (by.name, text.hash)]
    stale.sort(key=lambda text: len(text.text))
    embedded = 0
    for start in range(0, len(stale), CHUNK):
        chunk = stale[start : start + CHUNK]
        embedded += _store(chunk, by.encode([text.text for text in chunk]), by.name)
        if tell:
            tell(f"{embedded} of {len(stale)} texts read")
    return [embedded, store.drop(known.keys() - wanted.keys())]


def _wanted(profile_ids: Collection[int] | None) -> dict[str, roster.Text]:
    """The texts that should have a vector, by key: of these profiles, or of everybody and of all openings."""
    texts = [text for profile in roster.matchable(profile_ids) for text in roster.texts_of(profile)]
    return {text.key: text for text in texts + (roster.opening_texts() if profile_ids is None else [])}


def _store(texts: Sequence[roster.Text], vectors: np.ndarray, model: str) -> int:
    """Store vectors of texts that are still what was encoded."""
    with transaction.atomic():
        ids = sorted({text.profile_id for text in texts if text.profile_id is not None})
        list(Profile.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
        has_openings = any(text.line_id for text in texts)
        now = {key: text.hash for key, text in _wanted(None if has_openings else ids).items()}
        rows = [
            Vector(
                key=text.key,
                profile_id=text.profile_id,
                statement_id=text.statement_id,
                line_id=text.line_id,
                model=model,
                text_hash=text.hash,
                data=np.asarray(vector, "<f4").tobytes(),
            )
            for text, vector in zip(texts, vectors, strict=True)
            if now.get(text.key) == text.hash
        ]
        store.save(rows)
    return len(rows)


def stale(by: Encodes | None = None) -> tuple[set[int], bool, set[str]]:
    """What is not true any more: profiles with texts to read, whether openings have some, keys to forget."""
    wanted, known = _wanted(None), store.known()
    name = (by or encoder()).name
    unread = [text for key, text in wanted.items() if known.get(key) != (name, text.hash)]
    profiles = {text.profile_id for text in unread if text.profile_id is not None}
    return profiles, any(text.line_id for text in unread), known.keys() - wanted.keys()


def everybody(by: Encodes | None = None) -> Roster:
    """All people that matching knows, with their vectors."""
    return roster.build(store.load((by or encoder()).name))


def refresh(embed_all: bool = False, by: Encodes | None = None, tell: Tell | None = None) -> Outcome:
    """Embed what changed, drop what is gone, rewrite everybody's suggestions."""
    by, began = by or encoder(), perf_counter()
    if embed_all:
        Vector.objects.exclude(model=by.name).delete()
    embedded, deleted = embed(by=by, tell=tell)
    read, gone = reading.read_everything(by, embed_all)
    people = everybody(by)
    written = suggest_for_everybody(people, tell)
    Suggestion.objects.exclude(member__in=[person.id for person in people]).filter(dismissed_at=None).delete()
    seconds = round(perf_counter() - began, 2)
    return Outcome(
        embedded=embedded + read, deleted=deleted + gone, members=len(people), suggestions=written, seconds=seconds
    )  # fmt: skip


def suggest_for_everybody(people: Roster, tell: Tell | None = None) -> int:
    """Rewrite everybody's suggestions of every kind; returns how many there are.

    All lists are made together, so that attention is shared out; `suggest_for` makes one list by itself, and what it
    crowds the next refresh of everybody puts right.
    """
    found: dict[int, list[Suggestion]] = {int(person.id): [] for person in people}
    met, weights = acquaintances(), weights_now()
    for kind in PAIR_KINDS:
        lists = pipeline.fair_matches(
            people, KINDS[kind], settings.SUGGESTIONS_KEPT, without=dismissed(kind, met), is_worth=is_worth_showing,
            weights=weights,
        )  # fmt: skip
        for number, (person, matches) in enumerate(zip(people, lists, strict=True), 1):
            found[int(person.id)] += _rows(person, KINDS[kind], matches)
            if tell and number % 500 == 0:
                tell(f"{kind}: {number} of {len(people)} members")
    return sum(_write(list(found), found, start) for start in range(0, len(found), WRITTEN))


def _write(everybody: Sequence[int], found: dict[int, list[Suggestion]], start: int) -> int:
    """Store the suggestions of some members; those who left meanwhile, or were suggested and left, are passed over."""
    with transaction.atomic():
        some = everybody[start : start + WRITTEN]
        rows = [row for member in some for row in found[member]]
        wanted = {*some, *(row.other_id for row in rows)}
        locked = Member.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        there = set(locked.values_list("pk", flat=True))
        return Suggestion.replace(some, [row for row in rows if row.member_id in there and row.other_id in there])


def suggest_for(person: Person, people: Roster) -> int:
    """Rewrite one member's suggestions of every kind; returns how many there are."""
    member_id = int(person.id)
    met = acquainted(member_id)
    found: list[Suggestion] = []
    weights = weights_now()
    for kind in PAIR_KINDS:
        left_out = dismissed(kind, {person.id: met}, member_id).get(person.id, met)
        near = pipeline.shortlist(person, people, KINDS[kind], left_out)
        matches = pipeline.matches(person, near, KINDS[kind], settings.SUGGESTIONS_KEPT, weights=weights)
        found += _rows(person, KINDS[kind], filter(is_worth_showing, matches))
    return Suggestion.replace([member_id], found)


def weights_now() -> fuse.Weights:
    """What suggestions are judged by: the shipped weights, or what this community's outcomes have proven better."""
    return Learned.weights(basis_of(encoder().name))


def dismissed(kind: str, met: Mapping[Id, Collection[Id]], member_id: int | None = None) -> dict[Id, set[Id]]:
    """Whom not to suggest again, by member: those they know, and those they put aside as this kind."""
    left_out: dict[Id, set[Id]] = {one: set(others) for one, others in met.items()}
    rows = Suggestion.objects.filter(kind=kind).exclude(dismissed_at=None)
    for member, other in (rows if member_id is None else rows.filter(member=member_id)).values_list("member", "other"):
        left_out.setdefault(member, set()).add(other)
    return left_out


def _rows(person: Person, kind: MatchKind, matches: Iterable[Match]) -> list[Suggestion]:
    """The matches of one person as rows, each with the numbers that it rests on."""
    found = list(matches)
    basis, told = basis_of(encoder().name), pipeline.grounds(person, Roster(one.person for one in found), kind)
    rows = []
    for match, ground in zip(found, told, strict=True):
        row = _row(int(person.id), kind.name, match)
        # Things are judged by rules, which learn nothing.
        if ground is not None and match.probability is not None:
            row.grounds = {"relation": ground.relation.value, "evidence": list(ground.evidence), "basis": basis}
        rows.append(row)
    return rows


def is_worth_showing(match: Match) -> bool:
    """Whether a page should show this: it has a reason to give, or the score speaks for itself."""
    return bool(match.reasons) or match.score >= SPEAKS_FOR_ITSELF


def follow(profile_id: int, by: Encodes | None = None) -> None:
    """One person changed: embed their texts, rewrite their suggestions, and put them anew into those of others."""
    embed([profile_id], by=by)
    reading.read_offers([profile_id])
    people = everybody(by)
    member_id = Profile.objects.filter(pk=profile_id).values_list("member", flat=True).first()
    person = next((one for one in people if one.id == member_id), None)
    if person is None:
        Suggestion.forget(member_id or 0)
        Followed.objects.filter(profile=profile_id).delete()  # who comes back is news, though nothing has changed
        return
    suggest_for(person, people)
    if Followed.is_news(profile_id, roster.mark(person)):
        rows = [row for kind in PAIR_KINDS for row in _about(person, people, KINDS[kind])]
        Suggestion.replace_about(int(person.id), rows)
    else:
        _part(person, people)


def _part(person: Person, people: Roster) -> None:
    """Take somebody off the lists of those whom a rule between the two keeps apart; nothing else changes."""
    by_id = {one.id: one for one in people}
    for row in Suggestion.objects.filter(other=int(person.id), dismissed_at=None):
        asker = by_id.get(row.member_id)
        if asker is not None and pipeline.why_not(asker, person, row.kind) is not None:
            row.delete()


def _about(person: Person, people: Roster, kind: MatchKind) -> Iterable[Suggestion]:
    """The suggestions of one person to everybody else, where they would stand among those that are kept."""
    weights = weights_now()
    scores = pipeline.judge(people, Roster([person]), kind, weights).scores[:, 0]
    met = acquainted(int(person.id))
    least = _least_kept(kind.name)
    alone = Roster([person])
    for row in np.flatnonzero(scores > 0):
        asker = people.people[row]
        if asker.id not in met and scores[row] > least.get(int(asker.id), 0.0):
            matches = pipeline.suggest(asker, alone, kind.name, 1, weights=weights)
            yield from _rows(asker, kind, filter(is_worth_showing, matches))


def _least_kept(kind: str) -> dict[int, float]:
    """The score of the last suggestion of each member whose list is full."""
    scores: dict[int, list[float]] = {}
    for member, score in Suggestion.objects.filter(kind=kind, dismissed_at=None).values_list("member", "score"):
        scores.setdefault(member, []).append(score)
    full = settings.SUGGESTIONS_KEPT
    return {member: sorted(found)[-full] for member, found in scores.items() if len(found) >= full}


def acquainted(member_id: int) -> set[int]:
    """Those with whom the member has something open already; they need no introduction."""
    pairs = Connection.objects.filter(state__in=UNDER_WAY).filter(Q(asker=member_id) | Q(asked=member_id))
    return {one for pair in pairs.values_list("asker", "asked") for one in pair if one} - {member_id}


def acquaintances() -> dict[Id, set[Id]]:
    """The same of everybody, by member."""
    met: dict[Id, set[Id]] = {}
    pairs = Connection.objects.filter(state__in=UNDER_WAY).exclude(Q(asker=None) | Q(asked=None))
    for one, other in pairs.values_list("asker", "asked"):
        met.setdefault(one, set()).add(other)
        met.setdefault(other, set()).add(one)
    return met


def _row(member_id: int, kind: str, match: Match) -> Suggestion:
    row = Suggestion(
        member_id=member_id,
        kind=kind,
        other_id=int(match.person.id),
        score=match.score,
        probability=match.probability,
        distance_km=match.distance_km,
        made_at=timezone.now(),
    )
    row.found_reasons = match.reasons  # type: ignore[attr-defined]
    return row


def to_stderr(line: str) -> None:
    """Show progress where it does not disturb the output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def suggestions(member: Member, kind: str, limit: int) -> list[dict[str, Any]]:
    """Score one member's suggestions now, in the form that the commands print.

    Whoever was dismissed, or is met already, is left out.
    """
    vectors = store.load(encoder().name)
    people = roster.build(vectors)
    person = next((one for one in people if one.id == member.pk), None)
    if person is None:
        return []
    if kind == "opening":
        titles = dict(roster.openings().values_list("slug", "title"))
        shown = roster.openings_as_people(vectors)
        found = pipeline.suggest(person, shown, kind, limit, weights=weights_now())
        return [{"opening": slug, "name": titles.get(slug)} | _judged(m) for m in found if (slug := str(m.person.id))]
    dismissed = Suggestion.objects.filter(member=member, kind=kind).exclude(dismissed_at=None)
    without = acquainted(member.pk) | set(dismissed.values_list("other", flat=True))
    found = pipeline.suggest(person, people, kind, limit, without=without, weights=weights_now())
    return _people(found, member.profile)


def suggestions_for_opening(page: OpeningPage, limit: int) -> list[dict[str, Any]]:
    """Score who might learn in an opening now or, where a teacher is called, who might teach there."""
    vectors = store.load(encoder().name)
    kind = "mentor" if page.kind == OpeningKind.GUEST_TEACHING else "apprentice"
    (asker,) = roster.openings_as_people(vectors, [page])
    return _people(pipeline.suggest(asker, roster.build(vectors), kind, limit, weights=weights_now()), None)


def _people(found: Sequence[Match], viewer: Profile | None) -> list[dict[str, Any]]:
    others = Member.objects.select_related("profile").in_bulk([int(match.person.id) for match in found])
    rows: list[dict[str, Any]] = []
    for match in found:
        other = others[int(match.person.id)]
        shows = other.profile.place_visibility == Visibility.MEMBERS and (
            viewer is None or viewer.place_visibility == Visibility.MEMBERS
        )
        rows.append({"member": other.email or other.handle, "name": other.name} | _judged(match, shows))
    return rows


def _judged(match: Match, shows_distance: bool = False) -> dict[str, Any]:
    km = match.distance_km if shows_distance else None
    return {
        "probability": None if match.probability is None else round(match.probability, 4),
        "distance_km": None if km is None else round(km, 1),
        "reasons": [
            {"need": reason.need.text, "offer": reason.offer.text, "strength": round(reason.strength, 4)}
            for reason in match.reasons
        ],
    }
