"""What is written in a circle: minutes, what is to be done, polls, questions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.circles.forms import ActionForm, MinutesForm, PollForm, VoteForm, refuse
from community.circles.models import Action, Ballot, Circle, Minutes, Poll, name_writers
from community.circles.views.joining import did
from community.members.views import keeps_typed
from community.questions.forms import QuestionForm
from community.questions.models import Question

PER_PAGE = 20
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def room(request: HttpRequest, slug: str) -> Circle:
    """A circle in which this member writes; any other is not there."""
    return get_object_or_404(Circle.objects.of(request.user).going(), slug=slug)


# --- Minutes ----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def all_minutes(request: HttpRequest, slug: str) -> HttpResponse:
    """All minutes, newest first."""
    circle = get_object_or_404(Circle.objects.of(request.user), slug=slug)
    rows = Minutes.objects.visible_to(request.user).filter(circle=circle)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    name_writers(list(page), request.user)  # type: ignore[arg-type]
    return render(request, "circles/all_minutes.html", {"circle": circle, "page_obj": page})


@login_required
@require_safe
def minutes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What was said at one meeting, and what came out of it to do."""
    seen = Minutes.objects.visible_to(request.user).select_related("circle")
    one = get_object_or_404(seen, pk=pk, circle__slug=slug)
    actions = list(Action.objects.visible_to(request.user).filter(minutes=one))
    name_writers([one], request.user)  # type: ignore[arg-type]
    name_writers(actions, request.user, "doer")  # type: ignore[arg-type]
    may_change = Minutes.objects.editable_by(request.user).filter(pk=pk).exists()
    context = {"circle": one.circle, "minutes": one, "actions": actions, "may_change": may_change}
    return render(request, "circles/minutes.html", context)


@read_or_send
@keeps_typed("minutes")
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Write down what was said."""
    circle = room(request, slug)
    form = MinutesForm(
        request.POST or None, request=request, instance=Minutes(circle=circle), initial={"met_on": timezone.localdate()}
    )
    if form.is_valid():
        try:
            made = Minutes.write(circle, request.user, **{name: form.cleaned_data[name] for name in ("met_on", "text")})  # type: ignore[arg-type]
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Written down. Everybody in the circle hears of it. What is to be done now?"))
            return redirect(made)
    context = {"form": form, "circle": circle, "title": _("Write minutes")}
    return render(request, "circles/write.html", context, status=form.status)


@read_or_send
@keeps_typed("minutes")
def edit_minutes(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put the minutes right."""
    seen = Minutes.objects.editable_by(request.user).select_related("circle")
    own = get_object_or_404(seen, pk=pk, circle__slug=slug)
    form = MinutesForm(request.POST or None, request=request, instance=own)
    if form.is_valid():
        try:
            own.change(request.user, form.cleaned_data["met_on"], form.cleaned_data["text"])
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(own)
    context = {"form": form, "circle": own.circle, "title": _("Change the minutes")}
    return render(request, "circles/write.html", context, status=form.status)


# --- To be done -------------------------------------------------------------------------------------------------


@read_or_send
@keeps_typed("action")
def give(request: HttpRequest, slug: str) -> HttpResponse:
    """Put something down to be done; from minutes, with them."""
    circle = room(request, slug)
    number = request.GET.get("minutes", "")[:9]
    rows = Minutes.objects.visible_to(request.user).filter(circle=circle)
    said = rows.filter(pk=int(number)).first() if number.isascii() and number.isdecimal() else None
    form = ActionForm(request.POST or None, request=request, circle=circle)
    if form.is_valid() and form.save_for(request.user, circle, said):  # type: ignore[arg-type]
        messages.success(request, _("Put down. Whoever does it hears of it."))
        return redirect(said or circle)
    return render(request, "circles/write.html", {"form": form, "circle": circle, "title": _("Something to do")})


@login_required
@require_POST
def tick(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """It is done; or, after all, it is not."""
    seen = Action.objects.visible_to(request.user).select_related("circle")
    action = get_object_or_404(seen, pk=pk, circle__slug=slug)
    is_done = request.POST.get("done") != "no"
    did(request, lambda: action.tick(request.user, is_done=is_done), _("Done.") if is_done else _("Open again."))  # type: ignore[arg-type]
    return redirect(action.circle)


# --- Polls ------------------------------------------------------------------------------------------------------


@read_or_send
@keeps_typed("poll")
def put_poll(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the circle something, with answers to choose from."""
    circle = room(request, slug)
    form = PollForm(request.POST or None, request=request, instance=Poll(circle=circle))
    if form.is_valid() and (made := form.save_for(request.user, circle)):  # type: ignore[arg-type]
        messages.success(request, _("Asked. Everybody in the circle hears of it."))
        return redirect(made)
    return render(request, "circles/write.html", {"form": form, "circle": circle, "title": _("Ask the circle")})


@login_required
@read_or_send
def poll(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One poll: answer it, or read what came of it."""
    seen = Poll.objects.visible_to(request.user).select_related("circle")
    one = get_object_or_404(seen, pk=pk, circle__slug=slug)
    ballot = Ballot.objects.filter(poll=one, member=request.user).first()  # type: ignore[misc]
    before = list(ballot.choices.values_list("pk", flat=True)) if ballot else []
    form = VoteForm(request.POST or None, poll=one, initial={"chosen": before})
    if form.is_valid():
        did(request, lambda: one.vote(request.user, form.keys), _("Thank you. Your answer counts."))  # type: ignore[arg-type]
        return redirect(one)
    name_writers([one], request.user)  # type: ignore[arg-type]
    context: dict[str, Any] = {"circle": one.circle, "poll": one, "ballot": ballot, "form": form}
    context["results"] = one.results(request.user)  # type: ignore[arg-type]
    context["may_close"] = one.is_open and Poll.objects.editable_by(request.user).filter(pk=pk).exists()
    return render(request, "circles/poll.html", context)


@login_required
@require_POST
def close_poll(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a poll before its day."""
    one = get_object_or_404(Poll.objects.editable_by(request.user).select_related("circle"), pk=pk, circle__slug=slug)
    did(request, lambda: one.close(request.user), _("Ended. Everybody sees what was chosen."))  # type: ignore[arg-type]
    return redirect(one)


# --- Questions --------------------------------------------------------------------------------------------------


@read_or_send
@keeps_typed("question")
def ask_inside(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask something among the people of the circle."""
    circle = room(request, slug)
    form = QuestionForm(request.POST or None, request=request, instance=Question())
    if form.is_valid():
        try:
            asked = circle.ask_inside(request.user, key=request.kept.key, **form.words)  # type: ignore[arg-type, attr-defined]
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your question stands here now. You get a notice when somebody answers."))
            return redirect(asked)
    title, lead = _("Ask a question"), _("Only those who belong to the circle read it.")
    context = {"form": form, "circle": circle, "title": title, "lead": lead}
    return render(request, "circles/write.html", context, status=form.status)
