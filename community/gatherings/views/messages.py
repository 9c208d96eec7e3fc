"""What a host writes to those who come, and where they read it."""

from django.contrib import messages as said
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from community.gatherings.forms import MessageForm
from community.gatherings.models import GatheringPage, Message, Registration
from community.members.views import keeps_typed


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("host-message")
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The host writes to all, to those who come, or to those who wait."""
    gathering = get_object_or_404(GatheringPage.objects.editable_by(request.user).live(), slug=slug)
    form = MessageForm(request.POST or None, request=request)
    if form.is_valid() and form.send(gathering, request.user):  # type: ignore[arg-type]
        said.success(request, _("Sent. It stands on the page with your messages, too."))
        return redirect("gatherings:messages", slug)
    return render(request, "gatherings/write.html", {"page": gathering, "form": form})


@login_required
@require_safe
def messages(request: HttpRequest, slug: str) -> HttpResponse:
    """What the host has written, for those whom it was for."""
    own = Registration.objects.of(request.user).pending().unblocked().values("gathering")
    mine = GatheringPage.objects.editable_by(request.user).filter(slug=slug)
    gathering = mine.first() or GatheringPage.objects.visible_to(request.user).filter(slug=slug, pk__in=own).first()
    if gathering is None:
        raise Http404
    rows = list(Message.objects.visible_to(request.user).filter(gathering=gathering))
    for row in rows:
        row.text_shown = row.shown_to(request.user)
    is_host = gathering.author_id == request.user.pk
    return render(request, "gatherings/messages.html", {"page": gathering, "rows": rows, "is_host": is_host})
