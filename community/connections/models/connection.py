"""Two people who agreed to meet: from the first question to the answer."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind


class ConnectionKind(models.TextChoices):
    """What the two want of each other."""

    MENTORSHIP = "mentorship", _("Learning from a mentor")
    COLLABORATION = "collaboration", _("Working together")
    PEER = "peer", _("Meeting as peers")


class ConnectionState(models.TextChoices):
    """How far the two have come."""

    INTRODUCED = "introduced", _("Brought together")
    PROPOSED = "proposed", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


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
        """Both said yes."""
        return self.filter(state=ConnectionState.ACCEPTED)

    def open(self) -> "ConnectionQuerySet":
        """Waiting or under way."""
        return self.filter(state__in=[ConnectionState.PROPOSED, ConnectionState.ACCEPTED])

    def with_people(self) -> "ConnectionQuerySet":
        """Everybody whose name a page shows, in the same query."""
        return self.select_related("asker__helper", "asked__helper", "mentor")


def on_side(side: str, member: Any) -> Q:
    """Connections in which this member stands on that side, or acts for somebody without e-mail who does."""
    return Q(**{side: member}) | Q(**{f"{side}__helper": member, f"{side}__email": None})


class Connection(models.Model):
    """One person asked another to meet, and what became of it; contacts open only after both said yes."""

    kind = models.CharField(max_length=16, choices=ConnectionKind.choices)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_for")
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_of")
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="mentorships",
        help_text="Which of the two teaches, whose room this takes; empty between equals.",
    )  # fmt: skip
    message = models.TextField(_("your first question"), validators=[MinLengthValidator(30), MaxLengthValidator(2000)])
    answer = models.TextField(_("your answer"), blank=True, validators=[MaxLengthValidator(2000)])
    state = models.CharField(max_length=10, choices=ConnectionState.choices, default=ConnectionState.PROPOSED)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ConnectionQuerySet.as_manager()

    OPEN_REQUESTS: ClassVar[int] = 5
    ASKED_A_DAY: ClassVar[int] = 3  # by one person of one person: each question is a mail

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["asker", "asked", "kind"],
                condition=Q(state="proposed"),
                name="one_open_request_a_pair",
            ),
            models.CheckConstraint(condition=~Q(asker=models.F("asked")), name="nobody_asks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        """The page that only the two see."""
        return reverse("connections:detail", args=[self.pk])

    def clean(self) -> None:
        """Whoever teaches is one of the two; between equals nobody does."""
        if (self.kind == ConnectionKind.MENTORSHIP) != (self.mentor_id is not None):
            raise ValidationError(_("Say who teaches whom."))
        if self.mentor_id not in {None, self.asker_id, self.asked_id}:
            raise ValidationError(_("Whoever teaches must be one of the two."))

    # Mutators

    @classmethod
    def propose(
        cls, asker: Member, asked: Member, kind: ConnectionKind, message: str, mentor: Member | None = None
    ) -> "Connection":
        """Ask somebody to meet; in a mentorship the asked teaches, unless `mentor` says otherwise.

        Asking again while the first question waits gives back the first. Raises ValidationError where the other
        does not want to be asked, where the two have met already, or where too many questions wait.
        """
        if kind == ConnectionKind.MENTORSHIP:
            mentor = mentor or asked
        with transaction.atomic():
            # Both, and always in the same order: two who ask each other at the same moment take turns.
            both = Member.objects.filter(pk__in=[asker.pk, asked.pk]).order_by("pk")
            people = {one.pk: one for one in both.select_for_update(no_key=True)}
            asker, asked = people.get(asker.pk, asker), people.get(asked.pk, asked)
            waiting = cls.objects.filter(asker=asker, state=ConnectionState.PROPOSED)
            if existing := waiting.filter(asked=asked, kind=kind).first():
                return existing
            cls._require_askable(asker, asked, kind, mentor)
            lately = cls.objects.filter(asker=asker, asked=asked, created_at__gt=timezone.now() - timedelta(days=1))
            if lately.count() >= cls.ASKED_A_DAY:
                raise ValidationError(_("You have asked this person several times today. Try again tomorrow."))
            if waiting.count() >= cls.OPEN_REQUESTS:
                raise ValidationError(
                    _("You have %(n)s questions waiting. Wait for an answer, or withdraw one.")
                    % {"n": cls.OPEN_REQUESTS}
                )
            connection = cls._introduction(asker, asked, kind, mentor) or cls(kind=kind, mentor=mentor)
            connection.asker, connection.asked, connection.message = asker, asked, message.strip()
            connection.state, connection.created_at = ConnectionState.PROPOSED, timezone.now()
            connection.full_clean(exclude=["answer"])
            connection.save()
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
        both = Member.objects.filter(pk__in=[asker.pk, asked.pk]).order_by("pk")
        list(both.select_for_update(of=("self",), no_key=True))
        met = cls.objects.accepted().filter(kind=kind, mentor=mentor)
        if earlier := met.filter(Q(asker=asker, asked=asked) | Q(asker=asked, asked=asker)).first():
            return earlier
        now = timezone.now()
        connection = cls(kind=kind, asker=asker, asked=asked, mentor=mentor, created_at=now, answered_at=now)
        connection.state = ConnectionState.ACCEPTED
        connection.clean()
        connection.save()
        return connection

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
        if cls.objects.filter(asker=asked, asked=asker, kind=kind, mentor=mentor, state=ConnectionState.PROPOSED):
            raise ValidationError(_("This person has asked you the same. Answer them: look at your connections."))

    def accept(self, by: Member, answer: str = "") -> None:
        """The asked says yes; contacts open for both. Room is checked where it is taken; a second yes is the first."""
        with transaction.atomic():
            room = self._rooms_left()
            self.refresh_from_db()
            if self.state == ConnectionState.PROPOSED and room is not None and room <= 0:
                raise ValidationError(self._no_room(by))
            self._answer(by, ConnectionState.ACCEPTED, answer)

    def decline(self, by: Member, answer: str = "") -> None:
        """The asked says no, kindly."""
        self._answer(by, ConnectionState.DECLINED, answer)

    def withdraw(self, by: Member, answer: str = "") -> None:
        """The asker takes the question back while it waits."""
        if self.side_of(by) is None or self.side_of(by) != self.asker:
            raise ValidationError(_("Only the person who asked can withdraw."))
        self._move(ConnectionState.WITHDRAWN, "")

    def let_go(self, by: Member, answer: str = "") -> None:
        """One of two who were brought together would rather not; the other is not told."""
        if self.side_of(by) is None:
            raise ValidationError(_("Only the two can do this."))
        self._move(ConnectionState.WITHDRAWN, "", since=ConnectionState.INTRODUCED)

    def _answer(self, by: Member, state: ConnectionState, answer: str) -> None:
        if self.side_of(by) is None or self.side_of(by) != self.asked:
            raise ValidationError(_("Only the person who was asked can answer."))
        kind = NoticeKind.CONNECTION_ACCEPTED if state == ConnectionState.ACCEPTED else NoticeKind.CONNECTION_DECLINED
        with transaction.atomic():
            if not self.asker or not type(self).objects.visible_to(by).filter(pk=self.pk).exists():
                raise ValidationError(_("This cannot be answered any more."))
            if self._move(state, answer.strip()[:2000]):
                Notice.send(self.asker, kind, self.get_absolute_url(), actor=self.asked)

    def _move(self, state: ConnectionState, answer: str, since: ConnectionState = ConnectionState.PROPOSED) -> bool:
        """One conditional step out of `since`; returns False where this very step was taken before."""
        moved = (
            type(self)
            .objects.filter(pk=self.pk, state=since)
            .update(state=state, answer=answer, answered_at=timezone.now())
        )
        self.refresh_from_db()
        if not moved and self.state != state:
            raise ValidationError(_("This was answered in the meantime. Look at the page again."))
        return bool(moved)

    def _rooms_left(self) -> int | None:
        """How many more people the mentor takes on; None where nobody teaches.

        Two yeses may not both fit, so the mentor's row is locked on PostgreSQL; on SQLite the transaction itself
        began with the only write lock (IMMEDIATE).
        """
        if not self.mentor_id:
            return None
        people = Member.objects.select_for_update(of=("self",), no_key=True).select_related("profile")
        mentor = people.get(pk=self.mentor_id)
        taken = type(self).objects.accepted().filter(mentor=mentor).count()
        return int(mentor.profile.capacity) - taken

    def _no_room(self, by: Member) -> Any:
        if self.side_of(by) == self.mentor:
            return _("All your places are taken. Raise “people at a time” in your profile, then say yes.")
        return _("All places with this person are taken just now. Nothing is lost: say yes later.")

    # Queries

    def side_of(self, viewer: Any) -> Member | None:
        """Which of the two this viewer is, or acts for."""
        people = [one for one in (self.asker, self.asked) if one is not None]
        own = [one for one in people if one.pk == viewer.pk]
        helped = [one for one in people if not one.email and one.helper_id == viewer.pk]
        return next(iter([*own, *helped]), None)

    def other(self, viewer: Any) -> Member | None:
        """The other of the two, as seen by this viewer."""
        return self.asked if self.side_of(viewer) == self.asker else self.asker

    def contact(self, viewer: Any) -> str:
        """The e-mail address at which the other is reached; empty until both said yes."""
        other = self.other(viewer)
        if not self.has_open_contacts or other is None or not other.is_active:
            return ""
        return other.email or (other.helper.email if other.helper else "") or ""

    @property
    def has_both_yeses(self) -> bool:
        """Whether both have agreed."""
        return self.state == ConnectionState.ACCEPTED

    @property
    def is_kept_by_stewards(self) -> bool:
        """Whether one of the two is under 18: then the stewards bring them together, and no address is shown."""
        return any(one is not None and not one.is_adult for one in (self.asker, self.asked))

    @property
    def has_open_contacts(self) -> bool:
        """Whether each may see the other's e-mail address."""
        return self.has_both_yeses and not self.is_kept_by_stewards

    @property
    def has_plan(self) -> bool:
        """Whether there is something to learn, and a page for it."""
        return self.has_both_yeses and self.kind == ConnectionKind.MENTORSHIP


# As what somebody must agree to be shown before they can be asked; a learner is asked as "apprentice".
WISHES: dict[str, str] = {
    ConnectionKind.MENTORSHIP: "mentor",
    ConnectionKind.COLLABORATION: "collaborator",
    ConnectionKind.PEER: "peer",
}
