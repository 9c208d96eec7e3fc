"""One lesson: how something is done, step by step, so that somebody else can do it tomorrow."""

from datetime import timedelta
from html import unescape
from typing import Any, ClassVar

from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Subquery, prefetch_related_objects
from django.http import HttpRequest
from django.utils.duration import duration_iso_string
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.rich_text import RichText
from wagtail.search import index

from community.library.blocks import LessonBlock
from community.library.models.progress import LessonDone, Progress
from community.library.models.rollup import roll_up
from community.library.models.tried import TriedPage
from community.library.models.wording import DAY, lasting, lines_of
from community.questions.models import Question
from community.topics.models import EntryPage, rendition_of

YEAR = 366 * DAY


class Difficulty(models.TextChoices):
    """How much somebody must know before; words, since nobody knows what three stars mean."""

    EASY = "easy", _("Easy: it works the first time")
    PRACTICE = "practice", _("Some practice: expect to do it twice")
    HARD = "hard", _("Hard: best beside somebody who can")

    @property
    def short(self) -> str:
        """The one word that stands on a card."""
        return str({"easy": _("Easy"), "practice": _("Some practice"), "hard": _("Hard")}[self.value])


class LessonPage(TriedPage):
    """A lesson: what one will be able to do, what it needs, and the steps in their order."""

    able = models.TextField(
        _("what you will be able to do"), max_length=600,
        help_text=_("One line for each thing, beginning with what one does: “Sharpen a hook without losing the edge”."),
    )  # fmt: skip
    difficulty = models.CharField(_("how hard it is"), max_length=8, choices=Difficulty.choices)
    minutes = models.PositiveIntegerField(
        _("minutes of work in all"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(YEAR)],
        help_text=_("Leave empty to add up the minutes of the steps."),
    )  # fmt: skip
    waiting = models.CharField(
        _("and waiting"), max_length=120, blank=True, help_text=_("What takes time by itself: “three weeks of drying”.")
    )
    tools = models.TextField(_("tools"), max_length=1000, blank=True, help_text=_("One line for each."))
    materials = models.TextField(
        _("materials"), max_length=1000, blank=True, help_text=_("One line for each, with how much of it.")
    )
    safety = models.TextField(
        _("safety"),
        max_length=600,
        blank=True,
        help_text=_("What can hurt somebody, and what to wear. It stands first."),
    )
    steps = StreamField(LessonBlock(), verbose_name=_("the steps"), help_text=_("In the order of the work."))

    parent_page_types: ClassVar[list[str]] = ["library.LessonIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    IS_TRANSLATED: ClassVar[bool] = True
    page_description = _("How something is done, step by step.")
    template = "library/lesson_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldPanel("able"),
        FieldPanel("difficulty"),
        FieldRowPanel([FieldPanel("minutes"), FieldPanel("waiting")]),
        MultiFieldPanel([FieldPanel(name) for name in ("tools", "materials", "safety")], heading=_("What it needs")),
        FieldPanel("steps"),
    ]
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields,
        *[index.SearchField(name) for name in ("able", "tools", "materials", "steps")],
        index.FilterField("difficulty"),
    ]

    STEP_PICTURE: ClassVar[str] = "max-960x960|format-webp"

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    @property
    def time_in_all(self) -> int:
        """Minutes of work: as somebody said, else those of all steps together; 0 where nobody knows."""
        return self.minutes or sum(step["value"].get("minutes") or 0 for step in self.steps.raw_data)

    @property
    def time_words(self) -> str:
        """How long it takes, as one would say it: the work, and what one must wait for."""
        return ", ".join(words for words in (self.work_words, self.waiting) if words)

    @property
    def work_words(self) -> str:
        """How long the work alone takes."""
        return lasting(self.time_in_all)

    @property
    def hardness(self) -> str:
        """How hard it is, in a word."""
        return Difficulty(self.difficulty).short if self.difficulty in Difficulty.values else ""

    @property
    def skills(self) -> list[str]:
        """What one will be able to do, one thing for each line."""
        return lines_of(self.able)

    @property
    def tool_list(self) -> list[str]:
        """The tools, one for each line."""
        return lines_of(self.tools)

    @property
    def material_list(self) -> list[str]:
        """The materials, one for each line."""
        return lines_of(self.materials)

    def shown_steps(self) -> list[dict[str, Any]]:
        """The steps as the page shows them; all their pictures, and the one on top, come in one query."""
        steps = [step["value"] for step in self.steps.raw_data]
        wanted = {step["image"] for step in steps if step.get("image")}
        found = (
            get_image_model()
            .get_rendition_model()
            .objects.filter(
                image__in=[*wanted, self.picture_id], filter_spec__in=[self.STEP_PICTURE, self.WIDE_PICTURE]
            )
        )
        renditions = list(found)
        if self.picture:
            self.picture.prefetched_renditions = [one for one in renditions if one.image_id == self.picture_id]
        pictures = {one.image_id: one for one in renditions if one.filter_spec == self.STEP_PICTURE}
        for image in get_image_model().objects.filter(pk__in=wanted - set(pictures)) if wanted else ():
            pictures[image.pk] = rendition_of(image, self.STEP_PICTURE)  # its first reader
        return [
            {name: step.get(name) for name in ("title", "warning", "alt")}
            | {"text": RichText(step.get("text") or ""), "time": lasting(step.get("minutes") or 0)}
            | {"picture": pictures.get(step.get("image"))}
            for step in steps
        ]

    def place_in_series(self, member: Any) -> Progress:
        """Where this lesson stands in the series that it belongs to (the older one of two), for this member.

        One query brings the series, its lessons in their order, and which of them the member has done.
        """
        model: Any = apps.get_model("library", "SeriesPage")  # by name: a series knows its lessons
        series = model.objects.visible_to(member).filter(parts__lesson=self.pk).order_by("pk")
        rows = (
            LessonPage.objects.visible_to(member)
            .annotate(part_of=F("series_parts__page"), place_in=F("series_parts__sort_order"))
            .annotate(**{f"series_{name}": Subquery(series.values(name)[:1]) for name in ("pk", "title", "slug")})
            .annotate(is_done=LessonDone.objects.exists_for(member))
            .filter(Q(part_of=F("series_pk")) | Q(pk=self.pk))
        )
        return Progress.around(self, list(rows.order_by("place_in", "part_of").only("title", "url_path", "slug")))

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """Instructions and a thing to learn from at once, so that both kinds of search know it."""
        steps = [
            {"@type": "HowToStep", "position": n, "name": step["value"].get("title")}
            | {"text": " ".join(unescape(strip_tags((step["value"].get("text") or "").replace("</p>", " "))).split())}
            for n, step in enumerate(self.steps.raw_data, 1)
        ]
        data = super().structured_data(request) | {
            "@type": ["HowTo", "LearningResource"],
            "name": self.title,
            "inLanguage": self.language_tag,
            "datePublished": self.first_published_at and self.first_published_at.isoformat(),
            "dateModified": self.last_published_at and self.last_published_at.isoformat(),
            "keywords": [topic.name for topic in self.topics.all()],
            "author": {"@type": "Person", "name": self.byline} if self.byline else None,
            "learningResourceType": "how-to",
            "educationalLevel": str(self.get_difficulty_display()),
            "teaches": self.skills,
            "totalTime": duration_iso_string(timedelta(minutes=self.time_in_all)) if self.time_in_all else None,
            "tool": [{"@type": "HowToTool", "name": name} for name in self.tool_list],
            "supply": [{"@type": "HowToSupply", "name": name} for name in self.material_list],
            "step": steps,
        }
        return {key: value for key, value in data.items() if value}

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The lesson, what came of it elsewhere, the series it belongs to, and whether this reader has done it."""
        prefetch_related_objects([self] if self.pk else [], "topics")
        ground = self.ground(request.user)
        roll_up([ground], request.user)
        steps = self.shown_steps()
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context |= Question.on_page(ground, request.user) | {"ground": ground}
        return context | {
            "steps": steps,
            "progress": ground.place_in_series(request.user),
        }
