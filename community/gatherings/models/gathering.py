"""One gathering: what happens, when by whose clock, and how a seat is taken."""

import uuid
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import PageManager
from wagtail.search import index

from community.gatherings.models.seats import Registration, Seats, too_few
from community.gatherings.models.zones import ZonedPageForm, default_zone, in_zone, validate_zone, zone_words
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.topics.models import EntryPage, EntryQuerySet


class GatheringKind(models.TextChoices):
    """What kind of gathering it is."""

    WORKSHOP = "workshop", _("Workshop")
    VISIT = "visit", _("Visit or farm walk")
    MEETING = "meeting", _("Meeting")


class GatheringMode(models.TextChoices):
    """Where people meet."""

    ON_SITE = "on-site", _("On site")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("On site and online")


class GatheringQuerySet(EntryQuerySet):
    """Which gatherings somebody may see, and when they are."""

    def hosted_by(self, member: Any) -> "GatheringQuerySet":
        """Gatherings whose guests this member may know by name: one's own, and for a steward all."""
        if getattr(member, "is_steward", False):
            return self.all()
        return self.editable_by(member)

    def upcoming(self) -> "GatheringQuerySet":
        """What is not over yet, soonest first."""
        return self.filter(ends_at__gte=timezone.now()).order_by("starts_at", "pk")

    def past(self) -> "GatheringQuerySet":
        """What is over, latest first."""
        return self.filter(ends_at__lt=timezone.now()).order_by("-starts_at", "-pk")


class GatheringPage(EntryPage):
    """A workshop, a visit or a meeting at one time, with its host and its seats."""

    kind = models.CharField(_("kind"), max_length=10, choices=GatheringKind.choices, default=GatheringKind.WORKSHOP)
    mode = models.CharField(_("where"), max_length=8, choices=GatheringMode.choices, default=GatheringMode.ON_SITE)
    starts_at = models.DateTimeField(_("starts"), db_index=True, help_text=_("As the clocks show it at the place."))
    ends_at = models.DateTimeField(_("ends"), db_index=True)
    zone = models.CharField(
        _("time zone"), max_length=64, default=default_zone, validators=[validate_zone],
        help_text=_("Region and city, for example Europe/London."),
    )  # fmt: skip
    capacity = models.PositiveSmallIntegerField(
        _("seats"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("How many people can come. Leave empty for no limit."),
    )  # fmt: skip
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
    is_cancelled = models.BooleanField(
        _("called off"), default=False, help_text=_("The page stays and says so. Nobody can enrol.")
    )

    objects: ClassVar[Any] = PageManager.from_queryset(GatheringQuerySet)()

    parent_page_types: ClassVar[list[str]] = ["gatherings.GatheringIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    base_form_class = ZonedPageForm
    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("mode")]),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]), FieldPanel("zone")], heading=_("When")
        ),
        FieldPanel("text"),
        FieldRowPanel([FieldPanel("capacity"), FieldPanel("price")]),
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

    def clean(self) -> None:
        """It ends after it begins, people can find it, and nobody loses a seat because a number was changed."""
        super().clean()
        wrong: dict[str, Any] = {}
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            wrong["ends_at"] = _("It must end after it begins. Look at date and time.")
        if self.mode != GatheringMode.ONLINE and not self.place:
            wrong["place"] = _("Name the village or valley where people meet.")
        if self.pk and self.capacity is not None:
            taken = Seats.objects.filter(page_id=self.pk).values_list("taken", flat=True).first() or 0
            if self.capacity < taken:
                wrong["capacity"] = too_few(taken)
        if wrong:
            raise ValidationError(wrong)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page, and let the seats know how many there are."""
        fields = kwargs.get("update_fields")
        with transaction.atomic():
            super().save(*args, **kwargs)
            if fields is None or "capacity" in fields:
                Seats.fit(self)

    # Mutators

    def enrol(self, member: Member, key: uuid.UUID | None = None) -> Registration:
        """Take a seat. The same form sent again, or a second wish, gives back the first seat.

        Raises ValidationError, with words for the member, where there is no seat to be had.
        """
        # Most of a crowd is answered here, by reading alone; who is let on queues up, and is looked at again.
        if earlier := Registration.objects.earlier(self.pk, member, key):
            return earlier
        self._require_free(member)
        with transaction.atomic():
            Seats.hold(self.pk)
            if earlier := Registration.objects.earlier(self.pk, member, key):
                return earlier
            gathering = self._require_free(member)
            if not Seats.take(self.pk):
                raise ValidationError(FULL)
            registration = Registration.objects.create(gathering=gathering, member=member, key=key)
            if gathering.author:
                url = reverse("gatherings:guests", args=[gathering.slug])
                Notice.send(gathering.author, NoticeKind.ENROLMENT_RECEIVED, url, actor=member)
        return registration

    def _require_free(self, member: Member) -> "GatheringPage":
        gathering: GatheringPage = type(self).objects.select_related("author", "seats").get(pk=self.pk)
        if why := gathering.why_not(member):
            raise ValidationError(why)
        return gathering

    # Queries

    def why_not(self, member: Member) -> Any:
        """Why this member cannot take a seat, in words; empty where they can, as far as is known without a lock."""
        if self.closed:
            return self.closed
        if self.author_id == member.pk:
            return _("This is your own gathering. You need no seat.")
        if not self.live or (self.author and Block.stands_between(self.author, member)):
            return _("No seat can be taken here.")
        return ""

    def meeting_point(self, member: Any, registration: Registration | None) -> dict[str, str]:
        """Exact place and link, for a guest with a seat, the host and editors; for anybody else nothing at all."""
        if not getattr(member, "is_authenticated", False):
            return {}
        is_entitled = registration is not None or self.author_id == member.pk
        if is_entitled or "change" in self.permissions_for_user(member).permissions or member.is_superuser:
            return {"exact_place": self.exact_place, "online_link": self.online_link}
        return {}

    @property
    def closed(self) -> Any:
        """Why nobody can enrol any more; empty while people can."""
        if self.is_cancelled:
            return _("This gathering was called off.")
        if self.starts_at <= timezone.now():
            return _("This gathering has begun or is over.")
        return FULL if self.seats_left == 0 else ""

    @property
    def seats_left(self) -> int | None:
        """How many seats are free; None without a limit."""
        return self.seats.left if hasattr(self, "seats") else self.capacity

    @property
    def state(self) -> str:
        """What a card says first: cancelled, past, full, or nothing."""
        if self.is_cancelled:
            return "cancelled"
        if self.ends_at < timezone.now():
            return "past"
        return "full" if self.seats_left == 0 else ""

    @property
    def shown_place(self) -> str:
        """The village that people come to; empty where nobody has to go anywhere."""
        return "" if self.mode == GatheringMode.ONLINE else self.place

    @property
    def icon(self) -> str:
        """Which drawing stands for it."""
        return "online" if self.mode == GatheringMode.ONLINE else self.kind

    @property
    def art(self) -> str:
        """The drawing at the top of the page."""
        return f"gathering_{self.icon}"

    # Time

    @property
    def shown_zone(self) -> ZoneInfo:
        """By whose clock the times are shown: the place's, or, where there is no place to go to, the reader's."""
        is_online = self.mode == GatheringMode.ONLINE
        return ZoneInfo(timezone.get_current_timezone_name() if is_online else self.zone)

    @property
    def local_start(self) -> datetime:
        """What the clock shows when it begins."""
        return in_zone(self.starts_at, self.shown_zone)

    @property
    def local_end(self) -> datetime:
        """What the clock shows when it ends."""
        return in_zone(self.ends_at, self.shown_zone)

    @property
    def zone_note(self) -> str:
        """Names the clock where the reader could take it for another: online always, on site if it differs."""
        here = timezone.localtime(self.starts_at).utcoffset()
        is_same = self.starts_at.astimezone(self.shown_zone).utcoffset() == here
        return "" if is_same and self.mode != GatheringMode.ONLINE else zone_words(self.shown_zone)

    @property
    def hours(self) -> str:
        """From when to when, in one line."""
        start, end = self.local_start, self.local_end
        until = date_format(end, "H:i") if start.date() == end.date() else date_format(end, "j F Y, H:i")
        hours = f"{date_format(start, 'H:i')} – {until}" if start.date() != end.date() else f"{start:%H:%M}–{until}"
        return f"{hours}, {self.zone_note}" if self.zone_note else hours

    # Pages

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, the reader's own seat, and what only guests may know."""
        member, seat = request.user, None
        is_host = member.is_authenticated and member.pk == self.author_id
        if member.is_authenticated:
            seat = Registration.objects.open().filter(gathering=self, member=member).first()
        return super().get_context(request, *args, **kwargs) | {
            "seat": seat,
            "meeting_point": self.meeting_point(member, seat),
            "host_url": self.author_url(member),
            "sees_guests": is_host or getattr(member, "is_steward", False),
            "is_host": is_host,
        }

    def author_url(self, member: Any) -> str:
        """The profile of whoever offers this, for readers who may see it."""
        if not self.author or not self.byline:
            return ""
        is_shown = Member.objects.visible_to(member).filter(pk=self.author_id).exists()
        return str(self.author.get_absolute_url()) if is_shown else ""

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """A schema.org Event: the village, never the exact place; a page to go to, never the meeting's link."""
        zone = ZoneInfo(self.zone)
        page = self.get_full_url(request)
        village = {"@type": "Place", "name": self.place, "address": self.place}
        online = {"@type": "VirtualLocation", "url": page}
        places = {GatheringMode.ON_SITE: village, GatheringMode.ONLINE: online, GatheringMode.HYBRID: [village, online]}
        modes = {GatheringMode.ON_SITE: "Offline", GatheringMode.ONLINE: "Online", GatheringMode.HYBRID: "Mixed"}
        data = super().structured_data(request) | {
            "@type": "Event",
            "name": self.title,
            "startDate": self.starts_at.astimezone(zone).isoformat(),
            "endDate": self.ends_at.astimezone(zone).isoformat(),
            "eventStatus": f"https://schema.org/Event{'Cancelled' if self.is_cancelled else 'Scheduled'}",
            "eventAttendanceMode": f"https://schema.org/{modes[GatheringMode(self.mode)]}EventAttendanceMode",
            "location": places[GatheringMode(self.mode)],
        }
        return data | ({"organizer": {"@type": "Person", "name": self.byline}} if self.byline else {})


FULL = _("All seats are taken. If somebody cancels, a seat is free again: look in now and then.")
