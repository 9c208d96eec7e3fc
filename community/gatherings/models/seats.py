"""Seats: who has one, and the one counter that is never sold past its end."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member


class Seats(models.Model):
    """How many seats a gathering has and how many are taken.

    Apart from the page, because publishing a page writes all of its fields as they were when somebody began to edit.
    """

    page = models.OneToOneField(
        "gatherings.GatheringPage", on_delete=models.CASCADE, primary_key=True, related_name="seats"
    )
    capacity = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: as many as come.")
    taken = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(taken__lte=F("capacity")), name="seats_are_never_oversold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.taken} of {self.capacity or '∞'}"

    @classmethod
    def fit(cls, page: Any) -> None:
        """Take over the number of seats that the page now says; never fewer than are taken."""
        cls.objects.get_or_create(page=page, defaults={"capacity": page.capacity})
        seats = cls.objects.filter(page=page)
        if page.capacity is not None:
            seats = seats.filter(taken__lte=page.capacity)
        if not seats.update(capacity=page.capacity):
            raise ValidationError({"capacity": too_few(cls.objects.get(page=page).taken)})

    @classmethod
    def hold(cls, page_id: int) -> "Seats":
        """Keep everybody else waiting until the transaction ends; inside a transaction only.

        PostgreSQL locks the row. SQLite has no row locks: there the transaction itself began by taking the only
        write lock (IMMEDIATE).
        """
        return cls.objects.select_for_update().get(page_id=page_id)

    @classmethod
    def take(cls, page_id: int) -> bool:
        """Take one seat if there is one: a single statement that looks and counts at once."""
        free = Q(capacity=None) | Q(taken__lt=F("capacity"))
        return bool(cls.objects.filter(free, page_id=page_id).update(taken=F("taken") + 1))

    @classmethod
    def give_back(cls, page_id: int) -> None:
        """One seat is free again."""
        cls.objects.filter(page_id=page_id, taken__gt=0).update(taken=F("taken") - 1)

    @classmethod
    def recount(cls) -> int:
        """Heal counters that do not say what the registrations say; returns how many were wrong."""
        wrong = 0
        for page_id in cls.objects.values_list("page_id", flat=True):
            with transaction.atomic():
                seats = cls.hold(page_id)
                taken = Registration.objects.open().filter(gathering_id=page_id).count()
                if taken != seats.taken:
                    wrong += cls.objects.filter(page_id=page_id).update(
                        taken=taken, capacity=None if seats.capacity is None else max(seats.capacity, taken)
                    )
        return wrong

    @property
    def left(self) -> int | None:
        """How many seats are free; None without a limit."""
        return None if self.capacity is None else self.capacity - self.taken


def too_few(taken: int) -> Any:
    """What to tell a host who wants fewer seats than are taken."""
    return _("%(n)s seats are taken already. Choose %(n)s or more.") % {"n": taken}


class RegistrationState(models.TextChoices):
    """Whether the seat is kept."""

    ENROLLED = "enrolled", _("Enrolled")
    CANCELLED = "cancelled", _("Cancelled")


class RegistrationQuerySet(models.QuerySet["Registration"]):
    """Whose seats somebody may know of."""

    def visible_to(self, member: Any) -> "RegistrationQuerySet":
        """One's own; the host knows the guests, and a steward all. Nobody meets somebody who is kept away."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        if member.is_steward:
            return self.all()
        hosted = self.filter(gathering__author=member).exclude(
            member__in=Block.objects.filter(blocker=member).values("blocked")
        )
        hosted = hosted.exclude(member__in=Block.objects.filter(blocked=member).values("blocker"))
        return self.filter(Q(member=member) | Q(pk__in=hosted.values("pk")))

    def of(self, member: Any) -> "RegistrationQuerySet":
        """One's own."""
        return self.filter(member=member)

    def open(self) -> "RegistrationQuerySet":
        """Seats that are kept."""
        return self.filter(state=RegistrationState.ENROLLED)

    def earlier(self, page_id: int, member: Member, key: uuid.UUID | None) -> "Registration | None":
        """What the same wish led to before: the same form, or a seat that is kept already."""
        own = self.filter(gathering_id=page_id, member=member)
        same_form = own.filter(key=key).first() if key else None
        return same_form or own.open().first()


class Registration(models.Model):
    """A member's seat in a gathering, kept or given back."""

    gathering = models.ForeignKey("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="registrations")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="registrations")
    state = models.CharField(max_length=10, choices=RegistrationState.choices, default=RegistrationState.ENROLLED)
    key = models.UUIDField(null=True, blank=True, help_text="The form that asked for it; sent again, it does nothing.")
    created_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["gathering", "member"], condition=Q(state="enrolled"), name="one_seat_a_member"
            ),
            models.UniqueConstraint(fields=["gathering", "member", "key"], name="one_registration_a_form"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    def cancel(self) -> None:
        """Give the seat back; always possible, and doing it twice frees one seat."""
        with transaction.atomic():
            Seats.hold(self.gathering_id)
            own = type(self).objects.open().filter(pk=self.pk)
            if own.update(state=RegistrationState.CANCELLED, cancelled_at=timezone.now()):
                Seats.give_back(self.gathering_id)
        self.refresh_from_db()

    @property
    def is_open(self) -> bool:
        """Whether the seat is kept."""
        return self.state == RegistrationState.ENROLLED
