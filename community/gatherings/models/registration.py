"""Who comes to a gathering, who waits for a seat, and who is asked when one is free."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.contact import shown_to
from community.gatherings.models.reminding import Reminded
from community.gatherings.models.seats import HOLDING, PENDING, RegistrationState, Seats
from community.gatherings.models.zones import in_zone
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Whose seats somebody may know of."""

    def visible_to(self, member: Any) -> "RegistrationQuerySet":
        """One's own; the host knows the guests, and a steward all. Nobody meets somebody who is kept away."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        if member.is_steward:
            return self.all()
        hosted = self.filter(gathering__author=member).unblocked()
        return self.filter(Q(member=member) | Q(pk__in=hosted.values("pk")))

    def unblocked(self) -> "RegistrationQuerySet":
        """Leave out those between whom and the host a block stands."""
        guest, host = OuterRef("member"), OuterRef("gathering__author")
        blocks = Block.objects.filter(Q(blocker=guest, blocked=host) | Q(blocker=host, blocked=guest))
        return self.exclude(Exists(blocks))

    def of(self, member: Any) -> "RegistrationQuerySet":
        """One's own."""
        return self.filter(member=member)

    def open(self) -> "RegistrationQuerySet":
        """Seats that are kept and confirmed: only these people know where to go."""
        return self.filter(state=RegistrationState.ENROLLED)

    def holding(self) -> "RegistrationQuerySet":
        """Seats that nobody else can have: confirmed ones, and free ones that somebody was offered."""
        return self.filter(state__in=HOLDING)

    def pending(self) -> "RegistrationQuerySet":
        """All that has not ended: a seat, an offer, a place in the queue, a question to the host."""
        return self.filter(state__in=PENDING)

    def queue(self) -> "RegistrationQuerySet":
        """Those who wait for a seat, who came first stands first; nobody who has left or is kept away."""
        waiting = self.filter(state=RegistrationState.WAITING, member__is_active=True).unblocked()
        return waiting.order_by("queued_at", "pk")

    def with_place(self) -> "RegistrationQuerySet":
        """With the number of those who stand before each in the queue, in the same query."""
        earlier = Q(queued_at__lt=OuterRef("queued_at")) | Q(queued_at=OuterRef("queued_at"), pk__lt=OuterRef("pk"))
        queue = self.model.objects.filter(state=RegistrationState.WAITING, member__is_active=True)
        queue = queue.filter(earlier, gathering=OuterRef("gathering"), is_online=OuterRef("is_online"))
        number = queue.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number")
        return self.annotate(ahead=Coalesce(Subquery(number), 0))

    def earlier(self, page_id: int, member: Member, key: uuid.UUID | None) -> "Registration | None":
        """What the same wish led to before: the same form, or a seat or a place in the queue that is kept already."""
        own = self.filter(gathering_id=page_id, member=member)
        same_form = own.filter(key=key).first() if key else None
        return same_form or own.pending().first()


class Registration(Reminded):
    """A member's seat in a gathering, wished for, kept or given back."""

    gathering = models.ForeignKey("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="registrations")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="registrations")
    state = models.CharField(max_length=10, choices=RegistrationState.choices, default=RegistrationState.ENROLLED)
    key = models.UUIDField(null=True, blank=True, help_text="The form that asked for it; sent again, it does nothing.")
    guests = models.PositiveSmallIntegerField(default=0, help_text="Whom the member brings along.")
    is_online = models.BooleanField(default=False, help_text="Where people meet at a place and online: which of both.")
    way_gone = models.CharField(
        max_length=6, blank=True, help_text="The way that was chosen first, if the host has taken it away since."
    )
    answers = models.JSONField(default=list, blank=True, help_text="Pairs of what the host asked and what was said.")
    word = models.CharField(max_length=300, blank=True, help_text="What the host said to a yes or a no.")
    came = models.BooleanField(null=True, blank=True, help_text="Whether they came; empty: nobody has said.")
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(null=True, blank=True)
    offer_until = models.DateTimeField(null=True, blank=True)
    told_free_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = RegistrationQuerySet.as_manager()
    ahead: int | None = None  # where the query that fetched it has counted already

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "offer_until"], name="offers_by_end")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["gathering", "member"], condition=Q(state__in=PENDING), name="one_seat_a_member"
            ),
            models.UniqueConstraint(fields=["gathering", "member", "key"], name="one_registration_a_form"),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offer_until__isnull=False), name="an_offer_has_an_end"
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(queued_at__isnull=False), name="who_waits_has_a_place_in_the_queue"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    # Verbs of the guest

    def cancel(self) -> None:
        """Give the seat, the offer or the place in the queue back; possible until the end, and twice frees one seat."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            if type(self).objects.pending().filter(pk=self.pk, gathering__ends_at__lte=timezone.now()).exists():
                raise ValidationError(_("It is over: whether you were there, the host has written down."))
            self._end(RegistrationState.CANCELLED, PENDING)
        self.refresh_from_db()

    def remove(self) -> None:
        """Take it away as if it had never been, before the end or after it."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            self._end(RegistrationState.CANCELLED, PENDING)
            self.delete()

    def _end(self, state: RegistrationState, of: tuple[RegistrationState, ...]) -> bool:
        """Let it end, and offer what it held to whoever is next; False where it is in none of these states."""
        row = type(self).objects.filter(pk=self.pk, state__in=of).first()
        if row is None:
            return False
        type(self).objects.filter(pk=row.pk).update(state=state, cancelled_at=timezone.now())
        if row.state in HOLDING:
            Seats.give_back(row.gathering_id, row.seats, is_online=row.is_online)
            self.promote(row.gathering_id)
        return True

    def accept(self) -> None:
        """Take the seat that was offered. Twice does it once; too late it raises ValidationError."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            now = timezone.now()
            offers = type(self).objects.filter(pk=self.pk, state=RegistrationState.OFFERED, offer_until__gt=now)
            offers = offers.filter(gathering__starts_at__gt=now, gathering__is_cancelled=False)
            if offers.update(state=RegistrationState.ENROLLED, offer_until=None):
                self._tell_host(NoticeKind.ENROLMENT_RECEIVED)
        self.refresh_from_db()
        if not self.is_open:
            raise ValidationError(_("This offer has run out. Somebody else has been asked by now."))

    def seize(self) -> None:
        """Take a seat that came free so late that nobody is asked in turn: the first who wants it has it."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            row = type(self).objects.select_related("gathering__author").get(pk=self.pk)
            is_late = not row.gathering.closed_but_for_seats and row.gathering.offer_until(timezone.now()) is None
            waits = row.state == RegistrationState.WAITING and is_late
            if waits and Seats.take(row.gathering_id, row.seats, is_online=row.is_online):
                type(self).objects.filter(pk=row.pk).update(state=RegistrationState.ENROLLED)
                row._tell_host(NoticeKind.ENROLMENT_RECEIVED)
        self.refresh_from_db()
        if not self.is_open:
            raise ValidationError(_("No seat is free just now. You keep your place on the waiting list."))

    def tell_of_beginning(self) -> None:
        """Let the host know of a new guest or a wish, and whoever waits that they are on the list."""
        if self.state == RegistrationState.WAITING:
            self.tell(NoticeKind.WAITING_JOINED)
        else:
            is_asked = self.state == RegistrationState.ASKED
            self._tell_host(NoticeKind.ENROLMENT_ASKED if is_asked else NoticeKind.ENROLMENT_RECEIVED)

    def _tell_host(self, kind: NoticeKind) -> None:
        if self.gathering.author:
            url = reverse("gatherings:guests", args=[self.gathering.slug])
            Notice.send(self.gathering.author, kind, url, actor=self.member)

    # Verbs of the host

    def approve(self, word: str = "") -> None:
        """The host says yes: a seat, or, where all are taken, a place in the queue. Twice does it once."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            asked = type(self).objects.filter(pk=self.pk, state=RegistrationState.ASKED)
            if row := asked.select_related("gathering").first():
                if why := row.gathering.closed_but_for_seats:
                    raise ValidationError(why)
                now, has_seat = timezone.now(), Seats.take(row.gathering_id, row.seats, is_online=row.is_online)
                state = RegistrationState.ENROLLED if has_seat else RegistrationState.WAITING
                asked.update(state=state, queued_at=None if has_seat else now, word=word[:300])
                row.tell(NoticeKind.ENROLMENT_APPROVED if has_seat else NoticeKind.WAITING_JOINED)
        self.refresh_from_db()

    def decline(self, word: str = "") -> None:
        """The host says no, with a word if they like. Twice does it once."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            asked = type(self).objects.filter(pk=self.pk, state=RegistrationState.ASKED)
            if asked.update(state=RegistrationState.DECLINED, cancelled_at=timezone.now(), word=word[:300]):
                self.tell(NoticeKind.ENROLMENT_DECLINED)
        self.refresh_from_db()

    @classmethod
    @transaction.atomic
    def note_who_came(cls, gathering: Any, by: Any, came: set[int]) -> None:
        """After it has begun: who of those with a seat was there, and who was not."""
        if gathering.starts_at > timezone.now():
            raise ValidationError(_("It has not begun yet."))
        known = cls.objects.visible_to(by).open().filter(gathering=gathering)
        cls.objects.filter(pk__in=list(known.values_list("pk", flat=True))).update(
            came=models.Case(models.When(pk__in=came, then=True), default=False)
        )

    # What happens by itself

    @classmethod
    def promote(cls, page_id: int) -> int:
        """Offer what is free to those who wait, in order; only inside a transaction that holds the seats.

        Whoever wants more seats than are free is passed over and keeps their place. So late that there is no time to
        ask one after the other, everybody who waits is told once that a seat is free for the first who takes it.
        """
        waiting = list(cls.objects.queue().filter(gathering_id=page_id).select_related("gathering", "member"))
        if not waiting or waiting[0].gathering.closed_but_for_seats or not waiting[0].gathering.live:
            return 0
        seats = Seats.objects.get(page_id=page_id)
        left = {is_online: seats.left_of(is_online=is_online) for is_online in (False, True)}
        until = waiting[0].gathering.offer_until(timezone.now())
        offered = 0
        for one in waiting:
            free = left[one.is_online]
            if free is not None and free < one.seats:
                continue
            if until is None:
                one._tell_free()
            elif Seats.take(page_id, one.seats, is_online=one.is_online):
                offered += cls.objects.filter(pk=one.pk).update(state=RegistrationState.OFFERED, offer_until=until)
                left[one.is_online] = None if free is None else free - one.seats
                one.tell(NoticeKind.SEAT_OFFERED)
        return offered

    def _tell_free(self) -> None:
        """A seat is free for whoever comes first; said once to each."""
        if type(self).objects.filter(pk=self.pk, told_free_at=None).update(told_free_at=timezone.now()):
            self.tell(NoticeKind.SEAT_FREE)

    @classmethod
    def lapse_due(cls) -> int:
        """End offers that nobody took in time, and ask whoever is next; returns how many have ended."""
        now, number = timezone.now(), 0
        due = cls.objects.filter(state=RegistrationState.OFFERED)
        due = due.filter(Q(offer_until__lte=now) | Q(gathering__starts_at__lte=now))
        for one in due.select_related("member", "gathering"):
            with transaction.atomic():
                Seats.hold(one.gathering_id)
                if due.filter(pk=one.pk).exists() and one._end(RegistrationState.LAPSED, (RegistrationState.OFFERED,)):
                    number += 1
                    if one.gathering.starts_at > now:
                        one.tell(NoticeKind.SEAT_LAPSED)
        return number

    @classmethod
    def heal(cls) -> int:
        """End what has run out, and offer free seats that a crash or a healed counter left free."""
        number = cls.lapse_due()
        waited_for = cls.objects.queue().filter(gathering__starts_at__gt=timezone.now())
        for page_id in waited_for.order_by().values_list("gathering_id", flat=True).distinct():
            with transaction.atomic():
                Seats.hold(page_id)
                number += cls.promote(page_id)
        return number

    @classmethod
    def part(cls, one: int, other: int) -> int:
        """A block stands between these two from now on: neither keeps a seat in what the other holds. Nobody is told.

        Every gathering to come of either is held, so that somebody who enrols at this moment is seen.
        """
        number = 0
        coming = Seats.objects.filter(page__author__in=(one, other), page__ends_at__gt=timezone.now())
        # Always in the same order, so that two who block each other at once do not wait for each other for ever.
        for page_id, host in coming.order_by("pk").values_list("pk", "page__author"):
            guest = other if host == one else one
            with transaction.atomic():
                Seats.hold(page_id)
                for row in cls.objects.pending().filter(gathering_id=page_id, member=guest):
                    number += row._end(RegistrationState.CANCELLED, PENDING)
        return number

    def tell(self, kind: NoticeKind) -> Notice:
        """Let the member know; the mail leads to where the answer can be given, or to the page itself."""
        is_news = kind in {NoticeKind.GATHERING_CHANGED, NoticeKind.GATHERING_CALLED_OFF}
        slug = self.gathering.slug
        url = f"/gatherings/{slug}/" if is_news else reverse("gatherings:enrol", args=[slug])
        return Notice.send(self.member, kind, url)

    # Queries

    @property
    def seats(self) -> int:
        """How many seats it takes: the member's own, and one for each guest."""
        return 1 + self.guests

    @property
    def is_open(self) -> bool:
        """Whether the seat is kept and confirmed."""
        return self.state == RegistrationState.ENROLLED

    @property
    def is_pending(self) -> bool:
        """Whether it has not ended."""
        return self.state in PENDING

    @property
    def shown_word(self) -> str:
        """What the host said, as the guest may read it."""
        return shown_to(self.member, self.word)

    @property
    def local_offer_until(self) -> datetime | None:
        """Until when the offer holds, as the clock shows it by which the gathering is shown."""
        return in_zone(self.offer_until, self.gathering.shown_zone) if self.offer_until else None

    @property
    def position(self) -> int | None:
        """The place in the queue, from 1; None where nobody waits."""
        if self.state != RegistrationState.WAITING:
            return None
        if self.ahead is None:
            self.ahead = type(self).objects.with_place().get(pk=self.pk).ahead
        return 1 + (self.ahead or 0)
