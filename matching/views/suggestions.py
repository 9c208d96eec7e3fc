"""A member's suggestions: read, put aside, taken back. Nothing is scored here."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from matching.models import Suggestion, Vector

KIND_WORDS = {
    "mentor": (_("People who can show you"), _("They can teach what you want to learn."), "mentorship"),
    "apprentice": (_("People you could teach"), _("They want to learn what you can teach."), "mentorship"),
    "collaborator": (
        _("People to work with"),
        _("Each of you has something that the other looks for."),
        "collaboration",
    ),
    "peer": (_("People who want to learn the same"), _("You could learn it together."), "peer"),
}


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The best few of each kind."""
    shown = Suggestion.objects.visible_to(request.user).filter(dismissed_at=None)
    best = Suggestion.first_of_each_kind(shown, 3).with_reasons(request.user)
    kinds = [
        {"kind": name, "title": title, "about": about, "connection": connection,
         "best": [row for row in best if row.kind == name]}
        for name, (title, about, connection) in KIND_WORDS.items()
    ]  # fmt: skip
    return render(request, "matching/overview.html", {"kinds": kinds} | waiting(request))


@login_required
@require_GET
def kind(request: HttpRequest, kind: str) -> HttpResponse:
    """All suggestions of one kind, with reasons."""
    rows = Suggestion.objects.visible_to(request.user).filter(kind=kind, dismissed_at=None)
    page = Paginator(rows.with_reasons(request.user), 10).get_page(request.GET.get("page"))
    title, about, connection = KIND_WORDS[kind]
    context = {"kind": kind, "title": title, "about": about, "connection": connection, "suggestions": page}
    return render(request, "matching/kind.html", context | waiting(request))


@login_required
@require_GET
def dismissed(request: HttpRequest) -> HttpResponse:
    """What the member has put aside, to take back."""
    rows = Suggestion.objects.visible_to(request.user).exclude(dismissed_at=None).with_reasons(request.user)
    return render(request, "matching/dismissed.html", {"suggestions": rows})


@login_required
@require_POST
def dismiss(request: HttpRequest, kind: str, handle: str) -> HttpResponse:
    """Put a suggestion aside; doing it twice changes nothing."""
    rows = Suggestion.objects.visible_to(request.user)
    get_object_or_404(rows, kind=kind, other__handle=handle).dismiss()
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return redirect("matching:kind", kind=kind)


@login_required
@require_POST
def restore(request: HttpRequest, kind: str, handle: str) -> HttpResponse:
    """Take a suggestion back that was put aside."""
    rows = Suggestion.objects.visible_to(request.user)
    get_object_or_404(rows, kind=kind, other__handle=handle).restore()
    return redirect("matching:dismissed")


def waiting(request: HttpRequest) -> dict[str, object]:
    """What keeps suggestions from being good, or from being there at all: age, empty profile, texts not read yet."""
    member: Any = request.user
    profile = member.profile
    lines = {f"s{pk}" for pk in profile.statements.exclude(visibility="me").values_list("pk", flat=True)}
    read = set(Vector.objects.filter(profile=profile, statement__isnull=False).values_list("key", flat=True))
    is_adult = member.is_adult
    return {"hints": profile.hints[:2], "is_adult": is_adult, "is_reading": is_adult and bool(lines - read)}
