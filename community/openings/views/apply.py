"""Applying, taking it back, and what a guardian answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from community.members.views import keeps_typed
from community.openings.forms.apply import ApplicationForm
from community.openings.models import Application, OpeningPage


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_typed("application")
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Write to the person who offers the place, at once or on several days."""
    openings = OpeningPage.objects.visible_to(request.user).select_related("author")
    opening = get_object_or_404(openings, slug=slug)
    earlier = Application.objects.earlier(opening.pk, request.user, None)  # type: ignore[arg-type]
    draft = earlier if earlier and earlier.is_draft else None
    form = ApplicationForm(request.POST or None, request.FILES or None, request=request, instance=draft)
    why = opening.why_not(request.user)
    status = 409 if why and form.is_bound and not earlier else 200
    if (earlier or not why) and form.is_valid():
        try:
            is_draft, key = request.POST.get("then") == "later", request.kept.key  # type: ignore[attr-defined]
            sent = form.send(opening, key, is_draft=is_draft)
        except ValidationError as error:
            status, why = 409, error.messages[0]
        else:
            messages.success(request, kept_words(sent))
            return redirect(opening.get_url(request) if not sent.is_draft else sent)
    context = {"page": opening, "form": form, "why": why, "sent": None if draft else earlier, "draft": draft}
    return render(request, "openings/apply.html", context, status=status)


def kept_words(application: Application) -> str:
    """What has become of what was just sent."""
    if application.waits_for_guardian:
        return _("We have written to your parent or guardian. It is sent as soon as they agree.")
    return _("Kept. Nobody but you can read it yet.") if application.is_draft else _("Your application is on its way.")


def taken_back_words(application: Application) -> str:
    """Who can still read what was just taken back."""
    if application.is_read_along:
        return _("Your application is taken back. Only safeguarding can still read it, because you are under 18.")
    return _("Your application is taken back. Nobody but you can read it now.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once more, then take the application back; possible even if the page is gone by now."""
    own = Application.objects.of(request.user).filter(opening__slug=slug).select_related("opening", "member", "poster")
    application = get_object_or_404(own.order_by("-created_at", "-pk")[:1])
    if request.method == "POST":
        try:
            application.withdraw()
            messages.success(request, taken_back_words(application))
        except ValidationError as error:
            messages.warning(request, error.messages[0])
        return redirect("/openings/")
    can_withdraw = "withdraw" in application.steps_for(request.user)
    context = {"application": application, "page": application.opening, "can_withdraw": can_withdraw}
    return render(request, "openings/withdraw.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def guardian(request: HttpRequest, token: str) -> HttpResponse:
    """A parent or guardian looks at the place and answers; nothing happens by opening the link.

    Its page asks for `strict-origin`: the address is told to nobody, and the browser names where the button comes from.
    """
    waiting, answer = Application.behind(token), request.POST.get("answer", "")
    if waiting is None:
        return render(request, "openings/guardian.html", {"waiting": None}, status=404)
    if answer in {"yes", "no"} and not waiting.hear_guardian(answer == "yes"):
        return render(request, "openings/guardian.html", {"waiting": None}, status=409)
    context = {"waiting": waiting, "page": waiting.opening, "answer": answer}
    return render(request, "openings/guardian.html", context)
