"""What stewards and editors read before everybody else does, without a key to the editing tools."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from community.library.forms.judge import JudgeForm
from community.library.models import CaseStudyPage, Review, StoryState, TrustedAuthor, reviews_of
from community.trust.forms import ReasonForm

PER_PAGE = 20


def readable(request: HttpRequest) -> Any:
    """The stories that this reader may decide on; for everybody else this address does not exist."""
    if not Review.readers().filter(pk=request.user.pk or 0).exists():
        raise Http404
    return CaseStudyPage.objects.decidable_by(request.user).select_related("author", "season", "picture")


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits, who waits longest first."""
    stories = readable(request).waiting().order_by("latest_revision_created_at", "pk")
    page = Paginator(stories, PER_PAGE).get_page(request.GET.get("page", "1")[:9])
    reviews = reviews_of(page.object_list)
    for one in page:
        one.review = reviews.get(one.pk)
    return render(request, "library/waiting.html", {"page_obj": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One story as readers will see it, and the answer to its author."""
    story = get_object_or_404(readable(request), pk=pk)
    form = JudgeForm(request.POST or None, initial={"revision": story.latest_revision_id})
    if form.is_valid():
        try:
            form.judge(story, request.user)  # type: ignore[arg-type]
        except ValidationError as error:
            form.add_error(None, error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, _("Done. The author hears of it."))
            return redirect("library_steward:waiting")
    context = review_context(story) | {"form": form}
    return render(request, "library/review.html", context, status=409 if form.errors else 200)


@login_required
@require_POST
def trust(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the small changes of this author go straight through, or have them read again."""
    story, form = get_object_or_404(readable(request).exclude(author=None), pk=pk), ReasonForm(request.POST)
    try:
        if form.is_valid() and "distrust" in request.POST:
            TrustedAuthor.distrust(story.author, request.user, form.cleaned_data["reason"])  # type: ignore[arg-type]
        elif form.is_valid():
            published = CaseStudyPage.objects.live().filter(author=story.author).count()
            TrustedAuthor.trust(story.author, request.user, form.cleaned_data["reason"], published)  # type: ignore[arg-type]
    except ValidationError as error:
        form.add_error(None, error.messages)  # type: ignore[arg-type]
    if form.errors:
        context = review_context(story) | {"form": JudgeForm(), "trust_form": form}
        return render(request, "library/review.html", context, status=422)
    messages.success(request, _("Done, and written down."))
    return redirect(story.review_url)


def review_context(story: CaseStudyPage) -> dict[str, Any]:
    """The wording that was sent, and what a steward should know of its author."""
    published = (
        CaseStudyPage.objects.live().filter(author=story.author) if story.author else CaseStudyPage.objects.none()
    )
    return {
        "story": story,
        "page": story.sent,
        "is_waiting": story.state == StoryState.WAITING,
        "published": published.count(),
        "trusted": TrustedAuthor.objects.filter(member=story.author).select_related("trusted_by").first(),
        "fewest": TrustedAuthor.FEWEST,
        "trust_form": ReasonForm(),
    }
