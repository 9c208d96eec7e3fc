"""Meetings of two people: the day, how long, and what comes next; either writes it, and both see it."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.members.models import Member
from community.notices.models import Notice, NoticeKind


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings, the last first."""

    def visible_to(self, member: Any) -> "MeetingQuerySet":
        """Those of one's own connections; none across a block."""
        return self.filter(connection__in=Connection.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "MeetingQuerySet":
        """Those that one noted oneself, or that somebody did for whom one acts."""
        own = models.Q(writer=member) | models.Q(writer__helper=member, writer__email=None)
        return self.visible_to(member).filter(own)

    def held(self) -> "MeetingQuerySet":
        """Those that took place."""
        return self.exclude(minutes=None)


class Meeting(models.Model):
    """Two people met, or wanted to and did not; with the next step, so that it goes on."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="meetings")
    held_on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(
        _("how long, in minutes"), null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(6000)],
        help_text="Empty: they did not meet.",
    )  # fmt: skip
    next_step = models.CharField(
        _("next step"), max_length=500, blank=True, help_text=_("What does each of you do until next time?")
    )
    next_on = models.DateField(_("next meeting"), null=True, blank=True)
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = MeetingQuerySet.as_manager()

    OLDEST: ClassVar[timedelta] = timedelta(days=366)
    FARTHEST: ClassVar[timedelta] = timedelta(days=366)
    A_DAY: ClassVar[int] = 24 * 60
    BEFORE: ClassVar[timedelta] = timedelta(days=92)  # a season: some meet first, and say yes here after it

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering: ClassVar[list[str]] = ["-held_on", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "held_on"], name="one_meeting_a_day"),
        ]

    def __str__(self) -> str:
        return f"meeting {self.connection_id} on {self.held_on}"

    # Verbs

    @classmethod
    def note(
        cls, connection: Connection, by: Member, held_on: date, minutes: int | None, next_step: str = "",
        next_on: date | None = None,
    ) -> "Meeting":  # fmt: skip
        """Write down that the two met, or (without minutes) that they did not. The same day noted twice is one."""
        said = {"minutes": minutes, "next_step": next_step.strip(), "next_on": next_on}
        with transaction.atomic():
            row = connection.locked(by)
            if same := cls.objects.filter(connection=row, held_on=held_on).first():
                if same.writer_id == getattr(row.side_of(by), "pk", None) and same._says(said):
                    return same
                raise ValidationError(_("A meeting on this day is noted already. Take it out first if it is wrong."))
            row.require_under_way()
            row.require_no_contact([next_step])
            if row.accepted_at and held_on < timezone.localdate(row.accepted_at) - cls.BEFORE:
                raise ValidationError({"held_on": _("That is long before you both said yes. Choose a later day.")})
            meeting = cls(connection=row, held_on=held_on, writer=row.side_of(by), **said)
            meeting.clean_fields()
            meeting.clean()
            meeting.save()
            row.touch(by)
            if next_on is not None:
                row.rest_until(next_on)
            if other := row.other(by):
                url = f"{reverse('connections:meetings', args=[row.pk])}?day={held_on.isoformat()}"
                Notice.send(other, NoticeKind.MEETING_NOTED, url, actor=row.side_of(by))
        return meeting

    @transaction.atomic
    def drop(self, by: Member) -> None:
        """Take it out, as whoever noted it, while it goes on: after the end hours and certificates rest on it.

        It being gone already is fine.
        """
        row = self.connection.locked(by)
        own = row.side_of(by)
        row.require_under_way()
        if self.writer_id is not None and own is not None and own.pk != self.writer_id:
            raise ValidationError(_("Only the person who noted it can take it out."))
        type(self).objects.filter(pk=self.pk).delete()

    def clean(self) -> None:
        """It lies behind, not too far, in a day of 24 hours, and the next one ahead of it."""
        today = timezone.localdate()
        if self.minutes is not None:
            try:
                MaxValueValidator(self.A_DAY)(self.minutes)
            except ValidationError as error:
                raise ValidationError({"minutes": error}) from error
        if not today - self.OLDEST <= self.held_on <= today:
            raise ValidationError({"held_on": _("Choose today or a day of the last twelve months.")})
        if self.next_on is not None and not self.held_on < self.next_on <= today + self.FARTHEST:
            raise ValidationError({"next_on": _("Choose a day after this meeting, within a year.")})

    def _says(self, said: dict[str, Any]) -> bool:
        return all(getattr(self, name) == value for name, value in said.items())

    # Queries

    @property
    def took_place(self) -> bool:
        """Whether they met."""
        return self.minutes is not None

    @property
    def length(self) -> str:
        """How long, as people say it."""
        hours, minutes = divmod(self.minutes or 0, 60)
        words = [_("%(n)s h") % {"n": hours}] if hours else []
        return " ".join([*words, *([_("%(n)s min") % {"n": minutes}] if minutes else [])])
