"""Asking somebody to meet, answering, and what has become of it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.connections.forms import AnswerForm, PlanForm, ProposeForm
from community.connections.models import Connection, ConnectionState, LearningPlan, PlanSkill
from community.members.models import Block, Member
from community.members.views import keeps_typed

STEPS: dict[str, tuple[Callable[..., None], Any]] = {
    "accept": (Connection.accept, _("You said yes. You can reach each other now.")),
    "decline": (Connection.decline, _("You said no. They are told, kindly.")),
    "let_go": (Connection.let_go, _("Noted. The other person is not told.")),
    "withdraw": (Connection.withdraw, _("You took your question back.")),
}


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Who waits for me, for whom I wait, and with whom I am in touch."""
    connections = Connection.objects.with_people()
    accepted = connections.visible_to(request.user).accepted().order_by("-answered_at", "-pk")
    entries = Paginator(accepted, 20).get_page(request.GET.get("page", "1")[:9])
    introduced = connections.introduced_to(request.user)[:50]
    context = {
        "introduced": [(one, one.other(request.user)) for one in introduced],
        "waiting": connections.waiting_for(request.user)[:50],
        "asked": connections.asked_by(request.user)[:50],
        "entries": entries,
        "people": [(one, one.other(request.user)) for one in entries],
    }
    return render(request, "connections/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("connection")
def new(request: HttpRequest, handle: str) -> HttpResponse:
    """Ask somebody to meet."""
    people = Member.objects.visible_to(request.user).exclude(pk=request.user.pk).select_related("profile")
    asked = get_object_or_404(people, handle=handle)
    form, status = ProposeForm(request.POST or None, request=request, asked=asked), 200
    if form.is_valid():
        try:
            connection = Connection.propose(request.user, asked, **form.proposal)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)
            status = 409
        else:
            messages.success(request, _("Your question is on its way."))
            return redirect(connection)
    return render(request, "connections/new.html", {"form": form, "asked": asked}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("answer")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One question and its answer; the two see it, and whoever acts for one of them."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user).with_people(), pk=pk)
    form, status, why = AnswerForm(request.POST or None, request=request), 200, ""
    step, done = STEPS.get(request.POST.get("step", ""), (None, ""))
    if step and form.is_valid():
        try:
            step(connection, request.user, form.cleaned_data["answer"])
        except ValidationError as error:
            status, why = 409, error.messages[0]
        else:
            messages.success(request, done)
            return redirect(connection)
    context = {"connection": connection, "form": form, "why": why} | sides(connection, request.user)
    return render(request, "connections/detail.html", context, status=status)


@login_required
@require_POST
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the other away: possible from here even where the other is shown in no list."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user).with_people(), pk=pk)
    own, other = connection.side_of(request.user), connection.other(request.user)
    if own is None or other is None:
        raise Http404
    Block.put(own, other)
    messages.success(request, _("Done. You do not meet each other here any more. Nobody is told."))
    return redirect("connections:overview")


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("plan")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """What is learned, line by line; the two see it, and whoever acts for one of them."""
    connection = plannable(request, pk)
    own, found = connection.side_of(request.user), LearningPlan.objects.filter(connection=connection).first()
    context: dict[str, Any] = {
        "plan": found,
        "connection": connection,
        "other": connection.other(request.user),
        "own": own,
    }
    if request.POST.get("step") == "begin":
        return redirect(LearningPlan.of(connection))
    if found is None:
        return render(request, "connections/plan.html", context)
    is_teacher = own == connection.mentor
    field = "teacher_rating" if is_teacher else "learner_rating"
    form = PlanForm(request.POST or None, request=request, instance=found, own=field)
    if form.is_valid() and form.keep(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect(found)
    context |= {"form": form, "skills": found.skills.all(), "is_teacher": is_teacher}
    return render(request, "connections/plan.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_line(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """One line of a plan: asked once more, then signed off or taken out."""
    connection = plannable(request, pk)
    skill = get_object_or_404(PlanSkill.objects.visible_to(request.user), pk=line, plan__connection=connection)
    step, why = {"sign": skill.sign_off, "drop": skill.drop}.get(request.POST.get("step", "")), ""
    if step:
        try:
            step(request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            why = error.messages[0]
        else:
            messages.success(request, _("Done."))
            return redirect("connections:plan", pk)
    is_teacher = connection.side_of(request.user) == connection.mentor
    context = {"skill": skill, "connection": connection, "why": why, "is_teacher": is_teacher}
    return render(request, "connections/plan_line.html", context, status=409 if why else 200)


def plannable(request: HttpRequest, pk: int) -> Connection:
    """A connection in which one learns from the other; for everybody else this address does not exist."""
    connection = get_object_or_404(Connection.objects.visible_to(request.user).with_people(), pk=pk)
    if not connection.has_plan:
        raise Http404
    return connection


def sides(connection: Connection, viewer: Any) -> dict[str, object]:
    """Who the reader is in this connection, and what they may do and see."""
    own, is_waiting = connection.side_of(viewer), connection.state == ConnectionState.PROPOSED
    return {
        "own": own,
        "other": connection.other(viewer),
        "contact": connection.contact(viewer),
        "is_asker": own == connection.asker,
        "can_answer": is_waiting and own == connection.asked,
        "can_withdraw": is_waiting and own == connection.asker,
    }
