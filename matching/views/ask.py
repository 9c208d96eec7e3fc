"""Ask the network: one box for pages and people; and what of that is asked in vain."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from community.members.models import Glances
from community.trust.views import stewards_only
from matching import ask as network
from matching.models import Unanswered

FEW = 3  # of each sort, beside a page


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """What helps with a question, or what belongs to a page; nothing is written because somebody asked."""
    typed, page = request.GET.get("q", ""), None
    if "page" in request.GET and not typed:
        kinds = network.pages(request.user)
        page = network.page_of(request.GET["page"], request.user, kinds)
        if page is None:
            raise Http404
        found = network.about(page, request.user, FEW, kinds)
    else:
        found = network.ask(typed, request.user)
    context = {"q": typed, "page": page, "found": found, "is_asked": bool(page or typed.strip())}
    context |= {"is_long": len(typed) > network.LONGEST, "longest": network.LONGEST}
    if typed and not found.is_sure:
        Unanswered.note(typed, request.user)
    context["is_enough"] = not _may_meet(request, found)
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    response = render(request, "matching/_answers.html" if fragment else "matching/ask.html", context)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response


@stewards_only
@require_safe
def unanswered(request: HttpRequest) -> HttpResponse:
    """What at least five people asked and nothing here answers: a story, a gathering or a person is missing."""
    page = Paginator(Unanswered.objects.visible_to(request.user), 20).get_page(request.GET.get("page", "1")[:9])
    return render(request, "matching/unanswered.html", {"page_obj": page})


@stewards_only
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a question off the list; doing it twice changes nothing."""
    get_object_or_404(Unanswered, pk=pk).settle()
    messages.success(request, _("It is off the list."))
    return redirect("matching_steward:unanswered")


def _may_meet(request: HttpRequest, found: network.Answers) -> bool:
    """Whether the people who were found may be shown: looking for one after the other, too, would copy the list."""
    if found.people and not Glances.take(request.user, [one.member.pk for one in found.people]):  # type: ignore[arg-type]
        found.people.clear()
        return False
    return True
