"""How far somebody has come with their lessons; nobody else learns of it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member


class LessonDoneQuerySet(models.QuerySet["LessonDone"]):
    """Whose progress somebody may see."""

    def visible_to(self, member: Any) -> "LessonDoneQuerySet":
        """One's own, and nobody else's: it is no business of the lesson's author, nor of a steward."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()

    def exists_for(self, member: Any) -> Exists:
        """Whether this member has done the lesson that a query is about."""
        return Exists(self.visible_to(member).filter(lesson=OuterRef("pk")))

    def editable_by(self, member: Any) -> "LessonDoneQuerySet":
        """One's own."""
        return self.visible_to(member)


class LessonDone(models.Model):
    """A member has done what a lesson teaches, and noted it for themselves."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="lessons_done")
    lesson = models.ForeignKey("library.LessonPage", on_delete=models.CASCADE, related_name="+")
    done_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = LessonDoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesson done")
        verbose_name_plural = _("lessons done")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "lesson"], name="one_done_a_lesson"),
        ]

    def __str__(self) -> str:
        return f"lesson {self.lesson_id}"

    @classmethod
    def note(cls, member: Member, lesson: Any) -> "LessonDone":
        """I have done this. Saying it twice says it once, and the first day counts."""
        done: LessonDone = cls.objects.get_or_create(member=member, lesson=lesson)[0]
        return done

    @classmethod
    def take_back(cls, member: Member, lesson: Any) -> None:
        """I have not done this after all."""
        cls.objects.editable_by(member).filter(lesson=lesson).delete()


@dataclass(frozen=True)
class Progress:
    """Lessons in their order, and which of them this reader has done."""

    lessons: list[Any]  # each with `is_done`
    here: int | None = None  # the lesson that is being read
    is_here_done: bool = False
    series: dict[str, str] | None = None  # title and address, where it is not the page that is being read

    @classmethod
    def around(cls, lesson: Any, rows: list[Any]) -> "Progress":
        """What stands on the page of one lesson; `rows` are the lesson itself and those of its series."""
        lessons = {row.pk: row for row in rows if row.series_pk is not None and row.part_of == row.series_pk}
        is_done = any(row.is_done for row in rows if row.pk == lesson.pk)
        first = next(iter(lessons.values()), None)
        series = {"title": first.series_title, "url": f"../{first.series_slug}/"} if first else None
        return cls(list(lessons.values()), lesson.pk, is_done, series)

    @property
    def total(self) -> int:
        """How many lessons there are."""
        return len(self.lessons)

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(1 for lesson in self.lessons if lesson.is_done)

    @property
    def number(self) -> int:
        """Which lesson of the series is being read; 0 for none of them."""
        return next((n for n, lesson in enumerate(self.lessons, 1) if lesson.pk == self.here), 0)

    @property
    def next(self) -> Any:
        """Where to go on: the lesson after this one; on the page of the series, the first that is not done."""
        if self.number:
            return next(iter(self.lessons[self.number :]), None)
        return next((lesson for lesson in self.lessons if not lesson.is_done), None)
