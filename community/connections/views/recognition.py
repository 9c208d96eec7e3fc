"""What somebody passed on and learned, the thanks they got, and a certificate to print."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from community.connections.models import TEACHING, Certificate, Closing, Connection, PassedOn
from community.connections.views.one import sides
from community.connections.views.papers import begun
from community.members.views import is_too_often

PER_PAGE = 20


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def passed_on(request: HttpRequest) -> HttpResponse:
    """My own hours and skills, the thanks I got, and whether my page shows what I passed on."""
    me: Any = request.user
    if request.method == "POST":
        me.profile.show_passed_on(is_shown=request.POST.get("show") == "1")
        messages.success(request, _("Done."))
        return redirect("connections:passed_on")
    thanks = Closing.objects.visible_to(me).filter(subject=me).exclude(thanks="")
    listed = thanks.select_related("writer").order_by("-closed_at", "-pk")
    entries: Any = Paginator(listed, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    taught, learned = PassedOn.of(me)
    context = {"taught": taught, "learned": learned, "entries": entries, "profile": me.profile}
    return render(request, "connections/passed_on.html", context)


def closed(request: HttpRequest, pk: int) -> Connection:
    """A connection in which one taught, and which is over; of any other there is no certificate."""
    connection = begun(request, pk)
    if not connection.is_over or connection.kind not in TEACHING:
        raise Http404
    return connection


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands on my certificate, and whether my name may stand on the other's."""
    connection, me = closed(request, pk), request.user
    mine = connection.closings.filter(writer=connection.side_of(me)).first()
    if request.method == "POST":
        try:
            if mine is None:
                raise ValidationError(_("Say your last words first."))
            mine.let_name(me, is_named=request.POST.get("name") == "1")  # type: ignore[arg-type]
            messages.success(request, _("Done."))
        except ValidationError as error:
            messages.warning(request, error.messages[0])
        return redirect("connections:certificate", pk)
    why = Certificate.why_not(connection)
    context = {"why": why, "mine": mine, "paper": None if why else Certificate.of(connection, me)}
    return render(request, "connections/certificate.html", sides(connection, me) | context)


@login_required
@never_cache
@require_safe
def certificate_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The certificate as a PDF, for the one whose it is."""
    connection = closed(request, pk)
    community = render_to_string("connections/community.txt", request=request).strip()
    try:
        if is_too_often(request, "certificate", key=str(request.user.pk)):
            raise ValidationError(_("That was too often in a short time. Wait a little, then try again."))
        made = Certificate.of(connection, request.user).as_pdf(community)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect("connections:certificate", pk)
    name = {"Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=name)
