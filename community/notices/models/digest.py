"""What is new and asks for nothing, mailed together: once a week, unless a member wants it otherwise."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models.mail import about_digest
from community.notices.models.notice import Notice
from community.notices.models.preference import DIGEST, Preference
from community.notices.tasks import mail_digest


class Rhythm(models.TextChoices):
    """How often."""

    WEEKLY = "weekly", _("Once a week")
    DAILY = "daily", _("Once a day")
    NEVER = "never", _("Never; I look here")

    @property
    def apart(self) -> timedelta:
        """How far one mail is from the next at least."""
        return timedelta(days=1 if self == Rhythm.DAILY else 7)


class Digest(models.Model):
    """How often a member hears by mail of what is new for them, and when they last did."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest")
    rhythm = models.CharField(max_length=6, choices=Rhythm.choices, default=Rhythm.WEEKLY)
    sent_at = models.DateTimeField(null=True)

    SETTLES: ClassVar[timedelta] = timedelta(hours=1)  # several things that come out together are told together
    OLDEST: ClassVar[timedelta] = timedelta(days=45)  # of some things we know the month alone
    MOST: ClassVar[int] = 50  # things in one mail

    def __str__(self) -> str:
        return f"mail to {self.member_id}"

    @classmethod
    def rhythm_of(cls, member: Any) -> Rhythm:
        """What this member wants; once a week where they said nothing."""
        return Rhythm(cls.objects.filter(member=member).values_list("rhythm", flat=True).first() or Rhythm.WEEKLY)

    @classmethod
    def want(cls, member: Member, rhythm: Rhythm) -> None:
        """From now on so often."""
        cls.objects.update_or_create(member=member, defaults={"rhythm": rhythm})

    @classmethod
    def queue_due(cls) -> int:
        """Have everybody's mail sent who has something to read in it and whose turn it is; counts them."""
        now = timezone.now()
        early = [Q(rhythm=rhythm, sent_at__gt=now - rhythm.apart) for rhythm in (Rhythm.DAILY, Rhythm.WEEKLY)]
        not_yet = cls.objects.filter(Q(*early, _connector=Q.OR) | Q(rhythm=Rhythm.NEVER))
        waiting = Notice.objects.for_digest().unread().exclude(member__in=not_yet.values("member"))
        waiting = waiting.filter(created_at__gt=now - cls.OLDEST, created_at__lt=now - cls.SETTLES)
        return sum(cls._queue(key) for key in waiting.order_by().values_list("member", flat=True).distinct())

    @classmethod
    @transaction.atomic
    def _queue(cls, key: int) -> bool:
        """Take the turn and queue the mail in one: two clocks at once send one mail."""
        member = Member.objects.select_for_update(of=("self",)).filter(pk=key).first()
        if member is None:
            return False
        digest = cls.objects.get_or_create(member=member)[0]
        rhythm = Rhythm(digest.rhythm)
        is_early = digest.sent_at is not None and timezone.now() - digest.sent_at < rhythm.apart
        if rhythm == Rhythm.NEVER or is_early or not cls.notices(member):
            return False
        cls.objects.filter(pk=digest.pk).update(sent_at=timezone.now())
        mail_digest.enqueue(key)
        return True

    @classmethod
    def notices(cls, member: Member) -> list[Notice]:
        """What the next mail would tell, as this member, and whoever reads it for them, may see it just now, newest
        first; a mail that was begun and of which we do not know whether it went is told as it was."""
        rows = Notice.objects.for_digest().visible_to(member).filter(member=member)
        if not member.email:
            rows = rows.readable_by(member.helper) if member.helper else rows.none()
        rows = rows.select_related("page", "member__helper", "actor")
        fresh = rows.filter(read_at=None, created_at__gt=timezone.now() - cls.OLDEST, mail_key="")
        return list(rows.exclude(mail_key="")[: cls.MOST]) or list(fresh[: cls.MOST])

    @classmethod
    def mail(cls, key: int) -> bool:
        """Send what waits for a member in one mail; says whether the mail server took it."""
        rows = cls._take(key)
        recipient = rows[0].recipient if rows else None
        if recipient is None:
            return False
        message = about_digest(recipient, rows, Preference.ending(recipient, rows, DIGEST))
        return Notice.hand_over(rows, message, lambda _row, due: cls.try_at(key, due))

    @classmethod
    def try_at(cls, key: int, due: datetime) -> None:
        """Have it tried at that time."""
        mail_digest.using(run_after=due).enqueue(key)

    @classmethod
    @transaction.atomic
    def _take(cls, key: int) -> list[Notice]:
        """All that goes into the mail, marked as being sent by us; nothing where another worker is at it."""
        now = timezone.now()
        people = Member.objects.select_for_update(of=("self",), no_key=True)
        member = people.filter(pk=key, is_active=True).select_related("helper").first()
        rows = cls.notices(member) if member else []
        recipient = rows[0].recipient if rows else None
        if not recipient or not recipient.email or not recipient.is_active:
            return []
        due = max((row.mail_due_at for row in rows if row.mail_due_at), default=now)
        if due > now:
            cls.try_at(key, due)
            return []
        return Notice.begin(rows, now)
