"""What the host sees of the guests."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from community.gatherings.models import GatheringPage, Registration


@login_required
@require_safe
def guests(request: HttpRequest, slug: str) -> HttpResponse:
    """Who comes, by name: for the host and for stewards."""
    gatherings = GatheringPage.objects.hosted_by(request.user).select_related("author", "seats")
    gathering = get_object_or_404(gatherings, slug=slug)
    seats = Registration.objects.visible_to(request.user).open().filter(gathering=gathering).select_related("member")
    return render(request, "gatherings/guests.html", {"page": gathering, "seats": seats})
