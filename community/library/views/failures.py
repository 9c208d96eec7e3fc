"""The most useful failure of the year: nominating one, and what the stewards see and name."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.library.forms.nomination import NominationForm
from community.library.models import CaseStudyPage, Nomination, UsefulFailure
from community.members.views import keeps_typed
from community.trust.views import stewards_only

MOST, MOST_WORDS = 30, 10  # stories, and sentences of each: as much as a steward reads at a sitting


def story_at(request: HttpRequest, slug: str) -> Any:
    """The story, as it was told first, if this reader may see it."""
    found = get_object_or_404(CaseStudyPage.objects.visible_to(request.user).select_related("author"), slug=slug)
    return found.ground(request.user)


def of_this_year(request: HttpRequest) -> Any:
    """What the reader has nominated this year, if anything."""
    own = Nomination.objects.editable_by(request.user).filter(year=timezone.localdate().year)
    return own.select_related("page").first()


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("nomination")
def nominate(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that this failure was the most useful of the year, and why."""
    page, mine = story_at(request, slug), of_this_year(request)
    is_here = mine is not None and mine.page_id == page.pk
    form = NominationForm(request.POST or None, request=request, instance=mine if is_here else None)
    why = Nomination.why_not(request.user, page)  # type: ignore[arg-type]
    if not why and form.is_valid() and form.put(page, request.user):
        messages.success(request, _("Thank you. The stewards read it, without your name."))
        return redirect(page.get_url(request) or "/stories/")
    is_seen = mine is not None and CaseStudyPage.objects.visible_to(request.user).filter(pk=mine.page_id).exists()
    context = {"page": page, "form": form, "why": why, "mine": mine, "is_here": is_here, "is_seen": is_seen}
    return render(request, "library/nominate.html", context, status=409 if why and form.is_bound else 200)


@login_required
@require_POST
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Take this year's nomination back."""
    page, mine = story_at(request, slug), of_this_year(request)
    if mine is not None and mine.page_id == page.pk:
        mine.take_back()
    messages.success(request, _("Taken back."))
    return redirect(page.get_url(request) or "/stories/")


@stewards_only
@require_http_methods(["GET", "HEAD", "POST"])
def failures(request: HttpRequest) -> HttpResponse:
    """What members have nominated, and the one that the stewards name."""
    year, years = year_of(request), UsefulFailure.years()
    if request.method == "POST":
        return name(request, year)
    stories = list(UsefulFailure.of_choice(request.user, year)[:MOST])
    said: dict[int, list[str]] = {one.pk: [] for one in stories}
    rows = Nomination.objects.visible_to(request.user) & Nomination.objects.counting(year)
    for page, why in rows.filter(page__in=said).order_by("why").values_list("page", "why"):
        said[page].append(why)
    named = UsefulFailure.objects.filter(year=year).values_list("page", flat=True).first()
    listed = [(one, said[one.pk][:MOST_WORDS]) for one in stories]
    context = {"year": year, "years": years, "listed": listed, "named": named, "fewest": UsefulFailure.FEWEST}
    return render(request, "library/failures.html", context)


def name(request: HttpRequest, year: int) -> HttpResponse:
    """Name the story that was chosen, or take the mark away."""
    key, by = request.POST.get("page", ""), request.user
    try:
        if key == "":
            UsefulFailure.unname(year, by)  # type: ignore[arg-type]
        else:
            is_key = key.isascii() and key.isdecimal() and len(key) < 19
            page = UsefulFailure.of_choice(by, year).filter(pk=int(key) if is_key else 0).first()
            UsefulFailure.name(page or CaseStudyPage(), year, by)  # type: ignore[arg-type]
        messages.success(request, _("Done."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect(f"{request.path}?year={year}")


def year_of(request: HttpRequest) -> int:
    """The year that is looked at: one of which a story can be named, by itself the present one."""
    years = UsefulFailure.years()
    asked = request.POST.get("year") or request.GET.get("year") or ""
    return next((year for year in years if str(year) == asked), years[0])
