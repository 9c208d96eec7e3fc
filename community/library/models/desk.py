"""The failure desk: a story told in confidence, while a few people help to make it one that points to nobody.

The teller is known only here, only if they want mail from us, and only until the story is accepted. Then this row
goes, with everything that was said about it; a `Receipt` stays, and what it opens.
"""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from community.library.models import confided, forgotten
from community.library.models.confided import Words
from community.library.models.receipt import Receipt, code_of
from community.library.models.small_place import Risk
from community.members.models import Block, Draft, Member
from community.notices.models import Notice, NoticeKind
from community.notices.tasks import mail_notice
from community.trust.models import Audit, AuditVerb, is_named_for
from community.trust.registry.erasing import has_traces, leave_traces

DESK, RECEIPT = "/steward/desk/", "/stories/receipt/"
FORM = "confide"  # the name under which a story is kept while it is typed
WORK = "desk"  # and that under which the desk's words are


class DeskState(models.TextChoices):
    """Where a story stands on its way through the desk."""

    RECEIVED = "received", _("Received")
    ASKED = "asked", _("The desk has a question")
    REWRITING = "rewriting", _("The desk is writing")
    FOR_APPROVAL = "approval", _("Waits for the teller's yes")
    APPROVED = "approved", _("Approved by the teller")
    DECLINED = "declined", _("Not taken")


class DeskQuerySet(models.QuerySet["DeskStory"]):
    """Who may open what was told in confidence."""

    def visible_to(self, member: Any) -> "DeskQuerySet":
        """The people of the desk, and nobody else whatever rights they have; never the teller's own story, and
        nothing that passes a block."""
        if not DeskStory.is_desk(member):
            return self.none()
        own = Q(teller=member)
        return self.filter(Q(teller=None) | ~(own | Q(teller__in=Block.around(member))))

    def editable_by(self, member: Any) -> "DeskQuerySet":
        """Whoever may read one may work on it."""
        return self.visible_to(member)

    def waiting(self) -> "DeskQuerySet":
        """Who has waited longest comes first; what waits for the teller comes last."""
        theirs = Q(state__in=[DeskState.ASKED, DeskState.FOR_APPROVAL, DeskState.DECLINED])
        late = models.Case(models.When(theirs, then=1), default=0, output_field=models.SmallIntegerField())
        return self.annotate(late=late).order_by("late", "moved_on", "pk")


class DeskStory(models.Model):
    """Something that went wrong, told to the desk alone; it is gone when its page is on its way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    receipt = models.OneToOneField(Receipt, on_delete=models.CASCADE, related_name="story")
    teller = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="desk_stories",
        help_text="Only where somebody wants mail, and only until the story is accepted.",
    )  # fmt: skip
    told = models.JSONField(default=dict, help_text="As it was told.")
    words = models.JSONField(default=dict, help_text="As the desk would publish it.")
    state = models.CharField(max_length=10, choices=DeskState.choices, default=DeskState.RECEIVED)
    approved_mark = models.CharField(max_length=64, blank=True, help_text="The mark of the words that were approved.")
    received_on = models.DateField(default=timezone.localdate)
    moved_on = models.DateField(default=timezone.localdate)
    news_on = models.DateField(null=True, help_text="Since when the teller has something to read.")
    waits_on = models.DateField(null=True, help_text="Since when the desk has something to read.")

    objects: ClassVar[Any] = DeskQuerySet.as_manager()

    GROUP: ClassVar[str] = "Failure desk"
    MOST_OPEN: ClassVar[int] = 5
    MOST_MESSAGES: ClassVar[int] = 60
    FORGOTTEN: ClassVar[timedelta] = timedelta(days=365)  # nobody came back
    DECLINED_FOR: ClassVar[timedelta] = timedelta(days=30)

    class Meta:
        verbose_name = _("story told in confidence")
        verbose_name_plural = _("stories told in confidence")

    def __str__(self) -> str:
        return "a story told in confidence"

    # The desk

    @classmethod
    def group(cls) -> Group:
        """The people of the desk."""
        return Group.objects.get_or_create(name=cls.GROUP)[0]

    @classmethod
    def is_desk(cls, member: Any) -> bool:
        """Whether somebody sits at the desk: a steward whom an operator has named for it."""
        return is_named_for(member, cls.GROUP)

    @classmethod
    @transaction.atomic
    def open(cls, key: uuid.UUID, by: Member) -> "DeskStory | None":
        """Read a story; that it was read, and by whom, is written down."""
        story: DeskStory | None = cls.objects.visible_to(by).select_related("teller", "receipt").filter(pk=key).first()
        if story:
            Audit.record(by, AuditVerb.DESK_OPEN, None, str(story.pk))
        return story

    # Telling

    @classmethod
    @transaction.atomic
    def receive(cls, told: Words, token: str, teller: Member | None = None) -> tuple["DeskStory", str]:
        """Take a story in; returns it and the code that opens its receipt. The same form sent again gives the same.

        Nobody under 18 is ever tied to a story: they have the code. ValidationError where the form was sent before
        with other words, or where too many of the teller's stories wait already.
        """
        code = code_of(token)
        if receipt := Receipt.of(code):
            sent = cls.objects.filter(receipt=receipt).first()
            if sent and sent.told == told:
                return sent, code
            raise ValidationError(
                _("This form was sent before, with other words. The first one counts; say with your code what to "
                  "change. What you see here is not sent yet.")
            )  # fmt: skip
        if teller is not None:
            Member.objects.select_for_update(of=("self",)).get(pk=teller.pk)
            if cls.objects.filter(teller=teller).count() >= cls.MOST_OPEN:
                raise ValidationError(_("%(n)s stories of yours are with the desk already.") % {"n": cls.MOST_OPEN})
            teller = teller if teller.is_adult else None
        story = cls.objects.create(receipt=Receipt.issue(code), teller=teller, told=told, waits_on=timezone.localdate())
        return story, code

    @staticmethod
    def forget_typing(key: uuid.UUID, member: Any) -> None:
        """Forget what was kept of this form while it was typed, also where the sender has signed out since, and all
        else that the member began in it: a beginning left in another window would name them for two weeks more. The
        empty mark left for a day belongs to nobody; it keeps a late copy, still on its way by now, from being kept.
        """
        morning = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        Draft.objects.editable_by(member).filter(Q(key=key) | Q(form=FORM)).delete()
        if not member.is_authenticated:  # nobody who is signed in takes away what another has typed
            Draft.objects.filter(key=key, form=FORM).delete()
        mark = {"form": FORM, "outcome_url": RECEIPT}
        if Draft.objects.get_or_create(key=key, defaults=mark)[1]:
            Draft.objects.filter(key=key).update(created_at=morning, updated_at=morning)
        leave_traces()

    @classmethod
    @transaction.atomic
    def correct(cls, receipt: Receipt, words: str) -> "DeskStory":
        """Begin the correction of a published page: it goes the same way as the story did, with nobody's name."""
        Receipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
        story = cls.objects.filter(receipt=receipt).first()
        if story is None:
            told = {"title": receipt.page.title, "place": receipt.page.place} if receipt.page else {}
            story = cls.objects.create(receipt=receipt, told=told)
        story.reply(words)
        return story

    # What the desk does

    def rewrite(self, by: Member, words: Words) -> None:
        """Put down the words as the desk would publish them; a yes to earlier words is void."""
        with transaction.atomic():
            story = self._held(by)
            if story.words != words:
                story._move(DeskState.REWRITING, words=words, approved_mark="")
        self.refresh_from_db()

    def ask(self, by: Member, text: str) -> None:
        """Ask the teller something; they find it with their code."""
        with transaction.atomic():
            self._held(by)._say(text, is_from_desk=True)
            self._move(DeskState.ASKED, news_on=timezone.localdate(), waits_on=None)

    def send_for_approval(self, by: Member) -> None:
        """Show the teller exactly what would appear."""
        with transaction.atomic():
            story = self._held(by)
            story._require_ready()
            story._move(DeskState.FOR_APPROVAL, news_on=timezone.localdate(), waits_on=None, approved_mark="")
        self.refresh_from_db()

    def accept(self, by: Member) -> None:
        """Let it be published, and cut every tie to its teller, in one transaction."""
        with transaction.atomic():
            story = self._held(by)
            if story.state != DeskState.APPROVED or story.approved_mark != confided.mark_of(story.words):
                raise ValidationError(_("The teller has not said yes to these words."))
            story._require_ready()
            Audit.record(by, AuditVerb.DESK_ACCEPT, None, str(story.pk))
            story.receipt.seal(story.words)
            forgotten.note(forgotten.ACCEPTED, story.pk)
            story.let_go()

    def decline(self, by: Member, why: str) -> None:
        """Not take it, and say why; it is forgotten a month later, or at once if the teller takes it back."""
        with transaction.atomic():
            self._held(by)._say(why, is_from_desk=True)
            Audit.record(by, AuditVerb.DESK_DECLINE, None, str(self.pk))
            self._move(DeskState.DECLINED, news_on=timezone.localdate(), waits_on=None)

    # What the teller does

    def reply(self, text: str) -> None:
        """Answer the desk, or ask for other words; a yes that was given before is void."""
        with transaction.atomic():
            story = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            story._say(text, is_from_desk=False)
            begun = DeskState.REWRITING if story.words else DeskState.RECEIVED
            story._move(begun, waits_on=timezone.localdate(), news_on=None, approved_mark="")
        self.refresh_from_db()

    def approve(self, mark: str) -> None:
        """Say yes to exactly the words that were shown; twice does it once."""
        with transaction.atomic():
            story = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            if story.state not in {DeskState.FOR_APPROVAL, DeskState.APPROVED} or mark != confided.mark_of(story.words):
                raise ValidationError(_("The desk has changed the words since. Read them again, then say yes or no."))
            story._move(DeskState.APPROVED, approved_mark=mark, waits_on=timezone.localdate(), news_on=None)
        self.refresh_from_db()

    def let_go(self) -> None:
        """Delete the story with all that was said about it, and what tells that its teller ever told something."""
        teller, key = self.teller_id, self.pk
        type(self).objects.filter(pk=key).delete()
        Draft.objects.filter(form=WORK, url=f"{DESK}{key}/").delete()  # what the desk was typing
        if teller and not type(self).objects.filter(teller=teller).exists():
            forget_news(Notice.objects.filter(member=teller, kind=NoticeKind.DESK_NEWS))
        leave_traces()

    # What holds

    @property
    def mark(self) -> str:
        """The mark of the words as they stand."""
        return confided.mark_of(self.words)

    @property
    def risk(self) -> Risk:
        """Whether so few people fit that a neighbour would know."""
        return Risk.of(self.words or self.told, self.told)

    @property
    def is_correction(self) -> bool:
        """Whether there is a page already."""
        return self.receipt.page_id is not None

    def _require_ready(self) -> None:
        if missing := confided.missing(self.words):
            raise ValidationError(_("Still missing: %(what)s.") % {"what": ", ".join(map(str, missing))})
        if self.risk.is_small:
            raise ValidationError(_("Too few people fit. Make the work, the topic or the place wider first."))
        confided.require_unnamed(self.words, self.told)

    def _held(self, by: Member) -> "DeskStory":
        """The story as it stands, held, for somebody of the desk; ValidationError where it is out of their hands."""
        story = type(self).objects.editable_by(by).select_for_update(of=("self",)).filter(pk=self.pk).first()
        if story is None or story.state == DeskState.DECLINED:
            raise ValidationError(_("This story is not in your hands any more. Look at the list again."))
        return story

    def _say(self, text: str, *, is_from_desk: bool) -> None:
        number = self.messages.count()
        last = self.messages.last()
        if last and (last.text, last.is_from_desk) == (text.strip(), is_from_desk):
            return  # the same form sent twice
        if not text.strip() or number >= self.MOST_MESSAGES:
            raise ValidationError(_("Write a few words.") if number < self.MOST_MESSAGES else _("That is enough now."))
        DeskMessage.objects.create(story=self, number=number, text=text.strip(), is_from_desk=is_from_desk)

    def _move(self, state: DeskState, **fields: Any) -> None:
        type(self).objects.filter(pk=self.pk).update(state=state, moved_on=timezone.localdate(), **fields)
        self.refresh_from_db()

    # By the clock

    @classmethod
    def tell_news(cls) -> int:
        """Mail, once a day, of what happened on earlier days: the hour of a mail tells nothing about who did what.

        A teller reads that there is news, and not of what; the desk, that something waits.
        """
        earlier, count = timezone.localdate(), 0
        with transaction.atomic():
            news = cls.objects.filter(news_on__lt=earlier)
            tellers = list(Member.objects.filter(desk_stories__in=news).distinct())
            news.update(news_on=None)
            waits = cls.objects.filter(waits_on__lt=earlier)
            readers = list(Member.objects.filter(is_active=True, is_steward=True, groups__name=cls.GROUP))
            readers = [reader for reader in readers if waits.visible_to(reader).exists()]
            waits.update(waits_on=None)
            for kind, url, people in ((NoticeKind.DESK_NEWS, RECEIPT, tellers), (NoticeKind.DESK_WAITS, DESK, readers)):
                for person in people:
                    Notice.send(person, kind, url)
                    count += 1
        return count

    @classmethod
    def heal(cls) -> int:
        """Forget what nobody came back to, and every trace of who told what; a second run finds nothing."""
        today = timezone.localdate()
        done = cls._forget_old(today) + cls._forget_again()
        done += forget_news(Notice.objects.filter(kind=NoticeKind.DESK_NEWS, member__desk_stories=None))
        marks = Draft.objects.filter(form=FORM, member=None, outcome_url=RECEIPT)
        done += marks.filter(updated_at__date__lt=today).delete()[0]
        return done + (forget_outside() if has_traces() else 0)

    @classmethod
    def _forget_old(cls, today: Any) -> int:
        old = Q(moved_on__lt=today - cls.FORGOTTEN)
        old |= Q(state=DeskState.DECLINED, moved_on__lt=today - cls.DECLINED_FOR)
        stories = list(cls.objects.filter(old).select_related("receipt__page"))
        for story in stories:
            with transaction.atomic():
                story.let_go()
                if not story.is_correction:
                    story.receipt.withdraw()
        return len(stories)

    @classmethod
    @transaction.atomic
    def _forget_again(cls) -> int:
        """What came back with a backup: withdrawn receipts, and the tellers of stories that were accepted since."""
        receipts = list(Receipt.objects.filter(pk__in=forgotten.noted(forgotten.WITHDRAWN)))
        for receipt in receipts:
            receipt.withdraw()
        tied = cls.objects.filter(pk__in=forgotten.noted(forgotten.ACCEPTED)).exclude(teller=None, told={})
        keys = list(tied.values_list("pk", flat=True))
        if keys:
            DeskMessage.objects.filter(story__in=keys).delete()
            tied.update(teller=None, told={}, approved_mark="", state=DeskState.REWRITING)
            leave_traces()
        return len(receipts) + len(keys)


class DeskMessage(models.Model):
    """A question of the desk, or what the teller answered; it goes with the story."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    story = models.ForeignKey(DeskStory, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveSmallIntegerField()
    is_from_desk = models.BooleanField()
    text = models.TextField(max_length=4000)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["story", "number"], name="desk_messages_in_order")
        ]

    def __str__(self) -> str:
        return "a message of the desk" if self.is_from_desk else "a message to the desk"


def forget_news(notices: Any) -> int:
    """Delete notices together with the tasks that mailed them: a task that failed may quote an address."""
    keys = set(notices.values_list("pk", flat=True))
    if keys:
        mailed = DBTaskResult.objects.filter(task_path=mail_notice.module_path).values_list("pk", "args_kwargs")
        gone = [task for task, given in mailed if keys & set(given["args"])]
        DBTaskResult.objects.filter(pk__in=gone).delete()
        notices.filter(pk__in=keys).delete()
    return len(keys)


def forget_outside() -> int:
    """What lies outside our tables: mails in the folder of a site without a mail server, and counts of visits."""
    from community.trust.privacy import clean_mailbox  # not above: it needs every app's models

    cache = caches["default"]
    if isinstance(cache, DatabaseCache):
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(cache._table)  # type: ignore[attr-defined]
            cursor.execute(f"DELETE FROM {table} WHERE cache_key LIKE %s", ["%:desk-%"])  # noqa: S608 - our own table
    return clean_mailbox([RECEIPT])
