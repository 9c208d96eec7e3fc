"""Taking a seat, waiting for one, and giving it back."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from community.gatherings.forms import EnrolForm
from community.gatherings.models import GatheringPage, Registration, RegistrationState
from community.members.views import keeps_typed

SAID: dict[str, Any] = {
    RegistrationState.ENROLLED: gettext_lazy("You have a seat. We look forward to seeing you."),
    RegistrationState.WAITING: gettext_lazy("You are on the waiting list. When it is your turn, you get a mail."),
    RegistrationState.ASKED: gettext_lazy("The host has your question, and answers you here and by mail."),
}


def gathering_at(request: HttpRequest, slug: str) -> Any:
    """The gathering, if this reader may see it."""
    gatherings = GatheringPage.objects.visible_to(request.user).select_related("author", "seats")
    return get_object_or_404(gatherings, slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("enrol")
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then take a seat, ask the host for one, or join the waiting list."""
    gathering, status = gathering_at(request, slug), 200
    form = EnrolForm(request.POST or None, request=request, gathering=gathering, initial={"key": uuid.uuid4()})
    may_wait = "wait" in request.POST
    why = gathering.why_not(request.user, may_wait=True)  # what no waiting list helps against
    if form.is_valid():
        try:
            seat = form.enrol(request.user, may_wait=may_wait)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error)
            status = 409
        else:
            if said := SAID.get(seat.state):
                messages.success(request, said)
            return redirect(gathering.get_url(request) or "/gatherings/")
    context = {"page": gathering, "form": form, "why": why, "seat": gathering.seat_of(request.user)}
    if why:
        own = Registration.objects.of(request.user).filter(gathering=gathering).select_related("member")
        context["refusal"] = own.filter(state=RegistrationState.DECLINED).first()
    return render(request, "gatherings/enrol.html", context, status=status)


@login_required
@require_POST
def take(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the seat that was offered, or, shortly before it begins, one that came free."""
    own = Registration.objects.of(request.user).pending().filter(gathering__slug=slug).select_related("gathering")
    seat = get_object_or_404(own.filter(gathering__in=GatheringPage.objects.visible_to(request.user)))
    try:
        seat.seize() if seat.state == RegistrationState.WAITING else seat.accept()
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("gatherings:enrol", slug)
    messages.success(request, SAID[RegistrationState.ENROLLED])
    return redirect(seat.gathering.get_url(request) or "/gatherings/")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then give back the seat or the place in the queue; possible even if the page is gone by now."""
    own = Registration.objects.of(request.user).filter(gathering__slug=slug).select_related("gathering__author")
    seat = get_object_or_404(own.pending()[:1]) if own.pending().exists() else get_object_or_404(own[:1])
    if request.method == "POST":
        had_seat = seat.is_open
        try:
            seat.cancel()
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect("gatherings:my_gatherings")
        freed, left = _("Your seat is free for somebody else. Thank you for telling us."), _("Done. You wait no more.")
        messages.success(request, freed if had_seat else left)
        gone = not GatheringPage.objects.visible_to(request.user).filter(pk=seat.gathering_id).exists()
        return redirect((not gone and seat.gathering.get_url(request)) or "/gatherings/")
    if not GatheringPage.objects.unblocked_for(request.user).filter(pk=seat.gathering_id).exists():
        seat.gathering.author = None  # whoever is kept away is not named here either; never saved
    return render(request, "gatherings/cancel.html", {"seat": seat, "page": seat.gathering})
