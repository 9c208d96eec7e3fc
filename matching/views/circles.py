"""People who want the same: for stewards all that was found, for members those few to which they would belong."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from community.members.models import Member
from community.trust.views import stewards_only
from matching.models import FoundCircle, FoundMember
from matching.tasks import find_circles

MOST = 20


@login_required
@require_safe
def for_me(request: HttpRequest) -> HttpResponse:
    """The few with whom I might meet, and what we have in common."""
    mine = FoundMember.objects.real().filter(member=request.user).values("circle")  # type: ignore[misc]
    shown = FoundCircle.objects.visible_to(request.user).filter(pk__in=mine).exclude(told_at=None)[:MOST]
    return render(request, "matching/circles.html", {"found": with_people(FoundCircle.quoted(shown), request.user)})


def with_people(rows: list[FoundCircle], viewer: Any) -> list[tuple[FoundCircle, list[Member]]]:
    """Each with the people whom this viewer finds, all in one query."""
    places = FoundMember.objects.real().filter(
        circle__in=rows, member__in=Member.objects.visible_to(viewer).values("pk")
    )
    by_circle: dict[int, list[Member]] = {}
    for one in places.select_related("member").order_by("member__name", "member__pk"):
        by_circle.setdefault(one.circle_id, []).append(one.member)
    return [(row, by_circle.get(row.pk, [])) for row in rows]


@stewards_only
@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """All that was found, and why."""
    page = Paginator(FoundCircle.objects.visible_to(request.user), MOST).get_page(request.GET.get("page", "1")[:9])
    rows = with_people(FoundCircle.quoted(page), request.user)
    return render(request, "matching/circles_desk.html", {"found": rows, "page_obj": page})


@stewards_only
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Let the worker look."""
    find_circles.enqueue()
    messages.success(request, _("We look. Come back in a few minutes."))
    return redirect("matching_steward:circles")


@stewards_only
@require_POST
def tell(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell those whom it is about."""
    get_object_or_404(FoundCircle.objects.visible_to(request.user), pk=pk).tell()
    messages.success(request, _("They have a notice."))
    return redirect("matching_steward:circles")
