"""Openings for me, and people for an opening of mine. Nothing is scored here."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from community.openings.models import OpeningPage
from matching.models import Placement
from matching.views.suggestions import waiting


@login_required
@require_safe
def for_me(request: HttpRequest) -> HttpResponse:
    """Openings in which one might learn what one looks for, with the lines that say so."""
    rows = Placement.objects.for_member(request.user).select_related("opening__author")[:12]
    found = Placement.with_reasons(rows, request.user)
    return render(request, "matching/openings.html", {"found": found} | waiting(request))


@login_required
@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """People who agreed to be suggested, for whoever offers the place."""
    page = get_object_or_404(OpeningPage.objects.editable_by(request.user).select_related("author"), slug=slug)
    rows = Placement.objects.for_poster(page, request.user).select_related("member__profile")[:12]
    found = Placement.with_reasons(rows, request.user)
    return render(request, "matching/opening_people.html", {"page": page, "found": found})
