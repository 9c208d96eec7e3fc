"""What two people write to each other: their thread, its files, and what is reported of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.connections.forms.talk import MessageForm, ReportMessageForm
from community.connections.models import Connection, Enclosure, Excerpt, Message, thread_of
from community.connections.views.one import sides
from community.connections.views.papers import begun
from community.members.views import keeps_typed

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("message")
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """What the two wrote, the newest twenty first to be seen and the last of them lowest; and the next words."""
    connection = begun(request, pk)
    form = MessageForm(request.POST or None, request.FILES or None, request=request, connection=connection)
    if form.is_valid() and form.take(request.user):  # type: ignore[arg-type]
        messages.success(request, sent_words(form.sent))
        return redirect("connections:thread", pk)
    found = said(connection, request.user).order_by("-pk")
    entries: Any = Paginator(found, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    newest = list(entries)[::-1]
    context = sides(connection, request.user) | {"form": form, "entries": entries, "messages_shown": newest}
    context["excerpts"] = Excerpt.objects.filter(message__connection=connection).exclude(opened_at=None)[:1]
    response = render(request, "connections/thread.html", context, status=form.status)
    if request.method == "GET":
        Message.read(connection, request.user, newest)  # type: ignore[arg-type]
    return response


def sent_words(sent: Message | None) -> str:
    """What has become of what was just written."""
    if sent is not None and sent.is_held:
        return _("Safeguarding reads it first, because the other is under 18. Then it goes on.")
    return _("Sent.")


def said(connection: Connection, viewer: Any) -> "QuerySet[Message]":
    """What of this thread the reader may read, with who wrote it and what went with it but its bytes."""
    rows: QuerySet[Message] = Message.objects.visible_to(viewer).filter(connection=connection)
    return rows.select_related("writer", "enclosure").defer("enclosure__data")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """One message: the two are led to it; a steward to whom it was reported reads it and the three before."""
    if Message.objects.visible_to(request.user).filter(connection=pk, pk=message).exists():
        begun(request, pk)
        return redirect(f"{thread_of(pk)}#m{message}")
    reported = Excerpt.objects.editable_by(request.user).filter(message=message, message__connection=pk)
    excerpt = get_object_or_404(reported.select_related("report").order_by("pk")[:1])
    if request.method == "POST":
        try:
            excerpt.open(request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            messages.warning(request, error.messages[0])
        return redirect("connections:message", pk, message)
    is_open = Excerpt.objects.visible_to(request.user).filter(pk=excerpt.pk).exists()
    context = {"excerpt": excerpt, "texts": excerpt.messages() if is_open else [], "is_open": is_open}
    return render(request, "connections/excerpt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("report_message")
def report(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """Report what the other wrote; what stewards then read, and who is told, stands on the page."""
    connection = begun(request, pk)
    own = connection.side_of(request.user)
    one: Any = get_object_or_404(said(connection, request.user).exclude(writer=own), pk=message)
    form, status = ReportMessageForm(request.POST or None, request=request), 200
    if form.is_valid():
        try:
            made = form.send(one, request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
            status = 409
        else:
            messages.success(request, _("Thank you. The stewards have your report."))
            return redirect("trust:my_report", made.report_id)
    context = sides(connection, request.user) | {"form": form, "one": one}
    return render(request, "connections/report.html", context, status=status)


@login_required
@require_safe
def enclosure(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A file of a thread, for the two alone; to be kept on a disk, never shown by the browser."""
    connection = begun(request, pk)
    readable = Message.objects.visible_to(request.user).filter(connection=connection)
    found = get_object_or_404(Enclosure.objects.filter(message__in=readable), key=key)
    response = HttpResponse(bytes(found.data), content_type=found.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response
