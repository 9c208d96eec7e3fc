"""An experiment over a season: what somebody wants to find out, and what they saw on the way."""

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Max, Q, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import PageManager
from wagtail.search import index

from community.library.models.course import Course
from community.library.models.tester import CoTester
from community.library.models.update import LogUpdate
from community.library.models.wording import lines_of
from community.members.models import Member
from community.questions.models import Question
from community.topics.models import EntryPage, EntryQuerySet, as_paragraphs, with_renditions

MOST_FIGURES, LONGEST = 20, 7500  # lines of the table of a story, and letters of one chapter, with some to spare


def as_course(notes: list[LogUpdate]) -> str:
    """Notes as one text, as many as a chapter holds; it says where the others stand."""
    text = ""
    for note in notes:
        text += f"{note.told}\n\n"
        if len(text) > LONGEST:
            rest = _("The other notes stand in the log of the experiment.")
            return f"{text[:LONGEST].rstrip()}…\n\n{rest}"
    return text


class LogState(models.TextChoices):
    """How far an experiment is."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")


class LogQuerySet(EntryQuerySet):
    """Which experiments, and in which order."""

    def at(self, state: str) -> "LogQuerySet":
        """Those that are planned, running or finished today."""
        today = timezone.localdate()
        return self.filter(
            {
                LogState.PLANNED: Q(finished_on=None, starts_on__gt=today),
                LogState.RUNNING: Q(finished_on=None, starts_on__lte=today),
                LogState.FINISHED: ~Q(finished_on=None),
            }[LogState(state)]
        )

    def seeking(self) -> "LogQuerySet":
        """Those that others can join."""
        return self.filter(seeks_testers=True, finished_on=None, author__is_active=True, author__is_adult=True)

    def running_first(self) -> "LogQuerySet":
        """What is not finished before what is; the last begun first."""
        return self.order_by(F("finished_on").desc(nulls_first=True), "-starts_on", "-pk")


class LogPage(EntryPage):
    """The log of an experiment: a question, what is compared, and what was seen from one date to the next."""

    question = models.TextField(
        _("what we want to find out"), max_length=400, help_text=_("One question that a harvest or a batch can answer.")
    )
    compared = models.TextField(
        _("what is compared"), max_length=800, blank=True, help_text=_("One line for each bed, batch or group.")
    )
    measured = models.TextField(
        _("what is counted"), max_length=400, blank=True, help_text=_("What you weigh, count or time, and how often.")
    )
    starts_on = models.DateField(_("from"), help_text=_("A day will do, even if it is a guess."))
    ends_on = models.DateField(_("until about"), null=True, blank=True)
    finished_on = models.DateField(_("finished on"), null=True, blank=True, editable=False)  # as the notes say
    grown_into = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False,
        help_text="The story that its author made of it.",
    )  # fmt: skip
    seeks_testers = models.BooleanField(
        _("others are wanted who try the same"), default=False,
        help_text=_("Members then can say on the page that they try it, too; you learn their names."),
    )  # fmt: skip
    call = models.TextField(
        _("what they would do"), max_length=600, blank=True,
        help_text=_("How much ground or time it takes, and by when."),
    )  # fmt: skip

    objects: ClassVar[Any] = PageManager.from_queryset(LogQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["library.LogIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("Something that is being tried out over a season, with notes on the way.")
    template = "library/log_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldPanel("question"),
        FieldPanel("compared"),
        FieldPanel("measured"),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
        MultiFieldPanel([FieldPanel("seeks_testers"), FieldPanel("call")], heading=_("Who tries this with me?")),
    ]
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields,
        *[index.SearchField(name) for name in ("question", "compared", "measured")],
        index.FilterField("finished_on"),
    ]

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")

    def clean(self) -> None:
        """It cannot end before it begins."""
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("This is before the day on which it begins.")})

    def with_content_json(self, content: Any) -> Any:
        """An earlier or later wording; whether the experiment is finished, and told, is no matter of words."""
        log = super().with_content_json(content)
        log.finished_on, log.grown_into_id = self.finished_on, self.grown_into_id
        return log

    def settle(self) -> None:
        """Take over from the notes whether, and when, the experiment was finished."""
        last = LogUpdate.objects.filter(log=self.pk, is_last=True).aggregate(day=Max("day"))["day"]
        type(self).objects.filter(pk=self.pk).update(finished_on=last)
        self.finished_on = last

    @property
    def state(self) -> LogState:
        """How far it is today."""
        if self.finished_on:
            return LogState.FINISHED
        return LogState.PLANNED if self.starts_on > timezone.localdate() else LogState.RUNNING

    @property
    def parts(self) -> list[str]:
        """What is compared, one thing for each line."""
        return lines_of(self.compared)

    @property
    def seeks(self) -> bool:
        """Whether others are wanted, and somebody is there to welcome them."""
        return self.seeks_testers and not self.finished_on and bool(self.byline)

    def why_not(self, member: Member) -> str:
        """Why this member cannot join in; empty where nothing is in the way."""
        if self.author_id == member.pk:
            return str(_("This is your own experiment."))
        if not self.seeks:
            return str(_("Nobody else is wanted for this one any more."))
        if not member.is_adult:
            return str(_("Under 18, please ask a steward to bring the two of you together."))
        return ""

    @transaction.atomic
    def grow(self, by: Member, kind: Any, outcome: str) -> Any:
        """Begin a story with what was asked, done and seen here; twice leads to the same story."""
        log = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if log.author_id != by.pk:
            raise ValidationError(_("This is not your experiment."))
        if story := kind.objects.filter(pk=log.grown_into_id).first():
            return story
        notes = list(log.updates.order_by("day", "pk"))
        fields = {"title": log.title[:120], "outcome": outcome, "summary": log.summary, "place": log.place}
        fields |= {"year": max([log.starts_on, *(note.day for note in notes)]).year, "season": log.season}
        story = kind.begin(by, fields)
        figures = [note.as_figure for note in notes if note.measure][:MOST_FIGURES]
        parts: dict[str, Any] = {
            "tried": as_paragraphs("\n\n".join(filter(None, (log.question, log.compared, log.measured)))),
            "happened": as_paragraphs(as_course(notes)),
        }
        parts |= {"evidence": {"figures": figures, "text": ""}} if figures else {}
        story.keep(by, {"topics": list(log.topics.all())}, parts)
        type(self).objects.filter(pk=self.pk).update(grown_into=story.pk)
        return story

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """A piece of writing that grows."""
        data = super().structured_data(request) | {
            "@type": "CreativeWork",
            "name": self.title,
            "abstract": self.question,
            "temporalCoverage": f"{self.starts_on}/{self.finished_on or self.ends_on or '..'}",
            "author": {"@type": "Person", "name": self.byline} if self.byline else None,
        }
        return {key: value for key, value in data.items() if value}

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The log with its updates, who tries it, too, and what this reader can do with it."""
        reader = request.user
        updates = list(LogUpdate.objects.filter(log=self.pk).in_order())
        prefetch_related_objects([self] if self.pk else [], "topics")
        pictures = [picture for picture in (self.picture, *(update.picture for update in updates)) if picture]
        prefetch_related_objects(pictures, with_renditions("renditions", self.WIDE_PICTURE, LogUpdate.PICTURE))
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context |= Question.on_page(self, request.user)
        is_author = reader.is_authenticated and reader.pk == self.author_id
        taking_part = CoTester.objects.standing().filter(log=self.pk)
        names = CoTester.objects.visible_to(reader).filter(log=self.pk).select_related("member")
        testers = list(names.order_by("joined_at", "pk")) if is_author else []
        keys = (
            [tester.member_id for tester in testers]
            if is_author
            else list(taking_part.values_list("member", flat=True))
        )
        grown = apps.get_model("library", "CaseStudyPage")  # by name: a story knows what it grew out of
        # A story that an editor has taken the name off must not be tied to its teller by what it grew out of.
        told = grown.objects.visible_to(reader).filter(pk=self.grown_into_id, author=self.author_id)  # type: ignore[attr-defined]
        story = told.first() if self.grown_into_id and self.author_id else None
        return context | {
            "story": story,
            "can_grow": is_author and getattr(reader, "is_adult", False) and story is None,
            "updates": updates,
            "course": Course.of_log(self, updates),
            "is_author": is_author,
            "testers": testers,
            "count": len(keys),
            "fewest": settings.SMALL_COUNT,
            "is_tester": reader.pk in keys,
            "why_not": self.why_not(reader) if reader.is_authenticated else "",
        }
