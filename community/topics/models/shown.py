"""Pages of every kind at once, as somebody may see them."""

from typing import Any

from django.apps import apps
from django.db.models import Q
from wagtail.models import Page

from community.topics.models.entry import EntryPage


def entry_kinds() -> list[type[EntryPage]]:
    """Every kind of page that stands in a list."""
    return [model for model in apps.get_models() if issubclass(model, EntryPage)]


def shown_to(member: Any, keys: Any, kinds: list[Any] | None = None) -> Q:
    """Those of these pages that this member may see, whatever kind they are: each kind answers for its own.

    `keys` are numbers, or a query for them.
    """
    seen = Q(pk__in=[])
    for kind in entry_kinds() if kinds is None else kinds:
        seen |= Q(pk__in=kind.objects.visible_to(member).filter(pk__in=keys).values("pk"))
    return seen


def shown_entry(member: Any, key: int) -> Any:
    """One page as what it is, if this member may see it; None for any other, as for what does not exist."""
    row = Page.objects.filter(pk=key).only("content_type").first()
    model = row.specific_class if row else None
    if model is None or not issubclass(model, EntryPage):
        return None
    return model.objects.visible_to(member).select_related("author").filter(pk=key).first()
