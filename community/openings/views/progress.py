"""Where applications stand: one's own, those that one has received, and each by itself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.members.models import Member
from community.members.views import keeps_typed
from community.openings.forms.apply import StepForm
from community.openings.models import Application, ApplicationState, OpeningPage, Paper, Word

PER_PAGE = 20


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What I have applied for, and what I offer."""
    sent = Application.objects.of(request.user).select_related("opening__author", "connection")
    offered = OpeningPage.objects.editable_by(request.user).select_related("posting", "author").order_by("-pk")
    entries = Paginator(sent, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    why = OpeningPage.why_not_post(request.user)  # type: ignore[arg-type]
    return render(request, "openings/mine.html", {"entries": entries, "offered": offered[:50], "why": why})


@login_required
@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """What people wrote to the person who offers the place, as a table."""
    opening = get_object_or_404(OpeningPage.objects.editable_by(request.user).select_related("author"), slug=slug)
    received = Application.objects.received_by(request.user).filter(opening=opening).select_related("member")
    states = [one for one in ApplicationState.choices if one[0] not in {"draft", "withdrawn"}]
    state = request.GET.get("state", "")
    chosen = received.filter(state=state) if state in dict(states) else received
    entries = Paginator(chosen, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    context = {"page": opening, "entries": entries, "states": states, "state": state}
    return render(request, "openings/applications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("application_step")
def application(request: HttpRequest, pk: int) -> HttpResponse:
    """One application: what was written, where it stands, until when, and what comes next."""
    seen = Application.objects.visible_to(request.user).select_related("opening", "member", "poster", "connection")
    one = get_object_or_404(seen, pk=pk)
    form = StepForm(request.POST or None, request=request, application=one)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Done. The other side hears of it."))
        gone = one.state == ApplicationState.WITHDRAWN and one.member_id == request.user.pk
        return redirect("openings:mine" if gone else one)
    return render(request, "openings/application.html", one_application(request, one, form), status=form.status)


def one_application(request: HttpRequest, one: Application, form: StepForm) -> dict[str, object]:
    """An application and what this reader has to do with it."""
    words = Word.objects.visible_to(request.user).filter(application=one).select_related("writer")
    opening = OpeningPage.objects.visible_to(request.user).filter(pk=one.opening_id).first()
    papers = Paper.objects.filter(application=one).defer("data")
    return {
        "application": one,
        "page": opening,
        "form": form if form.fields["step"].choices else None,  # type: ignore[attr-defined]
        "typed": form.data.get("words", "") if form.is_bound else "",
        "errors": form.non_field_errors() if form.is_bound else [],
        "words": words,
        "papers": papers.visible_to(request.user),
        "number_of_papers": papers.count(),
        "is_own": one.member_id == request.user.pk,
        "is_poster": one.poster_id == request.user.pk,
        "profile_url": profile_url(request, one),
    }


def profile_url(request: HttpRequest, one: Application) -> str:
    """The profile of the applicant, for a reader who would find it anyway."""
    is_shown = Member.objects.visible_to(request.user).filter(pk=one.member_id).exists()
    return one.member.get_absolute_url() if is_shown else ""


@login_required
@require_safe
def paper(request: HttpRequest, key: str) -> HttpResponse:
    """A file of an application, for those who may read it; to be kept on a disk, never shown by the browser."""
    found = get_object_or_404(Paper.objects.visible_to(request.user), key=key)
    response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
