"""We tried this here: telling it, reading what came of it, and taking it back. `model` is the kind of page."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.library.forms import TrialFilter, TrialForm
from community.library.models import CaseStudyPage, Trial, TriedPage, roll_up
from community.library.models.drawing import TriesByYear, TriesMap
from community.members.models import Member
from community.members.views import keeps_typed
from community.trust.forms import ReasonForm

PER_PAGE = 20


def page_at(request: HttpRequest, model: type[TriedPage], slug: str) -> Any:
    """The page that was tried, if this reader may see it."""
    return get_object_or_404(model.objects.visible_to(request.user).select_related("author"), slug=slug)


def unnamed(request: HttpRequest, one: Trial, model: type[TriedPage]) -> Trial:
    """A try does not say what stands now on a page that this reader may not see any more."""
    if not model.objects.visible_to(request.user).filter(pk=one.page_id).exists():
        one.page.title = _("A page that is not shown to you")
    return one


def reader(request: HttpRequest) -> Member:
    """Who is signed in; only views that ask for it come here."""
    return Member.objects.select_related("profile").get(pk=request.user.pk)


def with_stories(request: HttpRequest, trials: Iterable[Trial]) -> None:
    """Give each try the story that grew out of it, where this reader may see that and it still names who tried."""
    grown = [one.grown_into_id for one in trials if one.grown_into_id]
    seen = CaseStudyPage.objects.visible_to(request.user).in_bulk(grown) if grown else {}
    for one in trials:
        story = seen.get(one.grown_into_id)
        one.story = story if story and story.author_id == one.member_id else None  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("trial")
def try_here(request: HttpRequest, slug: str, model: type[TriedPage]) -> HttpResponse:
    """Say what came of trying it."""
    page, member = page_at(request, model, slug), reader(request)
    trial = Trial(member=member, key=request.kept.key)  # type: ignore[attr-defined]
    form = TrialForm(request.POST or None, request.FILES or None, request=request, instance=trial)
    why = Trial.why_not(member, page)
    if not why and form.is_valid() and form.put(page):
        messages.success(request, _("Thank you. It is counted, and everybody can learn from it."))
        return redirect(form.instance.get_absolute_url())
    context = {"page": page, "form": form, "why": why}
    return render(request, "library/tried.html", context, status=409 if why and form.is_bound else form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("trial")
def edit_trial(request: HttpRequest, slug: str, trial: uuid.UUID, model: type[TriedPage]) -> HttpResponse:
    """Tell it anew, also where the page is gone by now."""
    own = Trial.objects.editable_by(request.user).select_related("member__profile", "picture", "season", "page")
    one = unnamed(request, get_object_or_404(own, uid=trial, page__slug=slug), model)
    form = TrialForm(request.POST or None, request.FILES or None, request=request, instance=one)
    if form.is_valid() and form.put():
        messages.success(request, _("Saved."))
        return redirect(one.get_absolute_url())
    return render(request, "library/tried.html", {"page": one.page, "form": form, "trial": one}, status=form.status)


@require_safe
def tries(request: HttpRequest, slug: str, model: type[TriedPage]) -> HttpResponse:
    """All tries of one page: how many, where and when, under which conditions, and each of them."""
    page = page_at(request, model, slug)
    roll_up([page], request.user)
    form = TrialFilter(page.tries, request.GET)
    chosen = form.chosen(Trial.objects.visible_to(request.user).filter(page=page.pk))
    rows = chosen.order_by("-created_at", "-pk").values_list("pk", "cell_lat", "cell_lon", "place", "year", "outcome")
    entries = Paginator(list(rows), PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    trials = list(Trial.objects.newest().filter(pk__in=[row[0] for row in entries]))
    with_stories(request, trials)
    context = {
        "page": page,
        "form": form,
        "entries": entries,
        "trials": trials,
        "map": TriesMap.of((lat, lon, place, outcome) for _pk, lat, lon, place, _year, outcome in rows),
        "years": TriesByYear.of((year, outcome) for _pk, _lat, _lon, _place, year, outcome in rows),
    }
    return render(request, "library/tries.html", context)


@require_safe
def trial(request: HttpRequest, slug: str, trial: uuid.UUID, model: type[TriedPage]) -> HttpResponse:
    """One try on a page of its own: to change, to report, to pass on."""
    return render(request, "library/trial.html", trial_context(request, slug, trial, model))


def trial_context(request: HttpRequest, slug: str, uid: uuid.UUID, model: type[TriedPage]) -> dict[str, Any]:
    """One try, and what this reader can do with it."""
    found = Trial.objects.openable_by(request.user).newest().select_related("page", "member", "season", "picture")
    one = unnamed(request, get_object_or_404(found, uid=uid, page__slug=slug), model)
    with_stories(request, [one])
    return {
        "trial": one,
        "page": one.page,
        "is_own": one.member_id is not None and one.member_id == request.user.pk,
        "can_grow": one.member_id == request.user.pk and getattr(request.user, "is_adult", False),
        "can_hide": Trial.objects.hideable_by(request.user).filter(pk=one.pk).exists(),
        "form": ReasonForm(),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_trial(request: HttpRequest, slug: str, trial: uuid.UUID, model: type[TriedPage]) -> HttpResponse:
    """Ask once more, then take it away."""
    own = Trial.objects.editable_by(request.user).select_related("page", "picture")
    one = unnamed(request, get_object_or_404(own, uid=trial, page__slug=slug), model)
    if request.method == "POST":
        one.take_away()
        messages.success(request, _("It is gone, and not counted any more."))
        gone = not model.objects.visible_to(request.user).filter(pk=one.page_id).exists()
        return redirect(f"/{request.path.split('/')[1]}/" if gone else one.page.get_url(request))
    return render(request, "library/trial_delete.html", {"trial": one, "page": one.page})


@login_required
@require_POST
def grow_trial(request: HttpRequest, slug: str, trial: uuid.UUID, model: type[TriedPage]) -> HttpResponse:
    """Make a story of one's own try: it begins with what was told already."""
    own = Trial.objects.editable_by(request.user).select_related("page", "season", "member")
    one = unnamed(request, get_object_or_404(own, uid=trial, page__slug=slug), model)
    try:
        story = one.grow(CaseStudyPage)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect(one.get_absolute_url())
    return redirect("library:step", story.pk, "start")


@login_required
@require_POST
def moderate_trial(
    request: HttpRequest, slug: str, trial: uuid.UUID, verb: str, model: type[TriedPage]
) -> HttpResponse:
    """A steward takes a try from the page, or puts it back, and says why."""
    context = trial_context(request, slug, trial, model)
    form = ReasonForm(request.POST)
    if not context["can_hide"]:
        raise Http404
    if form.is_valid():
        one, change = context["trial"], {"hide": Trial.hide, "show": Trial.show}[verb]
        try:
            change(one, reader(request), form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Done, and written down."))
            return redirect(one.get_absolute_url())
    return render(request, "library/trial.html", context | {"form": form}, status=422)
