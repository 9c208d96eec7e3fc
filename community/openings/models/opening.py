"""One opening: what can be learned, on which terms, and how somebody asks for it."""

import uuid
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, PageManager
from wagtail.search import index

from community.connections.models import Connection, ConnectionKind, LearningPlan
from community.members.models import LANGUAGES, Block, Member
from community.openings.models.application import Application
from community.openings.models.paper import Paper
from community.openings.models.posted import PostedPage
from community.openings.models.steps import STANDING
from community.topics.models import EntryPage, EntryQuerySet
from community.trust.models import Safeguarding


class OpeningKind(models.TextChoices):
    """What is offered."""

    APPRENTICESHIP = "apprenticeship", _("Apprenticeship")
    PLACEMENT = "placement", _("Placement")
    GUEST_TEACHING = "guest-teaching", _("Guest teaching")
    ADVISORY = "advisory", _("Advisory seat")


class OpeningQuerySet(EntryQuerySet):
    """Which openings somebody may see, and which can still be applied for."""

    def open(self) -> "OpeningQuerySet":
        """Not closed yet, and with an adult who answers."""
        in_time = Q(closes_on=None) | Q(closes_on__gte=timezone.localdate())
        return self.filter(in_time, author__is_active=True, author__is_adult=True)

    def waiting(self) -> "OpeningQuerySet":
        """Written by somebody whom no steward knows, and not read by one yet; who has waited longest comes first."""
        return self.exclude(posting__waits_since=None).order_by("posting__waits_since", "pk")

    def decidable_by(self, member: Any) -> "OpeningQuerySet":
        """A steward reads what others have written."""
        if not getattr(member, "is_steward", False):
            return self.none()
        return self.filter(posting__isnull=False, author__is_active=True).exclude(author=member)


class OpeningPage(PostedPage):
    """A place for somebody who wants to learn, or a call for somebody who can teach."""

    kind = models.CharField(_("kind"), max_length=16, choices=OpeningKind.choices, default=OpeningKind.APPRENTICESHIP)
    text = RichTextField(
        _("what it is about"), blank=True, features=["h2", "h3", "bold", "italic", "ol", "ul", "link"],
        help_text=_("The work, the days, and whom it suits. Say what is hard, too."),
    )  # fmt: skip
    hours = models.CharField(_("hours"), max_length=160, blank=True, help_text=_("How much of a week, and when."))
    pay = models.CharField(_("pay"), max_length=160, blank=True)
    housing = models.CharField(_("where to live"), max_length=160, blank=True)
    transport = models.CharField(_("how to get there"), max_length=160, blank=True)
    language = models.CharField(_("language of work"), max_length=2, choices=list(LANGUAGES.items()), default="en")
    min_age = models.PositiveSmallIntegerField(
        _("from what age"), null=True, blank=True, validators=[MaxValueValidator(99)],
        help_text=_("The law and your insurance may ask for one."),
    )  # fmt: skip
    admits_minors = models.BooleanField(
        _("people under 18 may apply"), default=False,
        help_text=_("Only where a steward knows you. A parent or guardian has to agree, and stewards read along."),
    )  # fmt: skip
    insurance = models.CharField(
        _("insurance"), max_length=160, blank=True, help_text=_("Who insures whom against what, in a few words.")
    )
    safety = models.TextField(
        _("safety"), max_length=1000, blank=True, help_text=_("Dangers, what you provide, what must be worn.")
    )
    starts = models.CharField(_("when it begins"), max_length=120, blank=True)
    closes_on = models.DateField(
        _("apply by"), null=True, blank=True, db_index=True,
        help_text=_("After this day it leaves the lists. Leave empty to keep it open."),
    )  # fmt: skip

    objects: ClassVar[Any] = PageManager.from_queryset(OpeningQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["openings.OpeningIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("closes_on")]),
        FieldPanel("text"),
        InlinePanel("lines", heading=_("What will be learned"), label=_("Line"), max_num=12),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("starts", "hours", "pay", "housing", "transport", "language")],
            heading=_("Terms"),
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("min_age", "admits_minors", "insurance", "safety")],
            heading=_("Age and safety"),
        ),
    ]
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields,
        index.SearchField("text"),
        index.RelatedFields("lines", [index.SearchField("text")]),
        index.FilterField("kind"),
    ]

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")

    # Mutators

    def apply(
        self, member: Member, message: str, key: uuid.UUID | None = None, *, is_draft: bool = False,
        guardian: tuple[str, str] = ("", ""), papers: dict[str, Any] | None = None,
    ) -> Application:  # fmt: skip
        """Ask for the place, or keep what is written for later. `papers` are clean files by kind; None takes one away.

        The same form sent again, or a second wish, gives back the first application. Raises ValidationError, with
        words for the member, where they cannot apply.
        """
        with transaction.atomic():
            # Whoever applies twice at the same moment waits here for themselves.
            Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)
            # Held: a guardian's yes may send it at this moment.
            earlier = Application.objects.select_for_update(of=("self",)).earlier(self.pk, member, key)
            if earlier and not earlier.is_draft:
                return earlier
            opening = type(self).objects.select_related("author").get(pk=self.pk)
            if why := opening.why_not(member):
                raise ValidationError(why)
            application = earlier or Application(opening=opening, member=member, key=key)
            application.poster, application.message = opening.author, message.strip()
            application.guardian_name, application.guardian_email = guardian
            application.moved_at = timezone.now()  # what is written on is not forgotten as old
            application.guardian_asked_at = None  # whatever a guardian was asked about, it was something else
            Safeguarding.require_no_contact(member, application.message)
            application.full_clean()
            application.save()
            for kind, file in (papers or {}).items():
                application.papers.filter(kind=kind).delete()
                if file is not None:
                    Paper.of(application, kind, file)
            if not is_draft:
                application.submit(member)
        return application

    def connect(self, applicant: Member, poster: Member) -> Connection:
        """The place is agreed: who learns here gets a learning plan of its lines; who teaches or advises meets them."""
        if self.kind not in LEARNING:
            return Connection.agree(applicant, poster, ConnectionKind.COLLABORATION)
        connection = Connection.agree(applicant, poster, ConnectionKind.MENTORSHIP, mentor=poster)
        # Where the two have a plan already, what is new here comes to its end.
        LearningPlan.of(connection).add(line.text for line in self.lines.all())
        return connection

    # Queries

    def why_not_kept(self, group: Any) -> Any:
        """A place is offered to everybody who may want it."""
        return _("An opening is for everybody. Tell the circle of it in the minutes.")

    def why_not(self, member: Member) -> Any:
        """Why this member cannot apply, in words; empty where they can."""
        if self.closed:
            return self.closed
        if self.author_id == member.pk:
            return _("This is your own opening.")
        if self.author is None or not self.live or Block.stands_between(self.author, member):
            return _("You cannot apply here.")
        if not member.is_adult and not self.author.is_verified:
            return _("Under 18 you can apply only where a steward knows the person who offers the place.")
        if not member.is_adult and not self.is_for_minors:
            return _("This place is for people of %(age)s and older.") % {"age": max(ADULT, self.min_age or 0)}
        if not member.is_adult and not Safeguarding.of(self.author).exists():
            # Every word to them would be held, and nobody would ever read it.
            return _("Nobody here looks after people under 18 at the moment, so you cannot apply. Ask a steward.")
        return ""

    @property
    def closed(self) -> Any:
        """Why nobody can apply any more; empty while people can."""
        if self.closes_on and self.closes_on < timezone.localdate():
            return _("This opening is closed.")
        # Somebody under 18 is no poster: an application would be a letter from a stranger to them.
        if self.author is None or not self.author.is_active or not self.author.is_adult:
            return _("Nobody answers for this opening any more.")
        return ""

    @property
    def is_posted_by_verified(self) -> bool:
        """Whether a steward vouches for the person who offers the place."""
        return self.author is not None and self.author.is_verified

    @property
    def is_for_minors(self) -> bool:
        """Whether somebody under 18 can apply at all."""
        return self.admits_minors and (self.min_age or 0) < ADULT

    @property
    def is_slow(self) -> bool:
        """Whether somebody waits for an answer that should have come by now."""
        return bool(Application.objects.late().filter(opening=self).exists())

    @property
    def art(self) -> str:
        """The drawing at the top of the page."""
        return f"opening_{self.kind}"

    # Pages

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, and what this reader has to do with it."""
        member, sent = request.user, None
        if member.is_authenticated:
            sent = Application.objects.of(member).filter(opening=self, state__in=STANDING).first()
        return super().get_context(request, *args, **kwargs) | {
            "sent": sent,
            "is_poster": member.is_authenticated and member.pk == self.author_id,
            "poster_url": self.author_url(member),
            "is_slow": self.is_slow,
        }

    def author_url(self, member: Any) -> str:
        """The profile of whoever offers this, for readers who may see it."""
        if not self.author or not self.byline:
            return ""
        is_shown = Member.objects.visible_to(member).filter(pk=self.author_id).exists()
        return str(self.author.get_absolute_url()) if is_shown else ""

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """A schema.org EducationalOccupationalProgram, or a Demand where somebody is sought who teaches or advises.

        No JobPosting: that asks for a legal employer, an address and a salary in figures, which a farm that offers
        a place beside the stove does not state, and which nobody here has checked.
        """
        own: dict[str, Any] = {"name": self.title}
        if self.kind in LEARNING:
            own |= {
                "@type": "EducationalOccupationalProgram",
                "programType": str(self.get_kind_display()),
                "provider": {"@type": "Person", "name": self.byline} if self.byline else None,
                "applicationDeadline": self.closes_on and self.closes_on.isoformat(),
            }
        else:
            own |= {
                "@type": "Demand",
                "availabilityEnds": self.closes_on and self.closes_on.isoformat(),
                "areaServed": self.place,
            }
        return super().structured_data(request) | {name: value for name, value in own.items() if value}


class OpeningLine(Orderable):
    """One thing that will be learned, or taught, in one line; matching compares it with people's own lines."""

    opening = ParentalKey(OpeningPage, on_delete=models.CASCADE, related_name="lines")
    text = models.CharField(_("in one line"), max_length=200, help_text=_("For example: build a dry-stone wall."))

    panels: ClassVar[list[Any]] = [FieldPanel("text")]

    class Meta(Orderable.Meta):
        verbose_name = _("line")
        verbose_name_plural = _("lines")

    def __str__(self) -> str:
        return self.text


ADULT = 18
LEARNING = frozenset({OpeningKind.APPRENTICESHIP, OpeningKind.PLACEMENT})  # here somebody learns from the poster
