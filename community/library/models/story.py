"""One story: what somebody tried, how it ended and why."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery, Window, prefetch_related_objects
from django.db.models.functions import Cast, RowNumber
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager, PagePermissionTester, WorkflowState
from wagtail.search import index

from community.library.blocks import StoryBlock
from community.library.blocks.video import Video
from community.library.models.conditions import BudgetBand, Climate, Scale, Soil
from community.library.models.course import Course
from community.library.models.licence import Licence, Standing
from community.library.models.moderation import Review
from community.library.models.nomination import Nomination, UsefulFailure
from community.library.models.plain import text_of
from community.library.models.rollup import roll_up
from community.library.models.roots import has_roots, roots_of
from community.library.models.telling import ToldPage
from community.library.models.tried import TriedPage
from community.questions.models import Question
from community.topics.models import EntryPage, EntryQuerySet, search_words, with_renditions

LONG_ENOUGH = 4  # letters of a word that tells stories apart


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
        told = self.model.topics.through.objects
        shared = told.filter(topic__in=told.filter(casestudypage=story.pk).values("topic"))
        # Counted beside the stories: a Count of a join would group by every column that a card takes along.
        of_one = shared.filter(casestudypage=OuterRef("pk")).order_by().values("casestudypage")
        number_shared = Subquery(of_one.annotate(number=models.Count("pk")).values("number"))
        others = self.exclude(pk=story.pk).filter(pk__in=shared.values("casestudypage"))
        order = [F("first_published_at").desc(nulls_last=True), "-pk"]
        return others.annotate(shared=number_shared).order_by("-shared", *order)[:number]

    def resembling(self, words: str, number: int) -> "list[CaseStudyPage]":
        """Stories in which some of these words stand, most of them first: what somebody who writes should have read.

        By words alone; a ranking by meaning belongs here, too, once the search of the network can be asked for it.
        """
        # Short words stand everywhere, and would find stories about anything.
        asked = [word.casefold() for word in search_words(words).split() if len(word) >= LONG_ENOUGH]
        if not asked:
            return []
        index = self.model.objects.live().only("pk")
        keys = [page.pk for page in index.search(" ".join(asked), operator="or")[: 20 * number]]

        def shared(story: CaseStudyPage) -> int:
            title, summary = story.title.casefold(), story.summary.casefold()
            return sum(2 * (word in title) + (word in summary) for word in asked)

        near = [story for story in self.filter(pk__in=keys) if shared(story) > 1]
        return sorted(near, key=shared, reverse=True)[:number]

    def decidable_by(self, member: Any) -> "StoryQuerySet":
        """What waits for this reader, and what was decided: everything that was ever sent, but nobody's own."""
        if not Review.readers().filter(pk=getattr(member, "pk", None) or 0).exists():
            return self.none()
        stories = self.filter(read_by_stewards(workflow__workflow_tasks__task__in=Review.objects.all()))
        is_alone = not Review.readers().exclude(pk=member.pk).exists()
        return stories if is_alone else stories.exclude(author=member)

    def waiting(self) -> "StoryQuerySet":
        """Sent, and not answered yet."""
        return self.filter(read_by_stewards(status=WorkflowState.STATUS_IN_PROGRESS))


def read_by_stewards(**which: Any) -> Exists:
    """Whether a page has such a row of Wagtail's workflow."""
    key = Cast(OuterRef("pk"), models.CharField())  # the other way round, a word that is no number would be a fault
    kind = ContentType.objects.get_for_model(Page)
    return Exists(WorkflowState.objects.filter(base_content_type=kind, object_id=key, **which))


class NeverCopied(PagePermissionTester):
    """What may be done with a page in the editing tools, copying apart: a copy would outlive what is withdrawn."""

    def can_copy(self) -> bool:
        """Whoever asks."""
        return False


class CaseStudyPage(ToldPage, TriedPage):
    """A story: what somebody tried, how it ended and why, so that others need not find it out again."""

    outcome = models.CharField(
        _("how it ended"), max_length=7, choices=Outcome.choices,
        help_text=_("All three are equally welcome. Failures are read the most."),
    )  # fmt: skip
    year = models.PositiveSmallIntegerField(
        _("year"), null=True, blank=True, validators=[MinValueValidator(1800), MaxValueValidator(2200)],
        help_text=_("When it happened."),
    )  # fmt: skip
    soil = models.CharField(_("soil"), max_length=10, choices=Soil.choices, blank=True)
    climate = models.CharField(_("weather"), max_length=10, choices=Climate.choices, blank=True)
    scale = models.CharField(_("how big"), max_length=10, choices=Scale.choices, blank=True)
    equipment = models.CharField(
        _("tools and machines"), max_length=160, blank=True, help_text=_("What others would need to do the same."),
    )  # fmt: skip
    budget = models.CharField(_("what it cost in all"), max_length=10, choices=BudgetBand.choices, blank=True)
    licence = models.CharField(_("what others may do with it"), max_length=10, choices=Licence.choices, blank=True)
    credit = models.CharField(
        _("with thanks to"), max_length=160, blank=True, help_text=_("Who helped, who counted, who took the picture."),
    )  # fmt: skip
    standing = models.CharField(_("still true?"), max_length=7, choices=Standing.choices, blank=True)
    standing_on = models.DateField(_("said on"), null=True, blank=True, editable=False)
    asked_on = models.DateField(_("asked on"), null=True, blank=True, editable=False)
    is_confidential = models.BooleanField(_("told in confidence"), default=False, editable=False)
    body = StreamField(StoryBlock(), verbose_name=_("the story"), help_text=_("Add the parts that you have."))

    objects: ClassVar[Any] = PageManager.from_queryset(StoryQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["library.StoryIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    IS_TRANSLATED: ClassVar[bool] = True
    page_description = _("What you tried, how it ended and why.")
    template = "library/case_study_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels[:2],
        FieldRowPanel([FieldPanel("outcome"), FieldPanel("year")]),
        *EntryPage.content_panels[2:],
        MultiFieldPanel(
            [FieldPanel(name) for name in ("soil", "climate", "scale", "equipment", "budget")],
            heading=_("Under which conditions"),
        ),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("licence"), FieldPanel("credit")], heading=_("Use and thanks")),
    ]
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields,
        index.SearchField("body"),
        index.FilterField("outcome"),
        index.FilterField("year"),
        index.FilterField("soil"),
        index.FilterField("budget"),
        index.SearchField("equipment"),
    ]

    class Meta:
        verbose_name = _("story")
        verbose_name_plural = _("stories")

    def may_be_translated(self) -> bool:
        """What was told in confidence has one page, so that its teller can take all of it back."""
        return self.IS_TRANSLATED and not self.is_confidential

    def clean(self) -> None:
        """Whoever keeps the pages cannot name somebody as the teller of what was told in confidence."""
        super().clean()
        if self.is_confidential and self.author_id is not None:
            raise ValidationError({"author": _("This was told in confidence. It stays without a name.")})

    def permissions_for_user(self, user: Any) -> Any:
        """What was told in confidence has one page, so that its teller can take all of it back."""
        return NeverCopied(user, self) if self.is_confidential else super().permissions_for_user(user)

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """An article with its teller, dates and topics."""
        data = super().structured_data(request) | {
            "@type": "Article",
            "headline": self.title[:110],
            "inLanguage": self.language_tag,
            "datePublished": self.first_published_at and self.first_published_at.isoformat(),
            "dateModified": self.last_published_at and self.last_published_at.isoformat(),
            "keywords": [topic.name for topic in self.topics.all()],
            "author": {"@type": "Person", "name": self.byline} if self.byline and not self.is_confidential else None,
            "contentLocation": {"@type": "Place", "name": self.place} if self.place else None,
            "license": self.terms.url if self.terms else None,
            "creditText": self.credit,
        }
        return {key: value for key, value in data.items() if value}

    @property
    def byline(self) -> str:
        """Who tells it; of what was told in confidence nobody knows, and nobody is asked."""
        return str(_("Told in confidence; checked by the desk")) if self.is_confidential else super().byline

    def day_of(self, moment: datetime | None) -> date | None:
        """Of what was told in confidence only the month is known, whatever the row says."""
        day = super().day_of(moment)
        return day.replace(day=1) if day and self.is_confidential else day

    def can_be_asked_by(self, reader: Any) -> bool:
        """Whether this reader finds a page of the teller to ask on; nobody is led to a shut gate."""
        if self.is_confidential or not self.byline or reader == self.author:
            return False
        return self.shows_author_to(reader)

    @property
    def conditions(self) -> list[tuple[Any, str]]:
        """Under which conditions it was tried, as far as somebody said: what it is called, and the words."""
        fields = ("soil", "climate", "scale", "equipment", "budget")
        shown = ((self._meta.get_field(name), self._words(name)) for name in fields)
        return [(field.verbose_name, words) for field, words in shown if words]  # type: ignore[union-attr]

    def _words(self, name: str) -> str:
        value = getattr(self, name)
        choices = dict(self._meta.get_field(name).choices or ())  # type: ignore[union-attr]
        return str(choices.get(value, "" if choices else value))

    @property
    def terms(self) -> Licence | None:
        """What others may do with it, or None where nobody said."""
        return Licence(self.licence) if self.licence in Licence.values else None

    @property
    def missing(self) -> list[tuple[str, Any]]:
        """What a story must have before somebody else reads it: the step where it is told, and the words."""
        wanted = (
            ("start", bool(self.title and self.outcome), _("Say what it is about, and how it ended.")),
            ("tried", bool(text_of(self.body, "tried")), _("Tell what you tried.")),
            ("happened", bool(text_of(self.body, "happened")), _("Tell what happened.")),
            ("now", bool(self.summary), _("Say it in short, in one or two sentences.")),
            ("about", bool(self.licence), _("Choose what others may do with it.")),
        )
        return [(step, words) for step, is_there, words in wanted if not is_there]

    def with_content_json(self, content: Any) -> Any:
        """An earlier or later wording of the story; what the teller said of its truth belongs to the story itself."""
        story = super().with_content_json(content)
        for name in ("standing", "standing_on", "asked_on"):
            setattr(story, name, getattr(self, name))
        return story

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The story, stories about the same thing, and whether the teller can be asked."""
        visible = CaseStudyPage.objects.visible_to(request.user).in_language(self.language, request.user)
        related = list(visible.select_related("author", "season", "picture").like(self, 3))
        ground = self.ground(request.user)
        pictures = with_renditions("picture__renditions", self.CARD_PICTURE, self.WIDE_PICTURE)
        # One query for the topics of all, one for all pictures; a preview that is not saved yet has its own.
        prefetch_related_objects([*([self] if self.pk else []), *related], "topics", pictures)
        roll_up([ground, *related], request.user)
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context |= Question.on_page(ground, request.user) | {"ground": ground}
        is_mine = self.author_id is not None and self.author_id == request.user.pk
        told = {"related": related, "can_ask": self.can_be_asked_by(request.user)}
        told |= {"course": Course.of_story(ground) if self.pk else None}
        told |= {"roots": roots_of(ground, request), "played": self.video(request.GET.get("video", ""))}
        told |= {"can_nominate": request.user.is_authenticated and not Nomination.why_not(request.user, ground)}
        return context | told | {"my_url": ground.my_url if is_mine else ""}

    is_grown: bool | None = None  # where the query that fetched the page has asked already
    useful_in: int | None = None  # as the most useful failure of which year it was named; the same

    @classmethod
    def asked_along(cls) -> dict[str, Any]:
        """Whether it grew out of a try or an experiment, and whether it was named."""
        return {"is_grown": has_roots(), "useful_in": UsefulFailure.of_story()}

    def video(self, key: str) -> Video | None:
        """The video in this story that goes by this word, or None."""
        videos = (Video.of(part.value["url"]) for part in self.body if part.block_type == "video")
        return next((one for one in videos if key and one is not None and one.key == key), None)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; where a reader has asked for a video, its host and no other may stand in a frame of this answer."""
        response: Any = super().serve(request, *args, **kwargs)
        if video := (getattr(response, "context_data", None) or {}).get("played"):
            response._csp_update = {"frame-src": [f"https://{video.host}"]}
        return response  # type: ignore[no-any-return]
