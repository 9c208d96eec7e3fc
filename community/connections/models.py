"""Two people who agreed to meet: from the first question to the answer."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator
from django.db import models, transaction
from django.db.models import Q
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

    PROPOSED = "proposed", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Whose connections."""

    def visible_to(self, member: Any) -> "ConnectionQuerySet":
        """One's own, unless a block stands between the two."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        blocked = Block.objects.filter(blocker=member).values("blocked")
        blockers = Block.objects.filter(blocked=member).values("blocker")
        own = self.filter(Q(asker=member) | Q(asked=member))
        for side in ("asker", "asked"):
            own = own.exclude(**{f"{side}__in": blocked}).exclude(**{f"{side}__in": blockers})
        return own

    def open(self) -> "ConnectionQuerySet":
        """Waiting or under way."""
        return self.filter(state__in=[ConnectionState.PROPOSED, ConnectionState.ACCEPTED])


class Connection(models.Model):
    """One person asked another to meet, and what became of it; contacts open only after both said yes."""

    kind = models.CharField(max_length=16, choices=ConnectionKind.choices)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_for")
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_of")
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="mentorships",
        help_text="Which of the two teaches, whose room this takes; empty between equals.",
    )  # fmt: skip
    message = models.TextField(_("your first question"), max_length=2000, validators=[MinLengthValidator(30)])
    answer = models.TextField(_("your answer"), max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=ConnectionState.choices, default=ConnectionState.PROPOSED)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ConnectionQuerySet.as_manager()

    OPEN_REQUESTS: ClassVar[int] = 5

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

    @classmethod
    def propose(
        cls, asker: Member, asked: Member, kind: ConnectionKind, message: str, mentor: Member | None = None
    ) -> "Connection":
        """Ask somebody to meet. Asking again while the first question waits gives back the first.

        Raises ValidationError where the other does not want to be asked, or too many questions wait already.
        """
        message = message.strip()
        with transaction.atomic():
            Member.objects.select_for_update().get(pk=asker.pk)
            waiting = cls.objects.filter(asker=asker, state=ConnectionState.PROPOSED)
            if existing := waiting.filter(asked=asked, kind=kind).first():
                return existing
            if asked.pk == asker.pk or not asker.is_adult or not Member.objects.visible_to(asker).filter(pk=asked.pk):
                raise ValidationError(_("This person cannot be asked."))
            if waiting.count() >= cls.OPEN_REQUESTS:
                raise ValidationError(
                    _("You have %(n)s questions waiting. Wait for an answer, or withdraw one.")
                    % {"n": cls.OPEN_REQUESTS}
                )
            connection = cls(kind=kind, asker=asker, asked=asked, message=message, mentor=mentor)
            connection.full_clean(exclude=["answer"])
            connection.save()
            Notice.send(asked, NoticeKind.CONNECTION_PROPOSED, connection.get_absolute_url(), actor=asker)
        return connection

    def accept(self, by: Member, answer: str = "") -> None:
        """The asked says yes; contacts open for both. Room is checked where it is taken."""
        with transaction.atomic():
            if self.mentor_id and self._rooms_left() <= 0:
                raise ValidationError(
                    _("All places for people at a time are taken. End a connection, or raise the number.")
                )
            self._answer(by, ConnectionState.ACCEPTED, answer)

    def decline(self, by: Member, answer: str = "") -> None:
        """The asked says no, kindly."""
        self._answer(by, ConnectionState.DECLINED, answer)

    def withdraw(self, by: Member) -> None:
        """The asker takes the question back while it waits."""
        if by.pk != self.asker_id:
            raise ValidationError(_("Only the person who asked can withdraw."))
        self._move(ConnectionState.WITHDRAWN, "")

    def _answer(self, by: Member, state: ConnectionState, answer: str) -> None:
        if by.pk != self.asked_id:
            raise ValidationError(_("Only the person who was asked can answer."))
        kind = NoticeKind.CONNECTION_ACCEPTED if state == ConnectionState.ACCEPTED else NoticeKind.CONNECTION_DECLINED
        with transaction.atomic():
            if self._move(state, answer.strip()[:2000]) and self.asker:
                Notice.send(self.asker, kind, self.get_absolute_url(), actor=by)

    def _move(self, state: ConnectionState, answer: str) -> bool:
        """One conditional step out of `proposed`; returns False where this very step was taken before."""
        moved = (
            type(self)
            .objects.filter(pk=self.pk, state=ConnectionState.PROPOSED)
            .update(state=state, answer=answer, answered_at=timezone.now())
        )
        self.refresh_from_db()
        if not moved and self.state != state:
            raise ValidationError(_("This was answered in the meantime. Look at the page again."))
        return bool(moved)

    def _rooms_left(self) -> int:
        """How many more people the mentor takes on, read under a lock so that two yeses cannot both fit."""
        mentor = Member.objects.select_for_update(of=("self",)).select_related("profile").get(pk=self.mentor_id)
        taken = type(self).objects.filter(mentor=mentor, state=ConnectionState.ACCEPTED).count()
        return int(mentor.profile.capacity) - taken

    def other(self, member: Member) -> Member | None:
        """The other of the two, as seen by this member."""
        return self.asked if member.pk == self.asker_id else self.asker

    @property
    def has_open_contacts(self) -> bool:
        """Whether each may see the other's e-mail address."""
        return self.state == ConnectionState.ACCEPTED
