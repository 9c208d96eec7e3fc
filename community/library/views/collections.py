"""A collection to take along."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from community.library.models import CollectionPage
from community.library.models.pack import Pack, TooLarge
from community.library.views.papers import refused, sparing


def found(request: HttpRequest, slug: str) -> Any:
    """The collection, if this reader may see it."""
    return get_object_or_404(CollectionPage.objects.visible_to(request.user).select_related("author"), slug=slug)


@require_safe
@sparing
def offline(request: HttpRequest, slug: str) -> HttpResponse:
    """What the folder holds and how large it is, before anybody loads it on a bad line."""
    page = found(request, slug)
    try:
        made = Pack.of(page, request)
    except TooLarge as error:
        return refused(request, page, error.messages[0])
    context = {"page": page, "pack": made, "bytes": len(made.zipped())}
    return render(request, "library/collection_offline.html", context)


@require_safe
@sparing
def pack(request: HttpRequest, slug: str) -> HttpResponse:
    """The folder, as one zip file."""
    page = found(request, slug)
    try:
        made = Pack.of(page, request)
    except TooLarge as error:
        return refused(request, page, error.messages[0])
    # It is packed as small as it gets; packing it once more for the way would only cost time.
    headers = {"Content-Disposition": f'attachment; filename="{made.name}.zip"', "Content-Encoding": "identity"}
    return HttpResponse(made.zipped(), content_type="application/zip", headers=headers)
