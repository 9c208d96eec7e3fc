"""Offering a place: writing it, changing it, keeping it open, closing it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.members.views import keeps_typed
from community.openings.forms.post import PostForm
from community.openings.models import OpeningPage


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("opening")
def post(request: HttpRequest) -> HttpResponse:
    """Offer a place."""
    form, why = PostForm(request.POST or None, request=request), OpeningPage.why_not_post(request.user)  # type: ignore[arg-type]
    if not why and form.is_valid() and (page := form.save_for(request.user)):  # type: ignore[arg-type]
        messages.success(request, said(page))
        return redirect("openings:mine")
    status = 403 if why and form.is_bound else form.status
    return render(request, "openings/post.html", {"form": form, "why": why}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("opening")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change it; whom no steward knows is read once more."""
    own = OpeningPage.objects.editable_by(request.user).select_related("author", "posting", "season")
    page = get_object_or_404(own, slug=slug)
    form = PostForm(request.POST or None, request=request, opening=page)
    if form.is_valid() and form.save_for(request.user):  # type: ignore[arg-type]
        page.refresh_from_db()
        messages.success(request, said(page))
        return redirect("openings:mine")
    return render(request, "openings/post.html", {"form": form, "opening": page}, status=form.status)


def said(page: OpeningPage) -> str:
    """What has become of what was written."""
    if page.has_unpublished_changes:
        return _("Saved. A steward reads it before others do, and you hear of it.")
    return _("Saved, and published.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: HttpRequest, slug: str) -> HttpResponse:
    """Is the place still free? Two buttons; opening the link does nothing."""
    page = get_object_or_404(OpeningPage.objects.editable_by(request.user).select_related("author"), slug=slug)
    step = request.POST.get("step", "")
    if step == "renew":
        page.renew(request.user)  # type: ignore[arg-type]
        messages.success(request, _("It stays open."))
    elif step == "close":
        page.close(request.user)  # type: ignore[arg-type]
        messages.success(request, _("It is closed. Please answer those who have applied."))
    if step in {"renew", "close"}:
        return redirect("openings:mine")
    return render(request, "openings/renew.html", {"page": page, "longer": OpeningPage.LONGER.days})
