"""The link in a reminder, and what is said once it is over."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.gatherings.forms import FeedbackForm
from community.gatherings.models import Feedback, GatheringPage, Registration
from community.members.views import keeps_typed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def not_coming(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The one-click link of a reminder: looking changes nothing, its button gives the seat back, once."""
    seat = Registration.of_token(slug, token, request.user)
    if seat is None:
        raise Http404
    if request.method == "POST":
        if seat.give_back_by_link():
            messages.success(request, _("Your seat is free for somebody else. Thank you for telling us."))
        return redirect("gatherings:not_coming", slug, token)
    is_open = seat.is_open and any(row.starts_at > timezone.now() for row in seat.gathering.dates())
    return render(request, "gatherings/not_coming.html", {"seat": seat, "page": seat.gathering, "is_open": is_open})


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("gathering-feedback")
def feedback(request: HttpRequest, slug: str) -> HttpResponse:
    """How it was, and, three months later, whether anything has changed."""
    gathering = get_object_or_404(GatheringPage.objects.visible_to(request.user), slug=slug)
    own = Feedback.objects.visible_to(request.user).filter(gathering=gathering).first()
    is_later = gathering.ends_at <= timezone.now() - Feedback.LATER
    form = FeedbackForm(request.POST or None, request=request, feedback=own, is_later=is_later)
    why = Feedback.why_not(gathering, request.user)  # type: ignore[arg-type]
    if not why and form.is_valid() and form.give(gathering, request.user):  # type: ignore[arg-type]
        messages.success(request, _("Thank you. The host reads it in sum with what others say."))
        return redirect("gatherings:feedback", slug)
    context = {"page": gathering, "form": form, "why": why, "own": own, "is_later": is_later}
    return render(request, "gatherings/feedback.html", context, status=403 if why and form.is_bound else 200)
