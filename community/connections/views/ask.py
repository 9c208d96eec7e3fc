"""Asking somebody to meet."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.connections.forms.ask import ProposeForm
from community.connections.models import Connection
from community.members.models import Member
from community.members.views import keeps_typed


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("connection")
def new(request: HttpRequest, handle: str) -> HttpResponse:
    """Ask somebody to meet."""
    people = Member.objects.visible_to(request.user).exclude(pk=request.user.pk).select_related("profile")
    asked = get_object_or_404(people, handle=handle)
    form, status = ProposeForm(request.POST or None, request=request, asked=asked), 200
    if form.is_valid():
        try:
            connection = Connection.propose(request.user, asked, **form.proposal)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
            status = 409
        else:
            messages.success(request, _("Your question is on its way."))
            return redirect(connection)
    return render(request, "connections/new.html", {"form": form, "asked": asked}, status=status)
