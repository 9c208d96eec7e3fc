"""Two people who agreed to meet: from the first question to the answer."""

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.answers import WISHES
from community.connections.models.settings import ConnectionSettings
from community.connections.models.steps import (
    OVER,
    STANDING,
    TEACHING,
    UNDER_WAY,
    WAITING,
    ConnectionKind,
    ConnectionState,
)
from community.connections.models.watching import Watched
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Whose connections."""

    def visible_to(self, member: Any) -> "ConnectionQuerySet":
        """One's own, and those of people without e-mail whom one helps; none where a block stands between the two."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        one_way = Block.objects.filter(blocker=OuterRef("asker"), blocked=OuterRef("asked"))
        other_way = Block.objects.filter(blocker=OuterRef("asked"), blocked=OuterRef("asker"))
        own = self.filter(on_side("asker", member) | on_side("asked", member))
        return own.exclude(Exists(one_way)).exclude(Exists(other_way))

    def waiting_for(self, member: Any) -> "ConnectionQuerySet":
        """Questions that this member has to answer."""
        return self.visible_to(member).filter(on_side("asked", member), state=ConnectionState.PROPOSED)

    def asked_by(self, member: Any) -> "ConnectionQuerySet":
        """Questions of this member's that wait for the other."""
        return self.visible_to(member).filter(on_side("asker", member), state=ConnectionState.PROPOSED)

    def introduced_to(self, member: Any) -> "ConnectionQuerySet":
        """Whom a round brought together with this member, and neither has asked yet."""
        return self.visible_to(member).filter(state=ConnectionState.INTRODUCED)

    def accepted(self) -> "ConnectionQuerySet":
        """Both said yes, and it has not ended."""
        return self.filter(state__in=UNDER_WAY)

    def open(self) -> "ConnectionQuerySet":
        """Waiting or under way."""
        return self.filter(state__in=WAITING | UNDER_WAY)

    def standing(self) -> "ConnectionQuerySet":
        """Not at an end: brought together, waiting, or under way."""
        return self.filter(state__in=STANDING)

    def over(self) -> "ConnectionQuerySet":
        """At an end, whichever."""
        return self.filter(state__in=OVER)

    def looked_after_by(self, steward: Any) -> "ConnectionQuerySet":
        """What a steward may know of: who, since when, and no word; not their own, and nothing across a block."""
        if not (getattr(steward, "is_steward", False) and steward.is_active):
            return self.none()
        rows = self.exclude(asker=None).exclude(asked=None).exclude(asker=steward).exclude(asked=steward)
        for side, other in (("asker", "asked"), ("asked", "asker")):
            rows = rows.exclude(Exists(Block.objects.filter(blocker=OuterRef(side), blocked=OuterRef(other))))
        return rows

    def late(self, now: datetime) -> "ConnectionQuerySet":
        """Questions that have waited for so long that somebody might telephone; and where none was asked after a round.

        Those whom a round brought together are reminded first.
        """
        numbers = ConnectionSettings.now()
        since = now - timedelta(days=numbers.steward_days)
        waits = Q(state=ConnectionState.PROPOSED, moved_at__lte=since)
        waits |= Q(state=ConnectionState.INTRODUCED, moved_at__lte=since - numbers.answer_window)
        return self.filter(waits).order_by("moved_at", "pk")

    def need_call(self, now: datetime) -> "ConnectionQuerySet":
        """Pairs under way that somebody should call, and whom nobody has called lately; in no order of theirs."""
        rested = Q(called_at=None) | Q(called_at__lte=now - timedelta(days=ConnectionSettings.now().call_days))
        return self.accepted().filter(rested).exclude(call_for="").order_by("accepted_at", "pk")

    def referred(self, since: datetime) -> "ConnectionQuerySet":
        """Whom somebody was told to ask instead, and has not asked yet."""
        asked = type(self)(self.model).filter(asker=OuterRef("asker"), asked=OuterRef("referred_to"))
        named = self.filter(state=ConnectionState.DECLINED, moved_at__gt=since, referred_to__is_active=True)
        for side, other in (("asker", "referred_to"), ("referred_to", "asker")):
            named = named.exclude(Exists(Block.objects.filter(blocker=OuterRef(side), blocked=OuterRef(other))))
        return named.filter(asker__is_active=True).exclude(Exists(asked)).order_by("moved_at", "pk")

    def with_people(self) -> "ConnectionQuerySet":
        """Everybody whose name a page shows, in the same query."""
        return self.select_related("asker__helper", "asked__helper", "mentor", "referred_to")


def on_side(side: str, member: Any) -> Q:
    """Connections in which this member stands on that side, or acts for somebody without e-mail who does."""
    return Q(**{side: member}) | Q(**{f"{side}__helper": member, f"{side}__email": None})


def skill_key(text: str) -> str:
    """By which two wishes for the same skill are known as one: its words, without case and signs."""
    return " ".join(re.findall(r"\w+", text.casefold()))[:120]


class Connection(Watched):
    """One person asked another to meet, and what became of it; contacts open only after both said yes."""

    skill = models.CharField(
        _("what it is about"), max_length=120, blank=True,
        help_text=_("In a few words: graft apple trees, for example."),
    )  # fmt: skip
    skill_key = models.CharField(max_length=120, blank=True, editable=False, help_text="The same, to be compared.")
    goal = models.TextField(
        _("what shall be possible at the end"), blank=True, max_length=600, validators=[MaxLengthValidator(600)]
    )
    message = models.TextField(_("your first question"), validators=[MinLengthValidator(30), MaxLengthValidator(2000)])

    objects: ClassVar[Any] = ConnectionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["asker", "asked", "kind"],
                condition=Q(state__in=["proposed", "postponed"]),
                name="one_open_request_a_pair",
            ),
            models.CheckConstraint(condition=~Q(asker=models.F("asked")), name="nobody_asks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        """The page that only the two see."""
        return reverse("connections:detail", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the skill as it is compared."""
        self.skill_key = skill_key(self.skill)
        super().save(*args, **kwargs)

    # How it begins. What follows stands in `Answering`.

    @classmethod
    def propose(
        cls, asker: Member, asked: Member, kind: ConnectionKind, message: str, mentor: Member | None = None,
        *, skill: str = "", goal: str = "",
    ) -> "Connection":  # fmt: skip
        """Ask somebody to meet; where somebody teaches it is the asked, unless `mentor` says otherwise.

        The same once more while the first question waits gives back the first. Raises ValidationError where another
        question waits with them, where they do not want to be asked, have met already, or too many questions wait.
        """
        if kind in TEACHING:
            mentor = mentor or asked
        with transaction.atomic():
            people = cls.lock_people(asker.pk, asked.pk)
            asker, asked = people.get(asker.pk, asker), people.get(asked.pk, asked)
            waiting = cls.objects.filter(asker=asker, state=ConnectionState.PROPOSED)
            if existing := waiting.filter(asked=asked, kind=kind).first():
                if existing.mentor_id == getattr(mentor, "pk", None) and existing.message == message.strip():
                    return existing
                raise ValidationError(_("You have a question waiting with this person. Look at your connections."))
            cls._require_askable(asker, asked, kind, mentor)
            cls._require_limits(asker, asked, mentor, skill_key(skill))
            now = timezone.now()
            connection = cls._introduction(asker, asked, kind, mentor) or cls(kind=kind, mentor=mentor, version=-1)
            connection.asker, connection.asked, connection.message = asker, asked, message.strip()
            connection.skill, connection.goal = " ".join(skill.split()), goal.strip()
            connection.state, connection.version = ConnectionState.PROPOSED, connection.version + 1
            connection.created_at = connection.moved_at = connection.asker_active_at = now
            connection.asked_active_at = None
            connection.full_clean(exclude=["answer"])
            connection.save()
            asker.waits.take(asked)  # type: ignore[attr-defined]
            Notice.send(asked, NoticeKind.CONNECTION_PROPOSED, connection.get_absolute_url(), actor=asker)
        return connection

    @classmethod
    def introduce(cls, pairs: list[tuple[Member, Member]]) -> "list[Connection]":
        """Bring mentors and learners together who agreed to it beforehand; either may then ask the first question.

        Contacts stay closed until both said yes. Each person is told once, with how many soever.
        """
        with transaction.atomic():
            made = cls.objects.bulk_create(
                cls(kind=ConnectionKind.MENTORSHIP, asker=learner, asked=mentor, mentor=mentor, message="",
                    state=ConnectionState.INTRODUCED)
                for mentor, learner in pairs
            )  # fmt: skip
            met: dict[Member, list[Connection]] = {}
            for pair, one in zip(pairs, made, strict=True):
                for person in pair:
                    met.setdefault(person, []).append(one)
            for person, found in met.items():
                url = found[0].get_absolute_url() if len(found) == 1 else reverse("connections:overview")
                Notice.send(person, NoticeKind.CONNECTION_INTRODUCED, url)
        return made

    @classmethod
    @transaction.atomic
    def agree(cls, asker: Member, asked: Member, kind: ConnectionKind, mentor: Member | None = None) -> "Connection":
        """Both have said yes elsewhere, to an offered place for example; twice, or where they met before, does it once.

        No words go in: what they wrote to each other there is forgotten there.
        """
        cls.lock_people(asker.pk, asked.pk)
        met = cls.objects.accepted().filter(kind=kind, mentor=mentor)
        if earlier := met.filter(Q(asker=asker, asked=asked) | Q(asker=asked, asked=asker)).first():
            return earlier
        now = timezone.now()
        connection = cls(kind=kind, asker=asker, asked=asked, mentor=mentor, created_at=now, answered_at=now)
        connection.state, connection.moved_at, connection.accepted_at = ConnectionState.ACCEPTED, now, now
        connection.asker_active_at = connection.asked_active_at = now
        connection.clean()
        connection.save()
        return connection

    @classmethod
    def say_gone(cls, member: Member) -> None:
        """Tell those who wait for an answer of this member, or are under way with them, that they leave; by no name."""
        asked = Q(asked=member, state__in=WAITING)
        pairs = (Q(asker=member) | Q(asked=member)) & Q(state__in=UNDER_WAY)
        for row in cls.objects.filter(asked | pairs).with_people().order_by("pk"):
            other = row.other(member)
            if other is not None and other.is_active and cls.objects.visible_to(other).filter(pk=row.pk).exists():
                Notice.send(other, NoticeKind.CONNECTION_GONE, row.get_absolute_url())

    @classmethod
    def _introduction(cls, one: Member, other: Member, kind: str, mentor: Member | None) -> "Connection | None":
        """What brought the two together and waits for a first question of either."""
        waiting = cls.objects.filter(state=ConnectionState.INTRODUCED, kind=kind, mentor=mentor)
        return waiting.filter(Q(asker=one, asked=other) | Q(asker=other, asked=one)).first()

    @classmethod
    def _require_askable(cls, asker: Member, asked: Member, kind: ConnectionKind, mentor: Member | None) -> None:
        visible = Member.objects.visible_to(asker).exclude(pk=asker.pk)
        if not asker.is_adult or not asker.is_active or not visible.filter(pk=asked.pk).exists():
            raise ValidationError(_("This person cannot be asked."))
        wish = "apprentice" if mentor and mentor.pk == asker.pk else WISHES[kind]
        if wish not in asked.profile.open_to:
            raise ValidationError(_("This person does not want to be asked for this. Look for another way to meet."))
        met = cls.objects.accepted().filter(kind=kind, mentor=mentor)
        if met.filter(asker=asker, asked=asked) or met.filter(asker=asked, asked=asker):
            raise ValidationError(_("You two have said yes to this already. Look at your connections."))
        if cls.objects.filter(asker=asked, asked=asker, kind=kind, mentor=mentor, state__in=WAITING):
            raise ValidationError(_("This person has asked you the same. Answer them: look at your connections."))
        if cls.objects.filter(asker=asker, asked=asked, kind=kind, state=ConnectionState.POSTPONED):
            raise ValidationError(_("This person said “not now”. Your connections say from when you can ask again."))

    # Queries

    @property
    def has_plan(self) -> bool:
        """Whether there is something to learn, and a page for it; it stays to be read when the two have parted."""
        return self.has_begun and self.kind in TEACHING
