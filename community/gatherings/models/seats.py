"""Seats: the one counter that is never sold past its end."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class RegistrationState(models.TextChoices):
    """Where somebody stands who wants to come."""

    ASKED = "asked", _("Waits for the host's answer")
    WAITING = "waiting", _("On the waiting list")
    OFFERED = "offered", _("A free seat is kept for a while")
    ENROLLED = "enrolled", _("Enrolled")
    CANCELLED = "cancelled", _("Cancelled")
    LAPSED = "lapsed", _("The free seat was not taken in time")
    DECLINED = "declined", _("The host said no")


class GatheringMode(models.TextChoices):
    """Where people meet."""

    ON_SITE = "on-site", _("On site")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("On site and online")


HOLDING = (RegistrationState.ENROLLED, RegistrationState.OFFERED)  # what the counter counts
PENDING = (*HOLDING, RegistrationState.ASKED, RegistrationState.WAITING)  # a member has one of these, not two


class Seats(models.Model):
    """How many seats a gathering has and how many are taken, at the place and, where there are both, online.

    Apart from the page, because publishing a page writes all of its fields as they were when somebody began to edit.
    """

    page = models.OneToOneField(
        "gatherings.GatheringPage", on_delete=models.CASCADE, primary_key=True, related_name="seats"
    )
    capacity = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: as many as come.")
    taken = models.PositiveIntegerField(default=0)
    online_capacity = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: as many as come.")
    online_taken = models.PositiveIntegerField(default=0)
    mode = models.CharField(
        max_length=8, choices=GatheringMode.choices, default=GatheringMode.ON_SITE,
        help_text="How people came when these were counted; where only one way is left all count as at the place.",
    )  # fmt: skip

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(capacity=None) | Q(taken__lte=F("capacity")), name="seats_are_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(online_capacity=None) | Q(online_taken__lte=F("online_capacity")),
                name="online_seats_are_never_oversold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.taken} of {self.capacity or '∞'}"

    @classmethod
    def begin(cls, page: Any) -> None:
        """A page that is new has as many seats as it says, all free."""
        wanted = {"capacity": page.capacity, "online_capacity": page.online_capacity, "mode": page.mode}
        cls.objects.get_or_create(page=page, defaults=wanted)

    @classmethod
    def fit(cls, page: Any) -> None:
        """Take over what the page now says, never fewer than are taken; only inside a transaction that holds them."""
        if wrong := cls.too_few(page):
            raise ValidationError(wrong)
        taken, online_taken = cls.objects.get(page_id=page.pk).taken_in(page)
        cls.objects.filter(page_id=page.pk).update(
            mode=page.mode, capacity=page.capacity, online_capacity=page.online_capacity, taken=taken,
            online_taken=online_taken,
        )  # fmt: skip

    @classmethod
    def too_few(cls, page: Any) -> dict[str, Any]:
        """What to tell a host who wants fewer seats than are taken, by field; empty where there are enough."""
        seats, wrong = cls.objects.filter(page_id=page.pk).first(), {}
        if seats is None:
            return {}
        for name, number in zip(("capacity", "online_capacity"), seats.taken_in(page), strict=True):
            if getattr(page, name) is not None and getattr(page, name) < number:
                words = _("%(n)s seats are taken already. Choose %(n)s or more.")
                if seats.mode != page.mode:
                    words = _("Then %(n)s seats are taken this way. Choose %(n)s or more.")
                wrong[name] = words % {"n": number}
        return wrong

    def taken_in(self, page: Any) -> tuple[int, int]:
        """How many are taken at the place and online once people come as the page says, and as its host decided."""
        if page.mode == self.mode or (page.is_hybrid and self.mode == GatheringMode.ON_SITE):
            return self.taken, self.online_taken
        if page.is_hybrid:
            return self.online_taken, self.taken  # whoever came online goes on doing so
        if page.ends_seats:  # those whose way stays, where there were both
            was_both = self.mode == GatheringMode.HYBRID
            return (self.online_taken if page.is_online else self.taken) if was_both else 0, 0
        return self.taken + self.online_taken, 0

    @classmethod
    def hold(cls, page_id: int) -> "Seats":
        """Keep everybody else waiting until the transaction ends; inside a transaction only.

        PostgreSQL locks the row. SQLite has no row locks: there the transaction itself began by taking the only
        write lock (IMMEDIATE).
        """
        return cls.objects.select_for_update().get(page_id=page_id)

    @classmethod
    def take(cls, page_id: int, number: int = 1, *, is_online: bool = False) -> bool:
        """Take seats if there are so many: a single statement that looks and counts at once."""
        name = "online_" if is_online else ""
        free = Q(**{f"{name}capacity": None}) | Q(**{f"{name}taken__lte": F(f"{name}capacity") - number})
        rows = cls.objects.filter(free, page_id=page_id)
        return bool(rows.update(**{f"{name}taken": F(f"{name}taken") + number}))

    @classmethod
    def give_back(cls, page_id: int, number: int = 1, *, is_online: bool = False) -> None:
        """Seats are free again."""
        name = "online_taken" if is_online else "taken"
        cls.objects.filter(page_id=page_id, **{f"{name}__gte": number}).update(**{name: F(name) - number})

    @classmethod
    def recount(cls) -> int:
        """Heal counters that do not say what the registrations say; returns how many were wrong."""
        # One look at all; held, and looked at again, are only those that seem wrong.
        seem = cls.objects.annotate(**cls.counted()).exclude(taken=F("in_place"), online_taken=F("on_screen"))
        return sum(cls._recount(page_id) for page_id in list(seem.values_list("page_id", flat=True)))

    @classmethod
    def counted(cls) -> dict[str, Any]:
        """What the registrations say."""
        came = "page__registrations__"
        held, number = Q(**{f"{came}state__in": HOLDING}), 1 + F(f"{came}guests")
        return {
            "in_place": Coalesce(Sum(number, filter=held & Q(**{f"{came}is_online": False})), 0),
            "on_screen": Coalesce(Sum(number, filter=held & Q(**{f"{came}is_online": True})), 0),
        }

    @classmethod
    @transaction.atomic
    def _recount(cls, page_id: int) -> int:
        seats = cls.hold(page_id)
        said = cls.objects.filter(pk=page_id).aggregate(**cls.counted())
        counted = {"taken": said["in_place"], "online_taken": said["on_screen"]}
        if counted == {"taken": seats.taken, "online_taken": seats.online_taken}:
            return 0
        for name, taken in (("capacity", "taken"), ("online_capacity", "online_taken")):
            if getattr(seats, name) is not None:
                counted[name] = max(getattr(seats, name), counted[taken])
        return cls.objects.filter(pk=page_id).update(**counted)

    def left_of(self, *, is_online: bool) -> int | None:
        """How many seats are free at the place, or online; None without a limit."""
        capacity, taken = (self.online_capacity, self.online_taken) if is_online else (self.capacity, self.taken)
        return None if capacity is None else capacity - taken

    @property
    def left(self) -> int | None:
        """How many seats are free; None without a limit."""
        return self.left_of(is_online=False)
