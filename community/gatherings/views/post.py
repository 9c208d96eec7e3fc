"""Inviting people: writing it, changing it, and all that one holds or goes to."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.gatherings.forms.post import JudgeForm, PostForm
from community.gatherings.models import GatheringPage, Registration
from community.members.views import keeps_typed
from community.trust.views import stewards_only

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("gathering")
def post(request: HttpRequest) -> HttpResponse:
    """Invite people."""
    form, why = PostForm(request.POST or None, request=request), GatheringPage.why_not_post(request.user)  # type: ignore[arg-type]
    if not why and form.is_valid() and (page := form.save_for(request.user)):  # type: ignore[arg-type]
        messages.success(request, said(page))
        return redirect("gatherings:my_gatherings")
    status = 403 if why and form.is_bound else form.status
    return render(request, "gatherings/post.html", {"form": form, "why": why}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("gathering")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change it; the words of whom no steward knows are read once more, time and place hold at once."""
    own = GatheringPage.objects.editable_by(request.user).select_related("author", "posting", "season")
    page = get_object_or_404(own, slug=slug)
    form = PostForm(request.POST or None, request=request, gathering=page)
    if form.is_valid() and form.save_for(request.user):  # type: ignore[arg-type]
        page.refresh_from_db()
        messages.success(request, said(page))
        return redirect("gatherings:my_gatherings")
    return render(request, "gatherings/post.html", {"form": form, "page": page}, status=form.status)


def said(page: Any) -> str:
    """What has become of what was written."""
    if page.has_unpublished_changes:
        return _("Saved. A steward reads it before others do, and you hear of it.")
    return _("Saved, and published.")


@login_required
@require_safe
def my_gatherings(request: HttpRequest) -> HttpResponse:
    """What I go to, and what I hold."""
    seen = GatheringPage.objects.visible_to(request.user).values("pk")
    mine = Registration.objects.of(request.user).pending().filter(gathering__in=seen)
    mine = mine.with_place().filter(gathering__ends_at__gt=timezone.now()).select_related("gathering").order_by(
        "gathering__starts_at", "pk"
    )  # fmt: skip
    held = GatheringPage.objects.editable_by(request.user).select_related("posting", "seats")
    page = Paginator(held.order_by("-starts_at", "-pk"), PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    why = GatheringPage.why_not_post(request.user)  # type: ignore[arg-type]
    return render(request, "gatherings/mine.html", {"mine": mine[:100], "page_obj": page, "why": why})


@stewards_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What nobody has read yet, who waits longest first."""
    unread = GatheringPage.objects.decidable_by(request.user).waiting().select_related("author", "posting")
    page = Paginator(unread, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    return render(request, "gatherings/waiting.html", {"page_obj": page})


@stewards_only
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One gathering as readers will see it, and the answer to its host."""
    found = GatheringPage.objects.decidable_by(request.user).select_related("author", "posting", "season")
    page = get_object_or_404(found, pk=pk)
    form = JudgeForm(request.POST or None, initial={"version": page.version})
    if form.is_valid():
        try:
            form.judge(page, request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Done. The host hears of it."))
            return redirect("gatherings_steward:waiting")
    context = {
        "gathering": page,
        "page": page.working,
        "form": form,
        "is_waiting": page.posting.waits_since is not None,
    }
    return render(request, "gatherings/review.html", context, status=409 if form.errors else 200)
