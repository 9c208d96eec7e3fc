"""One row for each thing that happened to a person; the row is the event, the log and the mail."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from community.members.models import Block
from community.notices.models.mail import parts_of
from community.notices.models.mailed import Mailed, MailedQuerySet, MailFigures, for_address
from community.notices.models.preference import Preference
from community.notices.models.told import Told
from community.notices.models.way import Way
from community.notices.tasks import mail_notice
from community.topics.models import Gates, barring, barring_each, entry_kinds, stands_before

if TYPE_CHECKING:
    from community.members.models import Member


class NoticeKind(models.TextChoices):
    """What can happen to a member; each kind has its text in templates/notices/<kind>.txt."""

    CONNECTION_INTRODUCED = "connection_introduced", _("You were brought together with somebody")
    CONNECTION_PROPOSED = "connection_proposed", _("Somebody wants to meet you")
    CONNECTION_ACCEPTED = "connection_accepted", _("Your request was accepted")
    CONNECTION_DECLINED = "connection_declined", _("Your request was answered")
    CONNECTION_POSTPONED = "connection_postponed", _("Not now, but later")
    AGREEMENT_WRITTEN = "agreement_written", _("An agreement waits for your signature")
    AGREEMENT_SIGNED = "agreement_signed", _("Your agreement is signed by both")
    MEETING_NOTED = "meeting_noted", _("A meeting was noted")
    MESSAGE_RECEIVED = "message_received", _("Somebody whom you meet has written to you")
    MESSAGE_HELD = "message_held", _("A message waits for safeguarding")
    MESSAGE_REPORTED = "message_reported", _("A steward has read messages of yours that were reported")
    CHECK_IN_DUE = "check_in_due", _("How is it going between you?")
    CONNECTION_ENDED = "connection_ended", _("A connection was closed")
    CONNECTION_DUE = "connection_due", _("A question waits for your answer")
    CONNECTION_AGAIN = "connection_again", _("You can ask again now")
    CONNECTION_CLOSED = "connection_closed", _("A question waits for you no more")
    CONNECTION_UNANSWERED = "connection_unanswered", _("No answer has come")
    CONNECTION_PUT_AWAY = "connection_put_away", _("A question was put away")
    CONNECTION_PASSED_ON = "connection_passed_on", _("Your question has gone on to the next")
    CONNECTION_OVERTAKEN = "connection_overtaken", _("Somebody else said yes first")
    CONNECTION_SETTLED = "connection_settled", _("We told the others")
    CONNECTION_FREE = "connection_free", _("A mentor has a place for you")
    CONNECTION_FREE_LAPSED = "connection_free_lapsed", _("A place was kept for you, and has gone to the next")
    CONNECTION_FADED = "connection_faded", _("A pair of a round was put away")
    CONNECTION_GONE = "connection_gone", _("Somebody whom you met has left this community")
    CONNECTION_WAIT_OVER = "connection_wait_over", _("A mentor for whom you wait takes on nobody any more")
    PAIR_QUIET = "pair_quiet", _("It is your turn")
    PAIR_FADES = "pair_fades", _("It has been quiet for long")
    PAIR_RELEASED = "pair_released", _("You are free again, and you did your part")
    PAIR_RELEASED_QUIET = "pair_released_quiet", _("You are free again")
    PAIR_CHANGED = "pair_changed", _("Somebody goes on with another mentor")
    APPLICATION_RECEIVED = "application_received", _("Somebody applied to your opening")
    APPLICATION_NEWS = "application_news", _("There is news on an application")
    APPLICATION_DUE = "application_due", _("Somebody waits for your answer")
    APPLICATION_LATE = "application_late", _("The answer to your application is late")
    APPLICATION_EXPIRED = "application_expired", _("An application has run out")
    APPLICATION_HELD = "application_held", _("Something waits for safeguarding")
    OPENING_LAPSES = "opening_lapses", _("Your opening is about to close")
    OPENING_WAITS = "opening_waits", _("An opening waits for a steward")
    OPENING_ANSWERED = "opening_answered", _("A steward has read your opening")
    SKILL_PASSED_ON = "skill_passed_on", _("A skill was signed off")
    ENROLMENT_RECEIVED = "enrolment_received", _("Somebody enrolled in your gathering")
    ENROLMENT_ASKED = "enrolment_asked", _("Somebody asks whether they can come")
    ENROLMENT_APPROVED = "enrolment_approved", _("The host said yes")
    ENROLMENT_DECLINED = "enrolment_declined", _("The host has answered you")
    WAITING_JOINED = "waiting_joined", _("You are on the waiting list")
    SEAT_OFFERED = "seat_offered", _("A seat is free for you")
    SEAT_LAPSED = "seat_lapsed", _("A seat was kept for you, and has gone to the next")
    SEAT_FREE = "seat_free", _("A seat is free for whoever is first")
    GATHERING_CHANGED = "gathering_changed", _("Time or place of a gathering have changed")
    GATHERING_CALLED_OFF = "gathering_called_off", _("A gathering was called off")
    GATHERING_MESSAGE = "gathering_message", _("The host has written to those who come")
    GATHERING_REMINDER = "gathering_reminder", _("A gathering is near")
    GATHERING_FEEDBACK = "gathering_feedback", _("How was it?")
    GATHERING_LATER = "gathering_later", _("Did you change anything?")
    GATHERING_WAITS = "gathering_waits", _("A gathering waits for a steward")
    GATHERING_ANSWERED = "gathering_answered", _("A steward has read your gathering")
    CIRCLE_JOINED = "circle_joined", _("Somebody came into your circle")
    CIRCLE_ASKED = "circle_asked", _("Somebody asks to come into your circle")
    CIRCLE_ADMITTED = "circle_admitted", _("A circle has said yes")
    CIRCLE_DECLINED = "circle_declined", _("A circle has answered you")
    CIRCLE_INVITED = "circle_invited", _("You are invited into a circle")
    CIRCLE_HANDED_ON = "circle_handed_on", _("You lead a circle")
    CIRCLE_TAKEN_OUT = "circle_taken_out", _("You do not belong to a circle any more")
    CIRCLE_ENDED = "circle_ended", _("A circle has ended")
    CIRCLE_MINUTES = "circle_minutes", _("Minutes of your circle")
    CIRCLE_TASK = "circle_task", _("Something to do from your circle")
    CIRCLE_POLL = "circle_poll", _("Your circle asks what you think")
    CIRCLE_FITS = "circle_fits", _("People who want the same as you")
    QUESTION_RECEIVED = "question_received", _("Somebody asked on your page")
    QUESTION_ROUTED = "question_routed", _("A question that you may be able to answer")
    ANSWER_RECEIVED = "answer_received", _("Your question has an answer")
    ANSWER_ACCEPTED = "answer_accepted", _("Your answer helped")
    TRIAL_RECEIVED = "trial_received", _("Somebody tried what you told")
    CO_TESTER_JOINED = "co_tester_joined", _("Somebody tries your experiment, too")
    PLAYBOOK_ADOPTED = "playbook_adopted", _("Somebody adopted your playbook")
    REPORT_RECEIVED = "report_received", _("A report waits for the stewards")
    REPORT_ANSWERED = "report_answered", _("Your report was answered")
    STORY_WAITS = "story_waits", _("A story waits for a reader")
    STORY_PUBLISHED = "story_published", _("Your story is out")
    STORY_NEEDS_WORK = "story_needs_work", _("Your story needs a little more")
    STORY_REFUSED = "story_refused", _("Your story was not taken")
    STORY_STILL_TRUE = "story_still_true", _("Is your story still true?")
    DESK_NEWS = "desk_news", _("There is news about something you sent us")
    DESK_WAITS = "desk_waits", _("Something waits at the failure desk")
    FOLLOWED_NEW = "followed_new", _("Something new on what you follow")
    FOLLOWED_CHANGE = "followed_change", _("Something new on a page that you follow")


class NoticeQuerySet(MailedQuerySet):
    """Whose notices."""

    LATELY: ClassVar[timedelta] = timedelta(days=30)  # so long stewards are told of a mail that was given up

    def visible_to(self, member: Any) -> "NoticeQuerySet":
        """A member's own, and those of people without e-mail whom they help; nothing that a blocked person did."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        own = self.filter(for_address(member)).exclude(way=Way.NOT_AT_ALL)
        return own.unblocked().on_shown_pages(member)

    def on_shown_pages(self, member: Any) -> "NoticeQuerySet":
        """Leave out what is about a page that this member does not find any more."""
        return self._on_pages_behind(barring(member))

    def on_pages_of_their_own(self) -> "NoticeQuerySet":
        """Leave out what is about a page that whoever is told of it does not find any more."""
        return self._on_pages_behind(barring_each(OuterRef("member")))

    def _on_pages_behind(self, gates: Gates) -> "NoticeQuerySet":
        shown = Page.objects.live().filter(pk=OuterRef("page")).exclude(stands_before(gates))
        return self.filter(models.Q(page=None) | Exists(shown))

    def readable_by(self, reader: Any) -> "NoticeQuerySet":
        """What is for somebody else, as far as whoever reads it to them may know of it: who did it, on whose page."""
        barred, found = Block.around(reader), self.on_shown_pages(reader)
        for kind in entry_kinds():
            found = found.exclude(page__in=kind._default_manager.filter(author__in=barred).values("pk"))
        return found.exclude(actor__in=barred)

    def for_digest(self) -> "NoticeQuerySet":
        """What is mailed together, and was not yet."""
        return self.filter(way=Way.TOGETHER, mailed_at=None, mail_failed_at=None)

    def unblocked(self) -> "NoticeQuerySet":
        """Leave out what somebody did between whom and the member a block stands by now."""
        one_way = Block.objects.filter(blocker=OuterRef("member"), blocked=OuterRef("actor"))
        other_way = Block.objects.filter(blocker=OuterRef("actor"), blocked=OuterRef("member"))
        return self.exclude(Exists(one_way)).exclude(Exists(other_way))

    def unread(self) -> "NoticeQuerySet":
        """Not opened yet."""
        return self.filter(read_at=None)

    def not_for_paper(self, reader: Any) -> "NoticeQuerySet":
        """Without what a letter has still to tell a grown-up without e-mail: a helper has seen it, and told nothing."""
        return self.exclude(~models.Q(member=reader), member__email=None, member__is_adult=True, letter=None)

    def unmailed(self) -> "NoticeQuerySet":
        """What is to be mailed and was not yet; nothing that somebody did who is kept away by now."""
        return self.waiting().unblocked()

    def figures(self) -> MailFigures:
        """What waits to be mailed, what was mailed since midnight, and what was given up of late."""
        now, is_first_try = timezone.now(), models.Q(mail_tries=0)
        since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        due = self.due().unblocked()
        open_ones = due.aggregate(
            waits=models.Count("pk"),
            gathered=models.Count("pk", filter=is_first_try & models.Q(mail_due_at__gt=now)),
            not_taken=models.Count("pk", filter=~is_first_try),
            oldest=models.Min("created_at"),
        )
        given_up = self.refused().filter(mail_failed_at__gt=now - self.LATELY).count()
        sent = self.filter(mailed_at__gte=since).exclude(mail_key="").values("mail_key").distinct().order_by().count()
        return MailFigures(**open_ones, sent=sent, given_up=given_up)

    def read_all(self) -> int:
        """Count them all as opened."""
        return self.unread().update(read_at=timezone.now())


class Notice(Mailed):
    """Something that happened to a member, told once on the site and once by mail."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40, choices=NoticeKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    page = models.ForeignKey(Page, null=True, on_delete=models.CASCADE, related_name="+")
    url = models.CharField(max_length=300, help_text="Where it can be seen and answered.")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    letter = models.ForeignKey(
        "notices.Letter", null=True, on_delete=models.SET_NULL, related_name="+", help_text="In which it was printed."
    )

    objects: ClassVar[Any] = NoticeQuerySet.as_manager()

    is_mail: bool = False  # a mail must be of use alone; on the site the same words lead to a page that says the rest
    told_with: Told | None = None
    SAME_AGAIN: ClassVar[timedelta] = timedelta(days=1)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["member", "read_at"]),
            models.Index(
                fields=["mail_due_at"],
                condition=models.Q(mail_due_at__isnull=False),
                name="mails_that_wait",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.member_id}"

    def get_absolute_url(self) -> str:
        """The address that marks the notice as read and leads to what it is about."""
        return reverse("notices:open", args=[self.pk])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new one leaves by the way that its member wants."""
        if self._state.adding:
            self.way = self.way or Preference.way_of(self.member, self.kind)
            self.mail_due_at = self.created_at if self.way == Way.AT_ONCE and not self.mailed_at else None
            self.read_at = self.read_at or (self.created_at if self.way == Way.NOT_AT_ALL else None)
        super().save(*args, **kwargs)

    @classmethod
    def send(cls, member: "Member", kind: NoticeKind, url: str, actor: "Member | None" = None) -> "Notice":
        """Tell a member; the mail is queued in the same transaction, so both happen or neither.

        What the same person does to the same thing again within a day is new on the site and on paper, but no second
        mail.
        """
        with transaction.atomic():
            lately = cls.objects.filter(created_at__gt=timezone.now() - cls.SAME_AGAIN)
            same = lately.filter(member=member, kind=kind, url=url, actor=actor).first() if actor else None
            if same:
                cls.objects.filter(pk=same.pk).exclude(way=Way.NOT_AT_ALL).update(read_at=None, letter=None)
                return same
            notice = cls.objects.create(member=member, kind=kind, url=url, actor=actor)
            if notice.mail_due_at:
                mail_notice.enqueue(notice.pk)
        return notice

    @classmethod
    def part(cls, one: int, other: int) -> None:
        """A block stands between these two from now on: what either heard of the other's pages is forgotten.

        Who did something on a page is asked anew each time; whose page it is, only its own table knows.
        """
        for member, author in ((one, other), (other, one)):
            heard = cls.objects.filter(member=member, kind=NoticeKind.FOLLOWED_CHANGE)
            for kind in entry_kinds():
                heard.filter(page__in=kind._default_manager.filter(author=author).values("pk")).delete()

    def read(self) -> None:
        """The member has opened it."""
        type(self).objects.filter(pk=self.pk, read_at=None).update(read_at=timezone.now())

    def about(self, what: Any, fetch: Callable[[list[Any]], dict[Any, Any]]) -> dict[Any, Any]:
        """The rows of one sort of which this and all that is told with it speak."""
        return (self.told_with or Told([self])).about(what, fetch)

    @property
    def readers(self) -> list[Any]:
        """Who reads its mail: whom it concerns, and whoever helps them; what one of the two may not see is not said."""
        return [self.member] if self.member.email else [self.member, self.member.helper]

    @property
    def lines(self) -> tuple[str, str]:
        """Subject and text of the notice, in plain words."""
        context = {"notice": self, "actor": self.actor, "link": f"{settings.SITE_URL}{self.url}"}
        return parts_of(render_to_string(f"notices/{self.kind}.txt", context))
