"""An application: one person's words for one opening, and every step until it ends."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models import Connection
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.openings.models.guarded import GuardedApplication
from community.openings.models.settings import OpeningSettings
from community.openings.models.steps import FOR_POSTER, OPEN, STANDING, STEPS, UNSEEN, ApplicationState, Step, Turn
from community.openings.models.word import Word
from community.trust.models import Safeguarding, one_by_one


class Stale(ValidationError):
    """Something has happened to the application since the form was opened."""


class ApplicationReason(models.TextChoices):
    """Why it is not this time."""

    FILLED = "filled", _("The place is taken")
    OTHERS = "others", _("Others had more of what is needed here")
    TERMS = "terms", _("Days, housing or the way there do not fit")
    SAFETY = "safety", _("It would not be safe, or not lawful")
    GONE = "gone", _("There is no place after all")
    OTHER = "other", _("Another reason, in the words below")


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Whose applications somebody may read."""

    def visible_to(self, member: Any) -> "ApplicationQuerySet":
        """One's own, and those that were sent to this person, whoever the page names by now.

        Words of somebody under 18 are shown to a verified poster only; these, and no others, safeguarding reads, too.
        Nothing passes a block, and nothing is shown to a poster that was taken back or should be forgotten.
        """
        if not getattr(member, "is_authenticated", False):
            return self.none()
        received = self.filter(poster=member, forgotten_on=None, member__is_active=True).exclude(state__in=UNSEEN)
        if not member.is_verified:
            received = received.filter(member__is_adult=True)
        received = received.exclude(member__in=Block.around(member))
        seen = Q(member=member) | Q(pk__in=received.values("pk"))
        if Safeguarding.includes(member):
            young = self.filter(member__is_adult=False).exclude(state=ApplicationState.DRAFT).exclude(poster=member)
            young = young.exclude(state=ApplicationState.WITHDRAWN, guardian_agreed_at=None)  # it was never sent
            seen |= Q(pk__in=young.values("pk"))
        return self.filter(seen)

    def of(self, member: Any) -> "ApplicationQuerySet":
        """One's own."""
        return self.filter(member=member)

    def received_by(self, member: Any) -> "ApplicationQuerySet":
        """Those that this person may read because they were sent to them."""
        return self.visible_to(member).filter(poster=member)

    def open(self) -> "ApplicationQuerySet":
        """Sent, and not ended."""
        return self.filter(state__in=OPEN)

    def for_poster(self) -> "ApplicationQuerySet":
        """Waiting for an answer of whoever offers the place."""
        return self.filter(state__in=FOR_POSTER)

    def late(self) -> "ApplicationQuerySet":
        """Whose answer should have come by now."""
        return self.for_poster().filter(due_on__lt=timezone.localdate())

    def earlier(self, opening_id: int, member: Member, key: uuid.UUID | None) -> "Application | None":
        """What the same wish led to before: the same form, or an application that stands already."""
        own = self.filter(opening_id=opening_id, member=member)
        same_form = own.filter(key=key).first() if key else None
        return same_form or own.filter(state__in=STANDING).first()


class Application(GuardedApplication):
    """A member asks for a place, in their own words; each side always knows where it stands and until when."""

    opening = models.ForeignKey("openings.OpeningPage", on_delete=models.CASCADE, related_name="applications")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="applications")
    poster = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="received_applications",
        help_text="Whom it was written to; whoever becomes the author of the page later does not read it.",
    )  # fmt: skip
    message = models.TextField(
        _("why you, and what you want to learn"), validators=[MinLengthValidator(30), MaxLengthValidator(3000)]
    )
    state = models.CharField(max_length=12, choices=ApplicationState.choices, default=ApplicationState.DRAFT)
    version = models.PositiveIntegerField(default=0, help_text="Counts the steps, so that an old form is noticed.")
    key = models.UUIDField(null=True, blank=True, help_text="The form that sent it; sent again, it does nothing.")
    reason = models.CharField(_("why not"), max_length=8, choices=ApplicationReason.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(null=True, blank=True, help_text="By when whoever's turn it is should answer.")
    reminded_on = models.DateField(null=True, blank=True)
    late_on = models.DateField(null=True, blank=True, help_text="When the applicant heard that the answer is late.")
    forgotten_on = models.DateField(null=True, blank=True, help_text="Since when its files and letter are gone.")
    connection = models.ForeignKey(Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[Any] = ApplicationQuerySet.as_manager()
    wagtail_reference_index_ignore = True  # no screen of the editing tools names it

    REMIND_BEFORE: ClassVar[timedelta] = timedelta(days=3)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["opening", "member"],
                condition=Q(state__in=["draft", "submitted", "shortlisted", "interview", "offered", "accepted"]),
                name="one_application_a_member",
            ),
            models.UniqueConstraint(fields=["opening", "member", "key"], name="one_application_a_form"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "due_on"])]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    def get_absolute_url(self) -> str:
        """Where it stands: one page for everybody who may read it."""
        return reverse("openings:application", args=[self.pk])

    # Verbs. Each is one step of `STEPS`; taken twice it happens once; with `version` an old form raises Stale.

    def submit(self, by: Member, version: int | None = None) -> None:
        """Send it; of somebody under 18 a guardian must agree first, and is asked now."""
        if not by.is_adult and self.guardian_agreed_at is None:
            self.ask_guardian(by)
            return
        if self._step("submit", by, version):
            Notice.send(self.poster, NoticeKind.APPLICATION_RECEIVED, self.get_absolute_url(), actor=self.member)
            if not self.member.is_adult:
                self.call_safeguard()

    def shortlist(self, by: Member, version: int | None = None, words: str = "") -> None:
        """Take it into the closer choice."""
        self._step("shortlist", by, version, words)

    def interview(self, by: Member, version: int | None = None, words: str = "") -> None:
        """Invite to talk, or to come and look."""
        self._step("interview", by, version, words)

    def offer(self, by: Member, version: int | None = None, words: str = "") -> None:
        """Offer the place; the applicant then says yes, or takes it back."""
        self._step("offer", by, version, words)

    def decline(self, by: Member, reason: str, version: int | None = None, words: str = "") -> None:
        """Say no, and why."""
        if reason not in ApplicationReason.values:
            raise ValidationError(_("Choose why. It helps them with the next one."))
        if reason == ApplicationReason.OTHER and not words.strip():
            raise ValidationError(_("Say the reason in a few words."))
        self._step("decline", by, version, words, reason=reason)

    def accept(self, by: Member, version: int | None = None, words: str = "") -> None:
        """Say yes to an offer: the two are connected, with a learning plan where one learns from the other."""
        with transaction.atomic():
            if self._step("accept", by, version, words):
                self.connection = self.opening.connect(self.member, self.poster)
                type(self).objects.filter(pk=self.pk).update(connection=self.connection)
                if not self.member.is_adult:
                    self.call_safeguard()

    def withdraw(self, by: Member | None = None, version: int | None = None, words: str = "") -> None:
        """Take the application back: the poster does not see it any more."""
        self._step("withdraw", by or self.member, version, words)

    @transaction.atomic
    def say(self, by: Member, words: str) -> None:
        """Write a few words without a step, while it is under way; what is held reaches nobody yet."""
        row = type(self).objects.visible_to(by).select_for_update(of=("self",)).filter(pk=self.pk).first()
        if row is None or not row.is_open or by.pk not in {row.member_id, row.poster_id}:
            raise ValidationError(_("Nothing can be written here any more."))
        word = Word.say(row, by, words)
        if word and not word.is_held:
            other = row.poster if by.pk == row.member_id else row.member
            Notice.send(other, NoticeKind.APPLICATION_NEWS, row.get_absolute_url(), actor=by)

    def _step(self, name: str, by: Member | None, version: int | None, words: str = "", **fields: Any) -> bool:
        """Take one step, in one transaction with its words and its notice; False where it was taken before."""
        step = STEPS[name]
        with transaction.atomic():
            row = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            row._require_turn(step, by)
            if version is not None and version != row.version:
                raise Stale(_("This was changed in the meantime. Look at where it stands now, then send once more."))
            is_new = row.state != step.to
            if is_new:
                if row.state not in step.since:
                    raise ValidationError(_("This cannot be done any more: it stands at “%(state)s”.")
                                          % {"state": row.get_state_display()})  # fmt: skip
                if by is not None:
                    Word.say(row, by, words)
                row._move(step, **fields)
                row._tell(step, by)
        self.refresh_from_db()
        return is_new

    def _require_turn(self, step: Step, by: Member | None) -> None:
        """Only whoever's turn it is takes a step; nobody across a block, except to end it."""
        keys = {Turn.APPLICANT: self.member_id, Turn.POSTER: self.poster_id, Turn.CLOCK: None}
        if keys[step.turn] != (by.pk if by else None):
            raise ValidationError(_("This is not for you to do."))
        if step.turn == Turn.POSTER and not type(self).objects.visible_to(by).filter(pk=self.pk).exists():
            raise ValidationError(_("This application is not there any more."))
        if step.to == ApplicationState.ACCEPTED and Block.stands_between(self.member, self.poster):
            raise ValidationError(_("This cannot be agreed any more."))

    def _move(self, step: Step, **fields: Any) -> None:
        days = OpeningSettings.now().answer_days if step.to in OPEN else None
        due_on = timezone.localdate() + timedelta(days=days) if days is not None else None
        marks = {"reminded_on": None, "late_on": None, "moved_at": timezone.now(), "due_on": due_on}
        type(self).objects.filter(pk=self.pk).update(state=step.to, version=F("version") + 1, **marks | fields)

    def _tell(self, step: Step, by: Member | None) -> None:
        """The other side hears of it once; what runs out, both hear."""
        url = f"{self.get_absolute_url()}?step={self.version + 1}"  # each step is news by itself, also on the same day
        if step.turn == Turn.CLOCK:
            Notice.send(self.member, NoticeKind.APPLICATION_EXPIRED, url)
            Notice.send(self.poster, NoticeKind.APPLICATION_EXPIRED, url)
        elif step.turn == Turn.POSTER:
            Notice.send(self.member, NoticeKind.APPLICATION_NEWS, url, actor=by)
        elif self.state != ApplicationState.DRAFT and step.to != ApplicationState.SUBMITTED:
            gone = step.to == ApplicationState.WITHDRAWN
            board = reverse("openings:applications", args=[self.opening.slug])
            Notice.send(self.poster, NoticeKind.APPLICATION_NEWS, board if gone else url, actor=by)

    # By the clock

    @classmethod
    def keep_time(cls) -> int:
        """Remind who has to answer, tell who waits in vain, and end what nobody answers. Counts what was done."""
        today, settings_now = timezone.localdate(), OpeningSettings.now()
        near = cls.objects.open().filter(due_on__lte=today + cls.REMIND_BEFORE, reminded_on=None)
        near = near.exclude(state=ApplicationState.OFFERED, due_on__lt=today)  # it runs out below
        count = one_by_one(near, lambda one: one._once("reminded_on", one.whose_turn, NoticeKind.APPLICATION_DUE))
        late = cls.objects.late().filter(late_on=None)
        count += one_by_one(late, lambda one: one._once("late_on", one.member, NoticeKind.APPLICATION_LATE))
        count += Word.let_through_grown()
        grace = timedelta(days=settings_now.grace_days)
        over = Q(state__in=FOR_POSTER, due_on__lt=today - grace) | Q(state=ApplicationState.OFFERED, due_on__lt=today)
        return count + one_by_one(cls.objects.filter(over), lambda one: one._run_out())

    def _run_out(self) -> int:
        """End what nobody answered; 0 where somebody did so, took it back or left, since the clock looked."""
        try:
            return int(self._step("expire", None, self.version))
        except (ValidationError, Application.DoesNotExist):
            return 0

    def _once(self, mark: str, whom: Member, kind: NoticeKind) -> int:
        """Tell somebody once for this step, however many clocks there are."""
        with transaction.atomic():
            same = type(self).objects.filter(pk=self.pk, version=self.version, **{mark: None})
            told = same.update(**{mark: timezone.localdate()})
            if told:
                Notice.send(whom, kind, self.get_absolute_url())
        return int(told)

    # Queries

    @property
    def is_open(self) -> bool:
        """Whether it is under way."""
        return self.state in OPEN

    @property
    def whose_turn(self) -> Member:
        """Who should answer next: to an offer the applicant, before it whoever offers the place."""
        return self.member if self.state == ApplicationState.OFFERED else self.poster

    @property
    def is_draft(self) -> bool:
        """Whether nobody but the applicant has seen it."""
        return self.state == ApplicationState.DRAFT

    @property
    def is_read_along(self) -> bool:
        """Whether safeguarding reads it: of somebody under 18, once it was sent."""
        return not self.member.is_adult and not self.is_draft and self.guardian_agreed_at is not None

    @property
    def is_late(self) -> bool:
        """Whether the poster should have answered by now."""
        return self.state in FOR_POSTER and self.due_on is not None and self.due_on < timezone.localdate()

    def steps_for(self, viewer: Any) -> list[str]:
        """What this reader can do now."""
        turns = {Turn.APPLICANT: self.member_id, Turn.POSTER: self.poster_id}
        return [
            name for name, step in STEPS.items()
            if self.state in step.since and turns.get(step.turn) == viewer.pk and name != "submit"
        ]  # fmt: skip
