"""Taking a seat, and giving it back."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.gatherings.forms import EnrolForm
from community.gatherings.models import GatheringPage, Registration


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then take a seat."""
    gatherings = GatheringPage.objects.visible_to(request.user).select_related("author", "seats")
    gathering = get_object_or_404(gatherings, slug=slug)
    form = EnrolForm(request.POST or None, initial={"key": uuid.uuid4()})
    status, why = 200, gathering.why_not(request.user)
    if form.is_valid():
        try:
            seat = gathering.enrol(request.user, form.cleaned_data["key"])
        except ValidationError as error:
            status, why = 409, error.messages[0]
        else:
            if seat.is_open:
                messages.success(request, _("You have a seat. We look forward to seeing you."))
            return redirect(gathering.get_url(request))
    seat = Registration.objects.of(request.user).open().filter(gathering=gathering).first()
    context = {"page": gathering, "form": form, "why": why, "seat": seat}
    return render(request, "gatherings/enrol.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then give the seat back; possible even if the page is gone by now."""
    own = Registration.objects.of(request.user).filter(gathering__slug=slug).select_related("gathering__author")
    seat = get_object_or_404(own.order_by("-state", "-created_at")[:1])
    if request.method == "POST":
        seat.cancel()
        messages.success(request, _("Your seat is free for somebody else. Thank you for telling us."))
        gone = not GatheringPage.objects.visible_to(request.user).filter(pk=seat.gathering_id).exists()
        return redirect("/gatherings/" if gone else seat.gathering.get_url(request))
    if not GatheringPage.objects.unblocked_for(request.user).filter(pk=seat.gathering_id).exists():
        seat.gathering.author = None  # whoever is kept away is not named here either; never saved
    return render(request, "gatherings/cancel.html", {"seat": seat, "page": seat.gathering})
