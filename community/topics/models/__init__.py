"""What pages and people are about, and the pages that every listed page grows from."""

from community.topics.models.entry import EntryPage, EntryQuerySet, admits
from community.topics.models.listing import EntryFilter, EntryIndexPage, search_words
from community.topics.models.picture import rendition_of, with_renditions
from community.topics.models.topic import Season, Topic

__all__ = [
    "EntryFilter",
    "EntryIndexPage",
    "EntryPage",
    "EntryQuerySet",
    "Season",
    "Topic",
    "admits",
    "rendition_of",
    "search_words",
    "with_renditions",
]
