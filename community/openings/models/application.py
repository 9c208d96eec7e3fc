"""An application: one person's words for one opening, read by the two of them alone."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member


class ApplicationState(models.TextChoices):
    """Whether it still stands."""

    SUBMITTED = "submitted", _("Sent")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Whose applications somebody may read."""

    def visible_to(self, member: Any) -> "ApplicationQuerySet":
        """One's own, and those that stand and were written to this person, whoever the page names by now.

        Words of somebody under 18 are shown to a verified poster only, and nothing passes a block.
        """
        if not getattr(member, "is_authenticated", False):
            return self.none()
        received = self.filter(poster=member, state=ApplicationState.SUBMITTED)
        if not member.is_verified:
            received = received.filter(member__is_adult=True)
        received = received.exclude(member__in=Block.objects.filter(blocker=member).values("blocked"))
        received = received.exclude(member__in=Block.objects.filter(blocked=member).values("blocker"))
        return self.filter(Q(member=member) | Q(pk__in=received.values("pk")))

    def of(self, member: Any) -> "ApplicationQuerySet":
        """One's own."""
        return self.filter(member=member)

    def open(self) -> "ApplicationQuerySet":
        """Sent and not taken back."""
        return self.filter(state=ApplicationState.SUBMITTED)

    def earlier(self, opening_id: int, member: Member, key: uuid.UUID | None) -> "Application | None":
        """What the same wish led to before: the same form, or an application that stands already."""
        own = self.filter(opening_id=opening_id, member=member)
        same_form = own.filter(key=key).first() if key else None
        return same_form or own.open().first()


class Application(models.Model):
    """A member asks for a place, in their own words."""

    opening = models.ForeignKey("openings.OpeningPage", on_delete=models.CASCADE, related_name="applications")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications")
    poster = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="received_applications",
        help_text="Whom it was written to; whoever becomes the author of the page later does not read it.",
    )  # fmt: skip
    message = models.TextField(
        _("why you, and what you want to learn"), validators=[MinLengthValidator(30), MaxLengthValidator(3000)]
    )
    state = models.CharField(max_length=10, choices=ApplicationState.choices, default=ApplicationState.SUBMITTED)
    key = models.UUIDField(null=True, blank=True, help_text="The form that sent it; sent again, it does nothing.")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["opening", "member"], condition=Q(state="submitted"), name="one_application_a_member"
            ),
            models.UniqueConstraint(fields=["opening", "member", "key"], name="one_application_a_form"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    def withdraw(self) -> None:
        """Take the application back: the poster does not see it any more. Doing it twice changes nothing."""
        own = type(self).objects.open().filter(pk=self.pk)
        own.update(state=ApplicationState.WITHDRAWN, withdrawn_at=timezone.now())
        self.refresh_from_db()

    @property
    def is_open(self) -> bool:
        """Whether it still stands."""
        return self.state == ApplicationState.SUBMITTED
