"""What protects whoever applies: a guardian's yes under 18, safeguarding, and forgetting in time."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member, has_contact
from community.notices.models import Notice, NoticeKind
from community.openings.models.paper import Paper
from community.openings.models.settings import OpeningSettings
from community.openings.models.steps import ENDED, ApplicationState
from community.openings.models.word import Word
from community.openings.tasks import mail_guardian
from community.trust.registry.erasing import leave_traces

SALT = "openings.guardian"
QUEUE = "/steward/applications/"


class GuardedApplication(models.Model):
    """An application of which a guardian may have to know, and of which little is kept."""

    guardian_name = models.CharField(_("name of a parent or guardian"), max_length=100, blank=True)
    guardian_email = models.EmailField(_("their e-mail address"), blank=True)
    guardian_asked_at = models.DateTimeField(null=True, blank=True)
    guardian_mails = models.PositiveSmallIntegerField(default=0)
    guardian_agreed_at = models.DateTimeField(null=True, blank=True)

    GROUP: ClassVar[str] = "Safeguarding"
    ASKED_A_DAY: ClassVar[int] = 3  # mails to one address, or by one member: nobody is flooded by way of this form
    MOST_MAILS: ClassVar[int] = 5  # about one application, however often it is changed
    LINK_LIVES: ClassVar[timedelta] = timedelta(days=7)
    DRAFTS_LIVE: ClassVar[timedelta] = timedelta(days=60)

    class Meta:
        abstract = True

    # Safeguarding

    @classmethod
    def group(cls) -> Group:
        """The people of safeguarding."""
        return Group.objects.get_or_create(name=cls.GROUP)[0]

    @classmethod
    def is_safeguard(cls, member: Any) -> bool:
        """Whether somebody looks after people under 18: a steward whom an operator has named for it."""
        if not getattr(member, "is_steward", False) or not member.is_active:
            return False
        return bool(member.groups.filter(name=cls.GROUP).exists())

    def call_safeguard(self) -> None:
        """Let safeguarding know that there is something to look at."""
        people = Member.objects.filter(is_steward=True, is_active=True, groups__name=self.GROUP)
        for one in people.exclude(pk=self.poster_id):  # type: ignore[attr-defined]
            Notice.send(one, NoticeKind.APPLICATION_HELD, QUEUE, actor=self.member)  # type: ignore[attr-defined]

    @staticmethod
    def require_no_contact(writer: Member, text: str) -> None:
        """Somebody under 18 says nowhere how they are reached: whoever reads it would have it for ever."""
        if not writer.is_adult and has_contact(text):
            raise ValidationError(
                _("Write no telephone number, no address and no name of an app. A steward brings you together.")
            )

    # A guardian

    @transaction.atomic
    def ask_guardian(self, by: Member) -> None:
        """Ask a parent or guardian by mail. Until they agree nobody but the applicant sees anything."""
        row: Any = type(self)._default_manager.select_for_update(of=("self",)).get(pk=self.pk)
        if row.member_id != by.pk or row.state != ApplicationState.DRAFT:
            raise ValidationError(_("This is not for you to do."))
        row.require_guardian()
        lately = type(self)._default_manager.filter(guardian_asked_at__gt=timezone.now() - timedelta(days=1))
        asked = lately.filter(Q(member=by) | Q(guardian_email__iexact=row.guardian_email)).exclude(pk=row.pk)
        if row.guardian_asked_at and timezone.now() - row.guardian_asked_at < timedelta(hours=1):
            return  # the mail is on its way
        if asked.count() >= self.ASKED_A_DAY or row.guardian_mails >= self.MOST_MAILS:
            raise ValidationError(_("This address was written to several times today. Send it tomorrow; it is kept."))
        marks = {"guardian_asked_at": timezone.now(), "guardian_mails": F("guardian_mails") + 1}
        type(self)._default_manager.filter(pk=row.pk).update(**marks)
        mail_guardian.enqueue(row.pk)
        self.refresh_from_db()

    def require_guardian(self) -> None:
        """A name and an address that is neither the applicant's nor the poster's."""
        if not self.guardian_name.strip() or not self.guardian_email:
            raise ValidationError({"guardian_email": _("Under 18 a parent or guardian has to agree. Say who.")})
        own = {str(one.email).lower() for one in (self.member, self.poster)}  # type: ignore[attr-defined]
        if self.guardian_email.lower() in own:
            raise ValidationError({"guardian_email": _("This must be the address of your parent or guardian.")})

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
        waiting = cls._default_manager.filter(pk=key, state=ApplicationState.DRAFT, guardian_agreed_at=None)
        found = waiting.select_related("member", "opening", "poster").exclude(guardian_asked_at=None).first()
        return found if found and found.guardian_asked_at.timestamp() == moment else None  # type: ignore[attr-defined]

    @transaction.atomic
    def hear_guardian(self, agrees: bool) -> None:
        """The guardian has answered: with a yes it is sent at once, with a no it goes back to the applicant."""
        waiting = type(self)._default_manager.filter(pk=self.pk, state=ApplicationState.DRAFT, guardian_agreed_at=None)
        marks: dict[str, Any] = (
            {"guardian_agreed_at": timezone.now()}
            if agrees
            else {"guardian_asked_at": None, "guardian_name": "", "guardian_email": ""}
        )
        if waiting.exclude(guardian_asked_at=None).update(**marks):
            self.refresh_from_db()
            if agrees:
                self.submit(self.member)  # type: ignore[attr-defined]
            Notice.send(self.member, NoticeKind.APPLICATION_NEWS, self.get_absolute_url())  # type: ignore[attr-defined]
        self.refresh_from_db()

    # Forgetting

    @classmethod
    def forget_old(cls) -> int:
        """Delete files and guardians' addresses of what ended some time ago, and drafts that nobody sent.

        The poster does not read the letter any more; the applicant still has it. Counts applications.
        """
        today = timezone.localdate()
        before = timezone.now() - timedelta(days=OpeningSettings.now().keep_days)
        ended = cls._default_manager.filter(state__in=ENDED, forgotten_on=None, moved_at__lt=before)
        drafts = cls._default_manager.filter(
            state=ApplicationState.DRAFT, moved_at__lt=timezone.now() - cls.DRAFTS_LIVE
        )
        with transaction.atomic():
            keys = list(ended.values_list("pk", flat=True))
            Paper.objects.filter(application__in=keys).delete()
            Word.objects.filter(application__in=keys).delete()
            rows = cls._default_manager.filter(pk__in=keys)
            rows.update(forgotten_on=today, guardian_name="", guardian_email="")
            gone = drafts.count()
            drafts.delete()
            if keys or gone:
                leave_traces()
        return len(keys) + gone
