"""What two people write to each other once both have said yes; nobody else reads it, and nobody sees who has read."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.enclosure import Enclosure
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import CleanFile
from community.trust.models import Safeguarding, one_by_one

QUEUE = "/steward/messages/"
REACHED = Q(held_at=None) | ~Q(released_at=None)  # the other side; what is held or kept back has not


def thread_of(connection: int) -> str:
    """The page of a thread."""
    return reverse("connections:thread", args=[connection])


class MessageQuerySet(models.QuerySet["Message"]):
    """Who may read what was written."""

    def delivered(self) -> "MessageQuerySet":
        """What has reached the other side."""
        return self.filter(REACHED)

    def visible_to(self, member: Any) -> "MessageQuerySet":
        """What one wrote, and what reached one; nothing across a block, and nothing for anybody else."""
        own = Q(writer=member) | Q(writer__helper=member, writer__email=None)
        return self.filter(connection__in=Connection.objects.visible_to(member).values("pk")).filter(own | REACHED)

    def new_to(self, side: Member | None) -> "MessageQuerySet":
        """What has reached this side and was not looked at yet."""
        return self.delivered().filter(read_at=None).exclude(writer=side)

    def new_for(self, member: Any) -> "MessageQuerySet":
        """The same in lists, for a member and for whom they help; what belongs to whom, the list has asked."""
        own = Q(writer=member) | Q(writer__helper=member, writer__email=None)
        return self.delivered().filter(read_at=None).exclude(own)

    def waiting(self) -> "MessageQuerySet":
        """Held, nobody has decided yet, and no block stands between the two; who has waited longest comes first."""
        rows = self.exclude(held_at=None).filter(released_at=None, stopped_at=None)
        for one, other in (("asker", "asked"), ("asked", "asker")):
            sides = {"blocker": OuterRef(f"connection__{one}"), "blocked": OuterRef(f"connection__{other}")}
            rows = rows.exclude(Exists(Block.objects.filter(**sides)))
        return rows.order_by("held_at", "pk")

    def waiting_for(self, member: Any) -> "MessageQuerySet":
        """What this person of safeguarding has to read before it goes on; never in a thread of their own."""
        if not Safeguarding.includes(member):
            return self.none()
        others = Connection.objects.looked_after_by(member).values("pk")
        return self.waiting().filter(connection__in=others)


class Message(models.Model):
    """A few words of one of the two to the other, with a small file or without; sent once and never changed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="messages")
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, help_text="Of the form that it was sent with.")
    text = models.TextField(_("what you want to say"), blank=True, validators=[MaxLengthValidator(4000)])
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True, help_text="By the other side, who alone knows.")
    held_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[Any] = MessageQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    MOST_A_DAY: ClassVar[int] = 100  # of one side of one thread

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "writer", "key"], name="one_message_of_a_pair_a_form"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["held_at"], condition=Q(held_at__isnull=False), name="messages_held"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def get_absolute_url(self) -> str:
        """Its own address, by which it is reported."""
        return reverse("connections:message", args=[self.connection_id, self.pk])

    @property
    def place(self) -> str:
        """Where it stands among the others."""
        return f"{thread_of(self.connection_id)}#m{self.pk}"

    # Verbs

    @classmethod
    def write(
        cls, connection: Connection, by: Member, text: str, key: uuid.UUID | None = None, file: CleanFile | None = None
    ) -> "Message":
        """Write to the other; the same form sent twice writes once.

        What an adult writes to somebody under 18 is held until safeguarding has read it; somebody under 18 cannot
        say where they are reached. Raises ValidationError where the two have not both said yes, or have parted.
        """
        key = key or uuid.uuid4()
        with transaction.atomic():
            row = connection.locked(by)
            own, other = row.side_of(by), row.other(by)
            if earlier := cls.objects.filter(connection=row, writer=own, key=key).first():
                return earlier
            row.require_under_way()
            message = cls(connection=row, writer=own, key=key, text=text.strip())
            message._require_writable(other, file)
            message.save()
            if file is not None:
                Enclosure.put(message, file)
            row.touch(by)
            message._hand_on(other)
        return message

    def _require_writable(self, other: Member | None, file: CleanFile | None) -> None:
        """Something is said, not too much of it, and nothing that must not reach somebody under 18."""
        if not self.text and file is None:
            raise ValidationError(_("Write a few words, or choose a file."))
        self.full_clean(exclude=["connection", "writer"], validate_unique=False, validate_constraints=False)
        today = type(self).objects.filter(connection=self.connection, writer=self.writer)
        if today.filter(created_at__gt=self.created_at - timedelta(days=1)).count() >= self.MOST_A_DAY:
            raise ValidationError(_("That is enough in writing for one day. Telephone, or meet."))
        if file is not None and self.connection.is_kept_by_stewards:
            raise ValidationError(_("Where one of you is under 18, no files are sent here. Show it when you meet."))
        Safeguarding.require_no_contact(self.writer, self.text)
        if self._must_be_held(other):
            if not Safeguarding.of(self.writer).exists():
                raise ValidationError(
                    _("Somebody of safeguarding reads this first, and there is nobody at present. Ask a steward.")
                )
            self.held_at = self.created_at

    def _must_be_held(self, other: Member | None) -> bool:
        """Whether an adult writes to somebody under 18."""
        return other is not None and not other.is_adult and self.writer.is_adult

    def _hand_on(self, other: Member | None) -> None:
        """Tell whoever reads it next: the other side, or safeguarding."""
        if self.held_at is None:
            self._tell(other)
            return
        for one in Safeguarding.of(self.writer):
            Notice.send(one, NoticeKind.MESSAGE_HELD, QUEUE, actor=other)

    def _tell(self, other: Member | None) -> None:
        """One notice for all that the other has not read yet, never one for each; it says who wrote, and not what."""
        if other is None:
            return
        told = type(self).objects.filter(connection=self.connection).new_to(other).exclude(pk=self.pk)
        if not told.exists():
            Notice.send(other, NoticeKind.MESSAGE_RECEIVED, self.place, actor=self.writer)

    @classmethod
    def read(cls, connection: Connection, by: Member, shown: "list[Message]") -> None:
        """This side has looked at these, and at all before them; nobody but them learns of it."""
        own = connection.side_of(by)
        if own is None or all(one.read_at or one.writer_id == own.pk for one in shown):
            return
        new = cls.objects.filter(connection=connection).new_to(own)
        with transaction.atomic():
            connection.lock_people(connection.asker_id, connection.asked_id)
            new.filter(pk__lte=max(one.pk for one in shown)).update(read_at=timezone.now())
            told = Notice.objects.filter(member=own, kind=NoticeKind.MESSAGE_RECEIVED).exclude(Exists(new))
            told.filter(url__startswith=f"{thread_of(connection.pk)}#").read_all()

    # Safeguarding

    @transaction.atomic
    def release(self, by: Member) -> None:
        """Safeguarding lets it through, and the other hears of it. Twice does it once."""
        self._require_safeguard(by)
        self._let_through(by)

    @transaction.atomic
    def stop(self, by: Member) -> None:
        """Safeguarding keeps it back for good. Twice does it once."""
        self._require_safeguard(by)
        self._undecided().update(stopped_at=timezone.now(), decided_by=by)
        self.refresh_from_db()

    @classmethod
    def let_through_grown(cls) -> int:
        """Nobody reads for an adult: what was held for somebody who is one by now reaches them. Counts messages."""
        held = cls.objects.waiting().filter(connection__asker__is_adult=True, connection__asked__is_adult=True)
        rows = held.select_related("connection__asker", "connection__asked", "writer")
        return one_by_one(rows, lambda one: one._let_through(None))

    @transaction.atomic
    def _let_through(self, by: Member | None) -> bool:
        self.connection.lock_people(self.connection.asker_id, self.connection.asked_id)
        is_new = bool(self._undecided().update(released_at=timezone.now(), decided_by=by))
        self.refresh_from_db(fields=["released_at", "stopped_at", "decided_by"])
        if is_new:
            self._tell(self.connection.other(self.writer))
        return is_new

    def _undecided(self) -> MessageQuerySet:
        """This row, while there is something to decide on it."""
        rows: MessageQuerySet = type(self).objects.waiting().filter(pk=self.pk).order_by()
        return rows

    def _require_safeguard(self, by: Member) -> None:
        is_side = self.connection.side_of(by) is not None
        if is_side or not Safeguarding.includes(by):
            raise ValidationError(_("Somebody else of safeguarding must decide on this."))

    # Queries

    @property
    def is_held(self) -> bool:
        """Whether nobody has decided on it yet."""
        return self.held_at is not None and self.released_at is None and self.stopped_at is None
