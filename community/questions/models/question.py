"""A question on a page, and the answers that others give."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models, transaction
from django.db.models import Count, Exists, ExpressionWrapper, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.questions.models.ground import (
    page_for,
    stands_inside,
    stands_on_own,
    stands_open_to,
    stands_under,
    teller_of,
)
from community.questions.models.routed import Routed, RoutedState
from community.questions.models.writing import Writing, WritingQuerySet, WritingState, name_writers
from community.topics.models import EntryPage


class QuestionQuerySet(WritingQuerySet):
    """Which questions somebody may see, change or close."""

    def visible_to(self, member: Any) -> "QuestionQuerySet":
        """On pages that this member may see, and in groups of theirs, less what a block keeps away."""
        seen: QuestionQuerySet = self.readable_by(member).filter(stands_open_to(member) | stands_inside(member))
        return seen

    def visible_on(self, page: EntryPage, member: Any) -> "QuestionQuerySet":
        """The same on one page: only the door of its kind is asked, which is half of what such a page costs."""
        seen: QuestionQuerySet = self.readable_by(member).filter(stands_open_to(member, [type(page)]), page=page.pk)
        return seen

    def visible_in(self, group: int | None, member: Any) -> "QuestionQuerySet":
        """The same in one group: no page of any kind is asked."""
        seen: QuestionQuerySet = self.readable_by(member).filter(stands_inside(member), group=group)
        return seen

    def editable_by(self, member: Any) -> "QuestionQuerySet":
        """One's own open ones, where one still sees the page."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.visible_to(member).open().filter(member=member)

    def judged_by(self, member: Any) -> "QuestionQuerySet":
        """Those whose best answer this member may name: whoever asked, and the author of the page."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.visible_to(member).with_part(member).filter(is_judge=True)

    def with_answers(self, member: Any) -> "QuestionQuerySet":
        """How many answers this member sees of each, and whether the accepted one is among them."""
        answers = Answer.objects.filter(question=OuterRef("pk")).open().unblocked_for(member)
        number = answers.order_by().values("question").annotate(number=Count("pk")).values("number")
        return self.annotate(
            answers_shown=Coalesce(Subquery(number), 0), is_solved=Exists(answers.filter(pk=OuterRef("accepted")))
        )

    def with_part(self, member: Any) -> "QuestionQuerySet":
        """What this member has to do with each: may say which answer helped, was asked for an answer."""
        is_judge: Any = Value(False)
        if getattr(member, "is_authenticated", False):
            is_judge = ExpressionWrapper(
                Q(state=WritingState.OPEN) & (Q(member=member) | stands_on_own(member)), models.BooleanField()
            )
        letters = Routed.objects.visible_to(member).waiting().filter(question=OuterRef("pk"))
        return self.annotate(is_judge=is_judge, is_passed_on=Exists(letters))

    def about(self, topic: str) -> "QuestionQuerySet":
        """On pages about this topic."""
        return self.filter(stands_under(topic))

    def unanswered_for(self, member: Any) -> "QuestionQuerySet":
        """Those to which this member sees no answer."""
        return self.exclude(Exists(Answer.objects.filter(question=OuterRef("pk")).open().unblocked_for(member)))

    def waiting_for(self, member: Any) -> "QuestionQuerySet":
        """Those that were passed on to this member, and that they have neither answered nor put aside."""
        return self.filter(pk__in=Routed.objects.visible_to(member).waiting().values("question"))

    def holding(self, words: str) -> "QuestionQuerySet":
        """Those with all these words in them."""
        found = Q()
        for word in words.split():
            found &= Q(title__icontains=word) | Q(text__icontains=word)
        return self.filter(found)

    def needing_answers(self) -> "QuestionQuerySet":
        """Open, unanswered for half a day, not older than a month, and not passed on to many; the oldest first.

        Never of somebody who is under 18, has left, or wants no matching: the machine reads nothing of theirs.
        """
        now = timezone.now()
        asked = self.open().filter(created_at__lt=now - Question.PATIENCE, created_at__gt=now - Question.GIVEN_UP)
        asked = asked.filter(member__is_active=True, member__is_adult=True, member__profile__is_matched=True)
        asked = asked.annotate(letters=Count("routed")).filter(letters__lt=Routed.MOST_FOR_A_QUESTION)
        return asked.exclude(Exists(Answer.objects.open().filter(question=OuterRef("pk")))).order_by("created_at", "pk")


class Question(Writing):
    """Something that a reader wants to know, asked where others who read the same page see it."""

    page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.CASCADE, related_name="questions",
        help_text="Where it was asked; the page decides who sees it.",
    )  # fmt: skip
    group = models.ForeignKey(
        Group, null=True, blank=True, on_delete=models.CASCADE, related_name="questions",
        help_text="In place of a page: asked among the people of a group, and seen by nobody else.",
    )  # fmt: skip
    title = models.CharField(
        _("your question in one line"), max_length=160, validators=[MinLengthValidator(10)],
        help_text=_("For example: how long did you let the lime dry before the frost came?"),
    )  # fmt: skip
    text = models.TextField(
        _("more about it"), blank=True, validators=[MaxLengthValidator(3000)],
        help_text=_("What you have tried, on what ground, with which tools. Leave it empty if the line says it all."),
    )  # fmt: skip
    accepted = models.ForeignKey(
        "questions.Answer", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The answer that helped.",
    )  # fmt: skip

    objects: ClassVar[Any] = QuestionQuerySet.as_manager()

    WORDS: ClassVar[tuple[str, ...]] = ("title", "text")
    MOST_A_DAY: ClassVar[int] = 5
    ON_PAGE: ClassVar[int] = 5  # shown below a page; the others are one click away
    PATIENCE: ClassVar[timedelta] = timedelta(hours=12)
    GIVEN_UP: ClassVar[timedelta] = timedelta(days=30)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "key"], name="one_question_a_form"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The question with its answers."""
        return reverse("questions:question", args=[self.pk])

    def clean(self) -> None:
        """One line, and the words of both."""
        self.title = " ".join(self.title.split())
        super().clean()

    # Mutators

    @classmethod
    def ask(
        cls, member: Member, page: EntryPage | None, title: str, text: str = "", key: uuid.UUID | None = None,
        *, group: Group | None = None,
    ) -> "Question":  # fmt: skip
        """Ask on a page, or in a group. The same form sent again, or the same words there, give back the first.

        Raises ValidationError where page or group is not there for this member, or they asked enough for one day.
        """
        with transaction.atomic():
            cls.hold(member)
            question = cls(member=member, page=page, group=group, title=title, text=text.strip(), key=key)
            question.clean_words()
            own = cls.objects.filter(member=member)
            same = Q(page=page, group=group, title=question.title, text=question.text, state=WritingState.OPEN)
            if earlier := own.filter(same | Q(key=key, key__isnull=False)).first():
                return earlier
            if not cls._is_ground(member, page, group):
                raise ValidationError(_("Nothing can be asked here any more."))
            if cls.objects.written_lately(member).count() >= cls.MOST_A_DAY:
                raise ValidationError(
                    _("You have asked %(n)s questions today. Go on tomorrow.") % {"n": cls.MOST_A_DAY}
                )
            question.save()
            if page and (teller := teller_of(page)) is not None and teller.pk != member.pk:
                Notice.send(teller, NoticeKind.QUESTION_RECEIVED, question.get_absolute_url(), actor=member)
        return question

    @staticmethod
    def _is_ground(member: Member, page: EntryPage | None, group: Group | None) -> bool:
        """Whether this member can ask there."""
        if page is not None:
            return page_for(member, page) is not None
        return group is not None and member.is_adult and member.groups.filter(pk=group.pk).exists()

    def answer(self, member: Member, text: str, key: uuid.UUID | None = None) -> "Answer":
        """Say what one knows. The same form, or the same words, sent again give back the first answer.

        Raises ValidationError where the question is gone, or the member answered enough for one day.
        """
        with transaction.atomic():
            self.hold(member)
            answer = Answer(question=self, member=member, text=text.strip(), key=key)
            answer.clean_words()
            own = Answer.objects.filter(question=self, member=member)
            same = Q(text=answer.text, state=WritingState.OPEN)
            if earlier := own.filter(same | Q(key=key, key__isnull=False)).first():
                return earlier
            if not Question.objects.visible_to(member).open().filter(pk=self.pk).exists():
                raise ValidationError(_("This question is gone. It cannot be answered any more."))
            if Answer.objects.written_lately(member).count() >= Answer.MOST_A_DAY:
                raise ValidationError(
                    _("You have given %(n)s answers today. Go on tomorrow.") % {"n": Answer.MOST_A_DAY}
                )
            answer.save()
            Routed.close(self.pk, member, RoutedState.ANSWERED)
            if self.member is not None and self.member_id != member.pk:
                Notice.send(self.member, NoticeKind.ANSWER_RECEIVED, self.get_absolute_url(), actor=member)
        return answer

    def accept(self, by: Member, answer: "Answer") -> None:
        """Name the answer that helped, in place of any other; doing it twice changes nothing."""
        with transaction.atomic():
            self._require_judge(by)
            if not Answer.objects.visible_to(by).open().filter(pk=answer.pk, question=self).exists():
                raise ValidationError(_("This answer is gone."))
            changed = Question.objects.filter(pk=self.pk).exclude(accepted=answer, accepted__isnull=False)
            if changed.update(accepted=answer) and answer.member is not None and answer.member_id != by.pk:
                Notice.send(answer.member, NoticeKind.ANSWER_ACCEPTED, self.get_absolute_url(), actor=by)
        self.refresh_from_db()

    def reopen(self, by: Member) -> None:
        """No answer has helped after all."""
        self._require_judge(by)
        Question.objects.filter(pk=self.pk).update(accepted=None)
        self.refresh_from_db()

    def _require_judge(self, by: Member) -> None:
        if not Question.objects.judged_by(by).filter(pk=self.pk).exists():
            raise ValidationError(_("Only whoever asked, and the author of the page, can say which answer helped."))

    # Queries

    @property
    def has_answers(self) -> bool:
        """Whether anybody has answered, seen by nobody in particular."""
        return bool(Answer.objects.open().filter(question=self).exists())

    @property
    def group_url(self) -> str:
        """Where the group meets that it was asked in: a plain address, of a circle that is not known here."""
        return f"/circles/of/{self.group_id}/"

    @classmethod
    def on_page(cls, page: Any, viewer: Any) -> dict[str, Any]:
        """What a page shows below itself: the newest questions, and whether there are more."""
        if not page.pk:  # a preview of what is not saved yet
            return {}
        shown = cls.objects.visible_on(page, viewer).open().with_answers(viewer)
        questions = list(shown.select_related("member")[: cls.ON_PAGE + 1])
        name_writers(questions, viewer)
        return {"questions": questions[: cls.ON_PAGE], "has_more_questions": len(questions) > cls.ON_PAGE}


class AnswerQuerySet(WritingQuerySet):
    """Which answers somebody may see or change."""

    def visible_to(self, member: Any) -> "AnswerQuerySet":
        """To questions that this member may see, less what a block keeps away."""
        seen: AnswerQuerySet = self.readable_by(member)
        return seen.filter(question__in=Question.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "AnswerQuerySet":
        """One's own open ones, where one still sees the question."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.visible_to(member).open().filter(member=member)


class Answer(Writing):
    """What somebody knows about a question, in their own words."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    text = models.TextField(_("your answer"), validators=[MinLengthValidator(2), MaxLengthValidator(5000)])

    objects: ClassVar[Any] = AnswerQuerySet.as_manager()

    MOST_A_DAY: ClassVar[int] = 20

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "key"], name="one_answer_a_form"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"

    def get_absolute_url(self) -> str:
        """The answer, below its question."""
        return f"{reverse('questions:question', args=[self.question_id])}#answer-{self.pk}"
