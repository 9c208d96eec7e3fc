"""Gatherings that come again: each time is a page of its own, with its own seats, made a year ahead."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import rrule  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.seats import PENDING
from community.gatherings.models.zones import WALL, in_zone, instant_of

AHEAD = timedelta(days=366)
OF_EACH = {
    "author_id", "starts_at", "ends_at", "starts_wall", "ends_wall", "sequence", "moved_from", "recurrence_id",
    "occurs_on", "is_cancelled",
}  # fmt: skip
REFILL = timedelta(days=31)  # the year ahead is topped up once a month


class Every(models.TextChoices):
    """How often it comes again."""

    WEEK = "week", _("Every week")
    FORTNIGHT = "fortnight", _("Every two weeks")
    MONTH = "month", _("Every month on the same date; on the last day where a month is shorter")
    WEEKDAY = "weekday", _("Every month on the same weekday, such as the second Saturday")
    YEAR = "year", _("Every year on the same date; 29 February becomes the 28th")

    def days(self, first: date) -> Iterator[date]:
        """The days on which it takes place, without end, the first one included."""
        start = datetime.combine(first, datetime.min.time())
        # A date that a month does not have is its last day: the last of the days that are not after it.
        not_after = {"bymonthday": range(min(first.day, 28), first.day + 1), "bysetpos": -1}
        nth = (first.day - 1) // 7 + 1
        weekday = rrule.weekday(first.weekday(), nth if nth < 5 else -1)
        rules: dict[str, tuple[int, dict[str, Any]]] = {
            Every.WEEK: (rrule.WEEKLY, {}),
            Every.FORTNIGHT: (rrule.WEEKLY, {"interval": 2}),
            Every.MONTH: (rrule.MONTHLY, not_after),
            Every.WEEKDAY: (rrule.MONTHLY, {"byweekday": weekday}),
            Every.YEAR: (rrule.YEARLY, {"bymonth": first.month} | not_after),
        }
        often, rule = rules[self]
        return (moment.date() for moment in rrule.rrule(often, dtstart=start, **rule))


class Recurrence(models.Model):  # type: ignore[django-manager-missing]
    """The rule by which a gathering comes again, and the page that shows how each time is held."""

    every = models.CharField(_("how often"), max_length=10, choices=Every.choices)
    first_on = models.DateField()
    until = models.DateField(_("until"), null=True, blank=True)
    made_until = models.DateField(help_text="Up to this day every time has its page, or had one that was taken away.")
    pattern = models.ForeignKey("gatherings.GatheringPage", null=True, on_delete=models.SET_NULL, related_name="+")

    gatherings: Any  # its times, each a page

    class Meta:
        verbose_name = _("recurrence")
        verbose_name_plural = _("recurrences")

    def __str__(self) -> str:
        return f"{self.every} since {self.first_on}"

    @classmethod
    def begin(cls, page: Any, every: Every, until: date | None = None) -> "Recurrence":
        """Let a gathering come again; asked twice, it begins once."""
        with transaction.atomic():
            page = type(page).objects.select_for_update(of=("self",), no_key=True).get(pk=page.pk)
            if page.recurrence:
                return page.recurrence  # type: ignore[no-any-return]
            if page.sessions.exists():
                raise ValidationError(_("A gathering of several dates cannot come again. Repeat each by itself."))
            first = page.days(page)[0]
            if until and until <= first:
                raise ValidationError(_("Choose a day after the first time."))
            recurrence = cls.objects.create(every=every, first_on=first, until=until, made_until=first, pattern=page)
            type(page).objects.filter(pk=page.pk).update(recurrence=recurrence, occurs_on=first)
            recurrence.extend()
        return recurrence

    def extend(self) -> int:
        """Make the pages of the year ahead; days that were made once are never made again."""
        with transaction.atomic():
            own = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
            pattern = own.pattern or own.gatherings.order_by("-occurs_on").first()
            if pattern is None or not pattern.live or (pattern.author and not pattern.author.is_active):
                return 0
            end = min(own.until or date.max, timezone.localdate() + AHEAD)
            days = [day for day in takewhile(lambda day: day <= end, own.days) if day > own.made_until]
            for day in days:
                own.make(pattern, day)
            type(self).objects.filter(pk=own.pk).update(made_until=max(end, own.made_until))
        self.refresh_from_db()
        return len(days)

    def make(self, pattern: Any, day: date) -> Any:
        """The page of one day: like the pattern, at the same hour, with all seats free."""
        starts_at, ends_at = times_on(day, pattern)
        slug = f"{pattern.slug[:200].removesuffix(f'-{pattern.occurs_on}')}-{day}"
        taken = type(pattern).objects.filter(slug=slug).exists()
        page = pattern.copy(
            to=pattern.get_parent(), copy_revisions=False, log_action=None,
            update_attrs={
                "slug": f"{slug}-{self.pk}" if taken else slug, "starts_at": starts_at, "ends_at": ends_at,
                "is_cancelled": False,
            },
        )  # fmt: skip
        # Whoever copies a page by hand makes a gathering that is none of these times, so copying leaves this out.
        page.recurrence, page.occurs_on = self, day
        type(page).objects.filter(pk=page.pk).update(recurrence=self, occurs_on=day)
        return page

    @classmethod
    def leave(cls, page: Any) -> None:
        """A time that is changed by itself shows no more how the others are held; one that is as it was does."""
        if rule := cls.objects.filter(pattern=page.pk).first():
            names = [*shared_by(page), "starts_wall", "ends_wall"]
            was = type(page).objects.filter(pk=page.pk).values(*names).get()
            walls = {name: was.pop(name)[11:] for name in ("starts_wall", "ends_wall")}
            is_same = all(was[name] == getattr(page, name) for name in was)
            if is_same and all(wall == getattr(page, name)[11:] for name, wall in walls.items()):
                return
            others = rule.gatherings.live().exclude(pk=page.pk)
            others = others.filter(**was, **{f"{name}__endswith": wall for name, wall in walls.items()})
            if other := others.order_by("-occurs_on").first():
                cls.objects.filter(pk=rule.pk).update(pattern=other)

    def others(self, page: Any) -> Any:
        """The other times to come that a host may change; what was taken down or locked is no business of theirs."""
        return self.gatherings.live().filter(locked=False, ends_at__gt=timezone.now()).exclude(pk=page.pk)

    def strands(self, page: Any) -> bool:
        """Whether people at another time could not come as they meant to, if it were held as this page says."""
        joined = self.others(page).filter(registrations__state__in=PENDING).exclude(seats__mode=page.mode)
        return not page.is_hybrid and bool(joined.exists())

    def spread(self, page: Any, since: date, fate: str = "") -> int:
        """Hold every later time from that day on as this page says: words, seats, place and hour. Counts them.

        `fate`: what becomes of people who cannot come as they meant to any more. ValidationError, and nothing is
        changed, where that is not said though there are some, or where one of the times has too few seats.
        """
        with transaction.atomic():
            others = self.others(page).filter(occurs_on__gte=since).order_by("occurs_on")
            others = list(others.select_for_update(of=("self",), no_key=True))  # a page before its seats, as everywhere
            for other in others:
                day, when = other.days(other)[0], other.when  # by the clocks that it had
                for name in shared_by(page):
                    setattr(other, name, getattr(page, name))
                other.topics = list(page.topics.all())
                other.starts_at, other.ends_at = times_on(day, page)
                other.fate = fate
                try:
                    other.settle_ways()  # a revision does not carry what the host decided
                    other.save_revision(log_action=False).publish(log_action=False)
                except ValidationError as error:
                    raise ValidationError(f"{when}: {' '.join(error.messages)}") from error
            type(self).objects.filter(pk=self.pk).update(pattern=page)
        return len(others)

    def end(self, last: date) -> int:
        """No more after that day: times that nobody has a seat at are taken away, the others are called off."""
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(until=last)
            later = list(self.gatherings.filter(occurs_on__gt=last, starts_at__gt=timezone.now()))
            for page in later:
                if page.registrations.exists():
                    page.call_off()
                else:
                    page.delete()
        self.refresh_from_db()
        return len(later)

    @classmethod
    def heal(cls) -> int:
        """Top up the year ahead, once a month for each."""
        due = timezone.localdate() + AHEAD - REFILL
        goes_on = Q(until=None) | Q(until__gt=F("made_until"))
        return sum(one.extend() for one in cls.objects.filter(goes_on, made_until__lt=due))

    @property
    def days(self) -> Iterator[date]:
        """All its days, without regard to its end."""
        return Every(self.every).days(self.first_on)


def shared_by(page: Any) -> list[str]:
    """What all times of a gathering that comes again can share: everything but when, whose and whether it is off."""
    own = [field.attname for field in page._meta.local_concrete_fields if not field.primary_key]
    return ["title", *(name for name in own if name not in OF_EACH)]


def times_on(day: date, pattern: Any) -> tuple[datetime, datetime]:
    """Beginning and end on another day, by the same clocks on the wall."""
    zone = ZoneInfo(pattern.zone)
    start, end = in_zone(pattern.starts_at, zone), in_zone(pattern.ends_at, zone)
    shift = day - start.date()
    first, last = (datetime.strptime(f"{wall + shift:{WALL}}", WALL) for wall in (start, end))  # noqa: DTZ007
    starts_at, ends_at = instant_of(first, zone), instant_of(last, zone)
    return starts_at, max(ends_at, starts_at + timedelta(minutes=1))
