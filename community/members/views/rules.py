"""The community's rules, by version."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from wagtail.views import serve

from community.members.models import Rules


def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force, or an earlier version; a community without numbered rules may have a plain page here."""
    current = Rules.current()
    if current is None:
        return serve(request, "rules/")
    version = request.GET.get("version", "")
    shown = get_object_or_404(Rules, version=int(version)) if version.isdecimal() and len(version) < 7 else current
    return render(request, "members/rules.html", {"rules": shown, "is_current": shown == current})


@login_required
@require_POST
def accept_rules(request: HttpRequest) -> HttpResponse:
    """The member has read the rules in force and keeps to them."""
    version = request.POST.get("version", "")
    if version == str(Rules.current_version()):
        request.user.accept_rules(int(version))  # type: ignore[union-attr]
    return redirect("members:me")
