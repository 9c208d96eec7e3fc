"""A gathering that comes again: how often, which times are held how, and until when."""

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from community.gatherings.forms.dates import EndForm, RepeatForm, SpreadForm
from community.gatherings.models import Every, GatheringPage, Recurrence


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest, slug: str) -> HttpResponse:
    """For the host and for stewards: let it come again, hold the others like this one, let it end."""
    gatherings = GatheringPage.objects.hosted_by(request.user).live().select_related("author", "seats", "recurrence")
    gathering = get_object_or_404(gatherings, slug=slug)
    forms: dict[str, Any] = {"begin": RepeatForm}
    if gathering.recurrence:
        forms = {"spread": partial(SpreadForm, gathering=gathering), "end": EndForm}
    do = request.POST.get("do", "")
    shown = {name: form(request.POST if name == do else None, prefix=name) for name, form in forms.items()}
    status = 200
    if do in shown and shown[do].is_valid():
        try:
            messages.success(request, DONE[do](gathering, shown[do].cleaned_data))
        except ValidationError as error:
            status = 409
            shown[do].add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            return redirect("gatherings:repeat", slug=slug)
    coming = gathering.recurrence.gatherings.visible_to(request.user).upcoming() if gathering.recurrence else []
    context = {"page": gathering, "forms": shown, "coming": coming}
    return render(request, "gatherings/repeat.html", context, status=status)


def begin(gathering: GatheringPage, typed: dict[str, Any]) -> str:
    """Let it come again."""
    Recurrence.begin(gathering, Every(typed["every"]), typed["until"])
    return _("It comes again. Each time has a page of its own, with its own seats.")


def spread(gathering: GatheringPage, typed: dict[str, Any]) -> str:
    """Hold the later times, or all, as this page says."""
    since = date.min if typed["which"] == "all" else gathering.occurs_on or date.min
    fate = typed.get("fate", "")
    number = gathering.recurrence.spread(gathering, since, fate) if gathering.recurrence else 0
    return ngettext("%(n)s other time is now like this one.", "%(n)s other times are now like this one.", number) % {
        "n": number
    }


def end(gathering: GatheringPage, typed: dict[str, Any]) -> str:
    """No more after that day."""
    number = gathering.recurrence.end(typed["last"]) if gathering.recurrence else 0
    return ngettext("%(n)s later time is gone.", "%(n)s later times are gone.", number) % {"n": number}


DONE = {"begin": begin, "spread": spread, "end": end}
