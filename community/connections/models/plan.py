"""What one of two people learns from the other: line by line, rated by both, and signed off by the one who teaches."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.steps import TEACHING
from community.members.models import Member
from community.notices.models import Notice, NoticeKind


class Rating(models.IntegerChoices):
    """How well somebody can do it, from 0 to 4."""

    HEARD = 0, _("0 – has only heard of it")
    BEGINNING = 1, _("1 – is beginning")
    HELPED = 2, _("2 – with help")
    ALONE = 3, _("3 – alone")
    TEACHES = 4, _("4 – well enough to show others")


class LearningPlanQuerySet(models.QuerySet["LearningPlan"]):
    """Whose plans."""

    def visible_to(self, member: Any) -> "LearningPlanQuerySet":
        """Those of one's own connections, and of people without e-mail whom one helps; none across a block."""
        return self.filter(connection__in=Connection.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "LearningPlanQuerySet":
        """Both write in it."""
        return self.visible_to(member)


class LearningPlan(models.Model):
    """What somebody learns from a mentor; both see it, nobody else does."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="plan")
    goal = models.TextField(
        _("what it is for"), blank=True, max_length=600, validators=[MaxLengthValidator(600)],
        help_text=_("What shall be possible at the end, and until when? Both of you can change this."),
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = LearningPlanQuerySet.as_manager()

    MOST: ClassVar[int] = 40  # lines; more would be a school, not two people

    class Meta:
        verbose_name = _("learning plan")
        verbose_name_plural = _("learning plans")

    def __str__(self) -> str:
        return f"plan {self.pk}"

    def get_absolute_url(self) -> str:
        """The page that the two see."""
        return reverse("connections:plan", args=[self.connection_id])

    # Verbs

    @classmethod
    @transaction.atomic
    def of(cls, connection: Connection, lines: Iterable[str] = ()) -> "LearningPlan":
        """The plan of two people, begun with these lines if there is none yet.

        Raises ValidationError where nobody teaches, or where the two have not both said yes.
        """
        connection.lock_people(connection.asker_id, connection.asked_id)
        now = Connection.objects.select_for_update(of=("self",)).get(pk=connection.pk)
        if now.kind not in TEACHING or not now.has_both_yeses:
            raise ValidationError(_("A learning plan begins when somebody has agreed to teach."))
        plan, is_new = cls.objects.get_or_create(connection=connection)
        if is_new:
            plan.add(lines)
        return plan

    @transaction.atomic
    def keep(self, by: Member, goal: str, ratings: dict[int, int | None], line: str = "") -> None:
        """Save what it is for, this person's own ratings, and one more line. What is signed off stays as it is.

        Where one of the two is under 18, nobody writes here where they are reached: no steward reads it first.
        """
        own = self._side(by)
        self.connection.require_no_contact([goal, line])
        plan = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        field = "teacher_rating" if own == self.teacher else "learner_rating"
        for key, rating in ratings.items():
            plan.skills.filter(pk=key, signed_at=None).update(**{field: rating})
        type(self).objects.filter(pk=self.pk).update(goal=goal.strip())
        if line.strip():
            plan.add([line])
        self.refresh_from_db()

    def add(self, lines: Iterable[str]) -> None:
        """Put lines at the end; one that stands there already is passed over."""
        known = {skill.text.casefold() for skill in self.skills.all()}
        wanted = [" ".join(line.split())[:200] for line in lines]
        new = [line for line in dict.fromkeys(wanted) if line and line.casefold() not in known]
        if len(known) + len(new) > self.MOST:
            raise ValidationError(_("%(n)s lines are enough for one plan. Take one away first.") % {"n": self.MOST})
        PlanSkill.objects.bulk_create(
            PlanSkill(plan=self, text=line, position=len(known) + number) for number, line in enumerate(new)
        )

    # Queries

    @property
    def teacher(self) -> Member | None:
        """Who passes it on."""
        return self.connection.mentor

    def _side(self, by: Member) -> Member:
        """Who of the two writes here, as it stands under the lock; whoever writes has done something."""
        row = self.connection.locked(by)
        own = row.side_of(by)
        row.require_under_way()
        if own is None or not type(self).objects.editable_by(by).filter(pk=self.pk).exists():
            raise ValidationError(_("Only the two write in this plan."))
        row.touch(by)
        return own


class PlanSkillQuerySet(models.QuerySet["PlanSkill"]):
    """Lines of plans."""

    def visible_to(self, member: Any) -> "PlanSkillQuerySet":
        """Those in plans that one sees."""
        return self.filter(plan__in=LearningPlan.objects.visible_to(member).values("pk"))

    def passed_on(self) -> "PlanSkillQuerySet":
        """Signed off by whoever taught it."""
        return self.exclude(signed_at=None)


class PlanSkill(models.Model):
    """One thing that is learned: each of the two says how far it is, and the teacher signs it off."""

    plan = models.ForeignKey(LearningPlan, on_delete=models.CASCADE, related_name="skills")
    text = models.CharField(_("in one line"), max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    teacher_rating = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=Rating.choices, validators=[MaxValueValidator(4)]
    )
    learner_rating = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=Rating.choices, validators=[MaxValueValidator(4)]
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[Any] = PlanSkillQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill in a plan")
        verbose_name_plural = _("skills in a plan")
        ordering: ClassVar[list[str]] = ["position", "pk"]

    def __str__(self) -> str:
        return self.text

    # Verbs

    @transaction.atomic
    def sign_off(self, by: Member) -> None:
        """The teacher says that the learner can do it: it is passed on. This is not taken back; twice does it once."""
        own = self.plan._side(by)
        if own != self.plan.teacher:
            raise ValidationError(_("Only the person who teaches can sign this off."))
        open_line = type(self).objects.filter(pk=self.pk, signed_at=None)
        if open_line.update(signed_at=timezone.now(), signed_by=own):
            learner = self.plan.connection.other(own)
            if learner is not None:
                url = f"{self.plan.get_absolute_url()}?skill={self.pk}"  # each skill is told by itself
                Notice.send(learner, NoticeKind.SKILL_PASSED_ON, url, actor=own)
        self.refresh_from_db()

    @transaction.atomic
    def drop(self, by: Member) -> None:
        """Take a line out that is not signed off; it being gone already is fine."""
        self.plan._side(by)
        is_gone = type(self).objects.filter(pk=self.pk, signed_at=None).delete()[0]
        if not is_gone and type(self).objects.filter(pk=self.pk).exists():
            raise ValidationError(_("This is signed off, and stays."))

    @property
    def is_passed_on(self) -> bool:
        """Whether the teacher has signed it off."""
        return self.signed_at is not None
