"""What the clock tells somebody who has a seat: twice before, once after, and once three months later."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from django.core import signing
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from community.gatherings.models.session import Session
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import Audit, one_by_one


class Reminded(models.Model):
    """A seat whose owner is told by the clock, and who can give it back by one click in the mail."""

    reminded = models.PositiveSmallIntegerField(default=0, help_text="The last thing that the clock said, by number.")

    reminded_of = models.DateTimeField(null=True, blank=True, help_text="Of which date of a series that was.")

    objects: ClassVar[Any]
    next_at: datetime  # in the query that fetched it: the next of its dates
    BEFORE: ClassVar[dict[int, timedelta]] = {2: timedelta(hours=3), 1: timedelta(days=2)}
    AFTER, LATER = 3, 4
    LATER_BY: ClassVar[timedelta] = timedelta(days=91)
    WEEK: ClassVar[timedelta] = timedelta(days=7)  # what was not said by then is not said any more
    SIGNER: ClassVar[signing.Signer] = signing.Signer(sep=".", salt="gatherings.not_coming")

    class Meta:
        abstract = True

    @classmethod
    def remind_due(cls) -> int:
        """Say what is due, each thing once to each; whoever enrolled later than a reminder was due needs none."""
        now, number = timezone.now(), 0
        seats = cls.objects.open().filter(gathering__is_cancelled=False, gathering__live=True, member__is_active=True)
        seats = seats.select_related("member", "gathering")
        dates = Session.objects.filter(page=OuterRef("gathering"), starts_at__gt=now).order_by("starts_at")
        dated = seats.annotate(next_at=Coalesce(Subquery(dates.values("starts_at")[:1]), F("gathering__starts_at")))
        for stage, lead in cls.BEFORE.items():
            near = dated.filter(next_at__gt=now, next_at__lte=now + lead, created_at__lte=F("next_at") - lead)
            rows = near.filter(cls._unsaid(stage, F("next_at") - lead))
            number += one_by_one(rows, partial(cls._remind, stage=stage, lead=lead))
        came = seats.exclude(came=False)
        for stage, kind, since in (
            (cls.AFTER, NoticeKind.GATHERING_FEEDBACK, now),
            (cls.LATER, NoticeKind.GATHERING_LATER, now - cls.LATER_BY),
        ):
            over = came.filter(gathering__ends_at__lte=since, gathering__ends_at__gt=since - cls.WEEK)
            number += one_by_one(over.filter(cls._unsaid(stage)), partial(cls._ask, stage=stage, kind=kind))
        return number

    def _remind(self, stage: int, lead: timedelta) -> bool:
        """That its next date is near."""
        due = self._unsaid(stage, self.next_at - lead)
        return self._say(stage, NoticeKind.GATHERING_REMINDER, self.not_coming_url, due, self.next_at)

    def _ask(self, stage: int, kind: NoticeKind) -> bool:
        """How it was."""
        return self._say(stage, kind, reverse("gatherings:feedback", args=[self.gathering.slug]))  # type: ignore[attr-defined]

    @classmethod
    def forget_answers(cls) -> int:
        """What guests told a host beforehand goes three months after the end; returns of how many."""
        old = cls.objects.filter(gathering__ends_at__lt=timezone.now() - cls.LATER_BY).exclude(answers=[])
        return int(old.update(answers=[]))

    @classmethod
    def _unsaid(cls, stage: int, since: Any = None) -> Q:
        """What has not been said, or was said of a date of the series that was so long before the next one."""
        unsaid = Q(reminded__lt=stage)
        return unsaid | Q(reminded__lt=cls.AFTER, reminded_of__lte=since) if since else unsaid

    def _say(self, stage: int, kind: NoticeKind, url: str, due: Q | None = None, of: datetime | None = None) -> bool:
        """Say it, if nobody has said it in the meantime."""
        with transaction.atomic():
            own = type(self).objects.open().filter(due or self._unsaid(stage), pk=self.pk)
            if not own.update(reminded=stage, reminded_of=of):
                return False
            Notice.send(self.member, kind, url)  # type: ignore[attr-defined]
        return True

    # The link in the mail

    @property
    def not_coming_url(self) -> str:
        """The page that gives this one seat of this one member back, without a login; it acts on its button only."""
        token = self.SIGNER.sign(f"{self.pk}-{self.member_id}-{self.reads_mail.pk}")  # type: ignore[attr-defined]
        return reverse("gatherings:not_coming", args=[self.gathering.slug, token])  # type: ignore[attr-defined]

    @classmethod
    def of_token(cls, slug: str, token: str, reader: Any) -> Any:
        """The seat that a link is for; None where we did not make the link, or it is for somebody else.

        What somebody still has who once helped the member opens nothing.
        """
        try:
            pk, member, mailed = cls.SIGNER.unsign(token).split("-")
        except (signing.BadSignature, ValueError):
            return None
        rows = cls.objects.filter(pk=pk, member_id=member, gathering__slug=slug, member__is_active=True)
        one = rows.select_related("member__helper", "gathering").first()
        if one is None or str(one.reads_mail.pk) != mailed:
            return None
        is_other = getattr(reader, "is_authenticated", False) and reader.pk not in one.hands
        return None if is_other else one

    @property
    def reads_mail(self) -> Member:
        """Who gets the mails of this seat now: the member, or whoever helps them while they have no e-mail."""
        member: Member = self.member  # type: ignore[attr-defined]
        return member if member.email or member.helper is None else member.helper

    @property
    def hands(self) -> set[int]:
        """Whose link it is: the member's, or of whoever gets the mail for them."""
        return {self.member_id, self.member.helper_id} - {None}  # type: ignore[attr-defined]

    @transaction.atomic
    def give_back_by_link(self) -> bool:
        """The click itself: once, and only until it begins; of a series, until its last date does."""
        is_time = any(row.starts_at > timezone.now() for row in self.gathering.dates())  # type: ignore[attr-defined]
        if is_time and self.is_open:  # type: ignore[attr-defined]
            self.cancel()  # type: ignore[attr-defined]
            if self.reads_mail.pk != self.member_id:  # type: ignore[attr-defined]
                Audit.act_for(self.reads_mail, self.member, gettext_noop("gave a seat back"))  # type: ignore[attr-defined]
            return True
        return False
