"""Public pages for programs, in the form of Wagtail's API v3: read only, as any visitor reads, and nothing on people.

Wagtail's own routers are not mounted: they write, know accounts, and tell the millisecond of each publication.
"""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from ninja import NinjaAPI, Path, Query, Schema
from ninja.errors import HttpError
from wagtail.api.v3.errors import register_exception_handlers
from wagtail.models import Page
from wagtail.search import index

from community.topics.models import EntryIndexPage, EntryPage
from home.models import HomePage

FURTHEST = 100_000  # how far one may leaf; a larger number would not fit into every database
LARGEST_ID = 2**31 - 1
NAMED = {"title", "summary", "place"}  # given by name already

api = NinjaAPI(
    title="Scionwood", version="3.0.0", urls_namespace="api_v3", docs_url=None, openapi_url="/openapi.json",
    description="Public stories, lessons, experiments, playbooks, gatherings and openings. Dates are days; of what "
    "was told in confidence the day is always the first of the month.",
)  # fmt: skip
register_exception_handlers(api)


class Meta(Schema):
    """Which page it is and where it stands."""

    type: str
    detail_url: str
    html_url: str
    slug: str
    first_published_at: date | None


class When(Schema):
    """Beginning and end in ISO 8601 as the clocks there show them; of whole days the first and the last day."""

    starts: str
    ends: str
    zone: str
    is_all_day: bool


class Entry(Schema):
    """What a card of the page tells; `when` only of what takes place at a time."""

    id: int
    title: str
    summary: str
    byline: str
    place: str
    season: str
    topics: list[str]
    outcome: str
    when: When | None = None
    meta: Meta


class Whole(Entry):
    """The page with its words, one text for each part that has any."""

    body: list[str]


class Entries(Schema):
    """Some of the pages that were asked for, and how many there are."""

    count: int
    items: list[Entry]


@api.get("/pages/", response=Entries, url_name="list_pages", operation_id="pages_list", summary="List pages")
def pages(
    request: HttpRequest,
    type: str = Query("library.CaseStudyPage", description="The kind of page."),
    search: str = Query("", description="Words in the page."),
    topic: str = "", season: str = "", outcome: str = "", soil: str = "", budget: str = "",
    limit: int = Query(20, ge=1, le=20), offset: int = Query(0, ge=0, le=FURTHEST),
) -> dict[str, Any]:  # fmt: skip
    """The newest pages of one kind, with the filters of its list; values that are not known are left out."""
    lists = _list_of(type).objects.filter(locale__language_code=settings.LANGUAGE_CODE)
    found = lists.live().public().first()
    if found is None:
        raise Http404
    query = request.GET.copy()
    query["q"] = search
    request.GET = query  # type: ignore[assignment]
    _wanted, entries = found.asked_for(request)
    items = entries.select_related("season")[offset : offset + limit]
    return {"count": entries.count(), "items": [_told(entry, request) for entry in items]}


@api.get("/pages/{page_id}/", response=Whole, url_name="detail_page", operation_id="pages_detail", summary="One page")
def page(request: HttpRequest, page_id: int = Path(ge=1, le=LARGEST_ID)) -> dict[str, Any]:
    """One page, if anybody may read it."""
    row = Page.objects.filter(pk=page_id).only("content_type").first()
    model = row.specific_class if row else None
    if model is None or not issubclass(model, EntryPage):
        raise Http404
    open_to_all = model.objects.visible_to(None).unblocked_for(request.user)
    found = open_to_all.select_related("author", "season").filter(pk=page_id).first()
    if found is None:
        raise Http404
    return _told(found, request) | {"body": _words(found)}


def _list_of(kind: str) -> type[EntryIndexPage]:
    lists = [model for model in HomePage.allowed_subpage_models() if issubclass(model, EntryIndexPage)]
    known = {entry._meta.label: model for model in lists if (entry := model.entry_model())}
    if kind not in known:
        raise HttpError(400, f"There is no such type. Choose one of: {', '.join(sorted(known))}.")
    return known[kind]


def _told(entry: EntryPage, request: HttpRequest) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "title": entry.title,
        "summary": entry.summary,
        "byline": entry.byline,
        "place": entry.place,
        "season": entry.season.name if entry.season else "",
        "topics": [topic.name for topic in entry.topics.all()],
        "outcome": getattr(entry, "outcome", ""),
        "when": getattr(entry, "told_when", None),
        "meta": {
            "type": entry._meta.label,
            "detail_url": reverse("api_v3:detail_page", args=[entry.pk]),
            "html_url": entry.get_full_url(request) or "",
            "slug": entry.slug,
            "first_published_at": entry.published_on,
        },
    }


def _words(entry: EntryPage) -> list[str]:
    """What is searched is shown to everyone, so these are the words that readers see, without pictures and marks."""
    fields = [field for field in type(entry).get_search_fields() if isinstance(field, index.SearchField)]
    values = [field.get_value(entry) for field in fields if field.field_name not in NAMED]
    return [text for value in values for text in _flat(value)]


def _flat(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for each in value for text in _flat(each)]
    return [str(value)] if value not in (None, "") else []
