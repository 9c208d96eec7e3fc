"""Waiting for a place with a mentor: those first who did their part before, and each offer kept for a while."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.settings import ConnectionSettings
from community.connections.models.steps import ConnectionState
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import one_by_one


class WaitState(models.TextChoices):
    """Where somebody stands who waits for a mentor."""

    WAITING = "waiting", _("Waits for a place")
    OFFERED = "offered", _("A place is kept for a while")
    TAKEN = "taken", _("Asked")
    LEFT = "left", _("Waits no more")
    LAPSED = "lapsed", _("The place was not taken in time")


PENDING = (WaitState.WAITING, WaitState.OFFERED)


class WaitQuerySet(models.QuerySet["Wait"]):
    """Who waits for whom."""

    def visible_to(self, member: Any) -> "WaitQuerySet":
        """One's own, and those of people without e-mail whom one helps; nobody else's, and none across a block."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        own = self.filter(Q(learner=member) | Q(learner__helper=member, learner__email=None))
        return own.unblocked()

    def editable_by(self, member: Any) -> "WaitQuerySet":
        """The same: whoever waits can stop."""
        return self.visible_to(member)

    def looked_after_by(self, steward: Any) -> "WaitQuerySet":
        """Who waits for a mentor, for a steward who might find them another; whoever waits longest first."""
        if not (getattr(steward, "is_steward", False) and steward.is_active):
            return self.none()
        waiting = self.filter(state=WaitState.WAITING, learner__is_active=True).exclude(mentor=steward)
        return waiting.exclude(learner=steward).unblocked().order_by("queued_at", "pk")

    def unblocked(self) -> "WaitQuerySet":
        """Leave out those between whom and the mentor a block stands."""
        learner, mentor = OuterRef("learner"), OuterRef("mentor")
        blocks = Block.objects.filter(Q(blocker=learner, blocked=mentor) | Q(blocker=mentor, blocked=learner))
        return self.exclude(Exists(blocks))

    def pending(self) -> "WaitQuerySet":
        """What has not ended."""
        return self.filter(state__in=PENDING)

    def open_offers(self, now: datetime) -> "WaitQuerySet":
        """Places that are kept for somebody just now."""
        return self.filter(state=WaitState.OFFERED, offer_until__gt=now).unblocked()

    def take(self, mentor: Member) -> int:
        """Whoever waited has asked this mentor: the place that was kept has done its work."""
        return self.pending().filter(mentor=mentor).update(state=WaitState.TAKEN, ended_at=timezone.now())

    def queue(self) -> "WaitQuerySet":
        """Those who wait, next one first: whoever left a mentor without a word before comes after the others."""
        learner = OuterRef("learner")
        gone = Q(asker=learner, asker_did_part=False) | Q(asked=learner, asked_did_part=False)
        left = Connection.objects.filter(gone, state=ConnectionState.RELEASED).exclude(mentor=learner)
        number = left.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number")
        waiting = self.filter(state=WaitState.WAITING, learner__is_active=True, learner__is_adult=True).unblocked()
        return waiting.annotate(left=Coalesce(Subquery(number), 0)).order_by("left", "queued_at", "pk")


class Wait(models.Model):
    """Somebody waits for a place with a mentor who has none just now."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waits")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="waited_for")
    state = models.CharField(max_length=8, choices=WaitState.choices, default=WaitState.WAITING)
    queued_at = models.DateTimeField(default=timezone.now)
    offer_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = WaitQuerySet.as_manager()

    MOST: ClassVar[int] = 5  # mentors for whom one waits at the same time

    class Meta:
        verbose_name = _("place on a mentor's waiting list")
        verbose_name_plural = _("places on mentors' waiting lists")
        ordering: ClassVar[list[str]] = ["queued_at", "pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "offer_until"], name="waits_by_end")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["learner", "mentor"], condition=Q(state__in=["waiting", "offered"]), name="one_wait_a_pair"
            ),
            models.CheckConstraint(condition=~Q(learner=models.F("mentor")), name="nobody_waits_for_themselves"),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offer_until__isnull=False), name="an_offered_place_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    # Verbs

    @classmethod
    @transaction.atomic
    def join(cls, learner: Member, mentor: Member) -> "Wait":
        """Wait for a place with this mentor; twice does it once.

        Raises ValidationError where there is nothing to wait for: the mentor has room, or does not want to be asked.
        """
        people = Connection.lock_people(learner.pk, mentor.pk)
        learner, mentor = people.get(learner.pk, learner), people.get(mentor.pk, mentor)
        if standing := cls.objects.pending().filter(learner=learner, mentor=mentor).first():
            return standing
        if why := cls.why_not(learner, mentor):
            raise ValidationError(why)
        if cls.objects.pending().filter(learner=learner).count() >= cls.MOST:
            raise ValidationError(_("You wait for %(n)s mentors already. Leave one list first.") % {"n": cls.MOST})
        return cls.objects.create(learner=learner, mentor=mentor)

    @classmethod
    def why_not(cls, learner: Member, mentor: Member) -> Any:
        """Why this person cannot wait for this mentor; empty where they can."""
        found = Member.objects.visible_to(learner).exclude(pk=learner.pk).filter(pk=mentor.pk).exists()
        if not (found and learner.is_adult and learner.is_active) or "mentor" not in mentor.profile.open_to:
            return _("This person cannot be waited for.")
        between = Q(asker=learner, asked=mentor) | Q(asker=mentor, asked=learner)
        if Connection.objects.open().filter(between, mentor=mentor).exists():
            return _("You two are in touch already. Look at your connections.")
        if not Connection.why_no_place(mentor, learner):
            return _("There is a place just now. You can ask at once.")
        return ""

    def leave(self) -> None:
        """Wait no more; what was offered goes to the next. Twice does it once."""
        pending = type(self).objects.pending().filter(pk=self.pk)
        pending.update(state=WaitState.LEFT, ended_at=timezone.now())
        self.refresh_from_db()

    # By the clock

    @classmethod
    def keep_time(cls) -> int:
        """End offers that nobody took and waits for nothing, and offer what is free to whoever is next.

        Counts what was done.
        """
        number = cls.close_closed()
        due = cls.objects.filter(state=WaitState.OFFERED, offer_until__lte=timezone.now())
        number += one_by_one(due.select_related("learner", "mentor"), lambda one: one._run_out())
        waited = cls.objects.queue().filter(mentor__is_active=True, mentor__profile__is_paused=False)
        return number + one_by_one(sorted(set(waited.order_by().values_list("mentor_id", flat=True))), cls._offer)

    @classmethod
    def close_closed(cls) -> int:
        """Nobody waits for a mentor who teaches no more, or whose account is closed: they hear so, kindly."""
        rows = cls.objects.pending().select_related("learner", "mentor__profile").order_by("pk")
        return one_by_one((one for one in rows if not one._is_taught), lambda one: one._close())

    @classmethod
    def forget(cls, member: Member) -> None:
        """Somebody leaves the community: whoever waits for them hears so, without a name."""
        for one in cls.objects.pending().filter(mentor=member).unblocked().select_related("learner"):
            one._say_over(None)
        cls.objects.filter(Q(learner=member) | Q(mentor=member)).delete()

    @property
    def _is_taught(self) -> bool:
        """Whether there is something to wait for: a pause or a season is only a while."""
        return self.mentor.is_active and "mentor" in self.mentor.profile.open_to

    @transaction.atomic
    def _close(self) -> int:
        Connection.lock_people(self.learner_id, self.mentor_id)
        row = type(self).objects.select_related("learner", "mentor__profile").get(pk=self.pk)
        pending = type(self).objects.pending().filter(pk=self.pk)
        if row._is_taught or not pending.update(state=WaitState.LEFT, ended_at=timezone.now()):
            return 0
        if type(self).objects.filter(pk=self.pk).unblocked().exists():
            row._say_over(row.mentor if row.mentor.is_active else None)
        return 1

    def _say_over(self, mentor: Member | None) -> None:
        """The list is closed; the address says which one, so that two of a day are two."""
        if self.learner.is_active:
            url = f"/matches/mentor/?wait={self.pk}"
            Notice.send(self.learner, NoticeKind.CONNECTION_WAIT_OVER, url, actor=mentor)

    @classmethod
    @transaction.atomic
    def _offer(cls, mentor_id: int) -> int:
        """Offer each free place to the next; only one clock at a time looks at this mentor."""
        mentor = Connection.lock_people(mentor_id).get(mentor_id)
        if mentor is None or "mentor" not in mentor.profile.open_to or Connection.why_none_now(mentor):
            return 0  # nobody is offered a place that they then could not ask for
        numbers, number = ConnectionSettings.now(), 0
        free = Connection.free_for_waiting(mentor)
        free = min(free, Connection.week_of(mentor) - Connection.asked_lately(mentor))
        for one in cls.objects.queue().filter(mentor=mentor).select_related("learner")[: max(0, free)]:
            until = timezone.now() + timedelta(days=numbers.offer_days)
            waiting = cls.objects.filter(pk=one.pk, state=WaitState.WAITING)
            if waiting.update(state=WaitState.OFFERED, offer_until=until):
                Notice.send(one.learner, NoticeKind.CONNECTION_FREE, f"{one.url}?until={until:%Y%m%d}", actor=mentor)
                number += 1
        return number

    @transaction.atomic
    def _run_out(self) -> int:
        """Nobody took it in time. Where the mentor takes nobody on just now, that was no fault: it goes on waiting."""
        Connection.lock_people(self.mentor_id)
        same = type(self).objects.filter(pk=self.pk, state=WaitState.OFFERED, offer_until=self.offer_until)
        if Connection.why_none_now(self.mentor):
            return int(same.update(state=WaitState.WAITING, offer_until=None))
        if not same.update(state=WaitState.LAPSED, ended_at=timezone.now()):
            return 0
        Notice.send(self.learner, NoticeKind.CONNECTION_FREE_LAPSED, self.url, actor=self.mentor)
        return 1

    # Queries

    @property
    def url(self) -> str:
        """Where one sees how it stands, and asks once a place is free."""
        return reverse("connections:wait", args=[self.mentor.handle])

    @property
    def is_offered(self) -> bool:
        """Whether a place is kept just now."""
        return self.state == WaitState.OFFERED and self.offer_until is not None and self.offer_until > timezone.now()

    @property
    def ahead(self) -> int:
        """How many stand before this one, without those whom the learner does not meet."""
        if self.state != WaitState.WAITING:
            return 0
        met = Member.objects.unblocked_for(self.learner).values("pk")
        keys = list(type(self).objects.queue().filter(mentor=self.mentor, learner__in=met).values_list("pk", flat=True))
        return keys.index(self.pk) if self.pk in keys else len(keys)
