"""The calendar of a circle: when it meets next, and the gatherings that it keeps, for those who belong to it.

A program asks by the secret address of one member, which is of the same key as that of their own calendar: taken back
or renewed, it opens neither. Who belongs to a circle, and what they may see of it, is asked anew each time.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from community.circles.models import Circle
from community.gatherings.feeds import MOST, answer, moment, text
from community.gatherings.models import CalendarKey, GatheringPage, Registration
from community.gatherings.models.gathering import CALENDAR_KEEPS
from community.gatherings.models.when import DAY


@login_required
@require_safe
def circle_address(request: HttpRequest, slug: str) -> HttpResponse:
    """The secret address at which one's calendar follows a circle."""
    circle = get_object_or_404(inside(request.user), slug=slug)
    key = CalendarKey.objects.filter(member=request.user.pk).first()
    url = f"{settings.SITE_URL}{reverse('circle_calendar_by_key', args=[slug, key.token])}" if key else ""
    response = render(request, "circles/calendar.html", {"circle": circle, "key": key, "url": url})
    response.headers["Referrer-Policy"] = "strict-origin"  # with `no-referrer` the forms at its foot would be refused
    return response


@login_required
@require_safe
def circle_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The calendar as it is now, for somebody inside who is signed in."""
    return calendar_of(request, get_object_or_404(inside(request.user), slug=slug), request.user)


@require_safe
def circle_calendar_by_key(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The same for whoever knows the secret address of somebody inside."""
    key = CalendarKey.opened_by(token)
    if key is None:
        raise Http404
    return calendar_of(request, get_object_or_404(inside(key.member), slug=slug), key.member)


def inside(member: Any) -> Any:
    """The circles to which this member belongs, and of which they may know: a block keeps from both."""
    own = Circle.objects.of(member).values("pk")
    return Circle.objects.visible_to(member).filter(pk__in=own).select_related("group")


def calendar_of(request: HttpRequest, circle: Circle, member: Any) -> HttpResponse:
    """The next meeting and what is kept in here, with the exact place where this member has a seat."""
    kept = circle.kept_pages(member).order_by().values("pk")
    found = GatheringPage.objects.visible_to(member).filter(pk__in=kept, ends_at__gte=timezone.now() - CALENDAR_KEEPS)
    pages = found.select_related("author").prefetch_related("sessions").order_by("starts_at", "pk")
    seats = {one.gathering_id: one for one in Registration.objects.of(member).open().filter(gathering__in=kept)}
    at_gate = {*seats, *pages.filter(author=member).values_list("pk", flat=True)}  # no others are asked for the place
    with_place = [
        (page, page.meeting_point(member, seats.get(page.pk)) if page.pk in at_gate else {}) for page in pages[:MOST]
    ]
    response = answer(request, circle.name, with_place, list(next_meeting(request, circle)))
    response.headers["Referrer-Policy"], response.headers["X-Robots-Tag"] = "no-referrer", "noindex"
    patch_cache_control(response, no_store=True, private=True)
    return response


def next_meeting(request: HttpRequest, circle: Circle) -> Iterator[str]:
    """The lines of the day on which the circle meets next: one entry, which moves with the day."""
    day = circle.next_on if circle.is_going else None
    if day is None:
        return
    url = request.build_absolute_uri(circle.get_absolute_url())
    changed = moment(circle.planned_at)
    title = _("%(name)s meets") % {"name": circle.name}
    yield from (
        "BEGIN:VEVENT", f"UID:{uuid.uuid5(uuid.NAMESPACE_OID, circle.group.name)}", f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}", f"SEQUENCE:{circle.planned}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{day + DAY:%Y%m%d}",
        "TRANSP:TRANSPARENT", f"SUMMARY:{text(title)}",
        f"DESCRIPTION:{text(chr(10).join(filter(None, [circle.agenda, url])))}", f"LOCATION:{text(circle.place)}",
        f"URL:{url}", "STATUS:CONFIRMED", "END:VEVENT",
    )  # fmt: skip
