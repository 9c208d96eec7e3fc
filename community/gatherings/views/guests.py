"""What the host sees of the guests, and says to them."""

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
from community.gatherings.models.guest_list import GuestList
from community.members.views import is_too_often


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


def listed(request: HttpRequest, gathering: Any) -> GuestList:
    """All of them as one list; what they answered only for the host."""
    context = guests_context(request, gathering)
    known = [*context["seats"], *context["waiting"], *context["asking"]]
    return GuestList.of(gathering, known, questions=gathering.lines_of_questions if context["is_host"] else [])


@login_required
@require_safe
def as_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of guests for a spreadsheet."""
    gathering = hosted(request, slug)
    name = {"Content-Disposition": f'attachment; filename="{gathering.slug}.csv"'}
    made = listed(request, gathering).as_csv()
    return HttpResponse(made, content_type="text/csv; charset=utf-8", headers=name)


@login_required
@require_safe
def as_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of guests for the door, on paper."""
    gathering = hosted(request, slug)
    try:
        if is_too_often(request, "guest_list", key=str(request.user.pk)):
            raise ValidationError(_("That was too often in a short time. Wait a little, then try again."))
        made = listed(request, gathering).as_pdf()
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("gatherings:guests", slug)
    name = {"Content-Disposition": f'attachment; filename="{gathering.slug}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=name)


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
