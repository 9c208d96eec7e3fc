"""How a connection moves: one step at a time along the table, each taken once, none on an old look at it."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from community.connections.models.pair import Pair
from community.connections.models.steps import OVER, STANDING, STEPS, UNDER_WAY, ConnectionState, Step, Turn
from community.members.models import Member
from community.trust.models import Audit

# What a helper does in the name of somebody else, as it is written down: no name and no word of the question.
HELPED = {
    "accept": gettext_noop("said yes to a question"),
    "decline": gettext_noop("said no to a question"),
    "postpone": gettext_noop("said “not now” to a question"),
}


class Stale(ValidationError):
    """Something has happened between the two since the form was opened."""


class Stepping(Pair):
    """A connection that stands somewhere; each step and each signed text makes its version one higher."""

    state = models.CharField(max_length=10, choices=ConnectionState.choices, default=ConnectionState.PROPOSED)
    version = models.PositiveIntegerField(default=0, help_text="Counts what happened, so that an old form is noticed.")
    reason = models.CharField(max_length=8, blank=True, help_text="Why it was declined or closed; empty after a block.")
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="Since when it stands where it stands.")
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True, help_text="When both had said yes.")
    ended_at = models.DateTimeField(null=True, blank=True)
    # When each last did something here: who is quiet, and who did their part, is read from these.
    asker_active_at = models.DateTimeField(null=True, blank=True)
    asked_active_at = models.DateTimeField(null=True, blank=True)
    asker_did_part = models.BooleanField(default=False, help_text="Credit, given when it ends.")
    asked_did_part = models.BooleanField(default=False, help_text="Credit, given when it ends.")

    objects: ClassVar[Any]

    class Meta:
        abstract = True

    def _step(self, name: str, by: Member | None, version: int | None = None, **fields: Any) -> bool:
        """Take one step of the table in one transaction; False where this very step was taken before.

        The two people are locked first and the row after them, as everywhere here: nobody waits for each other.
        """
        step = STEPS[name]
        with transaction.atomic():
            self.lock_people(self.asker_id, self.asked_id)
            row = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            row._require_turn(step, by)
            is_new = row.state != step.to
            if is_new:
                row._require_fresh(version)
                if row.state not in step.since:
                    raise ValidationError(_("This was answered in the meantime. Look at where it stands now."))
                row._move(step, by, **fields)
                row._note_help(name, by)
        self.refresh_from_db()
        return is_new

    def _note_help(self, name: str, by: Member | None) -> None:
        """What somebody does in the name of a person without e-mail is on record."""
        own = self.side_of(by) if by is not None else None
        if by is not None and own is not None and own.pk != by.pk:
            Audit.act_for(by, own, HELPED.get(name, gettext_noop("took a step in a connection")))

    def locked(self, by: Member) -> Self:
        """The row as it is now, kept so until the transaction ends; for the two alone, and nobody across a block."""
        self.lock_people(self.asker_id, self.asked_id)
        row: Self = type(self).objects.with_people().select_for_update(of=("self",)).get(pk=self.pk)
        row.require_side(by)
        return row

    def require_under_way(self) -> None:
        """Both have said yes, and it has not ended."""
        if not self.has_both_yeses:
            raise ValidationError(_("This is not under way any more. Look at where it stands now."))

    def _require_turn(self, step: Step, by: Member | None) -> None:
        """Only whoever's turn it is takes a step, and nobody across a block."""
        if by is None:
            if step.turn != Turn.CLOCK:
                raise ValidationError(_("This is not for you to do."))
            return
        self.require_side(by)
        own = self.side_of(by)
        turns = {Turn.ASKER: [self.asker], Turn.ASKED: [self.asked], Turn.EITHER: [self.asker, self.asked]}
        if own not in turns.get(step.turn, []):
            raise ValidationError(_("This is not for you to do."))

    def require_side(self, by: Member) -> None:
        """Only the two do anything here; somebody acts for whom they help, and nobody across a block."""
        if self.side_of(by) is None or not type(self).objects.visible_to(by).filter(pk=self.pk).exists():
            raise ValidationError(_("This is not for you to do."))

    def _require_fresh(self, version: int | None) -> None:
        if version is not None and version != self.version:
            raise Stale(_("Something has changed here in the meantime. Look at it, then send once more."))

    def _move(self, step: Step, by: Member | None, **fields: Any) -> None:
        now = timezone.now()
        marks: dict[str, Any] = {"state": step.to, "version": F("version") + 1, "moved_at": now}
        if step.to in OVER:
            marks["ended_at"] = now
        if by is not None:
            marks[self._mark_of(by)] = now
        type(self).objects.filter(pk=self.pk).update(**marks | fields)

    def _mark_of(self, by: Member) -> str:
        return "asker_active_at" if self.side_of(by) == self.asker else "asked_active_at"

    def touch(self, by: Member, *, is_news: bool = False) -> None:
        """Somebody did something here; `is_news`: what the other's open forms rest on has changed, too.

        Where it was done in somebody's name, it is written down.
        """
        self._note_help("", by)
        marks: dict[str, Any] = {self._mark_of(by): timezone.now()}
        if is_news:
            marks["version"] = F("version") + 1
        type(self).objects.filter(pk=self.pk).update(**marks)

    @classmethod
    @transaction.atomic
    def part(cls, one: int, other: int) -> int:
        """A block stands between these two from now on: what is open ends, nobody is told, and room is free again."""
        cls.lock_people(one, other)
        between = Q(asker=one, asked=other) | Q(asker=other, asked=one)
        return cls.end_silently(cls.objects.filter(between))

    @staticmethod
    def end_silently(rows: Any) -> int:
        """End what is open of these; without a reason and without a word."""
        now = timezone.now()
        standing = rows.filter(state__in=STANDING)
        return int(standing.update(state=STEPS["part"].to, version=F("version") + 1, moved_at=now, ended_at=now))

    # Queries

    @property
    def has_both_yeses(self) -> bool:
        """Whether both have agreed, and it has not ended."""
        return self.state in UNDER_WAY

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end, whichever."""
        return self.state in OVER

    @property
    def has_begun(self) -> bool:
        """Whether both said yes at some time, and no block ended it: there is something to look back on."""
        was_said = (
            self.has_both_yeses or bool(self.reason) or self.is_released or None in (self.asker_id, self.asked_id)
        )
        return self.accepted_at is not None and was_said

    @property
    def is_released(self) -> bool:
        """Whether it ended because nobody did anything any more."""
        return self.state == ConnectionState.RELEASED
