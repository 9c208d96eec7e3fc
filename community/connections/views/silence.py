"""Against silence: an answer out of a mail, whom to ask next, waiting for a mentor, going on, another mentor."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from community.connections.forms.silence import ByMailForm, NextForm, RestForm
from community.connections.models import MailLink, NextChoice, Wait
from community.connections.views.one import one_of
from community.members.models import Member


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Yes or no by the link in a mail, without signing in: looking changes nothing, its button acts, once.

    The page of an address that answers must not be told to anybody: `strict-origin` keeps it out of every Referer,
    and, unlike `no-referrer`, lets the browser name the origin of the button, without which it would be refused.
    """
    link = MailLink.read(token, request.user)
    if link is None:
        raise Http404
    form = ByMailForm(request.POST or None, link=link)
    if request.method == "POST" and form.is_valid() and form.answer():
        messages.success(request, _("Thank you. They hear of it now."))
        return redirect("connections:by_mail", token)
    answer = render(request, "connections/by_mail.html", {"link": link, "form": form}, status=form.status)
    answer.headers["Referrer-Policy"] = "strict-origin"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def next_choices(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to ask if the first does not answer; only whoever asks sees this."""
    connection = one_of(request, pk)
    if connection.side_of(request.user) != connection.asker or not connection.is_waiting:
        raise Http404
    drop, by = request.POST.get("drop", ""), member(request)
    form = NextForm(request.POST if request.method == "POST" and not drop else None, connection=connection)
    if drop.isascii() and drop.isdecimal() and len(drop) < 19:
        connection.drop_next(by, int(drop))
        return redirect("connections:next", pk)
    if form.is_valid() and form.put(by):
        messages.success(request, _("Noted. They are asked only if those before them cannot."))
        return redirect("connections:next", pk)
    choices = NextChoice.objects.visible_to(request.user).filter(connection=connection).select_related("member")
    context = {"connection": connection, "form": form, "choices": choices, "first": connection.asked}
    return render(request, "connections/next.html", context, status=form.status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wait(request: HttpRequest, handle: str) -> HttpResponse:
    """Wait for a place with a mentor who has none just now, and see how it stands."""
    people = Member.objects.visible_to(request.user).exclude(pk=request.user.pk).select_related("profile")
    mentor, why = get_object_or_404(people, handle=handle), ""
    if request.method == "POST":
        try:
            Wait.join(member(request), mentor)
        except ValidationError as error:
            why = error.messages[0]
        else:
            messages.success(request, _("You are on the list. You hear from us when it is your turn."))
            return redirect("connections:wait", handle)
    own = Wait.objects.visible_to(request.user).pending().filter(mentor=mentor, learner=member(request))
    context = {"mentor": mentor, "own": own.select_related("learner", "mentor").first(), "why": why}
    if context["own"] is None:
        context["closed"] = Wait.why_not(member(request), mentor)
    return render(request, "connections/wait.html", context, status=409 if why else 200)


@login_required
@require_POST
def leave_wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Wait no more."""
    get_object_or_404(Wait.objects.editable_by(request.user), pk=pk).leave()
    messages.success(request, _("You are off the list."))
    return redirect("connections:overview")


@login_required
@require_POST
def carry_on(request: HttpRequest, pk: int) -> HttpResponse:
    """It goes on, at once or after a rest: the clock says nothing until then."""
    connection, form = one_of(request, pk), RestForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Choose one of the times."))
        return redirect(connection)
    try:
        connection.carry_on(member(request), form.cleaned_data["weeks"])
        messages.success(request, _("Noted. It goes on."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect(connection)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def another(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with another mentor: nobody is to blame, the other hears kindly, and suggestions are one click away."""
    connection, why = one_of(request, pk), ""
    if connection.learner is None or connection.side_of(request.user) != connection.learner:
        raise Http404
    if request.method == "POST":
        try:
            connection.change_mentor(member(request))
        except ValidationError as error:
            why = error.messages[0]
        else:
            messages.success(request, _("Done, without blame. Here is who else might help."))
            return redirect("/matches/mentor/")
    context = {"connection": connection, "other": connection.other(request.user), "why": why}
    return render(request, "connections/another.html", context, status=409 if why else 200)


def member(request: HttpRequest) -> Any:
    """Whoever is signed in."""
    return request.user
