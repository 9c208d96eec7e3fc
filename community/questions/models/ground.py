"""Where a question stands: on any listed page, seen through the door of that kind of page, or with a group."""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from wagtail.models import Page

from community.members.models import Member
from community.topics.models import EntryPage


@cache
def kinds() -> tuple[type[EntryPage], ...]:
    """Every kind of page on which somebody can ask."""
    return tuple(model for model in apps.get_models() if issubclass(model, EntryPage))


def stands_open_to(member: Any, kinds_of_page: Collection[type[EntryPage]] = ()) -> Q:
    """Rows with a `page` that this member may see; of these kinds, where it is known that they are of no other.

    Asked for each row and kind, and not as a list of pages: there may be many pages, and a list shows few rows.
    """
    seen = Q()
    for kind in kinds_of_page or kinds():
        seen |= Q(Exists(kind.objects.visible_to(member).filter(pk=OuterRef("page"))))
    return seen


def stands_inside(member: Any) -> Q:
    """Rows with a `group` to which this member belongs; groups are for adults."""
    if not getattr(member, "is_authenticated", False) or not member.is_adult:
        return Q(pk__in=[])
    return Q(group__in=member.groups.order_by().values("pk"))


def stands_on_own(member: Any) -> Q:
    """Rows with a `page` whose author this member is."""
    own = Q()
    for kind in kinds():
        own |= Q(Exists(kind.objects.editable_by(member).filter(pk=OuterRef("page"))))
    return own


def stands_under(topic: str) -> Q:
    """Rows with a `page` about this topic, by its word in addresses."""
    filed = Q()
    for kind in kinds():
        filed |= Q(Exists(kind.objects.filter(pk=OuterRef("page"), topics__slug=topic)))
    return filed


def page_for(member: Any, page: Page | int) -> EntryPage | None:
    """The page itself, whole, where this member may see it; by its number, or by as much of it as is at hand."""
    pk = page if isinstance(page, int) else page.pk
    at_hand = page if isinstance(page, Page) else Page.objects.filter(pk=pk).first()
    kind = at_hand.specific_class if at_hand else None
    if kind not in kinds():
        return None
    whole: EntryPage | None = kind.objects.visible_to(member).filter(pk=pk).select_related("author").first()
    return whole


def teller_of(page: EntryPage) -> Member | None:
    """Whose page it is, as far as it may be known: what was told in confidence is nobody's."""
    return None if getattr(page, "is_confidential", False) else page.author
