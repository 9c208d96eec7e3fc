"""Telling a story: one step at a time, and a look at the whole before it goes to the stewards."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.library.forms.tell import STEPS, StartForm, StepForm
from community.library.models import CaseStudyPage, StoryState, read
from community.members.models import Member
from community.members.views import keeps_typed
from community.topics.models import as_text

Story = CaseStudyPage
SIMILAR = 3


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("story")
def begin(request: HttpRequest) -> HttpResponse:
    """Say what it is about; from then on the story is there, and can be gone on with anywhere."""
    assert isinstance(request.user, Member)
    form, why = StartForm(request.POST or None, request=request), Story.why_not(request.user)
    if not why and form.is_valid() and (story := form.begin()):
        return onward(request, story, "start")
    context = {"why": why, "steps": steps_of(None, "start")}
    return show(request, form, context, 403 if why and form.is_bound else form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("story")
def go_on(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of a story that was begun; saved, it leads to the next."""
    story = get_object_or_404(Story.objects.editable_by(request.user), pk=pk)
    if step not in STEPS:
        raise Http404
    if request.method != "POST" and story.state == StoryState.WAITING:
        return redirect(story.my_url)
    form = STEPS[step](request.POST or None, request.FILES or None, request=request, instance=story)
    if form.is_valid() and form.keep(story):
        return onward(request, story, step, form)
    context = {"story": story, "steps": steps_of(story, step), "similar": similar_to(request, form.instance)}
    return show(request, form, context, form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the whole as readers will see it, and send it."""
    story = get_object_or_404(Story.objects.editable_by(request.user), pk=pk)
    errors: list[str] = []
    if request.method == "POST":
        try:
            state = story.send(request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            errors = error.messages
        else:
            said = {
                StoryState.WAITING: _("Sent. A steward reads it and answers."),
                StoryState.PUBLISHED: _("Published."),
            }
            messages.success(request, said[state])
            return redirect(story.my_url)
    working = story.working
    hints = [
        (part.block.label, read(as_text(part.value.source))) for part in working.body if hasattr(part.value, "source")
    ]
    context = {"story": story, "page": working, "steps": steps_of(story, "check"), "errors": errors}
    context |= {"hints": [(label, reading) for label, reading in hints if reading and not reading.is_easy]}
    return render(request, "library/tell_check.html", context, status=422 if errors else 200)


@login_required
@require_POST
def hint(request: HttpRequest, step: str) -> HttpResponse:
    """How the words of a step read while they are typed; nothing of them is kept."""
    if step not in STEPS:
        raise Http404
    return render(request, "library/_reading.html", {"reading": STEPS[step].read(request.POST)})


def show(request: HttpRequest, form: StepForm, context: dict[str, Any], status: int) -> HttpResponse:
    """The page of one step."""
    return render(request, "library/tell.html", {"form": form, **context}, status=status)


def onward(request: HttpRequest, story: Story, step: str, form: StepForm | None = None) -> HttpResponse:
    """Where a saved step leads: to the next, back to itself for more lines, to the whole, or to another day."""
    then, names = request.POST.get("then", ""), [*STEPS, "check"]
    reading = form.reading if form else None
    messages.success(request, " ".join(filter(None, [_("Saved."), "" if reading is None else str(reading.hint)])))
    if then == "later":
        return redirect("library:mine")
    after = {"here": step, "check": "check"}.get(then) or names[names.index(step) + 1]
    return redirect("library:check", story.pk) if after == "check" else redirect("library:step", story.pk, after)


def steps_of(story: Story | None, here: str) -> list[dict[str, Any]]:
    """All steps, each with its address once the story is begun."""
    names = [(name, form.heading) for name, form in STEPS.items()] + [("check", _("Look it over"))]
    base = f"/stories/tell/{story.pk}/" if story else ""
    return [
        {"title": title, "url": f"{base}{name}/" if base else "", "is_here": name == here, "number": number}
        for number, (name, title) in enumerate(names, 1)
    ]


def similar_to(request: HttpRequest, working: Any) -> list[Story]:
    """Stories that somebody who tells this one should have read."""
    others = Story.objects.visible_to(request.user).exclude(pk=working.pk).with_cards()
    return list(others.resembling(f"{working.title} {working.summary}", SIMILAR))
