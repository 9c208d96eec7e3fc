"""Coming in, asking, answering, handing on, leaving."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.circles.forms import InviteForm, WordForm
from community.circles.models import Circle, Membership, Standing
from community.members.views import keeps_typed

read_or_send = require_http_methods(["GET", "HEAD", "POST"])


def findable(request: HttpRequest, slug: str) -> Circle:
    """A circle that this member may find; any other is not there."""
    return get_object_or_404(Circle.objects.visible_to(request.user), slug=slug)


def led(request: HttpRequest, slug: str) -> Circle:
    """A circle that this member leads."""
    return get_object_or_404(Circle.objects.editable_by(request.user), slug=slug)


def someone(request: HttpRequest, circle: Circle, place: int) -> Membership:
    """Somebody in a circle, or before its door, of whom this member knows."""
    seen = Membership.objects.visible_to(request.user).filter(circle=circle).select_related("member")
    return get_object_or_404(seen, pk=place)


def did(request: HttpRequest, verb: Callable[[], Any], words: str) -> bool:
    """Do it and say so, or say why not."""
    try:
        verb()
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return False
    messages.success(request, words)
    return True


# --- Coming in and leaving --------------------------------------------------------------------------------------


@login_required
@require_POST
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Come in by an open door or an invitation."""
    circle = findable(request, slug)
    did(request, lambda: circle.join(request.user), _("You belong to it now."))  # type: ignore[arg-type]
    return redirect(circle)


@read_or_send
@keeps_typed("circle-ask")
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask to come in."""
    circle = findable(request, slug)
    label, hint = (
        _("A few words about you"),
        _("What you do, and what you hope for. Whoever leads the circle reads it."),
    )
    form = WordForm(request.POST or None, request=request, label=label, help_text=hint)
    if form.is_valid():
        try:
            circle.ask(request.user, form.cleaned_data["word"])  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("They have your question. You hear from them."))
            return redirect(circle)
    return render(request, "circles/write.html", {"form": form, "circle": circle, "title": _("Ask to come in")})


@login_required
@require_POST
def refuse(request: HttpRequest, slug: str) -> HttpResponse:
    """Not to come after all."""
    circle = findable(request, slug)
    did(request, lambda: circle.refuse(request.user), _("Good. Nobody learns why."))  # type: ignore[arg-type]
    return redirect("circles:circles")


@login_required
@read_or_send
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then leave."""
    circle = get_object_or_404(Circle.objects.of(request.user), slug=slug)
    if request.method == "POST":
        gone = did(request, lambda: circle.leave(request.user), _("You have left. Your place is free for another."))  # type: ignore[arg-type]
        return redirect("circles:circles") if gone else redirect("circles:people", slug)
    return render(request, "circles/leave.html", {"circle": circle})


@read_or_send
@keeps_typed("circle-end")
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """End the circle, with a word to everybody."""
    circle = led(request, slug)
    hint = _("Everybody in it reads this. What is written in the circle stays for those who belong to it.")
    label = _("A word to everybody")
    form = WordForm(request.POST or None, request=request, label=label, help_text=hint, most=500)
    if form.is_valid():
        word = form.cleaned_data["word"]
        did(request, lambda: circle.end(request.user, word), _("It has ended."))  # type: ignore[arg-type]
        return redirect("circles:circle", slug)
    return render(request, "circles/write.html", {"form": form, "circle": circle, "title": _("End this circle")})


# --- Leading ----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Who belongs to it; for whoever leads it also who asks and who was invited."""
    circle = get_object_or_404(Circle.objects.of(request.user), slug=slug)
    rows = list(Membership.objects.visible_to(request.user).filter(circle=circle).with_people(request.user))
    own = next(row for row in rows if row.member_id == request.user.pk)
    by_state = {state: [row for row in rows if row.state == state] for state in ("in", "asked", "invited")}
    context = {"circle": circle, "own": own, "leads": own.is_facilitator and circle.is_going, "rows": by_state}
    context["form"] = InviteForm(request=request)
    return render(request, "circles/people.html", context)


@read_or_send
@keeps_typed("circle-invite")
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody."""
    circle = led(request, slug)
    given = request.GET.get("who", "")[:200].replace("\x00", "")
    form = InviteForm(request.POST or None, request=request, initial={"who": given})
    if form.is_valid():
        try:
            circle.invite(request.user, form.cleaned_data["who"])  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error("who", error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Invited. They say yes or no in their own time."))
            return redirect("circles:people", slug)
    return render(request, "circles/write.html", {"form": form, "circle": circle, "title": _("Invite somebody")})


@login_required
@require_POST
def admit(request: HttpRequest, slug: str, place: int) -> HttpResponse:
    """Yes to somebody who asked."""
    circle = led(request, slug)
    who = someone(request, circle, place).member
    did(request, lambda: circle.admit(request.user, who), _("They belong to it now, and hear of it."))  # type: ignore[arg-type]
    return redirect("circles:people", slug)


@read_or_send
@keeps_typed("circle-answer")
def turn_down(request: HttpRequest, slug: str, place: int) -> HttpResponse:
    """No to somebody who asked, with a kind word."""
    circle = led(request, slug)
    row = someone(request, circle, place)
    hint = _("They read it. For example: we are full until summer; the evening group in Tolver has room.")
    form = WordForm(
        request.POST or None, request=request, label=_("A kind word with it"), help_text=hint, most=500
    )  # fmt: skip
    if form.is_valid():
        try:
            circle.turn_down(request.user, row.member, form.cleaned_data["word"])  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error("word", error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("They have your answer."))
            return redirect("circles:people", slug)
    context = {"form": form, "circle": circle, "title": _("Say no, kindly"), "row": row}
    return render(request, "circles/write.html", context)


@login_required
@require_POST
def hand_on(request: HttpRequest, slug: str, place: int) -> HttpResponse:
    """Somebody leads from now on, in my place or beside me."""
    circle = led(request, slug)
    who, stays = someone(request, circle, place).member, request.POST.get("stays") == "yes"
    did(request, lambda: circle.hand_on(request.user, who, stays=stays), _("Done. They hear of it."))  # type: ignore[arg-type]
    return redirect("circles:people", slug)


@login_required
@read_or_send
def take_out(request: HttpRequest, slug: str, place: int) -> HttpResponse:
    """Ask once more, then take somebody out."""
    circle = led(request, slug)
    row = someone(request, circle, place)
    if request.method == "POST":
        did(request, lambda: circle.take_out(request.user, row.member), _("They do not belong to it any more."))  # type: ignore[arg-type]
        return redirect("circles:people", slug)
    return render(request, "circles/take_out.html", {"circle": circle, "row": row, "is_in": row.state == Standing.IN})
