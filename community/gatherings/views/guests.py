"""What the host sees of the guests, and says to them."""

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.gatherings.forms import AnswerForm, CameForm
from community.gatherings.models import Feedback, GatheringPage, Registration, RegistrationState
from community.members.models.roster_file import guard


def hosted(request: HttpRequest, slug: str) -> Any:
    """The gathering, for its host and for stewards; for everybody else it has no guests' page."""
    gatherings = GatheringPage.objects.hosted_by(request.user).select_related("author", "seats")
    return get_object_or_404(gatherings, slug=slug)


def guests_context(request: HttpRequest, gathering: Any) -> dict[str, Any]:
    """Who asks, who comes and who waits, each in the order in which they came."""
    known = Registration.objects.visible_to(request.user).filter(gathering=gathering).select_related("member")
    rows = list(known.pending())
    is_host = gathering.author_id == request.user.pk
    for row in rows:
        row.gathering = gathering
        row.answers = row.answers if is_host else []  # said to the host, and to nobody else
    waiting = [one for one in rows if one.state in {RegistrationState.WAITING, RegistrationState.OFFERED}]
    return {
        "page": gathering,
        "is_host": is_host,
        "asking": [one for one in rows if one.state == RegistrationState.ASKED],
        "seats": [one for one in rows if one.is_open],
        "waiting": sorted(waiting, key=lambda one: (one.state == RegistrationState.WAITING, one.queued_at, one.pk)),
        "has_begun": gathering.starts_at <= timezone.now(),
        "sum": Feedback.summed(gathering) if gathering.ends_at <= timezone.now() else None,
        "people": sum(one.seats for one in rows if one.is_open),
    }


@login_required
@require_safe
def guests(request: HttpRequest, slug: str) -> HttpResponse:
    """Who comes, by name: for the host and for stewards."""
    return render(request, "gatherings/guests.html", guests_context(request, hosted(request, slug)))


@login_required
@require_safe
def as_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of guests for a spreadsheet; nothing in it is taken for a formula."""
    gathering = hosted(request, slug)
    context = guests_context(request, gathering)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{gathering.slug}.csv"'
    questions = gathering.lines_of_questions if context["is_host"] else []
    head = [_("Name"), _("State"), _("Guests"), _("How"), _("Since"), _("Was there"), *questions]
    rows = csv.writer(response)
    rows.writerow([guard(cell) for cell in head])
    for one in [*context["seats"], *context["waiting"], *context["asking"]]:
        said: dict[str, str] = dict(one.answers)
        was_there = {None: "", True: _("yes"), False: _("no")}[one.came]
        how = _("online") if one.is_online or gathering.is_online else _("at the place")
        cells = [
            one.member.name,
            one.get_state_display(),
            one.guests,
            how,
            timezone.localdate(one.created_at).isoformat(),
            was_there,
        ]
        rows.writerow([guard(str(cell)) for cell in [*cells, *(said.get(line, "") for line in questions)]])
    return response


@login_required
@require_POST
def came(request: HttpRequest, slug: str) -> HttpResponse:
    """The host says who was there."""
    gathering = get_object_or_404(GatheringPage.objects.editable_by(request.user), slug=slug)
    form = CameForm(request.POST, seats=guests_context(request, gathering)["seats"])
    try:
        if form.is_valid():
            Registration.note_who_came(gathering, request.user, form.ticked)
            messages.success(request, _("Thank you. It is written down."))
        else:
            messages.error(request, _("The list has changed in the meantime. Look at it once more."))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("gatherings:guests", slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_off(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then say to everybody concerned that it does not take place."""
    gathering = get_object_or_404(GatheringPage.objects.editable_by(request.user).live(), slug=slug)
    concerned = Registration.objects.pending().filter(gathering=gathering).count()
    if request.method == "POST":
        gathering.call_off()
        messages.success(request, _("It is called off. Everybody who wanted to come hears of it."))
        return redirect(gathering.get_url(request) or "/gatherings/")
    return render(request, "gatherings/call_off.html", {"page": gathering, "concerned": concerned})


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
    said: dict[str, Any] = {
        RegistrationState.ENROLLED: _("Done. They have a seat, and hear of it."),
        RegistrationState.WAITING: _("Done. All seats are taken: they are on the waiting list, and hear of it."),
        RegistrationState.DECLINED: _("Done. They hear of it."),
    }
    messages.success(request, said.get(one.state, _("This was answered before, or was taken back.")))
    return redirect("gatherings:guests", slug)
