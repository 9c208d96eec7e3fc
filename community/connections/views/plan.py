"""What is learned between two people, line by line."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.connections.forms.plan import PlanForm
from community.connections.models import Connection, LearningPlan, PlanSkill
from community.connections.views.one import sides
from community.members.views import keeps_typed


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("plan")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """What is learned, line by line; the two see it, and whoever acts for one of them."""
    connection = plannable(request, pk)
    found = LearningPlan.objects.filter(connection=connection).first()
    context = sides(connection, request.user)
    is_teacher, is_open = context["own"] == connection.mentor, connection.has_both_yeses
    context |= {"plan": found, "is_teacher": is_teacher, "skills": found.skills.all() if found else []}
    if is_open and request.POST.get("step") == "begin":
        return begin(connection)
    field = "teacher_rating" if is_teacher else "learner_rating"
    form = PlanForm(request.POST or None, request=request, instance=found, own=field) if found else None
    if found and form and form.is_valid() and form.keep(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Saved."))
        return redirect(found)
    if form is None or not is_open:
        status = 409 if request.method == "POST" else 200
        return render(request, "connections/plan.html", context | {"typed": form}, status=status)
    return render(request, "connections/plan.html", context | {"form": form}, status=form.status)


def begin(connection: Connection) -> HttpResponse:
    """To the plan of the two; where they have parted in the meantime, to what there is."""
    try:
        return redirect(LearningPlan.of(connection))
    except ValidationError:
        return redirect("connections:plan", connection.pk)


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
