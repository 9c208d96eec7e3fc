"""How it goes between two people: each is asked by itself from time to time, one number and a word."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.settings import ConnectionSettings
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import one_by_one


class Mark(models.IntegerChoices):
    """How it goes, from 1 to 5."""

    BAD = 1, _("1 – not at all well")
    POOR = 2, _("2 – not well")
    FAIR = 3, _("3 – so-so")
    GOOD = 4, _("4 – well")
    BEST = 5, _("5 – very well")


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    """Questions how it goes, the last first."""

    def visible_to(self, member: Any) -> "CheckInQuerySet":
        """Those of one's own connections, with the words of both; none across a block. The number is for `of` only."""
        return self.filter(connection__in=Connection.objects.visible_to(member).values("pk"))

    def of(self, member: Any) -> "CheckInQuerySet":
        """One's own, and those of people without e-mail whom one helps."""
        own = Q(member=member) | Q(member__helper=member, member__email=None)
        return self.visible_to(member).filter(own)

    def unanswered(self) -> "CheckInQuerySet":
        """Asked, without an answer, while the two are under way."""
        return self.filter(answered_at=None, connection__in=Connection.objects.accepted().values("pk"))


class CheckIn(models.Model):
    """One of the two is asked how it goes; the number goes to nobody, the word to the other of the two."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="check_ins")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)
    mark = models.PositiveSmallIntegerField(_("how it goes"), null=True, blank=True, choices=Mark.choices)
    word = models.CharField(_("a word"), max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        ordering: ClassVar[list[str]] = ["-number", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "member", "number"], name="one_check_in_a_time"),
        ]

    def __str__(self) -> str:
        return f"check-in {self.connection_id}.{self.number} of {self.member_id}"

    # Verbs

    @classmethod
    def ask_due(cls) -> int:
        """Ask both of every pair whose time has come, each once however many clocks there are; counts questions."""
        now, numbers = timezone.now(), ConnectionSettings.now()
        first, again = (now - timedelta(days=days) for days in (numbers.first_check_in_days, numbers.check_in_days))
        pairs = Connection.objects.accepted().annotate(
            last_at=Max("check_ins__asked_at"), last=Max("check_ins__number")
        )
        due = pairs.filter(Q(last_at=None, accepted_at__lte=first) | Q(last_at__lte=again))
        return one_by_one(due.order_by("pk"), lambda pair: cls._ask_both(pair.pk, (pair.last or 0) + 1))

    @classmethod
    @transaction.atomic
    def _ask_both(cls, pk: int, number: int) -> int:
        """Ask for the `number`-th time, unless it has ended or was asked since the clock looked."""
        rows = Connection.objects.accepted().select_for_update(of=("self",)).with_people()
        row = rows.filter(pk=pk).first()
        if row is None or cls.objects.filter(connection=row, number__gte=number).exists():
            return 0
        people = [one for one in (row.asker, row.asked) if one is not None and one.is_active]
        for one in people:
            cls.objects.create(connection=row, member=one, number=number)
            url = f"{reverse('connections:check_in', args=[row.pk])}?number={number}"
            # From the other side: so the mail says with whom, and a block takes it back.
            Notice.send(one, NoticeKind.CHECK_IN_DUE, url, actor=row.other(one))
        return len(people)

    def say(self, by: Member, mark: int, word: str = "") -> None:
        """Answer it, once: a number that the other does not see, and a word that both see."""
        if mark not in Mark.values:
            raise ValidationError(_("Choose a number from 1 to 5."))
        word = word.strip()[:500]
        with transaction.atomic():
            row = self.connection.locked(by)
            if row.side_of(by) != self.member:
                raise ValidationError(_("This is not for you to do."))
            self.refresh_from_db()
            if self.answered_at is not None and (self.mark, self.word) == (mark, word):
                return
            row.require_under_way()
            row.require_no_contact([word])
            waiting = type(self).objects.filter(pk=self.pk, answered_at=None)
            if not waiting.update(mark=mark, word=word, answered_at=timezone.now()):
                raise ValidationError(_("You have answered this already."))
            row.touch(by)
        self.refresh_from_db()
