"""By whose clock, and into which calendar: what a reader chooses about dates."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from community.gatherings.forms.dates import ZoneForm
from community.gatherings.models import CalendarKey
from community.gatherings.models.when import ZONE_COOKIE


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """The secret address of one's own calendar: see it, make a new one, take it back."""
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            CalendarKey.revoke(request.user)
            messages.success(request, _("The address is gone. Calendar programs get nothing from it any more."))
        else:
            CalendarKey.renew(request.user)
            messages.success(request, _("Here is your new address. An earlier one no longer works."))
        return redirect("gatherings:address")
    key = CalendarKey.objects.filter(member=request.user.pk).first()
    url = f"{settings.SITE_URL}{reverse('gatherings:mine', args=[key.token])}" if key else ""
    response = render(request, "gatherings/address.html", {"key": key, "url": url})
    response.headers["Referrer-Policy"] = "strict-origin"  # with `no-referrer` its own buttons would be refused
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def zone(request: HttpRequest) -> HttpResponse:
    """By whose clock gatherings online are shown to this browser."""
    back = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or "\x00" in back:
        back = reverse_list()
    form = ZoneForm(request.POST or None, initial={"zone": request.COOKIES.get(ZONE_COOKIE, settings.TIME_ZONE)})
    if form.is_valid():
        response = redirect(back)
        year = 60 * 60 * 24 * 365
        response.set_cookie(ZONE_COOKIE, form.cleaned_data["zone"], max_age=year, httponly=True, samesite="Lax",
                            secure=settings.SESSION_COOKIE_SECURE)  # fmt: skip
        return response
    return render(request, "gatherings/zone.html", {"form": form, "back": back})


def reverse_list() -> str:
    """The list of gatherings, a page and not a view."""
    return "/gatherings/"
