"""Lessons in an order: each builds on the one before."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable

from community.library.models.lesson import LessonPage
from community.library.models.progress import LessonDone, Progress
from community.topics.models import EntryPage, with_renditions


class SeriesPage(EntryPage):
    """A series: lessons that somebody does one after the other, each on what the last one taught."""

    able = models.TextField(
        _("what you will be able to do at the end"), max_length=600, blank=True,
        help_text=_("Two or three sentences."),
    )  # fmt: skip

    parent_page_types: ClassVar[list[str]] = ["library.LessonIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("Lessons in an order, each built on the one before.")
    template = "library/series_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldPanel("able"),
        InlinePanel("parts", heading=_("Lessons, in their order"), label=_("Lesson"), min_num=1, max_num=40),
    ]

    class Meta:
        verbose_name = _("series of lessons")
        verbose_name_plural = _("series of lessons")

    def progress_of(self, member: Any, is_preview: bool = False) -> Progress:
        """The lessons that this member may see, in their order, each of them once, and which of them are done."""
        lessons = LessonPage.objects.visible_to(member).annotate(is_done=LessonDone.objects.exists_for(member))
        if is_preview:  # what an editor has put together is not saved yet
            wanted = dict.fromkeys(part.lesson_id for part in self.parts.all())
            found = lessons.in_bulk(list(wanted))
            return Progress([found[key] for key in wanted if key in found])
        rows = lessons.filter(series_parts__page=self.pk).order_by("series_parts__sort_order")
        return Progress(list({row.pk: row for row in rows}.values()))

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """A thing to learn from that has parts."""
        data = super().structured_data(request) | {"@type": "LearningResource", "name": self.title}
        author = {"@type": "Person", "name": self.byline} if self.byline else None
        return data | ({"author": author} if author else {})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The lessons in their order, and how far this reader has come."""
        pictures = with_renditions("picture__renditions", self.WIDE_PICTURE)
        prefetch_related_objects([self] if self.pk else [], "topics", pictures)
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"progress": self.progress_of(request.user, getattr(request, "is_preview", False))}


class SeriesPart(Orderable):
    """The place of one lesson in a series."""

    page = ParentalKey(SeriesPage, on_delete=models.CASCADE, related_name="parts")
    lesson = models.ForeignKey(
        LessonPage, verbose_name=_("lesson"), on_delete=models.CASCADE, related_name="series_parts"
    )

    panels: ClassVar[list[Any]] = [FieldPanel("lesson")]

    class Meta(Orderable.Meta):
        verbose_name = _("part of a series")

    def __str__(self) -> str:
        return f"lesson {self.lesson_id} of series {self.page_id}"
