"""Private notes: only their writer finds them, whoever else knows their address."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from community.connections.forms.talk import NoteForm
from community.connections.models import Note
from community.connections.views.one import sides
from community.connections.views.papers import begun
from community.members.views import keeps_typed

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("note")
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the reader has noted for themselves on these two, and room for more."""
    connection = begun(request, pk)
    form = NoteForm(request.POST or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Kept. Only you read it."))
        return redirect("connections:notes", pk)
    own = Note.objects.visible_to(request.user).filter(connection=connection).select_related("meeting")
    entries: Any = Paginator(own, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    context = sides(connection, request.user) | {"form": form, "entries": entries}
    return render(request, "connections/notes.html", context, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("change_note")
def note(request: HttpRequest, pk: int, note: int) -> HttpResponse:
    """Write a note anew."""
    connection = begun(request, pk)
    own = get_object_or_404(Note.objects.editable_by(request.user).filter(connection=connection), pk=note)
    form = NoteForm(request.POST or None, request=request, connection=connection, instance=own)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, _("Kept. Only you read it."))
        return redirect("connections:notes", pk)
    context = sides(connection, request.user) | {"form": form, "note": own}
    return render(request, "connections/note.html", context, status=form.status)


@login_required
@require_POST
def drop(request: HttpRequest, pk: int, note: int) -> HttpResponse:
    """Take a note out, for good."""
    begun(request, pk)
    own: Any = get_object_or_404(Note.objects.editable_by(request.user).filter(connection=pk), pk=note)
    own.drop(request.user)
    messages.success(request, _("Taken out."))
    return redirect("connections:notes", pk)
