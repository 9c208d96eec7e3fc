"""Lists as Atom feeds: what anybody may read, the newest first, for those who would rather not come and look."""

import re
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from community.topics.models import EntryIndexPage, EntryPage

# What XML has no way to write: most control characters, halves of pairs, and two that stand for nothing.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONG_AGO = date(1970, 1, 1)  # for the few pages of which nobody knows when they were published


class Shelf(NamedTuple):
    """One list with the filters in force and the entries that they leave."""

    index: EntryIndexPage
    address: str
    wanted: dict[str, str]
    entries: list[EntryPage]


@require_safe
@cache_control(public=True, max_age=600)
def feed(request: HttpRequest, model: type[EntryIndexPage]) -> HttpResponse:
    """The newest entries of a list that anybody may read: a feed reader keeps and shares what it is given.

    Whoever is signed in does not meet here either whom they keep away, or who keeps them away.
    """
    answer: HttpResponse = EntryFeed(request)(request, model=model)
    return answer


class EntryFeed(Feed):
    """How one list becomes a feed; each entry's address is its lasting name."""

    feed_type = Atom1Feed

    def __init__(self, request: HttpRequest) -> None:
        self.request = request  # remembers where the site begins, so that no page has to ask again

    def get_object(self, request: HttpRequest, *args: Any, model: type[EntryIndexPage], **kwargs: Any) -> Shelf:
        """The list, with the filters of the address; a list that is shut to the public has no feed."""
        lists = model.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
        index = get_object_or_404(lists.live().public()[:1])
        wanted, entries = index.asked_for(request)
        return Shelf(index, index.get_full_url(request) or "/", wanted, list(entries[: index.PER_FEED]))

    def title(self, shelf: Shelf) -> str:
        """What the list is called, and where it stands."""
        return written(f"{shelf.index.title} – {settings.WAGTAIL_SITE_NAME}")

    def subtitle(self, shelf: Shelf) -> str:
        """The sentence above the list."""
        return written(shelf.index.intro)

    def author_name(self, shelf: Shelf) -> str:
        """Stands for the entries that name nobody, since Atom wants a name."""
        return str(settings.WAGTAIL_SITE_NAME)

    def link(self, shelf: Shelf) -> str:
        """The list itself."""
        return _address(shelf)

    def feed_url(self, shelf: Shelf) -> str:
        """Where this feed stands, with the filters that were understood and nothing else that was typed."""
        return _address(shelf, "feed/")

    def feed_guid(self, shelf: Shelf) -> str:
        """The same name for the same list with the same filters."""
        return _address(shelf, "feed/")

    def items(self, shelf: Shelf) -> list[EntryPage]:
        """The newest entries."""
        return shelf.entries

    def item_title(self, entry: EntryPage) -> str:  # type: ignore[override]
        """The title as plain words."""
        return written(entry.title)

    def item_description(self, entry: EntryPage) -> str:  # type: ignore[override]
        """The entry in short."""
        return written(entry.summary)

    def item_link(self, entry: EntryPage) -> str:  # type: ignore[override]
        """The page; whatever host was asked, it is named by its own address."""
        return entry.get_full_url(self.request) or "/"

    def item_author_name(self, entry: EntryPage) -> str | None:
        """Who tells it, as anybody may read it; nobody for what was told in confidence."""
        is_confidential = getattr(entry, "is_confidential", False)
        return None if is_confidential else written(entry.byline) or None

    def item_categories(self, entry: EntryPage) -> list[str]:
        """What it is about."""
        return [written(topic.name) for topic in entry.topics.all()]

    def item_pubdate(self, entry: EntryPage) -> datetime:
        """When it was published, as closely as the page itself may say."""
        return _midnight(entry.published_on)

    def item_updateddate(self, entry: EntryPage) -> datetime:
        """When it was changed, as closely as the page itself may say."""
        return _midnight(entry.changed_on)


def written(text: str) -> str:
    """A text as XML can hold it."""
    return UNWRITABLE.sub(" ", text).strip()


def _address(shelf: Shelf, below: str = "") -> str:
    query = f"?{urlencode(shelf.wanted)}" if shelf.wanted else ""
    return f"{shelf.address}{below}{query}"


def _midnight(day: date | None) -> datetime:
    moment = datetime.combine(day or LONG_AGO, datetime.min.time())
    return timezone.make_aware(moment) if day else moment.replace(tzinfo=UTC)
