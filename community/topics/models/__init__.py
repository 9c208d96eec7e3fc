"""What pages and people are about, and the pages that every listed page grows from."""

from community.topics.models.entry import EntryForm, EntryPage, EntryQuerySet
from community.topics.models.gate import ALL_GATES, GatedPage, Gates, barring, barring_each, stands_before
from community.topics.models.language import forget_words, is_translated, once
from community.topics.models.listing import EntryFilter, EntryIndexPage, search_words
from community.topics.models.picture import rendition_of, with_renditions
from community.topics.models.plain import as_paragraphs, as_text
from community.topics.models.shown import entry_kinds, shown_entry, shown_to
from community.topics.models.topic import Season, Topic
from community.topics.models.upload import CleanFile, Refused, clean_picture, paper_without_traces, without_traces

__all__ = [
    "ALL_GATES",
    "CleanFile",
    "EntryFilter",
    "EntryForm",
    "EntryIndexPage",
    "EntryPage",
    "EntryQuerySet",
    "GatedPage",
    "Gates",
    "Refused",
    "Season",
    "Topic",
    "as_paragraphs",
    "as_text",
    "barring",
    "barring_each",
    "clean_picture",
    "forget_words",
    "is_translated",
    "once",
    "entry_kinds",
    "paper_without_traces",
    "rendition_of",
    "search_words",
    "shown_entry",
    "shown_to",
    "stands_before",
    "with_renditions",
    "without_traces",
]
