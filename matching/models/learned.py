"""What a community's own outcomes taught, month by month, and whether it is in use."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from matching.engine import fuse
from matching.engine.kinds import Relation
from matching.engine.learn import Lesson, Verdict

KEPT = 24  # versions, one a month


class Learned(models.Model):
    """One month's lesson: weights corrected by outcomes, how they did, and the shipped ones they were held against.

    The newest is in use, as far as it proved itself. A steward may stop it: then the shipped weights count, and later
    months are measured and not used, until a steward lets them be used again.
    """

    made_at = models.DateTimeField(default=timezone.now)
    basis = models.CharField(max_length=64, help_text="What model and features the numbers are of.")
    lessons = models.JSONField(help_text="By relation: verdict, figures, shipped and corrected weights.")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The steward who went back to the shipped weights.",
    )  # fmt: skip

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m}"

    @classmethod
    def newest(cls) -> Self | None:
        """What counts now, or nothing before the first lesson."""
        return cls.objects.select_related("stopped_by").first()

    @classmethod
    def keep(cls, basis: str, lessons: Mapping[Relation, Lesson]) -> Self:
        """Write a lesson down as the newest; one that a steward stopped stays stopped."""
        with transaction.atomic():
            before = cls.objects.select_for_update().first()
            made = cls.objects.create(
                basis=basis,
                lessons={relation.value: _told(lesson, relation) for relation, lesson in lessons.items()},
                stopped_at=before and before.stopped_at,
                stopped_by_id=before and before.stopped_by_id,
            )
            kept = cls.objects.values_list("pk", flat=True)[:KEPT]
            cls.objects.exclude(pk__in=list(kept)).delete()
        return made

    @classmethod
    def weights(cls, basis: str) -> fuse.Weights:
        """What to judge by now: the shipped weights, and what was learned in place of those that it beats."""
        newest, shipped = cls.objects.first(), fuse.shipped()
        if newest is None or newest.stopped_at or newest.basis != basis:
            return shipped
        return {relation: newest.proven(relation) or own for relation, own in shipped.items()}

    def proven(self, relation: Relation) -> fuse.Logistic | None:
        """The corrected weights where they proved themselves against the very weights that are shipped now."""
        told = self.lessons.get(relation.value, {})
        if told.get("verdict") != Verdict.BETTER or told["shipped"] != _written(fuse.shipped()[relation]):
            return None
        return fuse.Logistic(tuple(told["learned"]["coef"]), told["learned"]["intercept"])

    def stop(self, by: Any) -> bool:
        """Go back to the shipped weights, now and in later months; says whether that changed anything."""
        running = type(self).objects.filter(pk=self.pk, stopped_at=None)
        return bool(running.update(stopped_at=timezone.now(), stopped_by=by))

    def resume(self) -> bool:
        """Let what proved itself count again; says whether that changed anything."""
        stopped = type(self).objects.filter(pk=self.pk).exclude(stopped_at=None)
        return bool(stopped.update(stopped_at=None, stopped_by=None))


def _told(lesson: Lesson, relation: Relation) -> dict[str, Any]:
    """A lesson as readable numbers."""
    told: dict[str, Any] = {
        "verdict": lesson.verdict.value,
        "outcomes": lesson.outcomes,
        "people": lesson.people,
        "shipped": _written(fuse.shipped()[relation]),
    }
    if lesson.weights is None:
        return told
    figures = {name: [round(one, 5) for one in getattr(lesson, name)] for name in ("loss", "auc")}
    figures |= {name: [round(one, 5) for one in getattr(lesson, name)] for name in ("loss_gain", "auc_gain")}
    return told | figures | {"held_back": lesson.held_back, "learned": _written(lesson.weights)}


def _written(weights: fuse.Logistic) -> dict[str, Any]:
    return {"coef": list(weights.weights), "intercept": weights.bias}
