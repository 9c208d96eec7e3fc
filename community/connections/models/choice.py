"""Whom to ask next, where somebody does not answer: named in order by whoever asks, and asked by itself."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from community.connections.models.answers import Answering
from community.connections.models.settings import ConnectionSettings
from community.connections.models.steps import WAITING, ConnectionState
from community.members.models import Member
from community.notices.models import Notice, NoticeKind

S = ConnectionState
GOES_ON = (S.LAPSED, S.DECLINED, S.POSTPONED)  # after these the next is asked


class ChoiceQuerySet(models.QuerySet["NextChoice"]):
    """Whom somebody wants to ask next."""

    def visible_to(self, member: Any) -> "ChoiceQuerySet":
        """Only whoever asks knows, and whoever acts for them; never the person who was asked first."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        own = models.Q(connection__asker=member)
        own |= models.Q(connection__asker__helper=member, connection__asker__email=None)
        return self.filter(own).filter(member__in=Member.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "ChoiceQuerySet":
        """The same."""
        return self.visible_to(member)


class NextChoice(models.Model):
    """Somebody who is asked if those before them do not answer, or say no."""

    connection = models.ForeignKey("connections.Connection", on_delete=models.CASCADE, related_name="next_choices")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[Any] = ChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("next choice")
        verbose_name_plural = _("next choices")
        ordering: ClassVar[list[str]] = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "member"], name="one_next_choice_a_person"),
        ]

    def __str__(self) -> str:
        return f"choice {self.position} of {self.connection_id}"


class PassingOn(Answering):
    """A question that goes on to whoever was named next."""

    class Meta:
        abstract = True

    # Verbs of whoever asks

    @transaction.atomic
    def name_next(self, by: Member, person: Member) -> None:
        """Name somebody to be asked next, after those who were named before; naming them twice does it once.

        Raises ValidationError where nothing waits any more, where enough are named, or where they cannot be asked.
        """
        self._require_asker(by)
        self.lock_people(self.asker_id)
        row = type(self).objects.get(pk=self.pk)
        if row.state not in WAITING:
            raise ValidationError(_("This was answered in the meantime. Look at where it stands now."))
        named = list(row.next_choices.values_list("member_id", flat=True))
        if person.pk in named:
            return
        most = ConnectionSettings.now().choices - 1  # the first is whoever was asked
        if len(named) >= most:
            raise ValidationError(_("You have named %(n)s people to ask next. Take one away first.") % {"n": most})
        seen = Member.objects.visible_to(row.asker).exclude(pk__in=[row.asker_id, row.asked_id])
        if not seen.filter(pk=person.pk).exists() or row.wish not in person.profile.open_to:
            raise ValidationError(_("This person does not want to be asked for this. Name somebody else."))
        NextChoice.objects.create(connection=row, member=person, position=len(named) + 1)

    def drop_next(self, by: Member, key: int) -> None:
        """Take somebody off the list of those who are asked next; they being gone already is fine."""
        self._require_asker(by)
        NextChoice.objects.filter(connection=self.pk, pk=key).delete()

    def _require_asker(self, by: Member) -> None:
        self.require_side(by)
        if self.side_of(by) != self.asker:
            raise ValidationError(_("This is not for you to do."))

    # By the clock

    def pass_on(self) -> bool | None:
        """Ask the next of those who were named; False where nobody is left who can be asked, None where it must wait.

        Everybody on the list is locked beforehand, in the order in which all who lock people do so.
        """
        with transaction.atomic():
            keys = list(self.next_choices.values_list("member_id", flat=True))  # type: ignore[attr-defined]
            people = self.lock_people(self.asker_id, self.asked_id, *keys)
            choices = list(NextChoice.objects.filter(connection=self.pk, member__in=people).select_related("member"))
            is_full = self.asker and type(self).questions_of(self.asker) >= ConnectionSettings.now().open_requests
            if choices and is_full:
                return None
            asked = next((one for choice in choices if (one := self._ask_instead(choice))), None)
            if asked is None:
                return False
            NextChoice.objects.filter(connection=self.pk).update(connection=asked)
            Notice.send(self.asker, NoticeKind.CONNECTION_PASSED_ON, asked.get_absolute_url(), actor=asked.asked)  # type: ignore[arg-type]
        return True

    def _ask_instead(self, choice: NextChoice) -> Any:
        """The same question to somebody else; None where they cannot be asked. Their turn is over either way."""
        choice.delete()
        if self.asker is None or not self.asker.is_active:
            return None
        waiting = type(self).objects.filter(asker=self.asker, asked=choice.member, state__in=WAITING)
        if waiting.filter(kind=self.kind).exists():  # they have a question of their own from the same person already
            return None
        mentor = choice.member if self.mentor_id and self.mentor_id == self.asked_id else self.mentor
        words: Any = self
        try:
            return type(self).propose(  # type: ignore[attr-defined]
                self.asker, choice.member, self.kind, words.message, mentor, skill=words.skill, goal=words.goal
            )
        except ValidationError:
            return None
