"""Nobody waits in vain: what the clock says where a question stays without an answer, or two people go quiet."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from community.connections.models.choice import GOES_ON, NextChoice, PassingOn
from community.connections.models.settings import ConnectionSettings
from community.connections.models.steps import UNDER_WAY, WAITING, ClosingReason, ConnectionState
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import Audit, AuditVerb, one_by_one

S = ConnectionState
MARKS = ("version", "moved_at", "asker_active_at", "asked_active_at", "rests_until", "reminded", "nudged")

# After how many weeks two people may say that they go on.
RESTS = (
    (0, _("at once")), (4, _("in four weeks")), (8, _("in eight weeks")),
    (13, _("in a season, three months")), (26, _("in half a year")),
)  # fmt: skip


class CallReason(models.TextChoices):
    """Why somebody should call two people; none of it says which of the two."""

    MARK = "mark", _("A check-in says that it does not go well.")
    SILENT = "silent", _("Check-ins stay without an answer.")
    UNMET = "unmet", _("No meeting has been noted for long.")
    QUIET = "quiet", _("It has been quiet for two weeks or more.")
    SLOW = "slow", _("All in all it has come to a standstill.")


class Watched(PassingOn):
    """A connection that the clock looks after: reminders, what runs out, and a word where two are quiet."""

    reminded = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of which the clock has spoken."
    )
    nudged = models.PositiveSmallIntegerField(default=0, help_text="How often the clock spoke of this quiet.")
    nudged_at = models.DateTimeField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True, help_text="Until when the two agreed to be quiet.")
    called_at = models.DateTimeField(null=True, blank=True, help_text="When a steward last called the two.")
    call_for = models.CharField(
        max_length=80, blank=True, help_text="Why somebody should call them; reasons, with commas."
    )

    LONGEST_REST: ClassVar[timedelta] = timedelta(days=184)  # half a year: a season, and a little more

    class Meta:
        abstract = True

    # Verbs

    def rest_until(self, day: date) -> None:
        """They meet again on this day: until then the clock says nothing."""
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        until = min(noon, timezone.now() + self.LONGEST_REST)
        later = Q(rests_until=None) | Q(rests_until__lt=until)
        type(self).objects.filter(later, pk=self.pk, state__in=UNDER_WAY).update(rests_until=until)

    @transaction.atomic
    def carry_on(self, by: Member, weeks: int = 0) -> None:
        """Say that it goes on, at once or after so many weeks of rest: until then the clock says nothing."""
        self.require_side(by)
        until = timezone.now() + timedelta(weeks=min(max(weeks, 0), 52))
        if until - timezone.now() > self.LONGEST_REST:
            raise ValidationError(_("Rest for half a year at most. You can say so again then."))
        rows = type(self).objects.filter(pk=self.pk, state__in=UNDER_WAY)
        if not rows.update(rests_until=until if weeks else None):
            raise ValidationError(_("This has ended in the meantime. Look at where it stands now."))
        self.touch(by)
        self.refresh_from_db()

    @transaction.atomic
    def change_mentor(self, by: Member, version: int | None = None) -> None:
        """Whoever learns goes on with somebody else; nobody is to blame, and the mentor hears so, once."""
        if self.learner is None or self.side_of(by) != self.learner:
            raise ValidationError(_("This is not for you to do."))
        if self.end(by, ClosingReason.FIT, version):
            self._say(NoticeKind.PAIR_CHANGED, self.mentor, self.learner)

    @transaction.atomic
    def called(self, by: Member) -> None:
        """A steward has spoken with the two: they are not on the list for a while. It is written down who did."""
        open_rows = type(self).objects.looked_after_by(by).filter(pk=self.pk)
        if not open_rows.exists():
            raise ValidationError(_("This is not for you to do."))
        days = timedelta(days=ConnectionSettings.now().call_days)
        rested = Q(called_at=None) | Q(called_at__lte=timezone.now() - days)
        if type(self).objects.filter(rested, pk=self.pk).update(called_at=timezone.now()):
            for one in filter(None, (self.asker, self.asked)):
                Audit.record(by, AuditVerb.CALL, one, gettext_noop("A pair that needed a call"))
        self.refresh_from_db()

    # By the clock: each thing once, however many clocks there are, and again where one was killed before it was done

    @classmethod
    def keep_time(cls) -> int:
        """Do everything that is due; returns how many things were done."""
        numbers = ConnectionSettings.now()
        done = cls.remind_due(numbers) + cls.remind_introduced(numbers) + cls.lapse_due(numbers)
        done += cls.wake_due(numbers) + cls.pass_on_due() + cls.fade_due(numbers)
        return done + cls.nudge_due(numbers) + cls.release_due(numbers)

    @classmethod
    def remind_due(cls, numbers: ConnectionSettings) -> int:
        """Remind whoever has to answer soon."""
        since = timezone.now() - numbers.answer_window + timedelta(days=numbers.remind_days)
        waiting = cls._due(state=S.PROPOSED, moved_at__lte=since).filter(cls._unsaid())
        return one_by_one(waiting, lambda one: one._remind(one.asked, NoticeKind.CONNECTION_DUE, one.asker))

    @classmethod
    def remind_introduced(cls, numbers: ConnectionSettings) -> int:
        """Tell both once more where a round brought them together and neither has asked; then stewards see it."""
        since = timezone.now() - numbers.answer_window
        silent = cls._due(state=S.INTRODUCED, moved_at__lte=since).filter(cls._unsaid())
        return one_by_one(silent, lambda one: one._remind_both(NoticeKind.CONNECTION_INTRODUCED))

    @classmethod
    def fade_due(cls, numbers: ConnectionSettings) -> int:
        """Put away what a round brought together and neither took up, after as many days as a quiet pair has."""
        since = timezone.now() - timedelta(days=numbers.release_days)
        told = cls._due(state=S.INTRODUCED, reminded=F("version"), nudged_at__lte=since)
        return one_by_one(told, lambda one: one._fade())

    @classmethod
    def wake_due(cls, numbers: ConnectionSettings) -> int:
        """Tell whoever heard “not now” that the day has come; what nobody asks again is put away later."""
        today = timezone.localdate()
        put_off = cls._due(state=S.POSTPONED, ask_again_on__lte=today).filter(cls._unsaid())
        number = one_by_one(put_off, lambda one: one._remind(one.asker, NoticeKind.CONNECTION_AGAIN, one.asked))
        last = today - timedelta(days=numbers.later_wait_days)
        return number + one_by_one(cls._due(state=S.POSTPONED, ask_again_on__lt=last), lambda one: one._run_out())

    @classmethod
    def lapse_due(cls, numbers: ConnectionSettings) -> int:
        """End what nobody answered in time; it goes on to whoever was named next."""
        late = cls._due(state=S.PROPOSED, moved_at__lte=timezone.now() - numbers.answer_window)
        return one_by_one(late, lambda one: one._run_out())

    @classmethod
    def pass_on_due(cls) -> int:
        """Ask whoever is next wherever a question came to nothing, and forget lists that are not needed any more."""
        NextChoice.objects.exclude(connection__state__in=[*WAITING, *GOES_ON]).delete()
        named = cls._due(state__in=GOES_ON, next_choices__isnull=False).distinct()
        return one_by_one(named, lambda one: one._go_on())

    def _go_on(self) -> int:
        with transaction.atomic():
            gone_on = self.pass_on()
            if gone_on is False and self.state == S.LAPSED:
                self._say(NoticeKind.CONNECTION_UNANSWERED, self.asker, self.asked)
        return int(gone_on is not None)

    @classmethod
    def nudge_due(cls, numbers: ConnectionSettings) -> int:
        """Say a word to whoever's turn it is, and before the end to both."""
        now = timezone.now()

        def nudge(one: Any) -> int:
            stage = sum(now - one.quiet_since >= timedelta(days=days) for days in numbers.nudge_days)
            return one._nudge(stage) if stage > one.nudges else 0

        return one_by_one(cls.quiet(now - timedelta(days=numbers.first_nudge_days)), nudge)

    @classmethod
    def release_due(cls, numbers: ConnectionSettings) -> int:
        """Let two people go who were told three times; where one is under 18, stewards look after it instead."""
        now = timezone.now()
        rest = timedelta(days=numbers.release_days - numbers.third_nudge_days)
        quiet = cls.quiet(now - timedelta(days=numbers.release_days)).filter(nudged=3, nudged_at__lte=now - rest)
        due = (one for one in quiet if one.nudges == 3 and not one.is_kept_by_stewards)
        return one_by_one(due, lambda one: one._let_free())

    @classmethod
    def quiet(cls, since: datetime) -> Any:
        """Pairs in which nobody has done anything since then."""
        last = Greatest(
            F("moved_at"),
            *(Coalesce(name, F("moved_at")) for name in ("asker_active_at", "asked_active_at", "rests_until")),
        )
        return cls._due(state__in=UNDER_WAY).annotate(last_at=last).filter(last_at__lte=since)

    @classmethod
    def _due(cls, **which: Any) -> Any:
        return cls.objects.filter(**which).select_related("asker__helper", "asked__helper").order_by("pk")

    @staticmethod
    def _unsaid() -> Q:
        """Where the clock has not spoken since it stands where it stands."""
        return Q(reminded=None) | ~Q(reminded=F("version"))

    def _unchanged(self) -> Any:
        """This row, if nothing has happened to it since the clock looked."""
        return type(self).objects.filter(pk=self.pk, state=self.state, **{name: getattr(self, name) for name in MARKS})

    def _remind(self, whom: Member | None, kind: NoticeKind, actor: Member | None) -> int:
        with transaction.atomic():
            if whom is None or not self._unchanged().update(reminded=self.version):
                return 0
            self._say(kind, whom, actor)
        return 1

    def _remind_both(self, kind: NoticeKind) -> int:
        with transaction.atomic():
            if not self._unchanged().update(reminded=self.version, nudged_at=timezone.now()):
                return 0
            for one in (self.asker, self.asked):
                self._say(kind, one, self.other(one))
        return 1

    def _fade(self) -> int:
        """End what never began, with a kind word to both."""
        with transaction.atomic():
            self.lock_people(self.asker_id, self.asked_id)
            if not self._unchanged().exists():
                return 0
            self.lapse(self.version)
            for one in (self.asker, self.asked):
                self._say(NoticeKind.CONNECTION_FADED, one, self.other(one))
        return 1

    def _run_out(self) -> int:
        """End a question without an answer, ask the next, and say to both what comes now; 0 where it was answered."""
        was = self.state
        with transaction.atomic():
            named = self.next_choices.values_list("member_id", flat=True)  # type: ignore[attr-defined]
            self.lock_people(self.asker_id, self.asked_id, *named)
            if not self._unchanged().exists():
                return 0
            self.lapse(self.version)
            if was == S.PROPOSED:
                self._say(NoticeKind.CONNECTION_CLOSED, self.asked, self.asker)
            if self.pass_on() is False:
                kind = NoticeKind.CONNECTION_UNANSWERED if was == S.PROPOSED else NoticeKind.CONNECTION_PUT_AWAY
                self._say(kind, self.asker, self.asked)
        return 1

    def _nudge(self, stage: int) -> int:
        """The word of this stage: to whoever was quiet longer, the last one to both."""
        is_last = stage == 3
        kind = NoticeKind.PAIR_FADES if is_last else NoticeKind.PAIR_QUIET
        with transaction.atomic():
            if not self._unchanged().update(nudged=stage, nudged_at=timezone.now()):
                return 0
            for one in (self.asker, self.asked):
                if one is not None and (is_last or one == self.waits_for):
                    self._say(kind, one, self.other(one), stage)
        return 1

    def _let_free(self) -> int:
        """Both are free again; whoever did something last did their part."""
        with transaction.atomic():
            self.lock_people(self.asker_id, self.asked_id)
            if not self._unchanged().exists():
                return 0
            turn = self.waits_for
            self.release(asker_did_part=turn != self.asker, asked_did_part=turn != self.asked, version=self.version)
            for one in (self.asker, self.asked):
                self._say(
                    NoticeKind.PAIR_RELEASED if one != turn else NoticeKind.PAIR_RELEASED_QUIET, one, self.other(one)
                )
        return 1

    def _say(self, kind: NoticeKind, whom: Member | None, actor: Member | None, stage: int = 0) -> None:
        """Each word of the clock is news by itself, also on the same day."""
        if whom is not None and whom.is_active:
            url = f"{self.get_absolute_url()}?{'quiet' if stage else 'step'}={stage or self.version}"  # type: ignore[attr-defined]
            Notice.send(whom, kind, url, actor=actor)

    # Queries

    @property
    def call_reasons(self) -> list[Any]:
        """Why somebody should call the two, in words."""
        return [CallReason(one).label for one in self.call_for.split(",") if one in CallReason.values]

    @property
    def due_at(self) -> datetime:
        """By when a question should be answered; both see this day."""
        return self.moved_at + ConnectionSettings.now().answer_window

    @property
    def quiet_since(self) -> datetime:
        """When either of the two last did something, or until when they rest."""
        return max(filter(None, (self.moved_at, self.asker_active_at, self.asked_active_at, self.rests_until)))

    @property
    def nudges(self) -> int:
        """How often the clock has spoken of the quiet that is now."""
        return self.nudged if self.nudged_at is not None and self.nudged_at >= self.quiet_since else 0

    @property
    def waits_for(self) -> Member | None:
        """Whose turn it is: whoever did something here longer ago; right after the yes, whoever asked."""
        if self.asker_active_at and self.asked_active_at and self.asked_active_at < self.asker_active_at:
            return self.asked
        return self.asked if self.asked_active_at is None and self.asker_active_at else self.asker
