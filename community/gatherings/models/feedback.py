"""How it was, and what came of it: told by those who were there, read by the host in sum only."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.registration import Registration
from community.members.models import Member


@dataclass(frozen=True)
class Sum:
    """What several said together."""

    number: int
    mean: float
    words: list[str]
    changed: int | None


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Whose words."""

    def visible_to(self, member: Any) -> "FeedbackQuerySet":
        """One's own; what others said is nobody's, only its sum is the host's."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()


class Feedback(models.Model):
    """What one guest says of a gathering: at once a number and a word, months later whether anything changed."""

    gathering = models.ForeignKey("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="feedback")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField(
        _("how was it?"), validators=[MinValueValidator(1), MaxValueValidator(5)], null=True, blank=True
    )
    word = models.CharField(_("in a few words"), max_length=500, blank=True)
    has_changed = models.BooleanField(_("have you changed anything since?"), null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = FeedbackQuerySet.as_manager()
    wagtail_reference_index_ignore = True
    FEWEST: ClassVar[int] = 3  # so many at a time come into the sum: the newest word is never one person's
    LATER: ClassVar[timedelta] = timedelta(days=80)  # from then on it makes sense to ask what has changed

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gathering", "member"], name="one_feedback_a_guest"),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk}"

    @classmethod
    def why_not(cls, gathering: Any, member: Member) -> Any:
        """Why this member cannot say how it was; empty where they can."""
        if gathering.ends_at > timezone.now():
            return _("It is not over yet. Come back when it is.")
        if not Registration.objects.of(member).open().filter(gathering=gathering).exclude(came=False).exists():
            return _("Only people who were there say how it was.")
        return ""

    @classmethod
    @transaction.atomic
    def give(cls, gathering: Any, member: Member, **said: Any) -> "Feedback":
        """Say how it was; said again, the newest words count."""
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if why := cls.why_not(gathering, member):
            raise ValidationError(why)
        one = cls.objects.filter(gathering=gathering, member=member).first() or cls(gathering=gathering, member=member)
        for name, value in said.items():
            setattr(one, name, value)
        one.full_clean()
        one.save()
        return one

    @classmethod
    def summed(cls, gathering: Any) -> Sum | None:
        """What the host reads: the first three, six, nine … who answered, and nothing while fewer have."""
        rows = list(cls.objects.filter(gathering=gathering).exclude(score=None).order_by("pk"))
        rows = rows[: len(rows) // cls.FEWEST * cls.FEWEST]
        if not rows:
            return None
        changed = [row.has_changed for row in rows if row.has_changed is not None]
        return Sum(
            number=len(rows),
            mean=round(sum(row.score or 0 for row in rows) / len(rows), 1),
            words=sorted(row.word for row in rows if row.word),
            changed=sum(changed) if len(changed) >= cls.FEWEST else None,
        )
