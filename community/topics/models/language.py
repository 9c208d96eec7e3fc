"""The same page in several languages: which of them somebody is shown."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from wagtail.models import Page


def is_translated() -> Exists:
    """Whether a page stands in another language, too; asked inside the query that fetches the page."""
    others = Page.objects.filter(translation_key=OuterRef("translation_key"), live=True)
    return Exists(others.exclude(pk=OuterRef("pk")))


def is_told_better(by: Any, code: str) -> Q:
    """Whether one of the same pages suits a reader of this language better: one in it, else the one told first.

    `by` are the pages that the reader may see, so that nobody loses a page to another one that is shut to them.
    """
    same = by.filter(translation_key=OuterRef("translation_key")).exclude(pk=OuterRef("pk")).order_by()
    in_it, first = same.filter(locale__language_code=code), same.filter(pk__lt=OuterRef("pk"))
    return ~Q(locale__language_code=code) & (Q(Exists(in_it)) | Q(Exists(first)))
