"""What stewards see of connections: who waits for whom, since when, and which pairs need a call. No word of theirs."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.connections.models import Connection, Wait
from community.trust.views import stewards_only

MOST = 50  # of each list; the first fifty are work enough for a week


@stewards_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Everything that waits between people, whoever waits longest first."""
    rows = Connection.objects.looked_after_by(request.user).with_people()
    now = timezone.now()
    context = {
        "late": rows.late(now)[:MOST],
        "calls": rows.need_call(now)[:MOST],
        "referrals": rows.referred(now - timedelta(days=30))[:MOST],
        "waits": Wait.objects.looked_after_by(request.user).select_related("learner", "mentor")[:MOST],
    }
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
