"""What pages and people are about, and the pages that every listed page grows from."""

from community.topics.models.entry import EntryForm, EntryPage, EntryQuerySet
from community.topics.models.gate import GatedPage, barring, stands_before
from community.topics.models.listing import EntryFilter, EntryIndexPage, search_words
from community.topics.models.picture import rendition_of, with_renditions
from community.topics.models.topic import Season, Topic

__all__ = [
    "EntryFilter",
    "EntryForm",
    "EntryIndexPage",
    "EntryPage",
    "EntryQuerySet",
    "GatedPage",
    "Season",
    "Topic",
    "barring",
    "rendition_of",
    "search_words",
    "stands_before",
    "with_renditions",
]
