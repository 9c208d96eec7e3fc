"""A page, or a collection, on paper."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from community.library.models import CollectionPage
from community.library.models.pack import Pack
from community.library.models.paper import as_pdf


@require_safe
def pdf(request: HttpRequest, slug: str, model: Any) -> HttpResponse:
    """A PDF for whoever may see the page, with what they may see."""
    pages = model.objects.visible_to(request.user).select_related("author", "season", "picture")
    page = get_object_or_404(pages, slug=slug)
    try:
        pack = Pack.of(page, request) if model is CollectionPage else Pack.of_page(page, request)
        byline = "" if getattr(page, "is_confidential", False) else page.byline
        made = as_pdf(pack, page.title, byline, request)
    except ValidationError as error:
        context = {"page": page, "why": error.messages[0]}
        return render(request, "library/collection_offline.html", context, status=422)
    name = f'attachment; filename="{pack.name}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": name})
