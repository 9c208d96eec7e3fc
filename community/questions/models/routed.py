"""A question that was passed on to somebody who may know: few at a time, and never to somebody who said no."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member, OpenTo
from community.notices.models import Notice, NoticeKind


class RoutedState(models.TextChoices):
    """What became of it."""

    SENT = "sent", _("Waits")
    DECLINED = "declined", _("Not for me")
    ANSWERED = "answered", _("Answered")


class RoutedQuerySet(models.QuerySet["Routed"]):
    """Whose letters."""

    def visible_to(self, member: Any) -> "RoutedQuerySet":
        """One's own alone: nobody else learns who was asked."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()

    def waiting(self) -> "RoutedQuerySet":
        """Neither answered nor put aside."""
        return self.filter(state=RoutedState.SENT)

    def since(self, days: int) -> "RoutedQuerySet":
        """Sent within so many days."""
        return self.filter(sent_at__gt=timezone.now() - timedelta(days=days))

    def busy(self) -> set[int]:
        """Members who have been asked enough for now."""
        week = self.since(7).values("member").annotate(
            week=Count("pk"), day=Count("pk", filter=Q(sent_at__gt=timezone.now() - timedelta(days=1)))
        )  # fmt: skip
        full = Q(week__gte=Routed.A_WEEK_FOR_A_MEMBER) | Q(day__gte=Routed.A_DAY_FOR_A_MEMBER)
        return set(week.filter(full).order_by().values_list("member", flat=True))


class Routed(models.Model):
    """Somebody was asked whether they know the answer, because of what they offer; they may always say no."""

    question = models.ForeignKey("questions.Question", on_delete=models.CASCADE, related_name="routed")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="routed_questions")
    state = models.CharField(max_length=8, choices=RoutedState.choices, default=RoutedState.SENT)
    sent_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects: ClassVar[Any] = RoutedQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    A_DAY_FOR_A_QUESTION: ClassVar[int] = 3
    MOST_FOR_A_QUESTION: ClassVar[int] = 9
    A_DAY_FOR_A_MEMBER: ClassVar[int] = 1
    A_WEEK_FOR_A_MEMBER: ClassVar[int] = 3

    class Meta:
        ordering: ClassVar[list[str]] = ["-sent_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["question", "member"], name="one_letter_a_question"),
        ]

    def __str__(self) -> str:
        return f"question {self.question_id} for {self.member_id}"

    @classmethod
    def send(cls, question: Any, member: Member) -> "Routed | None":
        """Ask a member who may know; None where they were asked enough, do not want it, or may not see it."""
        with transaction.atomic():
            # Always in this order, so that two workers take turns: the question's number, then the member's.
            type(question).objects.select_for_update().get(pk=question.pk)
            member = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
            if not cls._may_be_asked(question, member):
                return None
            letter, is_new = cls.objects.get_or_create(question=question, member=member)
            if not is_new:
                return None
            Notice.send(member, NoticeKind.QUESTION_ROUTED, question.get_absolute_url())
        return letter

    @classmethod
    def _may_be_asked(cls, question: Any, member: Member) -> bool:
        if not member.is_active or not member.is_adult or member.pk == question.member_id or question.has_answers:
            return False
        if member.profile.is_paused or OpenTo.MENTOR not in member.profile.open_to:
            return False
        letters = cls.objects.filter(question=question)
        if letters.since(1).count() >= cls.A_DAY_FOR_A_QUESTION or letters.count() >= cls.MOST_FOR_A_QUESTION:
            return False
        if member.pk in cls.objects.filter(member=member).busy():
            return False
        return bool(type(question).objects.visible_to(member).open().filter(pk=question.pk).exists())

    @classmethod
    def close(cls, question_id: int, member: Member, state: str) -> None:
        """The member has answered, or does not want to: it waits for them no more."""
        cls.objects.filter(question=question_id, member=member).waiting().update(state=state)
