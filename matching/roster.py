"""Rows to people: the one bridge between what members wrote and what the engine may know of them.

Whatever is "only me", and everything of somebody who has not said that they are an adult, stops here.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from community.connections.models import Connection
from community.members.models import Block, Profile, Statement, StatementSide, Visibility
from community.openings.models import OpeningKind, OpeningPage
from matching.engine.kinds import KINDS
from matching.engine.people import PROFILE, Id, Line, Match, Person, Roster
from matching.engine.text import profile_text, sentences, text_hash

__all__ = [
    "Id", "Match", "Person", "Roster", "Text", "asking", "build", "matchable", "openings",
    "openings_as_people", "pair_as_shown", "texts_of",
]  # fmt: skip

FRESH_DAYS = 30  # after so many nobody and nothing counts as new
SENTENCES = 30  # of "about" at most, so that one long text does not outweigh a whole community


@dataclass(frozen=True, slots=True)
class Text:
    """One text to be embedded: whose it is, and the key its vector is kept under."""

    key: str
    text: str
    profile_id: int | None = None
    statement_id: int | None = None
    line_id: int | None = None

    @property
    def hash(self) -> str:
        """The hash that says whether a stored vector is still of this text."""
        return text_hash(self.text)


def matchable(ids: Collection[int] | None = None) -> "QuerySet[Profile]":
    """Profiles whose texts may be embedded: active adults who use matching; with the statements that it may use."""
    usable = Statement.objects.exclude(visibility=Visibility.ME).order_by("pk")
    profiles = Profile.objects.filter(member__is_active=True, member__is_adult=True, is_matched=True)
    if ids is not None:
        profiles = profiles.filter(pk__in=ids)
    return profiles.select_related("member").prefetch_related(Prefetch("statements", usable)).order_by("pk")


def texts_of(profile: Profile) -> list[Text]:
    """Every text of a profile that may be embedded: each statement, the whole profile, each sentence of "about"."""
    about = "" if profile.about_visibility == Visibility.ME else profile.about
    whole = profile_text(profile.trade, about)
    texts = [Text(f"s{line.pk}", line.text, profile.pk, line.pk) for line in profile.statements.all()]
    if whole:
        texts.append(Text(f"p{profile.pk}", whole, profile.pk))
    return texts + [
        Text(f"a{profile.pk}.{number}", sentence, profile.pk)
        for number, sentence in enumerate(sentences(about)[:SENTENCES])
    ]


def openings() -> "QuerySet[OpeningPage]":
    """Openings that can be applied for, with their lines and posters."""
    pages = OpeningPage.objects.live().public().open()
    return pages.select_related("author__profile", "posting").prefetch_related("lines")


def opening_texts() -> list[Text]:
    """Every line of what is learned, or taught, in the openings that can be applied for."""
    return [Text(f"o{line.pk}", line.text, line_id=line.pk) for page in openings() for line in page.lines.all()]


def openings_as_people(vectors: Mapping[str, Any], pages: Iterable[OpeningPage] | None = None) -> Roster:
    """Openings as the engine may know them: somebody whose lines are offers, or needs where a teacher is called.

    Whom the poster keeps away is kept away from the opening, too.
    """
    rules = _Rules()
    return Roster(_opening(page, vectors, rules) for page in (openings() if pages is None else pages))


def build(vectors: Mapping[str, Any], profiles: Iterable[Profile] | None = None) -> Roster:
    """Everybody as the engine may know them, with the vectors there are; ids are member ids."""
    found = list(matchable() if profiles is None else profiles)
    rules = _Rules()
    return Roster(_person(profile, vectors, rules) for profile in found)


def asking(person: Person, wishes: Mapping[str, Any]) -> Person:
    """The same person with nothing but a question: its words with their vectors. An answer comes from any distance."""
    needs = tuple(Line(f"q{number}", text, vector=vector) for number, (text, vector) in enumerate(wishes.items()))
    return replace(person, offers=(), needs=needs, about=(), max_km=None, not_own_trade_km=None)


def pair_as_shown(own: Profile, theirs: Profile) -> tuple[Person, Person]:
    """One person whole, and another as members see them: nothing hidden, as if open to everything; no vectors.

    What the first has set against the second (a list, a limit) counts where the second shows what it asks for.
    """
    usable = Statement.objects.exclude(visibility=Visibility.ME).order_by("pk")
    found = Profile.objects.filter(pk__in=(own.pk, theirs.pk)).select_related("member")
    both = {profile.pk: profile for profile in found.prefetch_related(Prefetch("statements", usable))}
    rules = _Rules()
    first, second = (_person(both[profile.pk], {}, rules) for profile in (own, theirs))
    shown = [name for name in ("about", "languages", "place") if theirs.shown(name, None) is not None]
    if "place" not in shown:
        first = replace(first, max_km=None, not_own_trade_km=None)
    return first, replace(
        second,
        offers=tuple(line for line in second.offers if line.is_quotable),
        needs=tuple(line for line in second.needs if line.is_quotable),
        about=second.about if "about" in shown else (),
        is_adult=True,
        open_to=frozenset(kind.consent for kind in KINDS.values()),
        languages=second.languages if "languages" in shown else frozenset(),
        cell=second.cell if "place" in shown else None,
        max_km=None,
        room=1,
        is_paused=False,
        blocked=frozenset(),
        not_with=frozenset(),
        not_own_trade_km=None,
    )


def mark(person: Person) -> str:
    """A hash of all that the suggestions of this person to others depend on, less what is between two people alone.

    Whom somebody keeps away is heeded in the lists of the two; it must move nothing for anybody else. That a day has
    passed is no news either: lists are made anew once a day.
    """
    public = replace(person, blocked=frozenset(), not_with=frozenset(), not_own_trade_km=None, freshness=0.0)
    said = [getattr(public, field.name) for field in fields(Person)]
    plain = repr([sorted(value) if isinstance(value, frozenset) else value for value in said])
    return hashlib.sha256(plain.encode()).hexdigest()


class _Rules:
    """Blocks, private "not with" lists and taken places of everybody, fetched once."""

    def __init__(self) -> None:
        self.blocked: dict[int, set[int]] = defaultdict(set)
        self.not_with: dict[int, set[int]] = defaultdict(set)
        for blocker, blocked in Block.objects.values_list("blocker", "blocked"):
            self.blocked[blocker].add(blocked)
        for owner, other in Profile.not_with.through.objects.values_list("profile__member", "member"):
            self.not_with[owner].add(other)
        taken = Connection.objects.accepted().exclude(mentor=None)
        self.taken = Counter(taken.values_list("mentor", flat=True))


def _person(profile: Profile, vectors: Mapping[str, Any], rules: _Rules) -> Person:
    texts = texts_of(profile)
    lines = {line.pk: line for line in profile.statements.all()}
    member = profile.member_id
    place = profile.cell if profile.place_visibility != Visibility.ME else None
    spoken = profile.languages if profile.languages_visibility != Visibility.ME else []
    return Person(
        id=member,
        offers=_lines(lines, StatementSide.OFFER, vectors),
        needs=_lines(lines, StatementSide.NEED, vectors),
        about=tuple(
            Line(text.key, text.text, is_quotable=False, kind=PROFILE if text.key[0] == "p" else "sentence",
                 vector=vectors.get(text.key))
            for text in texts if text.statement_id is None
        ),
        is_adult=profile.member.is_adult,
        open_to=frozenset(profile.open_to),
        languages=frozenset(spoken),
        cell=(place.lat, place.lon) if place else None,
        max_km=profile.max_km,
        room=profile.capacity - rules.taken[member],
        is_paused=profile.is_paused,
        blocked=frozenset(rules.blocked[member]),
        not_with=frozenset(rules.not_with[member]),
        trade=profile.trade,
        not_own_trade_km=profile.not_own_trade_km,
        # Only what may be read makes somebody new again: nothing that is kept to themselves moves where they stand.
        freshness=freshness(profile.member.joined_at, *(line.created_at for line in lines.values())),
    )  # fmt: skip


def freshness(*moments: datetime | None) -> float:
    """How new the newest of these is, from 1 (today) down to 0 (`FRESH_DAYS` ago or before), by whole days."""
    today = timezone.localdate()
    ages = [max(0, (today - timezone.localdate(moment)).days) for moment in moments if moment]
    return max(0.0, 1.0 - min(ages, default=FRESH_DAYS) / FRESH_DAYS)


def _opening(page: OpeningPage, vectors: Mapping[str, Any], rules: _Rules) -> Person:
    lines = tuple(Line(f"o{line.pk}", line.text, vector=vectors.get(f"o{line.pk}")) for line in page.lines.all())
    is_call = page.kind == OpeningKind.GUEST_TEACHING
    posting = getattr(page, "posting", None)  # pages that an editor made have none
    cell = posting.cell if posting else None
    return Person(
        id=page.slug,
        owner=page.author_id,
        offers=() if is_call else lines,
        needs=lines if is_call else (),
        is_adult=True,
        open_to=frozenset({"opening"}),
        languages=frozenset({page.language}),
        cell=(cell.lat, cell.lon) if cell else None,
        blocked=frozenset(rules.blocked[page.author_id]),
        not_with=frozenset(rules.not_with[page.author_id]),
        freshness=freshness(page.first_published_at),
    )


def _lines(lines: Mapping[int, Statement], side: StatementSide, vectors: Mapping[str, Any]) -> tuple[Line, ...]:
    return tuple(
        Line(
            line.pk,
            line.text,
            can_teach=line.can_teach,
            is_quotable=line.visibility == Visibility.MEMBERS,
            kind=line.kind,
            vector=vectors.get(f"s{line.pk}"),
            level=line.level,
            years=line.years,
            quantity=None if line.quantity is None else float(line.quantity),
            unit=line.unit,
            every=line.every,
            months=frozenset(line.months),
        )
        for line in lines.values()
        if line.side == side
    )
