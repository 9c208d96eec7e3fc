"""Rows to people: the one bridge between what members wrote and what the engine may know of them.

Whatever is "only me", and everything of somebody who has not said that they are an adult, stops here.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from community.connections.models import Connection, ConnectionState
from community.members.models import Block, Profile, Statement, StatementSide, Visibility
from matching.engine.people import PROFILE, Line, Person, Roster
from matching.engine.text import profile_text, sentences, text_hash

SENTENCES = 30  # of "about" at most, so that one long text does not outweigh a whole community


@dataclass(frozen=True, slots=True)
class Text:
    """One text to be embedded: whose it is, and the key its vector is kept under."""

    key: str
    text: str
    profile_id: int
    statement_id: int | None = None

    @property
    def hash(self) -> str:
        """The hash that says whether a stored vector is still of this text."""
        return text_hash(self.text)


def matchable(ids: Collection[int] | None = None) -> "QuerySet[Profile]":
    """Profiles whose texts may be embedded: active adults; with the statements that matching may use."""
    usable = Statement.objects.exclude(visibility=Visibility.ME).order_by("pk")
    profiles = Profile.objects.filter(member__is_active=True, member__is_adult=True)
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


def build(vectors: Mapping[str, Any], profiles: Iterable[Profile] | None = None) -> Roster:
    """Everybody as the engine may know them, with the vectors there are; ids are member ids."""
    found = list(matchable() if profiles is None else profiles)
    rules = _Rules()
    return Roster(_person(profile, vectors, rules) for profile in found)


class _Rules:
    """Blocks, private "not with" lists and taken places of everybody, fetched once."""

    def __init__(self) -> None:
        self.blocked: dict[int, set[int]] = defaultdict(set)
        self.not_with: dict[int, set[int]] = defaultdict(set)
        for blocker, blocked in Block.objects.values_list("blocker", "blocked"):
            self.blocked[blocker].add(blocked)
        for owner, other in Profile.not_with.through.objects.values_list("profile__member", "member"):
            self.not_with[owner].add(other)
        taken = Connection.objects.filter(state=ConnectionState.ACCEPTED).exclude(mentor=None)
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
    )  # fmt: skip


def _lines(lines: Mapping[int, Statement], side: StatementSide, vectors: Mapping[str, Any]) -> tuple[Line, ...]:
    return tuple(
        Line(
            line.pk,
            line.text,
            can_teach=line.can_teach,
            is_quotable=line.visibility == Visibility.MEMBERS,
            kind=line.kind,
            vector=vectors.get(f"s{line.pk}"),
        )
        for line in lines.values()
        if line.side == side
    )
