"""The two people of a connection: who asked whom, who teaches, and how each is reached."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.connections.models.steps import TEACHING, ConnectionKind
from community.members.models import Member, has_contact


class Pair(models.Model):
    """Two people, and what they want of each other; either may have left."""

    kind = models.CharField(max_length=16, choices=ConnectionKind.choices)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_for")
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="asked_of")
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="mentorships",
        help_text="Which of the two teaches, whose room this takes; empty between equals.",
    )  # fmt: skip

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Whoever teaches is one of the two; between equals nobody does."""
        if (self.kind in TEACHING) != (self.mentor_id is not None):
            raise ValidationError(_("Say who teaches whom."))
        if self.mentor_id not in {None, self.asker_id, self.asked_id}:
            raise ValidationError(_("Whoever teaches must be one of the two."))

    @staticmethod
    def lock_people(*keys: int | None) -> dict[int, Member]:
        """Let those who act on the same people take turns until the transaction ends; always in the same order.

        On SQLite the transaction itself began with the only write lock (IMMEDIATE).
        """
        both = Member.objects.filter(pk__in=[key for key in keys if key is not None]).order_by("pk")
        return {one.pk: one for one in both.select_for_update(of=("self",), no_key=True)}

    def side_of(self, viewer: Any) -> Member | None:
        """Which of the two this viewer is, or acts for."""
        people = [one for one in (self.asker, self.asked) if one is not None]
        own = [one for one in people if one.pk == viewer.pk]
        helped = [one for one in people if not one.email and one.helper_id == viewer.pk]
        return next(iter([*own, *helped]), None)

    def other(self, viewer: Any) -> Member | None:
        """The other of the two, as seen by this viewer."""
        return self.asked if self.side_of(viewer) == self.asker else self.asker

    @property
    def learner(self) -> Member | None:
        """Who learns, where one of the two teaches."""
        return None if self.mentor_id is None else self.other(self.mentor)

    @property
    def is_kept_by_stewards(self) -> bool:
        """Whether one of the two is under 18: then the stewards bring them together, and no address is shown."""
        return any(one is not None and not one.is_adult for one in (self.asker, self.asked))

    def require_no_contact(self, texts: Iterable[str]) -> None:
        """Where one of the two is under 18, nobody writes where they are reached: no steward reads it first."""
        if self.is_kept_by_stewards and any(map(has_contact, texts)):
            raise ValidationError(
                _("Write no telephone number, no address and no name of an app. A steward brings you together.")
            )
