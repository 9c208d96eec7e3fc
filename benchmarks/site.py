"""Builds a site of some thousand pages to measure: the demo community, its pages multiplied by copying rows.

Saving a page through Wagtail takes a tenth of a second, copying its rows next to nothing. The copies are told
apart by a number in title and address. Runs where Django is set up, on a database that nobody keeps.
"""

import logging
import sys
import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction
from wagtail.models import Page

from community.gatherings.models import GatheringPage
from community.library.models import CaseStudyPage
from community.openings.models import OpeningPage
from community.topics.models import EntryPage
from home.demo import build
from matching import refresh
from tests.matching.planted import WordEncoder


def build_pages(wanted: dict[str, int]) -> None:
    """Build as many pages as wanted of each kind into a fresh `VAR_DIR`."""
    logging.getLogger("wagtail").setLevel(logging.WARNING)  # it names each page
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    # Which vectors there are makes no difference to a page: it reads rows that are there.
    encoder: Any = WordEncoder()
    refresh.encoder = lambda: encoder  # type: ignore[assignment]
    build.build(members=wanted["people"], say=lambda line: None)
    for model in (CaseStudyPage, GatheringPage, OpeningPage):
        multiply(model, wanted[model._meta.model_name])
    call_command("update_index", verbosity=0)
    print(f"Built in {settings.VAR_DIR}", file=sys.stderr)


@transaction.atomic
def multiply(model: type[EntryPage], number: int) -> int:
    """Copy the pages of this kind, in turn, until there are so many; returns how many are new.

    Topics, seats and lines come along, guests and revisions do not.
    """
    originals = list(model.objects.order_by("path"))
    if model is GatheringPage:  # a time of what comes again is there once
        originals = [page for page in originals if not page.recurrence_id]  # type: ignore[attr-defined]
    missing = max(0, number - len(originals))
    if not originals or not missing:
        return 0
    parent = originals[0].get_parent()
    newest = Page.objects.child_of(parent).order_by("-path").values_list("path", flat=True)[0]
    last = int(str(newest)[-Page.steplen :], 36)
    pairs: list[tuple[int, int]] = []
    for n in range(missing):
        original = originals[n % len(originals)]
        pairs.append((original.pk, _copy_page(original, parent, last + 1 + n, n)))
    Page.objects.filter(pk=parent.pk).update(numchild=models.F("numchild") + missing)
    copy_rows(model, "page_ptr_id", pairs)
    for relation in model._meta.related_objects:
        # The page's own further rows: seats and lines. Everything else that points here belongs to people.
        if relation.related_model._meta.model_name in ("seats", "openingline"):
            copy_rows(relation.related_model, relation.field.column, pairs)
    topics: Any = model._meta.get_field("topics").remote_field.through  # type: ignore[union-attr]
    copy_rows(topics, f"{model._meta.model_name}_id", pairs)
    return missing


def _copy_page(original: EntryPage, parent: Page, step: int, number: int) -> int:
    """The row that all kinds of pages share; returns its key."""
    fields = {field.attname: getattr(original, field.attname) for field in Page._meta.local_concrete_fields}
    slug = f"{original.slug}-{number}"
    fields |= {
        "id": None,
        "path": Page._get_path(parent.path, original.depth, step),
        "slug": slug,
        "title": f"{original.title} {number}",
        "draft_title": f"{original.title} {number}",
        "url_path": f"{parent.url_path}{slug}/",
        "translation_key": uuid.uuid4(),
        "latest_revision_id": None,
        "live_revision_id": None,
    }
    (page,) = Page.objects.bulk_create([Page(**fields)])
    return int(page.pk)


def copy_rows(model: type[models.Model], column: str, pairs: Sequence[tuple[int, int]]) -> None:
    """Copy the rows of a table that belong to one page to another page: `pairs` of (from, to)."""
    quote = connection.ops.quote_name
    # A key that is not the page itself is given out by the database.
    kept = [str(field.column) for field in model._meta.local_concrete_fields if not field.primary_key]
    kept = [name for name in kept if name != column]
    names = ", ".join(quote(name) for name in [column, *kept])
    table, chosen = quote(model._meta.db_table), ", ".join(["%s", *(quote(name) for name in kept)])
    # All names come from our own models.
    statement = f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} WHERE {quote(column)} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(new, old) for old, new in pairs])
