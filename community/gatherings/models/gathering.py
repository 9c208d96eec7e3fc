"""One gathering: what happens, when by whose clock, and how a seat is taken."""

from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import PageManager
from wagtail.search import index

from community.gatherings.models.message import Message
from community.gatherings.models.posting import PostedPage
from community.gatherings.models.recurrence import Recurrence
from community.gatherings.models.registration import Registration
from community.gatherings.models.seats import GatheringMode
from community.gatherings.models.session import Session
from community.gatherings.models.when import Dated, chosen_zone, soonest
from community.gatherings.models.zones import known_zones
from community.members.models import Member
from community.topics.models import EntryPage, EntryQuerySet

CALENDAR_KEEPS = timedelta(days=92)  # so far back one's own calendar reaches


class GatheringKind(models.TextChoices):
    """What kind of gathering it is."""

    WORKSHOP = "workshop", _("Workshop")
    VISIT = "visit", _("Visit or farm walk")
    MEETING = "meeting", _("Meeting")


class GatheringQuerySet(EntryQuerySet):
    """Which gatherings somebody may see, and when they are."""

    def hosted_by(self, member: Any) -> "GatheringQuerySet":
        """Gatherings whose guests this member may know by name: one's own, and for a steward all."""
        if getattr(member, "is_steward", False):
            return self.all()
        return self.editable_by(member)

    def in_calendar_of(self, member: Member, seats: list[int]) -> "GatheringQuerySet":
        """What stands in a member's own calendar: where they have one of these seats, and what they offer."""
        own = self.visible_to(member).filter(models.Q(pk__in=seats) | models.Q(author=member))
        return own.filter(ends_at__gte=timezone.now() - CALENDAR_KEEPS).select_related("author").order_by("starts_at")

    def waiting(self) -> "GatheringQuerySet":
        """What nobody has read yet, who waits longest first."""
        return self.exclude(posting__waits_since=None).order_by("posting__waits_since", "pk")

    def decidable_by(self, member: Any) -> "GatheringQuerySet":
        """A steward reads what others have written."""
        if not getattr(member, "is_steward", False):
            return self.none()
        return self.filter(posting__isnull=False, author__is_active=True).exclude(author=member)

    def upcoming(self) -> "GatheringQuerySet":
        """What is not over yet, soonest first."""
        return self.filter(ends_at__gte=timezone.now()).order_by("starts_at", "pk")

    def past(self) -> "GatheringQuerySet":
        """What is over, latest first."""
        return self.filter(ends_at__lt=timezone.now()).order_by("-starts_at", "-pk")


class GatheringPage(PostedPage):
    """A workshop, a visit or a meeting at one time, with its host and its seats."""

    kind = models.CharField(_("kind"), max_length=10, choices=GatheringKind.choices, default=GatheringKind.WORKSHOP)
    text = RichTextField(
        _("what happens"), blank=True, features=["h2", "h3", "bold", "italic", "ol", "ul", "link"],
        help_text=_("What you do together, whom it suits, and what the ground is like."),
    )  # fmt: skip
    bring = models.CharField(_("what to bring"), max_length=300, blank=True)
    price = models.CharField(_("price"), max_length=80, blank=True, help_text=_("“Free” is a price, too."))
    exact_place = models.CharField(
        _("exact place"), max_length=300, blank=True,
        help_text=_("Address, gate, where to park. Only people with a seat see this."),
    )  # fmt: skip
    online_link = models.URLField(
        _("link for those who join online"), max_length=500, blank=True,
        help_text=_("Only people with a seat see this."),
    )  # fmt: skip

    objects: ClassVar[Any] = PageManager.from_queryset(GatheringQuerySet)()

    FURTHER: ClassVar[int] = 6  # of the times that it comes again, so many are linked
    parent_page_types: ClassVar[list[str]] = ["gatherings.GatheringIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("mode")]),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldRowPanel([FieldPanel("is_all_day"), FieldPanel("zone")]),
            ],
            heading=_("When"),
        ),
        InlinePanel(
            "sessions",
            heading=_("Several dates, enrolled in as one"),
            label=_("date"),
            help_text=_("Leave empty for a single date. With dates here, beginning and end above follow from them."),
        ),
        FieldPanel("text"),
        *PostedPage.enrol_panels,
        FieldPanel("price"),
        FieldPanel("bring"),
        MultiFieldPanel(
            [FieldPanel("exact_place"), FieldPanel("online_link")], heading=_("Only for people with a seat")
        ),
        FieldPanel("is_cancelled"),
    ]
    # The exact place and the link are in no index: what is searched is shown to everyone.
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields, index.SearchField("text"), index.SearchField("bring"), index.FilterField("kind"),
    ]  # fmt: skip

    class Meta:
        verbose_name = _("gathering")
        verbose_name_plural = _("gatherings")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["recurrence", "occurs_on"], name="one_gathering_a_time"),
        ]

    def clean(self) -> None:
        """People can find it."""
        super().clean()
        if self.mode != GatheringMode.ONLINE and not self.place:
            raise ValidationError({"place": _("Name the village or valley where people meet.")})

    def follow(self, zone: str) -> None:
        """Where the zone is another than this one, each date of a series keeps the hour that was typed."""
        rows = list(self.sessions.all())
        if rows and zone != self.zone and self.zone in known_zones():
            for row in rows:
                row.follow_the_clocks(ZoneInfo(self.zone))
            self.sessions = rows  # type: ignore[misc]

    # Queries

    def why_not_kept(self, group: Any) -> Any:
        """Whoever has a seat, or waits for one, must not find the page gone."""
        outside = Registration.objects.filter(gathering=self.pk).pending().exclude(member__groups=group)
        if outside.exists():
            return _("People from outside have a seat already. Write to them, and hold another one in the circle.")
        return ""

    def meeting_point(self, member: Any, registration: Registration | None) -> dict[str, str]:
        """Exact place and link, for a guest with a seat, the host and editors; for anybody else nothing at all."""
        if not getattr(member, "is_authenticated", False):
            return {}
        seat = registration if registration is not None and registration.is_open else None
        is_entitled = seat is not None or self.author_id == member.pk
        if is_entitled or "change" in self.permissions_for_user(member).permissions or member.is_superuser:
            # Whoever chose the screen needs no code of a gate, and nobody needs a way that is gone.
            is_on_screen = seat is not None and (self.is_online or (self.is_hybrid and seat.is_online))
            is_at_place = seat is not None and self.mode == GatheringMode.ON_SITE
            return {
                "exact_place": "" if is_on_screen else self.exact_place,
                "online_link": "" if is_at_place else self.online_link,
            }
        return {}

    def dates(self) -> list[Dated]:
        """Its one date, or each of a series."""
        return soonest(self.sessions.all()) or [self]

    def dates_changed(self) -> bool:
        """Whether a date of the series is not what is stored."""
        stored = Session.objects.filter(page_id=self.pk).values_list("starts_at", "ends_at")
        return set(stored) != {(row.starts_at, row.ends_at) for row in self.sessions.all()}

    @classmethod
    def heal(cls) -> int:
        """Keep the hour where the rules of a zone were changed."""
        return cls.keep_the_hour()

    @property
    def shown_place(self) -> str:
        """The village that people come to; empty where nobody has to go anywhere."""
        return "" if self.is_online else self.place

    @property
    def icon(self) -> str:
        """Which drawing stands for it."""
        return "online" if self.is_online else self.kind

    @property
    def art(self) -> str:
        """The drawing at the top of the page."""
        return f"gathering_{self.icon}"

    # Pages

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, the reader's own seat, and what only guests may know."""
        self.reader_zone = chosen_zone(request)
        member, seat = request.user, self.seat_of(request.user)
        is_host = member.is_authenticated and member.pk == self.author_id
        return super().get_context(request, *args, **kwargs) | {
            "seat": seat,
            "further": self.further(member),
            "messages_of_host": seat and seat.has_messages,
            "meeting_point": self.meeting_point(member, seat),
            "host_url": self.author_url(member),
            "sees_guests": is_host or getattr(member, "is_steward", False),
            "is_host": is_host,
        }

    def seat_of(self, member: Any) -> Any:
        """What this member has here, with their place in the queue and whether the host has written, in one query."""
        if not getattr(member, "is_authenticated", False):
            return None
        written = Message.objects.visible_to(member).filter(gathering=OuterRef("gathering"))
        own = Registration.objects.of(member).pending().filter(gathering=self).with_place()
        seat = own.annotate(has_messages=Exists(written)).first()
        if seat:
            seat.gathering, seat.member = self, member
        return seat

    def further(self, member: Any) -> Any:
        """The next times that it comes again, as far as this member may see them."""
        if not self.recurrence_id:
            return []
        others = type(self).objects.visible_to(member).filter(recurrence=self.recurrence_id).exclude(pk=self.pk)
        return others.upcoming()[: self.FURTHER]

    def leave_pattern(self) -> None:
        """What comes again goes on as it was when this time alone is changed."""
        if self.recurrence_id:
            Recurrence.leave(self)

    @property
    def is_news(self) -> bool:
        """Of what comes again only the first time is news; a year of Tuesdays at once would be a flood."""
        return self.recurrence is None or self.occurs_on == self.recurrence.first_on

    def author_url(self, member: Any) -> str:
        """The profile of whoever offers this, for readers who may see it."""
        if not self.author or not self.byline:
            return ""
        return str(self.author.get_absolute_url()) if self.shows_author_to(member) else ""

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """A schema.org Event: the village, never the exact place; a page to go to, never the meeting's link."""
        page = self.get_full_url(request)
        village = {"@type": "Place", "name": self.place, "address": self.place}
        online = {"@type": "VirtualLocation", "url": page}
        places = {GatheringMode.ON_SITE: village, GatheringMode.ONLINE: online, GatheringMode.HYBRID: [village, online]}
        modes = {GatheringMode.ON_SITE: "Offline", GatheringMode.ONLINE: "Online", GatheringMode.HYBRID: "Mixed"}
        data = super().structured_data(request) | {
            "@type": "Event",
            "name": self.title,
            "eventAttendanceMode": f"https://schema.org/{modes[GatheringMode(self.mode)]}EventAttendanceMode",
            "location": places[GatheringMode(self.mode)],
        }
        return data | ({"organizer": {"@type": "Person", "name": self.byline}} if self.byline else {})
