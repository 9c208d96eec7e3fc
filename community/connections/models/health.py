"""How two people are doing, for stewards: needs a call or not, and why; never a number, never an order of people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Avg, Count, Exists, OuterRef, Q, Subquery
from django.utils import timezone

from community.connections.models.agreement import Agreement
from community.connections.models.check_in import CheckIn
from community.connections.models.connection import Connection
from community.connections.models.meeting import Meeting
from community.connections.models.plan import PlanSkill
from community.connections.models.settings import ConnectionSettings
from community.connections.models.watching import CallReason

# The engagement score of MentorNeko, as far as its administrators' guide tells it (mentorneko.com/help/admin-guide:
# check-ins 25, sentiment 15, sessions 20, agreement 10, goals 10). That is not 100, and of a young pair not everything
# is known: so it is divided by the weights of what is known.
WEIGHTS = {"check_ins": 25, "sentiment": 15, "meetings": 20, "agreement": 10, "goals": 10}
LEAST = 0.5  # of what could be; under it somebody should call
MONTH = 30


@dataclass(frozen=True)
class Health:
    """What is known of a pair under way, without a word of theirs; None: nothing can be known yet."""

    days: int  # since both said yes
    asked: int = 0  # check-ins that could have been answered by now
    answered: int = 0
    mark: float | None = None  # 1 to 5 on average, of the last answers
    has_low_mark: bool = False
    met: int = 0  # meetings in the last three months
    is_agreed: bool = False
    lines: int = 0  # of the learning plan
    passed_on: int = 0
    nudges: int = 0

    @property
    def parts(self) -> dict[str, float | None]:
        """Each part from 0 to 1, or None where nothing can be expected yet."""
        expected = min(self.days, 3 * MONTH) / MONTH
        return {
            "check_ins": self.answered / self.asked if self.asked else None,
            "sentiment": (self.mark - 1) / 4 if self.mark is not None else None,
            "meetings": min(1.0, self.met / expected) if self.days >= MONTH else None,
            "agreement": float(self.is_agreed) if self.is_agreed or self.days >= 2 * MONTH else None,
            "goals": self.passed_on / self.lines if self.lines and self.days >= 3 * MONTH else None,
        }

    @property
    def score(self) -> float | None:
        """All parts together by their weights, from 0 to 1; None where nothing is known. It is stored nowhere."""
        known = {name: part for name, part in self.parts.items() if part is not None}
        weight = sum(WEIGHTS[name] for name in known)
        return sum(WEIGHTS[name] * part for name, part in known.items()) / weight if weight else None

    @property
    def reasons(self) -> list[str]:
        """Why somebody should call the two, as values of `CallReason`; none where nobody needs to."""
        found = {
            CallReason.MARK: self.has_low_mark,
            CallReason.SILENT: self.asked >= 2 and self.answered == 0,
            CallReason.UNMET: self.met == 0 and self.days >= 2 * MONTH,
            CallReason.QUIET: self.nudges >= 2,
            CallReason.SLOW: self.score is not None and self.score < LEAST and self.days >= 2 * MONTH,
        }
        return [reason.value for reason, holds in found.items() if holds]

    # By the clock

    @classmethod
    def look(cls) -> int:
        """Look at every pair under way, and write down which of them needs a call; counts what has changed."""
        number = 0
        for row in cls._pairs(timezone.now()):
            said = ",".join(cls.of(row).reasons)
            if said != row.call_for:
                number += Connection.objects.accepted().filter(pk=row.pk).update(call_for=said)
        return number

    @classmethod
    def of(cls, row: Any) -> "Health":
        """What the query has counted of one pair."""
        begun = row.accepted_at or row.moved_at
        return cls(
            days=(timezone.now() - begun).days, asked=row.asked_n or 0, answered=row.answered_n or 0, mark=row.mark,
            has_low_mark=row.has_low_mark, met=row.met or 0, is_agreed=row.is_agreed, lines=row.lines or 0,
            passed_on=row.passed_on or 0, nudges=row.nudges,
        )  # fmt: skip

    @classmethod
    def _pairs(cls, now: datetime) -> Any:
        """All pairs under way with what is counted of each, in one query; a block has ended what it stands between."""
        lately = timedelta(days=ConnectionSettings.now().check_in_days)
        asked = CheckIn.objects.filter(Q(asked_at__lte=now - timedelta(days=7)) | Q(answered_at__isnull=False))
        answered = CheckIn.objects.exclude(answered_at=None)
        last = answered.filter(answered_at__gt=now - lately)
        met = Meeting.objects.held().filter(held_on__gt=timezone.localdate() - timedelta(days=3 * MONTH))
        signed = Agreement.objects.exclude(asker_signed_at=None).exclude(asked_signed_at=None)
        return Connection.objects.accepted().annotate(
            asked_n=counted(asked), answered_n=counted(answered), met=counted(met),
            mark=Subquery(of_pair(last).annotate(number=Avg("mark")).values("number")),
            has_low_mark=Exists(last.filter(connection=OuterRef("pk"), mark__lte=2)),
            is_agreed=Exists(signed.filter(connection=OuterRef("pk"))),
            lines=counted(PlanSkill.objects.all(), "plan__connection"),
            passed_on=counted(PlanSkill.objects.passed_on(), "plan__connection"),
        )  # fmt: skip


def of_pair(rows: Any, by: str = "connection") -> Any:
    """Rows of the pair that is looked at, to be counted."""
    return rows.filter(**{by: OuterRef("pk")}).order_by().values(by)


def counted(rows: Any, by: str = "connection") -> "Subquery":
    """How many of these rows a pair has."""
    number = of_pair(rows, by).annotate(number=Count("pk")).values("number")
    return Subquery(number, output_field=models.IntegerField())
