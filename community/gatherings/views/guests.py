"""What the host sees of the guests, and says to them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.gatherings.forms import AnswerForm
from community.gatherings.models import GatheringPage, Registration, RegistrationState


def hosted(request: HttpRequest, slug: str) -> Any:
    """The gathering, for its host and for stewards; for everybody else it has no guests' page."""
    gatherings = GatheringPage.objects.hosted_by(request.user).select_related("author", "seats")
    return get_object_or_404(gatherings, slug=slug)


def guests_context(request: HttpRequest, gathering: Any) -> dict[str, Any]:
    """Who asks, who comes and who waits, each in the order in which they came."""
    known = Registration.objects.visible_to(request.user).filter(gathering=gathering).select_related("member")
    rows = list(known.pending())
    for row in rows:
        row.gathering = gathering
    waiting = [one for one in rows if one.state in {RegistrationState.WAITING, RegistrationState.OFFERED}]
    return {
        "page": gathering,
        "is_host": gathering.author_id == request.user.pk,
        "asking": [one for one in rows if one.state == RegistrationState.ASKED],
        "seats": [one for one in rows if one.is_open],
        "waiting": sorted(waiting, key=lambda one: (one.state == RegistrationState.WAITING, one.queued_at, one.pk)),
        "people": sum(one.seats for one in rows if one.is_open),
    }


@login_required
@require_safe
def guests(request: HttpRequest, slug: str) -> HttpResponse:
    """Who comes, by name: for the host and for stewards."""
    return render(request, "gatherings/guests.html", guests_context(request, hosted(request, slug)))


@login_required
@require_POST
def answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The host says yes or no to somebody who asks for a seat."""
    gathering = get_object_or_404(GatheringPage.objects.editable_by(request.user), slug=slug)
    known = Registration.objects.visible_to(request.user).filter(gathering=gathering)
    one, form = get_object_or_404(known, pk=pk), AnswerForm(request.POST)
    if form.is_valid():
        try:
            form.give(one)
        except ValidationError as error:
            form.add_error(None, error)
    if form.errors:
        context = guests_context(request, gathering) | {"form": form, "wrong": one.pk}
        return render(request, "gatherings/guests.html", context, status=409)
    said = {
        RegistrationState.ENROLLED: _("Done. They have a seat, and hear of it."),
        RegistrationState.WAITING: _("Done. All seats are taken: they are on the waiting list, and hear of it."),
        RegistrationState.DECLINED: _("Done. They hear of it."),
    }
    messages.success(request, said.get(one.state, _("This was answered before, or was taken back.")))
    return redirect("gatherings:guests", slug)
