"""My stories: how each stands, what the stewards said, and whether it is still true."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.library.models import CaseStudyPage, Standing, reviews_of

PER_PAGE = 20


def own(request: HttpRequest, pk: int) -> CaseStudyPage:
    """A story of one's own; anybody else's does not exist."""
    story: CaseStudyPage = get_object_or_404(CaseStudyPage.objects.editable_by(request.user), pk=pk)
    return story


@login_required
@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """All stories that I have begun, sent or published, the last touched first."""
    mine = CaseStudyPage.objects.editable_by(request.user).order_by("-latest_revision_created_at", "-pk")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    reviews = reviews_of(page.object_list)
    for one in page:
        one.review = reviews.get(one.pk)
    return render(request, "library/mine.html", {"page_obj": page})


@login_required
@require_safe
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """How one story stands: its state, what was said, the dates, and what I can do."""
    one = own(request, pk)
    can_discard = one.live or one.first_published_at is None
    context = {"story": one, "review": one.review, "standings": Standing.choices, "can_discard": can_discard}
    return render(request, "library/my_story.html", context)


@login_required
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of the stewards' hands, and go on with it."""
    own(request, pk).take_back(request.user)  # type: ignore[arg-type]
    messages.success(request, _("It is back with you. Nobody else reads it until you send it again."))
    return redirect("library:check", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then throw away what is not published."""
    one = own(request, pk)
    if request.method == "POST":
        one.discard(request.user)  # type: ignore[arg-type]
        messages.success(request, _("Thrown away."))
        return redirect("library:mine")
    return render(request, "library/discard.html", {"story": one})


@login_required
@require_POST
def still_true(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether it still holds; readers see the answer and the month."""
    one = own(request, pk)
    try:
        one.say_whether_true(request.user, request.POST.get("standing", ""))  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Thank you. Readers see it beside your story."))
    return redirect(one.my_url)
