"""What protects whoever applies: a guardian's yes under 18, safeguarding, and forgetting in time."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.openings.models.paper import Paper
from community.openings.models.settings import OpeningSettings
from community.openings.models.steps import ENDED, ApplicationState
from community.openings.models.word import Word
from community.openings.tasks import mail_guardian
from community.trust.models import Safeguarding
from community.trust.registry.erasing import leave_traces

SALT = "openings.guardian"
QUEUE = "/steward/applications/"


def trace_of(address: str) -> str:
    """By which a mailbox is known again without being kept: without its case, and without what follows a plus."""
    name, _at, host = address.strip().lower().rpartition("@")
    box = f"{name.partition('+')[0]}@{host}"
    return salted_hmac("openings.guardian.mailed", box, algorithm="sha256").hexdigest()


class GuardedApplication(models.Model):
    """An application of which a guardian may have to know, and of which little is kept."""

    guardian_name = models.CharField(_("name of a parent or guardian"), max_length=100, blank=True)
    guardian_email = models.EmailField(_("their e-mail address"), blank=True)
    guardian_asked_at = models.DateTimeField(null=True, blank=True)
    guardian_mails = models.PositiveSmallIntegerField(default=0)
    # When and where the last mail went, whatever was changed or taken back since; of the address only a keyed trace.
    guardian_mailed_at = models.DateTimeField(null=True, blank=True)
    guardian_mailed_to = models.CharField(max_length=64, blank=True)
    guardian_agreed_at = models.DateTimeField(null=True, blank=True)

    ASKED_A_DAY: ClassVar[int] = 3  # mails to one address, or by one member: nobody is flooded by way of this form
    MOST_MAILS: ClassVar[int] = 5  # by one member about one opening, however often it is changed and begun anew
    LINK_LIVES: ClassVar[timedelta] = timedelta(days=7)
    DRAFTS_LIVE: ClassVar[timedelta] = timedelta(days=60)

    class Meta:
        abstract = True

    @classmethod
    def _rows(cls) -> Any:
        """The rows of whatever application this is; its own fields stand in the class below."""
        return cls._default_manager

    # Safeguarding

    def call_safeguard(self) -> None:
        """Let safeguarding know that there is something to look at."""
        for one in Safeguarding.of(self.poster):  # type: ignore[attr-defined]
            Notice.send(one, NoticeKind.APPLICATION_HELD, QUEUE, actor=self.member)  # type: ignore[attr-defined]

    # A guardian

    @transaction.atomic
    def ask_guardian(self, by: Member) -> None:
        """Ask a parent or guardian by mail. Until they agree nobody but the applicant sees anything."""
        row: Any = self._rows().select_for_update(of=("self",)).get(pk=self.pk)
        if row.member_id != by.pk or row.state != ApplicationState.DRAFT:
            raise ValidationError(_("This is not for you to do."))
        row.require_guardian()
        now = timezone.now()
        if row.guardian_asked_at and now - row.guardian_asked_at < timedelta(hours=1):
            return  # the mail is on its way
        row.require_rest()
        marks: dict[str, Any] = {"guardian_mailed_to": trace_of(row.guardian_email)}
        marks |= {"guardian_asked_at": now, "guardian_mailed_at": now, "guardian_mails": F("guardian_mails") + 1}
        self._rows().filter(pk=row.pk).update(**marks)
        mail_guardian.enqueue(row.pk)
        self.refresh_from_db()

    def require_guardian(self) -> None:
        """A name and an address that is neither the applicant's nor the poster's."""
        if not self.guardian_name.strip() or not self.guardian_email:
            raise ValidationError({"guardian_email": _("Under 18 a parent or guardian has to agree. Say who.")})
        own = {str(one.email).lower() for one in (self.member, self.poster)}  # type: ignore[attr-defined]
        if self.guardian_email.lower() in own:
            raise ValidationError({"guardian_email": _("This must be the address of your parent or guardian.")})
        # Both names stand in a mail to somebody who may be a stranger.
        Safeguarding.require_no_contact(self.member, f"{self.guardian_name} {self.member.name}")  # type: ignore[attr-defined]

    def require_rest(self) -> None:
        """Nobody is flooded by way of this form: every mail counts, also those of what was changed or taken back."""
        rows: Any = self._rows().filter(guardian_mails__gt=0)
        lately = rows.filter(guardian_mailed_at__gt=timezone.now() - timedelta(days=1))
        own: dict[str, Any] = {"member": self.member, "opening": self.opening}  # type: ignore[attr-defined]
        for found, most in (
            (lately.filter(member=own["member"]), self.ASKED_A_DAY),
            (lately.filter(guardian_mailed_to=trace_of(self.guardian_email)), self.ASKED_A_DAY),
            (rows.filter(**own), self.MOST_MAILS),
        ):
            if (found.aggregate(Sum("guardian_mails"))["guardian_mails__sum"] or 0) >= most:
                raise ValidationError(
                    _("This address was written to several times today. Send it tomorrow; it is kept.")
                )

    @property
    def waits_for_guardian(self) -> bool:
        """Whether a guardian was asked and has not answered."""
        is_draft = self.state == ApplicationState.DRAFT  # type: ignore[attr-defined]
        return is_draft and self.guardian_asked_at is not None and self.guardian_agreed_at is None

    @property
    def guardian_url(self) -> str:
        """The address at which the guardian answers: for this one question, and for a week."""
        assert self.guardian_asked_at is not None  # nobody is sent a link before
        token = signing.dumps([self.pk, self.guardian_asked_at.timestamp()], salt=SALT)
        return f"{settings.SITE_URL}{reverse('openings:guardian', args=[token])}"

    @classmethod
    def behind(cls, token: str) -> Any:
        """The application that a guardian's link belongs to, while it waits for them; else None."""
        try:
            key, moment = signing.loads(token, salt=SALT, max_age=cls.LINK_LIVES)
        except signing.BadSignature:
            return None
        waiting = cls._rows().filter(pk=key, state=ApplicationState.DRAFT, guardian_agreed_at=None)
        found = waiting.select_related("member", "opening", "poster").exclude(guardian_asked_at=None).first()
        return found if found and found.guardian_asked_at.timestamp() == moment else None  # type: ignore[attr-defined]

    @transaction.atomic
    def hear_guardian(self, agrees: bool) -> bool:
        """The guardian has answered: with a yes it is sent at once, with a no it goes back to the applicant.

        False where their yes comes to nothing: they were asked about other words, or the applicant cannot apply there
        any more; then it goes back as well.
        """
        waiting = self._rows().filter(pk=self.pk, state=ApplicationState.DRAFT, guardian_agreed_at=None)
        asked = waiting.filter(guardian_asked_at=self.guardian_asked_at).exclude(guardian_asked_at=None)
        row: Any = asked.select_for_update(of=("self",)).first()
        if row is None:
            return False
        is_sent = agrees and row.can_be_sent
        marks: dict[str, Any] = {"guardian_agreed_at": timezone.now()} if is_sent else {"guardian_asked_at": None}
        asked.update(**marks if agrees else marks | {"guardian_name": "", "guardian_email": ""})
        self.refresh_from_db()
        if is_sent:
            self.submit(self.member)  # type: ignore[attr-defined]
        Notice.send(self.member, NoticeKind.APPLICATION_NEWS, self.get_absolute_url())  # type: ignore[attr-defined]
        self.refresh_from_db()
        return is_sent or not agrees

    @property
    def can_be_sent(self) -> bool:
        """Whether the applicant could begin it now, and whoever it was written to still offers the place."""
        member, opening = self.member, self.opening  # type: ignore[attr-defined]
        is_theirs = self.poster_id == opening.author_id  # type: ignore[attr-defined]
        return bool(member.is_active and is_theirs and not opening.why_not(member))

    # Forgetting

    @classmethod
    def forget_old(cls) -> int:
        """Delete files and guardians' addresses of what ended some time ago, and drafts that nobody sent.

        The poster does not read the letter any more; the applicant still has it. Counts applications.
        """
        today = timezone.localdate()
        before = timezone.now() - timedelta(days=OpeningSettings.now().keep_days)
        ended = cls._rows().filter(state__in=ENDED, forgotten_on=None, moved_at__lt=before)
        drafts = cls._rows().filter(state=ApplicationState.DRAFT, moved_at__lt=timezone.now() - cls.DRAFTS_LIVE)
        with transaction.atomic():
            keys = list(ended.values_list("pk", flat=True))
            Paper.objects.filter(application__in=keys).delete()
            Word.objects.filter(application__in=keys).delete()
            rows = cls._rows().filter(pk__in=keys)
            rows.update(forgotten_on=today, guardian_name="", guardian_email="", guardian_mailed_to="")
            gone = drafts.count()
            drafts.delete()
            if keys or gone:
                leave_traces()
        return len(keys) + gone
