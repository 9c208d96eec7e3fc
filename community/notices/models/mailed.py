"""How a notice leaves as a mail: kept until the mail server has taken it, sent again where it did not.

The row itself is the outbox. A mail that was never tried has no number; what goes out together has one number, which
is its Message-ID. Where the server said no the number is given up, and the next try may gather what came since. Where
we heard neither yes nor no, because one of the two processes died, it goes again under the same number: as it was, but
without what was put on paper or lost its reader since. So two mails of one number need not be the same.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.db import models, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from community.members.models import Member
from community.notices.models.mail import NoAnswer, NotTaken, about_notices, post
from community.notices.models.preference import Preference
from community.notices.models.way import PROMPT, Way
from community.notices.tasks import mail_notice

if TYPE_CHECKING:
    from django.core.mail import EmailMessage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def for_address(recipient: Member) -> Q:
    """What is mailed to this member: their own, and what happened to people without e-mail whom they help."""
    return Q(member=recipient) | Q(member__helper=recipient, member__email=None)


class MailFigures(NamedTuple):
    """How the mail is doing: numbers and one time, nobody's name or address."""

    waits: int
    gathered: int
    not_taken: int
    oldest: datetime | None
    sent: int
    given_up: int


class MailedQuerySet(models.QuerySet[Any]):
    """Which mails wait."""

    def due(self) -> Any:
        """What has a time to be mailed at and was not yet, though there is somebody who could get it.

        What was put on paper is told there, also where its mail was under way and died.
        """
        own = Q(member__email__isnull=False, member__is_active=True)
        helped = Q(member__email=None, member__helper__email__isnull=False, member__helper__is_active=True)
        return self.filter(own | helped, mailed_at=None, mail_due_at__isnull=False).exclude(way=Way.HERE)

    def waiting(self) -> Any:
        """Of that, what is mailed by itself; the rest is a mail of several that was begun."""
        return self.due().filter(way=Way.AT_ONCE)

    def refused(self) -> Any:
        """What no mail server would take for three days."""
        return self.filter(mail_failed_at__isnull=False)


class Mailed(models.Model):
    """A row that is also a mail: when it is due, how often it was tried, and when the mail server took it."""

    way = models.CharField(max_length=10, choices=Way, blank=True, default="", help_text="How the member hears of it.")
    mail_due_at = models.DateTimeField(null=True, help_text="Not tried before; empty where no mail waits.")
    mail_key = models.CharField(max_length=32, blank=True, default="", help_text="The number of the mail it is in.")
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_tried_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_failed_at = models.DateTimeField(null=True, help_text="When it was given up.")

    WAITS: ClassVar[tuple[timedelta, ...]] = tuple(timedelta(minutes=n) for n in (1, 5, 30, 120, 720))
    GIVEN_UP: ClassVar[timedelta] = timedelta(days=3)
    AT_WORK: ClassVar[timedelta] = timedelta(minutes=2)  # so long nobody else takes a mail that somebody is sending
    AN_HOUR, A_DAY, AT_EASE = 3, 10, 6  # mails to one address, and how many of a day may come quickly
    APART: ClassVar[timedelta] = timedelta(hours=3)  # the others of a day, so that no long silence follows
    MOST: ClassVar[int] = 30  # things in one mail

    objects: ClassVar[Any]
    pk: Any
    member: Any
    created_at: Any
    kind: Any

    class Meta:
        abstract = True

    @property
    def recipient(self) -> Member | None:
        """Who gets the mail: the member, or the helper of a member without e-mail."""
        who: Member | None = self.member if self.member.email else self.member.helper
        return who

    # One mail

    @classmethod
    def mail(cls, key: int) -> bool:
        """Send the mail of one notice, with those that were put off; says whether the mail server took it.

        One that is gone, was mailed, is on its way or may not be mailed yet is left alone.
        """
        recipient, rows = cls._take(key)
        if recipient is None or not rows:
            return False
        message = about_notices(recipient, rows, Preference.ending(recipient, rows))
        return cls.hand_over(rows, message, cls.try_at)

    @classmethod
    def try_at(cls, key: int, due: datetime) -> None:
        """Have it tried at that time."""
        mail_notice.using(run_after=due).enqueue(key)

    @classmethod
    @transaction.atomic
    def _take(cls, key: int) -> tuple[Member | None, list[Any]]:
        """Whom to write to, and all that goes into the mail, marked as being sent by us."""
        now, waiting = timezone.now(), cls.objects.waiting().select_related("member__helper")
        one = waiting.filter(pk=key).first()
        if one is None:
            return None, []
        # One mail at a time to one address: of two workers the second sees what the first has sent.
        Member.objects.select_for_update(of=("self",), no_key=True).get(pk=one.recipient.pk)
        one = waiting.filter(pk=key).first()
        if one is None:
            return None, []
        due = one.mail_due_at if one.mail_key or one.mail_due_at > now else cls.permitted_at(one, now)
        if due > now:
            cls.objects.filter(pk=key).update(mail_due_at=due)
            cls.try_at(key, due)
            return None, []
        return one.recipient, cls.begin(list(one._together(now)), now)

    def _together(self, now: datetime) -> Any:
        """What goes out with this one: the rest of a mail that was begun, or else all that was put off until now."""
        waiting = type(self).objects.waiting().unblocked().select_related("member__helper", "actor")
        if self.mail_key:
            return waiting.filter(mail_key=self.mail_key)
        with_it = for_address(self.recipient) & Q(mail_key="", mail_due_at__lte=now) & ~Q(kind__in=PROMPT)  # type: ignore[arg-type]
        if self.mail_due_at <= self.created_at:
            with_it &= Q(mail_due_at__gt=F("created_at"))
        alone = Q(pk=self.pk)
        found = waiting.filter(alone if self.kind in PROMPT else alone | with_it)
        return found.order_by("created_at", "pk")[: self.MOST]

    @classmethod
    def permitted_at(cls, one: "Mailed", now: datetime) -> datetime:
        """When the next mail may go to this address: three an hour, ten a day, the last of them hours apart."""
        if one.kind in PROMPT:
            return now
        sent = cls.objects.filter(for_address(one.recipient), mail_tried_at__gt=now - DAY)  # type: ignore[arg-type]
        sent = sent.exclude(mail_key="").exclude(kind__in=PROMPT).order_by().values("mail_key")
        times = sorted(sent.annotate(at=Max("mail_tried_at")).values_list("at", flat=True), reverse=True)
        steps = ((cls.AN_HOUR, cls.AN_HOUR - 1, HOUR), (cls.AT_EASE, 0, cls.APART), (cls.A_DAY, cls.A_DAY - 1, DAY))
        return max([now, *(times[place] + apart for number, place, apart in steps if len(times) >= number)])

    # Any mail, also of several

    @classmethod
    def begin(cls, rows: list[Any], now: datetime) -> list[Any]:
        """Mark them as one mail that is being sent; a mail that was begun keeps its number."""
        number = next((row.mail_key for row in rows if row.mail_key), uuid.uuid4().hex)
        for row in rows:
            row.mail_key, row.mail_tries = number, row.mail_tries + 1
            row.mail_tried_at, row.mail_due_at = now, now + cls.AT_WORK
        cls.objects.bulk_update(rows, ["mail_key", "mail_tries", "mail_tried_at", "mail_due_at"])
        return rows

    @classmethod
    def hand_over(cls, rows: list[Any], message: "EmailMessage", try_at: Callable[[int, datetime], None]) -> bool:
        """Give a mail to the mail server, and note its yes; without one it is tried again, later and later.

        `try_at` is given the number of one row that is still to be mailed.
        """
        try:
            post(message)
        except NotTaken:
            cls._put_off(rows, try_at, {"mail_key": ""})
        except NoAnswer:
            cls._put_off(rows, try_at, {})
        else:
            own = cls.objects.filter(pk__in=[row.pk for row in rows])
            own.update(mailed_at=timezone.now(), mail_due_at=None)
            return True
        return False

    @classmethod
    @transaction.atomic
    def _put_off(cls, rows: list[Any], try_at: Callable[[int, datetime], None], more: dict[str, str]) -> None:
        """The mail server did not say yes: once more after a while, and visibly failed after three days.

        What was put on paper while it was under way goes by paper.
        """
        now, tries = timezone.now(), max(row.mail_tries for row in rows)
        due = now + cls.WAITS[min(tries, len(cls.WAITS)) - 1]
        begun = cls.objects.filter(pk__in=[row.pk for row in rows])
        begun.filter(way=Way.HERE).update(mail_due_at=None)
        own = begun.exclude(way=Way.HERE)
        is_old = Q(created_at__lt=now - cls.GIVEN_UP, mail_tries__gte=len(cls.WAITS))
        own.filter(is_old).update(mail_due_at=None, mail_failed_at=now)
        left = own.filter(mail_failed_at=None)
        key = left.order_by("created_at", "pk").values_list("pk", flat=True).first()
        if key is not None and left.update(mail_due_at=due, **more):
            try_at(key, due)
