"""The year by topic, and what is on next in a frame on somebody else's site."""

from datetime import date

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from community.gatherings.models import GatheringIndexPage, GatheringPage
from community.gatherings.models.month import by_topic
from community.gatherings.models.zones import YEARS
from community.topics.models import Topic

MONTHS = range(1, 13)
IN_A_FRAME = 8  # so many stand in a frame
ANYWHERE = {"frame-ancestors": ["*"], "script-src": [NONE], "style-src": [SELF], "connect-src": [NONE]}


@require_safe
def planner(request: HttpRequest) -> HttpResponse:
    """A year of gatherings, topic by topic: when what is learned, and which months are empty."""
    typed = request.GET.get("year", "")
    known = typed.isascii() and typed.isdecimal() and len(typed) == 4 and int(typed) in YEARS
    year = int(typed) if known else timezone.localdate().year
    found = by_topic(GatheringPage.objects.visible_to(request.user), year)
    months = [date(year, month, 1) for month in MONTHS]
    rows = [
        (topic, [(month, found[topic.slug].get(month.month, 0)) for month in months])
        for topic in Topic.objects.filter(slug__in=found).order_by("name")
    ]
    years = [each for each in (year - 1, year + 1) if each in YEARS]
    context = {"year": year, "months": months, "rows": rows, "years": years, "site_url": settings.SITE_URL}
    return render(request, "gatherings/planner.html", context)


@require_safe
@xframe_options_exempt
@csp_replace(ANYWHERE | {"form-action": [NONE]})  # type: ignore[arg-type]
def embed(request: HttpRequest) -> HttpResponse:
    """What is on next, the same for everybody who asks: no script, no form, no cookie."""
    lists = GatheringIndexPage.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
    index = get_object_or_404(lists.live().public()[:1])
    coming = GatheringPage.objects.visible_to(None).filter(is_cancelled=False).upcoming()
    topic = request.GET.get("topic", "")[:100].replace("\x00", "")
    gatherings = coming.filter(topics__slug=topic) if topic else coming
    context = {
        "gatherings": [(one, one.get_full_url(request)) for one in gatherings.select_related("author")[:IN_A_FRAME]],
        "url": index.get_full_url(request),
        "site_name": settings.WAGTAIL_SITE_NAME,
    }
    response = HttpResponse(render_to_string("gatherings/embed.html", context))
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
