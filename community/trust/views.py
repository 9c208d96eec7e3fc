"""Reports, the stewards' desk, and a member's own export and erasure."""

import tempfile
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, prefetch_related_objects
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.members.models import Member
from community.members.views import keeps_typed
from community.notices.models import Notice
from community.topics.models import search_words
from community.trust.forms import AnswerForm, EraseForm, ReasonForm, ReportForm
from community.trust.models import Audit, Report
from community.trust.registry.erasing import erase, wipe_traces_later
from community.trust.registry.export import write_zip

View = Callable[..., HttpResponse]


def stewards_only(view: View) -> View:
    """For everybody else this address does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not getattr(request.user, "is_steward", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


# --- Reports ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Say that something is wrong on a page; a visitor without an account learns whom to call."""
    if request.method != "POST" and not request.user.is_authenticated:
        return render(request, "trust/report_visitor.html")
    return write_report(request)


@keeps_typed("report")
def write_report(request: HttpRequest) -> HttpResponse:
    """The form of a report; whoever was signed out meanwhile finds their words again."""
    initial = {"url": request.GET.get("url", "").replace("\x00", "")}
    form = ReportForm(request.POST or None, request=request, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = Report.make(reader(request), **form.report)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Thank you. The stewards have your report."))
            return redirect("trust:my_report", made.pk)
    return render(request, "trust/report.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@login_required
def my_report(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own report, and what came of it."""
    made = get_object_or_404(Report, pk=pk, reporter=request.user)
    return render(request, "trust/my_report.html", {"report": made})


# --- The stewards' desk ------------------------------------------------------------------------------------


@stewards_only
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for a steward, who waits longest first, and what was done lately."""
    prefetch_related_objects([reader(request)], "groups")  # several ask which groups a steward is in
    reports = Report.objects.visible_to(request.user).open().select_related("reporter", "about")
    context = {
        "page_obj": Paginator(reports, 20).get_page(request.GET.get("page")),
        "audits": Audit.objects.visible_to(request.user).select_related("actor", "member", "report")[:15],
        "mail": Notice.objects.figures(),
    }
    return render(request, "trust/desk.html", context)


@stewards_only
@require_http_methods(["GET", "HEAD", "POST"])
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One report: read it, look at the page, answer."""
    waiting = Report.objects.visible_to(request.user).select_related("reporter", "about", "handled_by")
    made = get_object_or_404(waiting, pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made.answer(reader(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Answered. The person who reported it hears of it."))
            return redirect("trust:desk")
    can_answer = Report.objects.editable_by(request.user).open().filter(pk=pk).exists()
    context = {"report": made, "form": form, "can_answer": can_answer}
    return render(request, "trust/report_detail.html", context, status=422 if form.errors else 200)


@stewards_only
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Find any member by name or address."""
    words = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    found = Member.objects.none()
    if words:
        by_name = Q()
        for word in search_words(words).split():
            by_name &= Q(name__icontains=word)
        found = Member.objects.filter((by_name if by_name else Q(pk=None)) | Q(email__iexact=words))
    page = Paginator(found.select_related("profile"), 20).get_page(request.GET.get("page"))
    return render(request, "trust/people.html", {"page_obj": page, "q": words})


@stewards_only
@require_safe
def person(request: HttpRequest, handle: str) -> HttpResponse:
    """One member as a steward needs to see them: the account, not what is private to them."""
    return render(request, "trust/person.html", person_context(request, handle))


ACTIONS = {
    "verify": Audit.verify,
    "adult": Audit.confirm_adult,
    "close": Audit.deactivate,
    "open": Audit.reactivate,
    "unhelp": Audit.end_help,
    "help": Audit.begin_help,
}


@stewards_only
@require_POST
def act(request: HttpRequest, handle: str, action: str) -> HttpResponse:
    """Vouch for somebody, confirm their age, close or open the account; always with a reason."""
    if action not in ACTIONS:
        raise Http404
    context = person_context(request, handle)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            ACTIONS[action](context["person"], reader(request), form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Done, and written down."))
            return redirect("trust:person", handle)
    return render(request, "trust/person.html", context | {"form": form, "wrong_action": action}, status=422)


def person_context(request: HttpRequest, handle: str) -> dict[str, Any]:
    """One member, the reports about them that this steward may read, and what stewards did before."""
    member = get_object_or_404(Member.objects.select_related("verified_by", "helper"), handle=handle)
    return {
        "person": member,
        "reports": Report.objects.visible_to(request.user).filter(about=member),
        "audits": Audit.objects.visible_to(request.user).filter(member=member).select_related("actor"),
        "form": ReasonForm(),
    }


def reader(request: HttpRequest) -> Member:
    """Who is signed in; the views above and below let nobody else through."""
    assert isinstance(request.user, Member)
    return request.user


# --- One's own data ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that is held on me, as one zip file."""
    if request.method != "POST":
        return render(request, "trust/export.html")
    file = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115 - the response closes it
    write_zip(reader(request), file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="my-data.zip", content_type="application/zip")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def erase_me(request: HttpRequest) -> HttpResponse:
    """Leave, and take everything along."""
    form = EraseForm(request.POST or None, member=reader(request))
    if request.method == "POST" and form.is_valid():
        member = Member.objects.get(pk=request.user.pk)
        logout(request)
        erase(member)
        wipe_traces_later.enqueue()
        return redirect("trust:farewell")
    return render(request, "trust/erase.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def farewell(request: HttpRequest) -> HttpResponse:
    """What was done for somebody who has left."""
    return render(request, "trust/farewell.html")
