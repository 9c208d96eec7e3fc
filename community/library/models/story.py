"""One story: what somebody tried, how it ended and why."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index

from community.library.blocks import StoryBlock
from community.library.models.rollup import roll_up
from community.library.models.tried import TriedPage
from community.members.models import Member
from community.topics.models import EntryPage, EntryQuerySet, with_renditions


class Outcome(models.TextChoices):
    """How a story ended; a failure told well is worth as much as a success."""

    SUCCESS = "success", _("It worked")
    MIXED = "mixed", _("It worked in part")
    FAILURE = "failure", _("It failed")


class StoryQuerySet(EntryQuerySet):
    """Which stories, and in which order."""

    def newest(self) -> "StoryQuerySet":
        """The last published first."""
        return self.order_by(F("first_published_at").desc(nulls_last=True), "-pk")

    def newest_of_each_outcome(self, number: int) -> "StoryQuerySet":
        """The newest of what worked, what worked in part and what failed: the same number of each."""
        place = Window(
            RowNumber(),
            partition_by="outcome",
            order_by=[F("first_published_at").desc(nulls_last=True), F("pk").desc()],
        )
        # Keys alone are put in order: whole stories are too heavy to sort, all but a few of them for nothing.
        keys = self.select_related(None).values("pk").annotate(place=place).filter(place__lte=number)
        return self.filter(pk__in=keys.values("pk")).newest()

    def like(self, story: "CaseStudyPage", number: int) -> "StoryQuerySet":
        """Other stories that share a topic with this one, those that share most first."""
        topics = self.model.topics.through.objects.filter(casestudypage=story.pk).values("topic")
        shared = self.exclude(pk=story.pk).filter(topics__in=topics).annotate(shared=models.Count("topics"))
        return shared.order_by("-shared", F("first_published_at").desc(nulls_last=True), "-pk")[:number]


class CaseStudyPage(TriedPage):
    """A story: what somebody tried, how it ended and why, so that others need not find it out again."""

    outcome = models.CharField(
        _("how it ended"), max_length=7, choices=Outcome.choices,
        help_text=_("All three are equally welcome. Failures are read the most."),
    )  # fmt: skip
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=[MinValueValidator(1800), MaxValueValidator(2200)],
        help_text=_("When it happened."),
    )  # fmt: skip
    is_confidential = models.BooleanField(_("told in confidence"), default=False, editable=False)
    body = StreamField(StoryBlock(), verbose_name=_("the story"), help_text=_("Add the parts that you have."))

    objects: ClassVar[Any] = PageManager.from_queryset(StoryQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["library.StoryIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("What you tried, how it ended and why.")
    template = "library/case_study_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels[:2],
        FieldRowPanel([FieldPanel("outcome"), FieldPanel("year")]),
        *EntryPage.content_panels[2:],
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields,
        index.SearchField("body"),
        index.FilterField("outcome"),
        index.FilterField("year"),
    ]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """An article with its teller, dates and topics."""
        data = super().structured_data(request) | {
            "@type": "Article",
            "headline": self.title[:110],
            "inLanguage": "en-GB",
            "datePublished": self.first_published_at and self.first_published_at.isoformat(),
            "dateModified": self.last_published_at and self.last_published_at.isoformat(),
            "keywords": [topic.name for topic in self.topics.all()],
            "author": {"@type": "Person", "name": self.byline} if self.byline and not self.is_confidential else None,
            "contentLocation": {"@type": "Place", "name": self.place} if self.place else None,
        }
        return {key: value for key, value in data.items() if value}

    @property
    def byline(self) -> str:
        """Who tells it; of what was told in confidence nobody knows, and nobody is asked."""
        return str(_("Told in confidence; checked by the desk")) if self.is_confidential else super().byline

    def can_be_asked_by(self, reader: Any) -> bool:
        """Whether this reader finds a page of the teller to ask on; nobody is led to a shut gate."""
        if self.is_confidential or not self.byline or reader == self.author:
            return False
        return Member.objects.visible_to(reader).filter(pk=self.author_id).exists()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The story, stories about the same thing, and whether the teller can be asked."""
        visible = CaseStudyPage.objects.visible_to(request.user).select_related("author", "season", "picture")
        related = list(visible.like(self, 3))
        pictures = with_renditions("picture__renditions", self.CARD_PICTURE, self.WIDE_PICTURE)
        # One query for the topics of all, one for all pictures; a preview that is not saved yet has its own.
        prefetch_related_objects([*([self] if self.pk else []), *related], "topics", pictures)
        roll_up([self, *related], request.user)
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"related": related, "can_ask": self.can_be_asked_by(request.user)}
