"""What stewards see of connections: who waits for whom, since when, and which pairs need a call. No word of theirs."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.connections.models import Connection, Message, Wait
from community.trust.models import Safeguarding
from community.trust.views import stewards_only

MOST = 50  # of each list; the first fifty are work enough for a week


@stewards_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that waits between people, whoever waits longest first."""
    rows = Connection.objects.looked_after_by(request.user).with_people()
    now = timezone.now()
    lists = {
        "late": rows.late(now),
        "calls": rows.need_call(now),
        "referrals": rows.referred(now - timedelta(days=30)),
        "waits": Wait.objects.looked_after_by(request.user).select_related("learner", "mentor"),
    }
    found = {name: list(some[: MOST + 1]) for name, some in lists.items()}
    context: dict[str, Any] = {name: some[:MOST] for name, some in found.items()}
    context["most"] = MOST if any(len(some) > MOST for some in found.values()) else None
    return render(request, "connections/desk.html", context)


@stewards_only
@require_POST
def called(request: HttpRequest, pk: int) -> HttpResponse:
    """A steward has spoken with the two."""
    row: Any = get_object_or_404(Connection.objects.looked_after_by(request.user).accepted(), pk=pk)
    try:
        row.called(request.user)
        messages.success(request, _("Noted. This pair is off the list for a while."))
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("connections_steward:waiting")


@login_required
@require_safe
def messages_held(request: HttpRequest) -> HttpResponse:
    """What safeguarding reads before it goes on to somebody under 18; in threads of their own somebody else does."""
    if not Safeguarding.includes(request.user):
        raise Http404
    held = Message.objects.waiting_for(request.user).select_related("writer", "connection__asker", "connection__asked")
    rows = [(one, one.connection.other(one.writer)) for one in held[:MOST]]
    return render(request, "connections/held.html", {"rows": rows})


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held message through, or keep it back."""
    if not Safeguarding.includes(request.user):
        raise Http404
    rows = Message.objects.waiting_for(request.user).select_related("writer", "connection__asker", "connection__asked")
    one = rows.filter(pk=pk).first()
    verb = {"release": one.release, "stop": one.stop}.get(request.POST.get("step", "")) if one else None
    if one is None:
        messages.info(request, _("Nobody has to decide on this any more."))
    elif verb is None:
        raise Http404
    else:
        verb(request.user)  # type: ignore[arg-type]
        messages.success(request, _("Done, and written down."))
    return redirect("connections_steward:messages")
