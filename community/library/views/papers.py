"""A page, or a collection, on paper or to take along."""

from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from community.library.models import CollectionPage
from community.library.models.pack import Pack
from community.library.models.paper import as_pdf
from community.members.views import is_too_often

TOO_OFTEN = _("Many folders and papers were made for your network just now. Wait a little, then try again.")


def refused(request: HttpRequest, page: Any, why: Any, status: int = 422) -> HttpResponse:
    """Say why there is nothing to take along."""
    return render(request, "library/collection_offline.html", {"page": page, "why": why}, status=status)


def sparing(view: Any) -> Any:
    """Setting pages costs seconds, and anybody may ask for it: so many an hour from one network, and no more."""

    @wraps(view)
    def counted(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_too_often(request, "take-along"):
            return refused(request, None, TOO_OFTEN, status=429)
        answer: HttpResponse = view(request, slug, *args, **kwargs)
        return answer

    return counted


@require_safe
@sparing
def pdf(request: HttpRequest, slug: str, model: Any) -> HttpResponse:
    """A PDF for whoever may see the page, with what they may see."""
    pages = model.objects.visible_to(request.user).select_related("author", "season", "picture")
    page = get_object_or_404(pages, slug=slug)
    try:
        pack = Pack.of(page, request) if model is CollectionPage else Pack.of_page(page, request)
        byline = "" if getattr(page, "is_confidential", False) else page.byline
        made = as_pdf(pack, page.title, byline, request)
    except ValidationError as error:
        return refused(request, page, error.messages[0])
    name = f'attachment; filename="{pack.name}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": name})
