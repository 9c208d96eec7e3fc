"""Applying, taking it back, and what the poster reads."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.members.views import keeps_typed
from community.openings.forms import ApplicationForm
from community.openings.models import Application, OpeningPage


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("application")
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to the person who offers the place."""
    openings = OpeningPage.objects.visible_to(request.user).select_related("author")
    opening = get_object_or_404(openings, slug=slug)
    form = ApplicationForm(request.POST or None, request=request)
    status, why = 200, opening.why_not(request.user)
    if form.is_valid():
        try:
            opening.apply(request.user, form.cleaned_data["message"], request.kept.key)  # type: ignore[attr-defined]
        except ValidationError as error:
            status, why = 409, error.messages[0]
        else:
            messages.success(request, _("Your application is on its way."))
            return redirect(opening.get_url(request))
    sent = Application.objects.of(request.user).open().filter(opening=opening).first()
    context = {"page": opening, "form": form, "why": why, "sent": sent}
    return render(request, "openings/apply.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then take the application back; possible even if the page is gone by now."""
    own = Application.objects.of(request.user).filter(opening__slug=slug).select_related("opening")
    application = get_object_or_404(own.order_by("state", "-created_at")[:1])
    if request.method == "POST":
        application.withdraw()
        messages.success(request, _("Your application is taken back. Nobody but you can read it now."))
        return redirect("/openings/")
    return render(request, "openings/withdraw.html", {"application": application, "page": application.opening})


@login_required
@require_safe
def applications(request: HttpRequest, slug: str) -> HttpResponse:
    """What people wrote to the person who offers the place."""
    opening = get_object_or_404(OpeningPage.objects.editable_by(request.user).select_related("author"), slug=slug)
    received = Application.objects.visible_to(request.user).open().filter(opening=opening).select_related("member")
    entries = Paginator(received, 20).get_page(request.GET.get("page", "1")[:9])
    return render(request, "openings/applications.html", {"page": opening, "entries": entries})
