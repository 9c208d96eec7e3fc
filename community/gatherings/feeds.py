"""Gatherings for calendar programs (iCalendar, RFC 5545): one, all public ones, and one's own by a secret address.

Instants are written in UTC and whole days as days, so no reader needs our rules of zones to be right.
"""

import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from community.gatherings.models import CalendarKey, GatheringIndexPage, GatheringPage, Registration
from community.gatherings.models.when import DAY, Dated
from community.topics.feeds import LONG_AGO, written

MOST = 500  # the soonest of all public gatherings; no calendar is read further
OCTETS = 75
BREAKS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
Place = dict[str, str]


@require_safe
def event(request: HttpRequest, slug: str) -> HttpResponse:
    """One gathering; whoever has a seat is told the exact place, as on the page."""
    gatherings = GatheringPage.objects.visible_to(request.user).select_related("author")
    page = get_object_or_404(gatherings, slug=slug)
    seat = None
    if request.user.is_authenticated:
        seat = Registration.objects.of(request.user).open().filter(gathering=page).first()
    place = page.meeting_point(request.user, seat)
    return answer(request, page.title, [(page, place)])


@require_safe
@cache_control(public=True, max_age=600)
def calendar(request: HttpRequest) -> HttpResponse:
    """All gatherings to come that anybody may know of, with the filters of the list."""
    lists = GatheringIndexPage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
    index = get_object_or_404(lists.live().public()[:1])
    _wanted, pages = index.asked_for(request)
    pages = pages.prefetch_related("sessions").order_by("starts_at", "pk")[:MOST]
    return answer(request, f"{index.title} – {settings.WAGTAIL_SITE_NAME}", [(page, {}) for page in pages])


@require_safe
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """What one member has a seat at or offers, for whoever knows the secret address."""
    key = CalendarKey.opened_by(token)
    if key is None:
        raise Http404
    member = key.member
    seats = {one.gathering_id: one for one in Registration.objects.of(member).open()}
    pages = GatheringPage.objects.in_calendar_of(member, list(seats)).prefetch_related("sessions")
    with_place = [(page, page.meeting_point(member, seats.get(page.pk))) for page in pages]
    response = answer(request, settings.WAGTAIL_SITE_NAME, with_place)
    response.headers["Referrer-Policy"], response.headers["X-Robots-Tag"] = "no-referrer", "noindex"
    patch_cache_control(response, no_store=True, private=True)
    return response


def answer(
    request: HttpRequest, name: str, pages: Iterable[tuple[GatheringPage, Place]], more: Iterable[str] = ()
) -> HttpResponse:
    """A calendar as a file; `more` are lines of entries that are no gatherings."""
    events = [*more, *(line for page, place in pages for line in entries(request, page, place))]
    head = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Scionwood//Gatherings//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{text(name)}", f"NAME:{text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "X-PUBLISHED-TTL:PT4H",
    ]  # fmt: skip
    content = "".join(fold(line) for line in (*head, *(events or NOTHING), "END:VCALENDAR"))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="gatherings.ics"'
    return response


# A calendar must hold something (RFC 5545, 3.6); where nothing is on, it says what the hour is in Greenwich.
NOTHING = [
    "BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
]  # fmt: skip


def entries(request: HttpRequest, page: GatheringPage, place: Place) -> Iterator[str]:
    """The lines of one gathering, one entry for each of its dates."""
    # To the day, as everywhere: at what hour somebody sat at it is nobody's business.
    changed = moment(datetime.combine(page.changed_on or LONG_AGO, time.min, tzinfo=UTC))
    url = page.get_full_url(request) or "/"
    link, gate = place.get("online_link", ""), place.get("exact_place", "")
    told = [page.summary, page.when, *([_("Join online: %s") % link] if link else []), url]
    where = (link or url) if page.is_online else ", ".join(filter(None, [gate, page.place]))
    for row in page.dates():
        yield from (
            "BEGIN:VEVENT", f"UID:{uid(page, row)}", f"DTSTAMP:{changed}", f"LAST-MODIFIED:{changed}",
            f"SEQUENCE:{page.sequence}", *times(page, row), f"SUMMARY:{text(title(page, row))}",
            f"DESCRIPTION:{text(chr(10).join(told))}", f"LOCATION:{text(where)}", f"URL:{url}",
            f"STATUS:{'CANCELLED' if page.is_cancelled else 'CONFIRMED'}", "END:VEVENT",
        )  # fmt: skip


def uid(page: GatheringPage, row: Dated) -> str:
    """A name that stays whatever is changed, and tells nothing: neither a number of ours nor an address."""
    own = getattr(row, "uid", None)
    return str(uuid.uuid5(page.translation_key, str(own)) if own else page.translation_key)


def title(page: GatheringPage, row: Dated) -> str:
    """What the calendar calls it; the date of a series by its own subject, too."""
    subject = getattr(row, "subject", "")
    return f"{page.title}: {subject}" if subject else page.title


def times(page: GatheringPage, row: Dated) -> list[str]:
    """Beginning and end: whole days as days, the end being the day after; else as instants."""
    if page.is_all_day:
        first, last = page.days(row)
        return [f"DTSTART;VALUE=DATE:{first:%Y%m%d}", f"DTEND;VALUE=DATE:{last + DAY:%Y%m%d}", "TRANSP:TRANSPARENT"]
    return [f"DTSTART:{moment(row.starts_at)}", f"DTEND:{moment(row.ends_at)}"]


def moment(instant: datetime) -> str:
    """An instant as calendars write it."""
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def text(words: str) -> str:
    """Words as the value of a property; no line break and no sign in them can begin another one."""
    plain = BREAKS.sub("\n", str(words))
    plain = written(plain).replace("\x7f", "")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> str:
    """A line cut into pieces of at most 75 octets, never inside a letter."""
    if len(line.encode()) <= OCTETS:
        return f"{line}\r\n"
    pieces, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > OCTETS:
            pieces.append("")
            size = 1  # the space that goes before every further piece
        pieces[-1] += letter
        size += octets
    return "\r\n ".join(pieces) + "\r\n"
