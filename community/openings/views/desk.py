"""What stewards read: openings of people whom nobody knows yet, late answers, and words to people under 18."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.openings.forms.desk import JudgeForm
from community.openings.models import Application, OpeningPage, Paper, Word
from community.trust.models import Safeguarding
from community.trust.views import stewards_only

PER_PAGE = 20


@stewards_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Openings that nobody has read yet, and those whose posters let people wait; no word of an application."""
    unread = OpeningPage.objects.decidable_by(request.user).waiting().select_related("author", "posting")
    late = Application.objects.late().values("opening")
    slow = OpeningPage.objects.filter(pk__in=late).select_related("author").order_by("pk")
    page = Paginator(unread, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    return render(request, "openings/desk/waiting.html", {"page_obj": page, "slow": slow[:50]})


@stewards_only
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    """One opening as readers will see it, and the answer to its author."""
    found = OpeningPage.objects.decidable_by(request.user).select_related("author", "posting", "season")
    page = get_object_or_404(found, pk=pk)
    form = JudgeForm(request.POST or None, initial={"version": page.version})
    if form.is_valid():
        try:
            form.judge(page, request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Done. Its author hears of it."))
            return redirect("openings_steward:waiting")
    context = {"opening": page, "page": page.working, "form": form, "is_waiting": page.posting.waits_since is not None}
    return render(request, "openings/desk/opening.html", context, status=409 if form.errors else 200)


@login_required
@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """What safeguarding looks at: words and files that are held, and the applications of people under 18."""
    if not Safeguarding.includes(request.user):
        raise Http404
    own: Any = request.user
    held = Word.objects.visible_to(own).waiting().exclude(writer=own)
    young = Application.objects.visible_to(own).filter(member__is_adult=False).exclude(member=own)
    young = young.select_related("member", "poster", "opening").order_by("-created_at", "-pk")
    page = Paginator(young, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    held = held.select_related("writer", "application__member", "application__opening")
    papers = Paper.objects.waiting_for(own).defer("data")
    papers = papers.select_related("application__member", "application__poster", "application__opening")
    context = {"page_obj": page, "held": held[:50], "papers": papers[:50]}
    return render(request, "openings/desk/applications.html", context)


@login_required
@require_POST
def word(request: HttpRequest, pk: int) -> HttpResponse:
    """Let held words through, or keep them back."""
    if not Safeguarding.includes(request.user):
        raise Http404
    found = get_object_or_404(Word.objects.visible_to(request.user).select_related("application__member"), pk=pk)
    verb = {"release": found.release, "stop": found.stop}.get(request.POST.get("step", ""))
    if verb is None:
        raise Http404
    try:
        verb(request.user)  # type: ignore[arg-type]
        messages.success(request, _("Done, and written down."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("openings_steward:applications")


@login_required
@require_POST
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a file of somebody under 18 go on to whoever offers the place."""
    if not Safeguarding.includes(request.user):
        raise Http404
    found = get_object_or_404(Paper.objects.visible_to(request.user).defer("data"), pk=pk)
    try:
        found.let_through(request.user)
        messages.success(request, _("Done, and written down."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("openings_steward:applications")
