"""For educators: what producers want to learn, against what is taught here, as a table and as a file."""

import csv

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from community.members.models.roster_file import guard
from matching.models import Gap

PER_PAGE = 50


@login_required
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """What nobody teaches stands first."""
    require_adult(request)
    page = Paginator(Gap.objects.all(), PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    return render(request, "matching/gaps.html", {"page_obj": page})


@login_required
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same as a file for a spreadsheet; no cell of it is a formula."""
    require_adult(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="wanted-and-taught.csv"'
    writer = csv.writer(response)
    writer.writerow([_("What"), _("Producers who want it"), _("Taught by")])
    for gap in Gap.objects.all():
        writer.writerow([guard(gap.word), gap.wanted, guard(gap.taught_in_words)])
    return response


def require_adult(request: HttpRequest) -> None:
    """Somebody under 18 sees nothing that is made of profiles."""
    if not getattr(request.user, "is_adult", False):
        raise Http404
