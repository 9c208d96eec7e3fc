"""Rounds: members enter and leave them, stewards lead them. Nothing is scored here: the worker proposes the pairs."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.trust.views import reader, stewards_only
from matching import rounds
from matching.forms import AddForm, DropForm, EnterForm, FixForm, MatchForm, RoundForm
from matching.models import Entry, Fixed, Round, Side
from matching.tasks import preview_round

# --- Members ----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The rounds that I can enter, and those in which I am."""
    page = Paginator(Round.objects.visible_to(request.user), 20).get_page(request.GET.get("page"))
    own = set(Entry.objects.filter(member=reader(request)).values_list("round", flat=True))
    return render(request, "matching/rounds.html", {"page_obj": page, "own": own})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One round as a member sees it: enter it, or see as what one is in it."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=slug)
    form = EnterForm(request.POST or None, initial={"capacity": found.capacity})
    if request.method == "POST" and form.is_valid():
        try:
            found.enter(reader(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("You take part. You can leave until the pairs are told."))
            return redirect(found)
    own = found.entries.filter(member=reader(request))
    context = {"round": found, "form": form, "own": own}
    return render(request, "matching/round.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Take part no more."""
    found = get_object_or_404(Round.objects.visible_to(request.user), slug=slug)
    side = request.POST.get("side", "")
    try:
        found.leave(reader(request), side)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("You do not take part any more."))
    return redirect("matching:rounds")


# --- Stewards ---------------------------------------------------------------------------------------------------


@stewards_only
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """All rounds, and a new one."""
    form = RoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("matching_steward:round", form.save().slug)
    page = Paginator(Round.objects.editable_by(request.user).counted(), 20).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form}
    return render(request, "matching/round_desk.html", context, status=422 if form.errors else 200)


def add(request: HttpRequest, found: Round, form: Any) -> str:
    """Enter somebody who is open to it."""
    found.enter(form.cleaned_data["email"], form.cleaned_data["add_side"], by=reader(request))
    return _("They take part.")


def fix(request: HttpRequest, found: Round, form: Any) -> str:
    """Say who belongs together, or must not."""
    told = form.cleaned_data
    found.fix(told["mentor"], told["learner"], is_locked=told["word"] == "together")
    return _("Noted. Work out the pairs again to see what comes of it.")


def drop(request: HttpRequest, found: Round, form: Any) -> str:
    """Take an entry, or a word on two people, back."""
    for model, name in ((Entry, "entry"), (Fixed, "fixed")):
        if one := model.objects.filter(round=found, pk=form.cleaned_data[name]).first():
            found.withdraw(one)
    return _("Taken back.")


def match(request: HttpRequest, found: Round, form: Any) -> str:
    """Have the pairs worked out."""
    preview_round.enqueue(found.pk)
    return _("The pairs are being worked out. Look again in a minute.")


STEPS: dict[str, tuple[Callable[..., str], Callable[[HttpRequest, Round], Any]]] = {
    "add": (add, lambda request, found: AddForm(request.POST)),
    "fix": (fix, lambda request, found: FixForm(request.POST, round_=found)),
    "drop": (drop, lambda request, found: DropForm(request.POST)),
    "match": (match, lambda request, found: MatchForm(request.POST)),
}


@stewards_only
@require_http_methods(["GET", "HEAD", "POST"])
def steer(request: HttpRequest, slug: str) -> HttpResponse:
    """One round as a steward sees it: who takes part, who is fixed, what is proposed."""
    found = get_object_or_404(Round.objects.editable_by(request.user), slug=slug)
    step, wrong = request.POST.get("step", ""), {}
    if request.method == "POST" and step in STEPS:
        act, form_of = STEPS[step]
        form = form_of(request, found)
        if form.is_valid():
            try:
                messages.success(request, act(request, found, form))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return redirect("matching_steward:round", slug)
        wrong = {f"{step}_form": form}
    return render(request, "matching/round_steer.html", _facts(found) | wrong, status=422 if wrong else 200)


@stewards_only
@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell the proposed pairs; doing it twice tells nobody twice."""
    found = get_object_or_404(Round.objects.editable_by(request.user), slug=slug)
    try:
        rounds.publish(found.pk, reader(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The pairs were told."))
    return redirect("matching_steward:round", slug)


def _facts(found: Round) -> dict[str, Any]:
    """What a steward sees of a round."""
    pairs = found.pairs.select_related("mentor__member", "learner__member")
    members = [(side.label, found.entries.filter(side=side).select_related("member", "entered_by")) for side in Side]
    return {
        "round": found,
        "sides": members,
        "pairs": pairs,
        "fixed": found.fixed.select_related("mentor__member", "learner__member"),
        "add_form": AddForm(),
        "fix_form": FixForm(round_=found),
    }
