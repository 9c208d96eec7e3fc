"""How one comes to a gathering: seats, guests, what the host wants to know first, and the way into the queue."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from community.gatherings.models.registration import Registration
from community.gatherings.models.seats import RegistrationState, Seats
from community.gatherings.models.ways import WayPage
from community.members.models import Block, Member, has_contact
from community.notices.models import NoticeKind

FULL = _("All seats are taken. If somebody cancels, a seat is free again: look in now and then.")


class EnrollablePage(WayPage):
    """A page about something that has seats, a queue for them, and a host who may want to know more first."""

    capacity = models.PositiveSmallIntegerField(
        _("seats"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("How many people can come. Leave empty for no limit."),
    )  # fmt: skip
    online_capacity = models.PositiveSmallIntegerField(
        _("seats online"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Only where people meet at a place and online. Leave empty for no limit."),
    )  # fmt: skip
    max_guests = models.PositiveSmallIntegerField(
        _("guests each may bring"), default=0, validators=[MaxValueValidator(9)],
        help_text=_("Each takes a seat, too. 0: everybody enrols for themselves."),
    )  # fmt: skip
    needs_approval = models.BooleanField(
        _("I say yes to each"), default=False, help_text=_("People ask first, and have a seat once the host says yes.")
    )
    host_questions = models.TextField(
        _("what you ask those who come"), max_length=800, blank=True,
        help_text=_("At most five short questions, one on each line. Only the host reads the answers."),
    )  # fmt: skip
    prerequisites = models.CharField(
        _("what people must know or have before"), max_length=300, blank=True,
        help_text=_("Everybody confirms this when they enrol. For example: you have used a chainsaw before."),
    )  # fmt: skip

    MOST_QUESTIONS: ClassVar[int] = 5
    MOST_LETTERS: ClassVar[int] = 500  # of an answer
    SHORTEST_OFFER: ClassVar[timedelta] = timedelta(hours=1)
    # News for those who know the exact place; the others among NEWS are news for everybody who wants to come.
    FOR_GUESTS: ClassVar[frozenset[str]] = frozenset({"exact_place", "online_link"})
    enrol_panels: ClassVar[list[Any]] = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("capacity"), FieldPanel("online_capacity"), FieldPanel("max_guests")]),
                FieldPanel("needs_approval"),
                FieldPanel("host_questions"),
                FieldPanel("prerequisites"),
            ],
            heading=_("Seats"),
        ),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Nobody loses a seat because a number was changed, and nobody has to answer a whole sheet."""
        super().clean()
        wrong: dict[str, Any] = Seats.too_few(self) | self.why_stranded() if self.pk else {}
        if len(self.lines_of_questions) > self.MOST_QUESTIONS:
            wrong["host_questions"] = _("At most %(n)s questions. Leave one out.") % {"n": self.MOST_QUESTIONS}
        if wrong:
            raise ValidationError(wrong)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page, let the seats know how many there are, and everybody concerned what has changed."""
        fields = kwargs.get("update_fields")
        with transaction.atomic():
            was = None
            if self.pk and fields is None:
                was = type(self).objects.filter(pk=self.pk).values(*self.NEWS, "live", "sequence").first()
            super().save(*args, **kwargs)
            if fields is None or {"capacity", "online_capacity"} & set(fields):
                Seats.begin(self)
                self.settle_ways()
                Registration.promote(self.pk)
            if was and was["live"] and self.live and self.sequence != was["sequence"]:
                self._tell_news(was)

    def _tell_news(self, was: dict[str, Any]) -> None:
        """Everybody whom it concerns hears once that time or place have changed, or that it was called off."""
        if self.ends_at <= timezone.now() or (self.is_cancelled and was["is_cancelled"]):
            return
        changed = {name for name in self.NEWS if was[name] != getattr(self, name)}
        concerned = self.registrations.pending()  # type: ignore[attr-defined]
        if changed and changed <= self.FOR_GUESTS:
            concerned = concerned.open()
        if was["starts_at"] < self.starts_at:
            self.registrations.filter(reminded__lt=Registration.AFTER).update(reminded=0)  # type: ignore[attr-defined]
        for one in concerned.select_related("member", "gathering"):
            one.tell(NoticeKind.GATHERING_CALLED_OFF if self.is_cancelled else NoticeKind.GATHERING_CHANGED)

    # Verbs

    def enrol(
        self, member: Member, key: uuid.UUID | None = None, *, guests: int = 0, is_online: bool = False,
        answers: Sequence[str] = (), may_wait: bool = False,
    ) -> Registration:  # fmt: skip
        """Take a seat, ask the host for one, or, if that is wished, join the waiting list where all are taken.

        The same form sent again, or a second wish, gives back what the first led to. Raises ValidationError, with
        words for the member, where there is nothing to be had.
        """
        is_online = is_online and self.is_hybrid
        if not member.is_adult and any(map(has_contact, answers)):
            raise ValidationError(_("Leave numbers and addresses out of your answers. The host reaches you here."))
        wish: dict[str, Any] = {"guests": guests, "is_online": is_online, "may_wait": may_wait}
        # Most of a crowd is answered here, by reading alone; who is let on queues up, and is looked at again.
        if earlier := Registration.objects.earlier(self.pk, member, key):
            return earlier
        self._require_free(member, **wish)
        with transaction.atomic():
            Seats.hold(self.pk)
            if earlier := Registration.objects.earlier(self.pk, member, key):
                return earlier
            page = self._require_free(member, **wish)
            state = page._first_state(guests, is_online, may_wait)
            one = Registration.objects.create(
                gathering=page, member=member, key=key, guests=guests, is_online=is_online, state=state,
                answers=[[q, a[: self.MOST_LETTERS]] for q, a in zip(page.lines_of_questions, answers, strict=False)],
                queued_at=timezone.now() if state == RegistrationState.WAITING else None,
            )  # fmt: skip
            one.tell_of_beginning()
        return one

    def _require_free(self, member: Member, **wish: Any) -> Any:
        page = type(self).objects.select_related("author", "seats").get(pk=self.pk)
        if why := page.why_not(member, **wish):
            raise ValidationError(why)
        return page

    def _first_state(self, guests: int, is_online: bool, may_wait: bool) -> RegistrationState:
        """Where somebody begins, taking the seats if there are so many."""
        if self.needs_approval:
            return RegistrationState.ASKED
        if Seats.take(self.pk, 1 + guests, is_online=is_online):
            return RegistrationState.ENROLLED
        if not may_wait:
            raise ValidationError(FULL)
        return RegistrationState.WAITING

    @transaction.atomic
    def call_off(self) -> None:
        """It does not take place; the page stays and says so, and everybody concerned hears once."""
        page = type(self).objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        if not page.is_cancelled:
            page._hold_at_once(is_cancelled=True)
        self.refresh_from_db(fields=["is_cancelled", "sequence"])

    def _hold_at_once(self, **fields: Any) -> None:
        """Write these for everybody to see; a wording that waits for a steward goes on waiting, with these in it."""
        has_other = self.latest_revision_id and self.has_unpublished_changes
        waits = self.get_latest_revision_as_object() if has_other else None
        for page in filter(None, (self, waits)):
            page._put(fields)
        self.save_revision(clean=False).publish() if self.live else self.save(clean=False)
        if waits:
            waits.save_revision(clean=False)

    def _put(self, fields: dict[str, Any]) -> None:
        """Fill in."""
        for name, value in fields.items():
            setattr(self, name, value)

    # Queries

    def why_not(self, member: Member, *, guests: int = 0, is_online: bool = False, may_wait: bool = False) -> Any:
        """Why this member cannot have what they wish, in words; empty where they can, as far as is known now."""
        if self.closed_but_for_seats:
            return self.closed_but_for_seats
        if self.author_id == member.pk:
            return _("This is your own gathering. You need no seat.")
        is_host_there = self.author is None or self.author.is_active
        if not self.live or not is_host_there or (self.author and Block.stands_between(self.author, member)):
            return _("No seat can be taken here.")
        if is_online and not self.is_hybrid:
            return _("The host has changed how people come. Look at it again.")
        if not 0 <= guests <= self.max_guests:
            return _("You can bring %(n)s guests at most.") % {"n": self.max_guests}
        if self.registrations.of(member).filter(state=RegistrationState.DECLINED).exists():  # type: ignore[attr-defined]
            return _("The host has answered you already. There are other gatherings.")
        return self._why_full(1 + guests, is_online, may_wait)

    def _why_full(self, number: int, is_online: bool, may_wait: bool) -> Any:
        left, in_all = self.left_of(is_online=is_online), self.online_capacity if is_online else self.capacity
        if in_all is not None and number > in_all:  # nobody waits for what can never be
            return _("There is room for %(n)s in all. Bring fewer people.") % {"n": in_all}
        if left is None or left >= number or (may_wait and self.can_wait) or (self.needs_approval and self.can_wait):
            return ""
        if left > 0:
            return _("Only %(n)s seats are free. Bring fewer people, or join the waiting list.") % {"n": left}
        return FULL

    def offer_until(self, now: datetime) -> datetime | None:
        """Until when somebody who waits may take a seat that is free now; None where it is too late to ask in turn."""
        shelf = self.get_parent().specific
        last = self.starts_at - timedelta(hours=shelf.offer_stops_hours)
        return min(now + timedelta(hours=shelf.offer_hours), last) if last - now >= self.SHORTEST_OFFER else None

    @property
    def can_wait(self) -> bool:
        """Whether there is time enough before it begins for a waiting list."""
        return self.offer_until(timezone.now()) is not None

    @property
    def lines_of_questions(self) -> list[str]:
        """What the host asks, question by question."""
        return [line.strip() for line in self.host_questions.splitlines() if line.strip()]

    @property
    def closed_but_for_seats(self) -> Any:
        """Why nobody can come any more, whether there are seats or not; empty while people can."""
        if self.is_cancelled:
            return _("This gathering was called off.")
        if self.starts_at <= timezone.now():
            return _("This gathering has begun or is over.")
        return ""

    @property
    def closed_to_call_off(self) -> Any:
        """Why it cannot be called off; of a series that has begun, the dates that are left can be."""
        if self.is_cancelled or self.ends_at <= timezone.now():
            return self.closed_but_for_seats
        return ""

    @property
    def closed(self) -> Any:
        """Why nobody can take a seat any more; empty while people can."""
        return self.closed_but_for_seats or (FULL if self.seats_left == 0 else "")

    def left_of(self, *, is_online: bool) -> int | None:
        """How many seats are free at the place, or online; None without a limit."""
        if not hasattr(self, "seats"):
            return self.online_capacity if is_online else self.capacity
        return self.seats.left_of(is_online=is_online)  # type: ignore[no-any-return]

    @property
    def place_left(self) -> int | None:
        """How many seats are free at the place; None without a limit."""
        return self.left_of(is_online=False)

    @property
    def online_left(self) -> int | None:
        """How many seats are free online; None without a limit."""
        return self.left_of(is_online=True)

    @property
    def seats_left(self) -> int | None:
        """How many seats are free in all; None without a limit."""
        left = [self.left_of(is_online=False), *([self.left_of(is_online=True)] if self.is_hybrid else [])]
        return None if None in left else sum(left)  # type: ignore[arg-type]

    @property
    def state(self) -> str:
        """What a card says first: cancelled, past, full, or nothing."""
        if self.is_cancelled:
            return "cancelled"
        if self.ends_at < timezone.now():
            return "past"
        return "full" if self.seats_left == 0 else ""
