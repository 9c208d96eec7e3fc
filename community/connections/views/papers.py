"""What two people write down: the agreement, meetings, how it goes, and last words."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.connections.forms.papers import AgreementForm, CheckInForm, CloseForm, MeetingForm
from community.connections.models import Agreement, CheckIn, Closing, Connection, Meeting
from community.connections.views.one import one_of, sides, words_of
from community.members.models import Member
from community.members.views import keeps_typed

PER_PAGE = 20


def begun(request: HttpRequest, pk: int) -> Connection:
    """A connection to which both said yes at some time; before that there is nothing to write down."""
    connection = one_of(request, pk)
    if not connection.has_begun:
        raise Http404
    return connection


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """What the two agreed on, every version of it, and the button to sign the newest."""
    connection, why = begun(request, pk), ""
    texts = list(connection.agreements.all())
    newest = texts[0] if texts else None
    if request.method == "POST" and newest is not None:
        try:
            numbered(texts, request.POST.get("number", "")).sign(request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            why = error.messages[0]
        else:
            messages.success(request, _("Signed."))
            return redirect("connections:agreement", pk)
    can_sign = newest is not None and connection.has_both_yeses and newest.signed_at(request.user) is None
    context = sides(connection, request.user) | {"texts": texts, "newest": newest, "can_sign": can_sign, "why": why}
    return render(request, "connections/agreement.html", context, status=409 if why else 200)


def numbered(texts: list[Agreement], number: str) -> Agreement:
    """The text that was read and shall be signed."""
    found = [one for one in texts if str(one.number) == number]
    if not found:
        raise ValidationError(_("Read the text once more, then sign it."))
    return found[0]


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("agreement")
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what one proposes to agree on; what was signed before stays as it is."""
    connection = begun(request, pk)
    last = connection.agreements.first()
    form = AgreementForm(request.POST or None, request=request, connection=connection, last=last)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Written down, and signed by you. Now the other reads it."))
        return redirect("connections:agreement", pk)
    context = sides(connection, request.user) | {"form": form, "last": last}
    return render(request, "connections/write.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("meeting")
def meetings(request: HttpRequest, pk: int) -> HttpResponse:
    """When the two met, and what comes next."""
    connection = begun(request, pk)
    form = MeetingForm(request.POST or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Noted. Both of you see it."))
        return redirect("connections:meetings", pk)
    entries = Paginator(connection.meetings.all(), PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    context = sides(connection, request.user) | {"form": form, "entries": entries}
    return render(request, "connections/meetings.html", context, status=form.status)


@login_required
@require_POST
def drop_meeting(request: HttpRequest, pk: int, meeting: int) -> HttpResponse:
    """Take a meeting out that one noted oneself."""
    begun(request, pk)
    own = Meeting.objects.editable_by(request.user).select_related("connection__asker", "connection__asked")
    found = get_object_or_404(own, connection=pk, pk=meeting)
    try:
        found.drop(request.user)  # type: ignore[arg-type]
        messages.success(request, _("Taken out."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("connections:meetings", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("check_in")
def check_in(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes: one number and a word, when the clock has asked."""
    connection = begun(request, pk)
    asked = CheckIn.objects.of(request.user).filter(connection=connection, member=connection.side_of(request.user))
    one = asked.unanswered().first() or asked.first()
    form = CheckInForm(request.POST or None, request=request, connection=connection, check_in=one) if one else None
    if form and form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Thank you."))
        return redirect("connections:check_in", pk)
    said = CheckIn.objects.visible_to(request.user).filter(connection=connection).exclude(word="")
    can_say = one is not None and one.answered_at is None and connection.has_both_yeses
    context = sides(connection, request.user) | {
        "form": form,
        "can_say": can_say,
        "said": said.select_related("member"),
    }
    return render(request, "connections/check_in.html", context, status=form.status if form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("closing")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it with last words, or add one's own to what is closed."""
    connection = begun(request, pk)
    form = CloseForm(request.POST or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Closed. Thank you for saying so."))
        return redirect(connection)
    context = sides(connection, request.user) | words_of(connection, request.user) | {"form": form}
    return render(request, "connections/close.html", context, status=form.status)


@login_required
@require_POST
def show(request: HttpRequest, pk: int, closing: int) -> HttpResponse:
    """Want somebody's words on one's profile, or one's own on theirs; or not any more."""
    connection, by = begun(request, pk), cast(Member, request.user)
    is_mine = "offer" in request.POST
    rows = Closing.objects.written_by(by) if is_mine else Closing.objects.editable_by(by)
    people = rows.select_related("connection__asker", "connection__asked", "subject", "writer")
    found = get_object_or_404(people, connection=connection, pk=closing)
    try:
        if is_mine:
            found.offer(by, is_offered=request.POST["offer"] == "1")
        else:
            found.show(by, is_shown=request.POST.get("show") == "1")
        messages.success(request, _("Done."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect(connection)


@login_required
@require_safe
def thanks(request: HttpRequest, handle: str) -> HttpResponse:
    """What others say of somebody, where both of them want it shown."""
    who = get_object_or_404(Member.objects.visible_to(request.user), handle=handle)
    words = Closing.objects.shown_of(who, request.user)
    entries: Any = Paginator(words, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    return render(request, "connections/thanks.html", {"who": who, "entries": entries})
