"""What became of suggestions that somebody acted on: from these a community's own weights are learned."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from community.connections.models import Connection, ConnectionState
from matching.engine.kinds import KINDS, Relation

KEPT_MONTHS = 24
WELCOME = frozenset({
    ConnectionState.PROPOSED, ConnectionState.POSTPONED, ConnectionState.OVERTAKEN,
    ConnectionState.ACCEPTED, ConnectionState.AGREED,
})  # fmt: skip


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    """Which outcomes may be learned from."""

    def telling(self, basis: str) -> "OutcomeQuerySet":
        """Those of two adults who both use the matching now, told apart by `basis`, oldest first.

        Whom only a round brought together has not judged anything yet.
        """
        for side in ("member", "other"):
            usable = {"is_active": True, "is_adult": True, "profile__is_matched": True}
            self = self.filter(**{f"{side}__{field}": value for field, value in usable.items()})
        found = self.filter(basis=basis).exclude(connection__state=ConnectionState.INTRODUCED)
        return found.select_related("connection").order_by("month", "pk")


class Outcome(models.Model):
    """Somebody put a suggestion aside, or asked: the numbers that it rested on, and no word of either person."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=[(name, name) for name in KINDS])
    relation = models.CharField(max_length=16, choices=[(one.value, one.value) for one in Relation])
    evidence = models.JSONField(help_text="One number for each feature of the engine.")
    basis = models.CharField(max_length=64, help_text="What model and features the numbers are of.")
    connection = models.ForeignKey(
        Connection, null=True, on_delete=models.CASCADE, related_name="+",
        help_text="What came of asking; nothing where the suggestion was put aside.",
    )  # fmt: skip
    month = models.DateField(help_text="The first day of the month in which it happened.")

    objects: ClassVar[Any] = OutcomeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "kind", "other"], name="one_outcome_a_pair_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_good(self) -> bool:
        """Whether the suggestion was welcome: asked, and not declined, withdrawn, let go or left without an answer.

        What both said yes to and brought to its end was welcome, too; what a block ended was not.
        """
        found = self.connection
        return found is not None and (found.state in WELCOME or found.has_begun)

    @classmethod
    def keep(cls, judged: Iterable[tuple[Any, Connection | None]]) -> None:
        """Remember what suggestions rested on that were asked about (a connection) or put aside (None).

        The later act on a pair counts. A suggestion that says nothing of what it rests on teaches nothing.
        """
        month = timezone.localdate().replace(day=1)
        rows = [
            cls(member_id=row.member_id, other_id=row.other_id, kind=row.kind, connection=connection, month=month,
                **row.grounds)
            for row, connection in judged if row.grounds
        ]  # fmt: skip
        cls.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["member", "kind", "other"],
            update_fields=["relation", "evidence", "basis", "connection", "month"],
        )

    @classmethod
    def take_back(cls, row: Any) -> None:
        """What was put aside is shown again: it says nothing."""
        cls.objects.filter(member=row.member_id, kind=row.kind, other=row.other_id, connection=None).delete()

    @classmethod
    def forget(cls, member_id: int) -> None:
        """Drop everything that rests on this person."""
        cls.objects.filter(Q(member=member_id) | Q(other=member_id)).delete()

    @classmethod
    def prune(cls) -> int:
        """Forget what is older than two years; returns how much it was."""
        return int(cls.objects.filter(month__lt=months_ago(KEPT_MONTHS)).delete()[0])


def months_ago(number: int) -> date:
    """The first day of the month so many months ago."""
    today = timezone.localdate()
    months = today.year * 12 + today.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)
