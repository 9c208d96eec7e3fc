"""Reports that members make, and what stewards did and why."""

from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Site

from community.members.models import Member
from community.notices.models import Notice, NoticeKind

MOST_PARTS = 8  # of an address in which a page is looked for


class ReportReason(models.TextChoices):
    """Why somebody calls a steward."""

    UNSAFE = "unsafe", _("Somebody is in danger, or a young person is")
    HARASSMENT = "harassment", _("Somebody is rude, threatening or does not stop")
    PRIVATE = "private", _("It shows something private")
    UNTRUE = "untrue", _("It is not true, or dangerous to copy")
    ADVERT = "advert", _("It is advertising or a swindle")
    OTHER = "other", _("Something else")


class ReportState(models.TextChoices):
    """Whether a steward has dealt with it."""

    OPEN = "open", _("Waits")
    DONE = "done", _("Something was done")
    NOTHING = "nothing", _("Nothing had to be done")


class ReportQuerySet(models.QuerySet["Report"]):
    """Who may read reports."""

    def visible_to(self, member: Any) -> "ReportQuerySet":
        """Stewards read all of them; everybody else only what they wrote themselves; never the person it is about."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        if member.is_steward:
            return self.exclude(about=member)
        return self.filter(reporter=member)

    def editable_by(self, member: Any) -> "ReportQuerySet":
        """Stewards answer reports, but not one about themselves or by themselves."""
        if not getattr(member, "is_steward", False):
            return self.none()
        return self.exclude(about=member).exclude(reporter=member)

    def open(self) -> "ReportQuerySet":
        """Waiting, who waits longest first."""
        return self.filter(state=ReportState.OPEN).order_by("created_at", "pk")


class Report(models.Model):
    """A member says that something here is wrong; only stewards learn who said it."""

    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="reports")
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The person whom the address belongs to, if it is a person's.",
    )  # fmt: skip
    url = models.CharField(_("where"), max_length=500)
    reason = models.CharField(_("what is wrong"), max_length=12, choices=ReportReason.choices)
    text = models.TextField(_("in your words"), max_length=2000, blank=True)
    state = models.CharField(max_length=8, choices=ReportState.choices, default=ReportState.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(_("what you did"), max_length=2000, blank=True)

    objects: ClassVar[Any] = ReportQuerySet.as_manager()

    MOST_OPEN: ClassVar[int] = 10
    SLOW: ClassVar[timedelta] = timedelta(hours=48)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "created_at"])]

    def __str__(self) -> str:
        return f"report {self.pk}"

    def get_absolute_url(self) -> str:
        """The steward's page of this report."""
        return reverse("trust:report_detail", args=[self.pk])

    @classmethod
    def make(cls, reporter: Member, url: str, reason: str, text: str = "") -> "Report":
        """Call the stewards. Sending the same report twice while it waits gives back the first.

        Raises ValidationError where the address is not of this site or too many reports of theirs wait already.
        """
        url = own_path(url)
        with transaction.atomic():
            Member.objects.select_for_update(of=("self",)).get(pk=reporter.pk)
            waiting = cls.objects.filter(reporter=reporter, state=ReportState.OPEN)
            if existing := waiting.filter(url=url, reason=reason, text=text.strip()).first():
                return existing
            if waiting.count() >= cls.MOST_OPEN:
                raise ValidationError(
                    _("%(n)s reports of yours wait already. If it is urgent, call the person at the foot of the page.")
                    % {"n": cls.MOST_OPEN}
                )
            report = cls(reporter=reporter, url=url, reason=reason, text=text.strip(), about=person_at(url, reporter))
            report.full_clean()
            report.save()
            for steward in Member.objects.filter(is_steward=True, is_active=True).exclude(
                pk__in=[reporter.pk, report.about_id or 0]
            ):
                Notice.send(steward, NoticeKind.REPORT_RECEIVED, report.get_absolute_url())
        return report

    def answer(self, by: Member, state: str, note: str) -> None:
        """A steward has dealt with it; the person who reported hears that, and the note."""
        if not type(self).objects.editable_by(by).filter(pk=self.pk):
            raise ValidationError(_("Another steward must answer this report."))
        if state not in {ReportState.DONE, ReportState.NOTHING} or not note.strip():
            raise ValidationError(_("Say what you did, and why."))
        with transaction.atomic():
            answered = (
                type(self)
                .objects.filter(pk=self.pk, state=ReportState.OPEN)
                .update(state=state, note=note.strip()[:2000], handled_by=by, handled_at=timezone.now())
            )
            if answered:
                Audit.record(by, AuditVerb.ANSWER_REPORT, self, note)
                if self.reporter:
                    Notice.send(self.reporter, NoticeKind.REPORT_ANSWERED, reverse("trust:my_report", args=[self.pk]))
        self.refresh_from_db()
        if not answered and self.handled_by_id != by.pk:
            raise ValidationError(_("Another steward was quicker. Look at the page again."))

    @property
    def is_slow(self) -> bool:
        """Whether somebody waits longer than we promise."""
        return self.state == ReportState.OPEN and timezone.now() - self.created_at > self.SLOW


def own_path(url: str) -> str:
    """The path of an address of this site, without host and query; ValidationError for any other address."""
    try:
        parts = urlsplit(url.strip()) if "\x00" not in url else urlsplit("")
    except ValueError:  # a bracket that is no address, for example
        parts = urlsplit("")
    site = urlsplit(settings.SITE_URL)
    is_own = not parts.netloc or parts.netloc == site.netloc
    if not is_own or not parts.path.startswith("/") or parts.path.startswith("//") or len(parts.path) > 500:
        raise ValidationError(_("This is not an address of this site. Use the report link on the page that you mean."))
    return parts.path


def person_at(path: str, reporter: Member | None = None) -> Member | None:
    """Whom an address is about: of a profile its owner, of a page its author, of a connection the other of the two."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if handle := match.kwargs.get("handle"):
        return Member.objects.filter(handle=handle).first()
    if uid := match.kwargs.get("trial"):
        return teller_of_trial(uid)
    if "playbooks" in match.namespaces and "pk" in match.kwargs:
        return teller_of_adoption(match.kwargs["pk"])
    if "questions" in match.namespaces:
        return writer_of(match.kwargs)
    if "connections" in match.namespaces and "pk" in match.kwargs:
        return other_side(match.kwargs["pk"], reporter)
    return author_at(path)


def teller_of_adoption(key: int) -> Member | None:
    """Who said that a place adopted a playbook; by name, since the library stands above this app."""
    rows: Any = apps.get_model("library", "Adoption")._default_manager.filter(pk=key).select_related("member")
    teller: Member | None = next((row.member for row in rows), None)
    return teller


def other_side(key: int, reporter: Member | None) -> Member | None:
    """The other person of the reporter's connection, also where a block stands between the two by now."""
    # By name, since connections stand above this app.
    connection: Any = apps.get_model("connections", "Connection")._default_manager.filter(pk=key).first()
    if connection is None or reporter is None or connection.side_of(reporter) is None:
        return None
    other: Member | None = connection.other(reporter)
    return other


def teller_of_trial(uid: Any) -> Member | None:
    """Who told of a try; by name, since the library stands above this app."""
    trial: Any = apps.get_model("library", "Trial")._default_manager.filter(uid=uid).select_related("member").first()
    teller: Member | None = trial.member if trial else None
    return teller


def writer_of(given: dict[str, Any]) -> Member | None:
    """Who wrote a question or an answer; by name, since questions stand above this app."""
    name, key = ("Answer", given["answer"]) if "answer" in given else ("Question", given.get("question"))
    rows: Any = apps.get_model("questions", name)._default_manager.filter(pk=key).select_related("member")
    writer: Member | None = next((row.member for row in rows), None)
    return writer


def author_at(path: str) -> Member | None:
    """Who wrote the page at this address, or the page that a form below it belongs to."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    parts = [part for part in path.split("/") if part]
    if site is None or not parts:
        return None
    root = site.root_page.url_path
    paths = [f"{root}{'/'.join(parts[:length])}/" for length in range(1, min(len(parts), MOST_PARTS) + 1)]
    # The nearest page above decides: a list and the front page are nobody's.
    page = Page.objects.filter(url_path__in=paths).order_by("-depth").first()
    author: Member | None = getattr(page.specific, "author", None) if page else None
    return author


class AuditVerb(models.TextChoices):
    """What a steward can do to somebody or something, and a helper in somebody's name."""

    ANSWER_REPORT = "answer_report", _("answered a report")
    VERIFY = "verify", _("vouched for")
    CONFIRM_ADULT = "confirm_adult", _("confirmed as 18 or older")
    DEACTIVATE = "deactivate", _("closed the account of")
    REACTIVATE = "reactivate", _("opened the account again of")
    HIDE = "hide", _("hid something written by")
    SHOW = "show", _("showed again something written by")
    TRUST = "trust", _("trusted with small changes")
    DISTRUST = "distrust", _("reads every change again of")
    CALL = "call", _("called")
    READ = "read", _("read messages that were reported")
    ACT_FOR = "act_for", _("acted in the name of")
    END_HELP = "end_help", _("ended the help for")
    HELP = "help", _("helps from now on")
    DESK_OPEN = "desk_open", _("read a story told in confidence")
    DESK_ACCEPT = "desk_accept", _("accepted a story told in confidence")
    DESK_DECLINE = "desk_decline", _("did not take a story told in confidence")

    @classmethod
    def of_desk(cls) -> set[str]:
        """What is done at the failure desk: such a row holds the number of a story, and no reason."""
        return {cls.DESK_OPEN, cls.DESK_ACCEPT, cls.DESK_DECLINE}

    @classmethod
    def in_our_words(cls) -> set[str]:
        """Where the site itself says why: kept in the site's first language, read by each in theirs."""
        return {cls.ACT_FOR, cls.CALL, cls.READ}


class AuditQuerySet(models.QuerySet["Audit"]):
    """Who may read what stewards did."""

    def visible_to(self, member: Any) -> "AuditQuerySet":
        """Stewards; but what another steward noted on a report about them is not for them.

        What a helper did in somebody's name, both of them may read, too.
        """
        if not getattr(member, "is_authenticated", False) or not member.is_active:
            return self.none()
        if not member.is_steward:
            return self.filter(Q(actor=member) | Q(member=member), verb=AuditVerb.ACT_FOR)
        return self.exclude(report__about=member)


class Audit(models.Model):
    """A steward used their power, or a helper acted for somebody: who, what, on whom, why and when.

    Rows are added, never changed.
    """

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    verb = models.CharField(max_length=20, choices=AuditVerb.choices)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="audits")
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL, related_name="audits")
    reason = models.CharField(_("why"), max_length=300)
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = AuditQuerySet.as_manager()

    HELPER_GONE: ClassVar[str] = gettext_noop("Whoever helped them has no account here any more.")

    class Meta:
        ordering: ClassVar[list[str]] = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"

    @property
    def words(self) -> str:
        """Why, in the reader's language; of what was told in confidence the number stays in the row."""
        if not self.reason or self.verb in AuditVerb.of_desk():
            return ""
        is_ours = self.verb in AuditVerb.in_our_words() or self.reason == self.HELPER_GONE
        return gettext(self.reason) if is_ours else self.reason

    @classmethod
    def record(cls, actor: Member, verb: AuditVerb, what: Member | Report | None, reason: str) -> "Audit":
        """Write down what a steward did, in the transaction in which it was done."""
        if not actor.is_steward or not reason.strip():
            raise ValidationError(_("Only a steward may do this, and must say why."))
        on = {"report": what} if isinstance(what, Report) else {"member": what}
        return cls.objects.create(actor=actor, verb=verb, reason=reason.strip()[:300], **on)

    @classmethod
    def act_for(cls, helper: Member, member: Member, what: str) -> "Audit":
        """Write down what a helper did in the name of somebody without e-mail, in the transaction in which they did.

        `what` is marked with gettext_noop: the person, the helper and the stewards each read it in their language.
        """
        if member.email or member.helper_id != helper.pk:
            raise ValidationError(_("You do not act for this person."))
        return cls.objects.create(actor=helper, verb=AuditVerb.ACT_FOR, reason=what[:300], member=member)

    @classmethod
    @transaction.atomic
    def begin_help(cls, member: Member, by: Member, reason: str) -> None:
        """A steward acts for somebody without e-mail whom nobody helps: so that nobody is left without a hand."""
        by.take_on(member)
        cls.record(by, AuditVerb.HELP, member, reason)

    @classmethod
    @transaction.atomic
    def end_help(cls, member: Member, by: Member, reason: str) -> None:
        """Nobody acts for this person any more; until somebody else does, they are shown to nobody."""
        if not Member.objects.filter(pk=member.pk).exclude(helper=None).exists():
            raise ValidationError(_("Nobody helps this person."))
        cls.record(by, AuditVerb.END_HELP, member, reason)
        member.end_help()

    @classmethod
    @transaction.atomic
    def verify(cls, member: Member, by: Member, reason: str) -> None:
        """Vouch for somebody."""
        member.verify(by, reason)
        cls.record(by, AuditVerb.VERIFY, member, reason)

    @classmethod
    @transaction.atomic
    def confirm_adult(cls, member: Member, by: Member, reason: str) -> None:
        """Say that somebody who had said no is 18 or older."""
        member.confirm_adult(by)
        cls.record(by, AuditVerb.CONFIRM_ADULT, member, reason)

    @classmethod
    @transaction.atomic
    def deactivate(cls, member: Member, by: Member, reason: str) -> None:
        """Close an account: from the next request on nobody is signed in to it, and nobody finds it.

        Whom it helped is found by nobody either, until somebody helps them who can answer.
        """
        if member.pk == by.pk:
            raise ValidationError(_("You cannot close your own account here. Use “Leave” on your own page."))
        if member.is_superuser:
            raise ValidationError(_("Only the operator of the site can close this account."))
        people = Member.objects.filter(Q(pk=member.pk) | Q(helper=member)).order_by("pk")
        list(people.select_for_update(of=("self",)).values_list("pk"))  # nobody is taken on in between
        cls.record(by, AuditVerb.DEACTIVATE, member, reason)
        for person in member.helped.select_related("profile"):
            cls.end_help(person, by, cls.HELPER_GONE)  # why the account was closed is nothing about them
        Member.objects.filter(pk=member.pk).update(is_active=False)
        member.refresh_from_db()
        end_sessions(member)
        member.profile.touch()

    @classmethod
    @transaction.atomic
    def reactivate(cls, member: Member, by: Member, reason: str) -> None:
        """Open a closed account again."""
        cls.record(by, AuditVerb.REACTIVATE, member, reason)
        Member.objects.filter(pk=member.pk).update(is_active=True)
        member.refresh_from_db()
        member.profile.touch()


def end_sessions(member: Member) -> int:
    """Sign a member out everywhere; returns how many devices that were."""
    keys = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get("_auth_user_id") == str(member.pk)
    ]
    return Session.objects.filter(pk__in=keys).delete()[0]
