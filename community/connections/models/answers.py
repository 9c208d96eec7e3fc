"""What is answered to a question: yes, not now, no with a reason or somebody else; and how it ends before or after."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.limits import Full, Limited, in_season
from community.connections.models.settings import ConnectionSettings
from community.connections.models.steps import (
    STEPS,
    UNDER_WAY,
    WAITING,
    ClosingReason,
    ConnectionKind,
    ConnectionState,
    DeclineReason,
)
from community.members.models import Member
from community.notices.models import Notice, NoticeKind

# As what somebody must agree to be shown before they can be asked; a learner is asked as "apprentice".
WISHES: dict[str, str] = {
    ConnectionKind.MENTORSHIP: "mentor",
    ConnectionKind.APPRENTICESHIP: "mentor",
    ConnectionKind.COLLABORATION: "collaborator",
    ConnectionKind.PEER: "peer",
    ConnectionKind.GUEST_TEACHING: "mentor",
}


class Answering(Limited):
    """A question that somebody answers; every verb is one step of the table, and taken twice it happens once."""

    answer = models.TextField(_("your answer"), blank=True, validators=[MaxLengthValidator(2000)])
    ask_again_on = models.DateField(
        _("ask me again from"), null=True, blank=True, help_text="From when a question that was put off may come again."
    )
    referred_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Whom the asked named in their place.",
    )  # fmt: skip

    LONGEST_WAIT: ClassVar[timedelta] = timedelta(days=366)  # a season comes again within a year

    class Meta:
        abstract = True

    # Verbs of the person who was asked

    def accept(self, by: Member, answer: str = "", version: int | None = None) -> None:
        """Say yes to a first conversation, no more: contacts open for both. Room is checked where it is taken."""
        with transaction.atomic():
            self.lock_people(self.asker_id, self.asked_id)
            self.refresh_from_db()
            if not self.asker or not (self.asker.is_active or self.has_both_yeses):
                raise ValidationError(_("This cannot be answered any more."))
            if self.state == ConnectionState.PROPOSED:
                self.require_side(by)
                self._require_room(by)
            if self._step("accept", by, version, **self._said(by, answer), accepted_at=timezone.now()):
                self._tell(self.asker, NoticeKind.CONNECTION_ACCEPTED, by)
                self._overtake_others()
            else:
                self._require_same(answer)

    def decline(
        self, by: Member, answer: str = "", reason: str = "", referred_to: Member | None = None,
        version: int | None = None,
    ) -> None:  # fmt: skip
        """Say no, kindly: a reason from the list, words of one's own, and perhaps somebody else to ask."""
        if reason not in {"", *DeclineReason.values}:
            raise ValidationError(_("Choose why. It helps them with the next question."))
        if reason == DeclineReason.OTHER and not answer.strip():
            raise ValidationError(_("Say the reason in a few words."))
        with transaction.atomic():
            if referred_to is not None and self.state == ConnectionState.PROPOSED:
                self._require_referable(by, referred_to)
            fields = self._said(by, answer) | {"reason": reason, "referred_to": referred_to}
            if not self._step("decline", by, version, **fields):
                self._require_same(answer)
            elif self.asker:
                self._tell(self.asker, NoticeKind.CONNECTION_DECLINED, by)

    def postpone(self, by: Member, until: date, answer: str = "", version: int | None = None) -> None:
        """Say “not now”, and from when one likes to be asked again."""
        today = timezone.localdate()
        if not today < until <= today + self.LONGEST_WAIT:
            raise ValidationError(_("Choose a day after today, within the next twelve months."))
        with transaction.atomic():
            if not self._step("postpone", by, version, **self._said(by, answer), ask_again_on=until):
                self._require_same(answer)
            elif self.asker:
                self._tell(self.asker, NoticeKind.CONNECTION_POSTPONED, by)

    # Verbs of the person who asked, or of both

    def ask_again(self, by: Member, version: int | None = None) -> None:
        """Bring a question back that was put off: the asker from the day on that was named, the asked at any time."""
        is_early = self.ask_again_on is not None and timezone.localdate() < self.ask_again_on
        if self.state == ConnectionState.POSTPONED and is_early and self.side_of(by) == self.asker:
            raise ValidationError(_("It is too early to ask again."))
        with transaction.atomic():
            self.lock_people(self.asker_id, self.asked_id)
            self.refresh_from_db()
            if self.state == ConnectionState.POSTPONED and self.side_of(by) == self.asker:
                self._require_askable_again()
            if self._step("ask_again", by, version) and self.asked and self.side_of(by) == self.asker:
                self._tell(self.asked, NoticeKind.CONNECTION_PROPOSED, by, is_again=True)

    def withdraw(self, by: Member, answer: str = "", version: int | None = None) -> None:
        """The asker takes the question back while it waits."""
        self._step("withdraw", by, version, answered_at=timezone.now())

    def let_go(self, by: Member, answer: str = "", version: int | None = None) -> None:
        """One of two who were brought together would rather not; the other is not told."""
        self._step("let_go", by, version, answered_at=timezone.now())

    def end(self, by: Member, reason: str, version: int | None = None) -> bool:
        """Close it for both; who did their part has credit. Use `Closing.close`, which takes the words, too."""
        if reason not in ClosingReason.values:
            raise ValidationError(_("Choose why it ends."))
        is_asker = self.side_of(by) == self.asker
        both = reason != ClosingReason.QUIET
        credit = {"asker_did_part": both or is_asker, "asked_did_part": both or not is_asker}
        return self._step("end", by, version, reason=reason, **credit)

    # Verbs of the clock

    def lapse(self, version: int | None = None) -> bool:
        """The window for an answer has run out; whoever calls this says so to both, and what comes next."""
        return self._step("lapse", None, version)

    def overtake(self, version: int | None = None) -> bool:
        """Somebody else said yes to the same wish; whoever calls this says so to both."""
        return self._step("overtake", None, version)

    def release(self, *, asker_did_part: bool, asked_did_part: bool, version: int | None = None) -> bool:
        """Nobody did anything for long: both are free, and whoever did their part has credit."""
        return self._step("release", None, version, asker_did_part=asker_did_part, asked_did_part=asked_did_part)

    # What the verbs rest on

    def _said(self, by: Member, answer: str) -> dict[str, Any]:
        """The words with an answer, and when it was given."""
        answer = answer.strip()[:2000]
        self.require_no_contact([answer])
        return {"answer": answer, "answered_at": timezone.now()}

    def _require_same(self, answer: str) -> None:
        """The same answer once more is one answer; other words are not dropped without a word."""
        if answer.strip()[:2000] not in {"", self.answer}:
            raise ValidationError(_("You have answered already, and your first words stand as they are."))

    def _tell(self, whom: Member, kind: NoticeKind, by: Member, *, is_again: bool = False) -> None:
        """The other side hears of it once; what is asked once more is news, also on the same day."""
        url = self.get_absolute_url()  # type: ignore[attr-defined]
        Notice.send(whom, kind, f"{url}?step={self.version}" if is_again else url, actor=self.side_of(by))

    def _require_askable_again(self) -> None:
        """What a new question must keep to holds for one that comes back, too. The two people are locked."""
        asker, asked = self.asker, self.asked
        if asker is None or asked is None or not asker.is_active:
            raise ValidationError(_("This person cannot be asked."))
        if not Member.objects.visible_to(asker).filter(pk=asked.pk).exists():
            raise ValidationError(_("This person cannot be asked."))
        if self.wish not in asked.profile.open_to:
            raise ValidationError(_("This person does not want to be asked for this. Look for another way to meet."))
        most = ConnectionSettings.now().open_requests
        if type(self).questions_of(asker) >= most:
            raise ValidationError(
                _("You have %(n)s questions waiting. Wait for an answer, or withdraw one.") % {"n": most}
            )
        is_resting = asked.profile.is_paused or not in_season(asked.profile)
        if self.mentor_id == asked.pk and is_resting:
            raise Full(_("This person takes nobody on just now. You can wait for a place."))

    def _require_referable(self, by: Member, person: Member) -> None:
        """Only somebody whom the asker may see, and who agreed to be asked for this; who may not is never said."""
        both_see = Member.objects.visible_to(self.asker).filter(pk__in=Member.objects.visible_to(by).values("pk"))
        is_third = person.pk not in {self.asker_id, self.asked_id}
        is_open = self.wish in person.profile.open_to and not person.profile.is_paused
        if not (is_third and is_open and both_see.filter(pk=person.pk).exists()):
            raise ValidationError(_("This person cannot be suggested just now. Name somebody else, or nobody."))

    @property
    def wish(self) -> str:
        """As what the asked agreed to be shown; somebody whom the asker would teach was asked as a learner."""
        is_taught = self.mentor_id is not None and self.mentor_id == self.asker_id
        return "apprentice" if is_taught else WISHES[self.kind]

    @property
    def has_open_contacts(self) -> bool:
        """Whether each may see the other's e-mail address."""
        return self.has_both_yeses and not self.is_kept_by_stewards

    def contact(self, viewer: Any) -> str:
        """The e-mail address at which the other is reached; empty until both said yes, and when it has ended."""
        other = self.other(viewer)
        if not self.has_open_contacts or other is None or not other.is_active:
            return ""
        return other.email or (other.helper.email if other.helper else "") or ""

    def steps_for(self, viewer: Any) -> list[str]:
        """What this reader can do now, by the table alone."""
        own = self.side_of(viewer)
        sides = {"asker": self.asker, "asked": self.asked, "either": own}
        return [
            name for name, step in STEPS.items()
            if own is not None and self.state in step.since and sides.get(step.turn) == own
        ]  # fmt: skip

    @property
    def is_waiting(self) -> bool:
        """Whether it was asked, and not answered for good."""
        return self.state in WAITING

    @property
    def is_under_way(self) -> bool:
        """Whether both said yes, and it has not ended."""
        return self.state in UNDER_WAY
