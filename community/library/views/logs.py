"""An experiment on the way: notes by whoever began it, and others who try it, too."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.library.forms.log import GrowForm, JoinForm, LogUpdateForm
from community.library.models import CaseStudyPage, CoTester, LogPage, LogUpdate
from community.members.views import keeps_typed


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("log_update")
def add_update(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down what was seen."""
    log = get_object_or_404(LogPage.objects.editable_by(request.user).select_related("author"), slug=slug)
    update = LogUpdate(log=log, key=request.kept.key)  # type: ignore[attr-defined]
    form = LogUpdateForm(request.POST or None, request.FILES or None, request=request, instance=update)
    if form.is_valid() and form.put():
        messages.success(request, _("It stands in the log."))
        return redirect(f"{log.get_url(request)}#updates")
    return render(request, "library/log_update.html", {"page": log, "form": form}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("log_update")
def edit_update(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Write it anew."""
    own = LogUpdate.objects.editable_by(request.user).select_related("log__author", "picture")
    update = get_object_or_404(own, pk=pk, log__slug=slug)
    form = LogUpdateForm(request.POST or None, request.FILES or None, request=request, instance=update)
    if form.is_valid() and form.put():
        messages.success(request, _("Saved."))
        return redirect(f"{update.log.get_url(request)}#updates")
    context = {"page": update.log, "form": form, "update": update}
    return render(request, "library/log_update.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete_update(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask once more, then take it away."""
    own = LogUpdate.objects.editable_by(request.user).select_related("log", "picture")
    update = get_object_or_404(own, pk=pk, log__slug=slug)
    if request.method == "POST":
        update.take_away()
        messages.success(request, _("It is gone."))
        return redirect(update.log.get_url(request))
    return render(request, "library/log_update_delete.html", {"page": update.log, "update": update})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("co_tester")
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Try it along."""
    logs = LogPage.objects.visible_to(request.user).select_related("author")
    log = get_object_or_404(logs, slug=slug)
    mine = CoTester.objects.editable_by(request.user).filter(log=log).first()
    form = JoinForm(request.POST or None, request=request, instance=mine)
    why = log.why_not(request.user)
    if not why and form.is_valid():
        try:
            CoTester.join(log, request.user, form.cleaned_data["note"])  # type: ignore[arg-type]
        except ValidationError as error:
            why = error.messages[0]
        else:
            messages.success(request, _("You are in. Whoever began it learns your name."))
            return redirect(log.get_url(request))
    status = 409 if why and form.is_bound else 200
    context = {"page": log, "form": form, "why": why, "mine": mine}
    return render(request, "library/log_join.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then out of it; possible even where the page is gone by now."""
    mine = get_object_or_404(CoTester.objects.editable_by(request.user).select_related("log"), log__slug=slug)
    is_shown = LogPage.objects.visible_to(request.user).filter(pk=mine.log_id).exists()
    if request.method == "POST":
        CoTester.leave(mine.log, request.user)  # type: ignore[arg-type]
        messages.success(request, _("You are out of it. Nobody is told."))
        return redirect(mine.log.get_url(request) if is_shown else "/experiments/")
    return render(request, "library/log_leave.html", {"page": mine.log, "is_shown": is_shown})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def grow_log(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a story of one's own experiment: it begins with what was asked, done and seen; how it ended one says."""
    log = get_object_or_404(LogPage.objects.editable_by(request.user).select_related("season"), slug=slug)
    form = GrowForm(request.POST or None)
    if form.is_valid():
        try:
            story = log.grow(request.user, CaseStudyPage, form.cleaned_data["outcome"])
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            return redirect("library:step", story.pk, "start")
    return render(request, "library/log_story.html", {"page": log, "form": form}, status=422 if form.errors else 200)
