"""What somebody may see of what can be found: asked anew for every question, before anything is scored."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import IntegerField, QuerySet, Value
from django.utils.translation import get_language
from wagtail.models import Page

from community.gatherings.models import GatheringPage
from community.members.models import Statement, StatementSide, Visibility
from community.openings.models import OpeningPage
from community.topics.models import once
from matching import reading
from matching.models import Passage

OTHER = "pages"
GROUPS: Mapping[type[Page], tuple[str, Callable[[Any], Any]]] = {
    GatheringPage: ("gatherings", lambda pages: pages.filter(is_cancelled=False).upcoming()),
    OpeningPage: ("openings", lambda pages: pages.open()),
}
"""Kinds of pages that make a group of their own, and which of them are still of use; all others are `OTHER`."""


def group_of(kind: type[Page]) -> str:
    """The group in which pages of this kind are shown."""
    return GROUPS[kind][0] if kind in GROUPS else OTHER


def pages(member: Any) -> dict[int, type[Page]]:
    """Every page that this member may see and that is still of use, with its kind; one query for all kinds."""
    kinds = reading.kinds()
    queries: list[QuerySet[Any]] = []
    for place, kind in enumerate(kinds):
        some = visible = reading.visible(kind, member)
        some = once(some, visible, get_language()) if getattr(kind, "IS_TRANSLATED", True) else some
        some = GROUPS[kind][1](some) if kind in GROUPS else some
        queries.append(some.order_by().values_list("pk", Value(place, IntegerField())))
    rows: Iterable[tuple[int, int]] = queries[0].union(*queries[1:], all=True)
    return {pk: kinds[place] for pk, place in rows}


def page_of(number: str, member: Any) -> Page | None:
    """The page of this number if it is of a kind that is read and this member may see it."""
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    row = Page.objects.filter(pk=int(number)).only("content_type").first()
    if row is None or (kind := row.specific_class) not in reading.kinds():
        return None
    page: Page | None = reading.visible(kind, member).filter(pk=row.pk).first()
    return page


def offers(member: Any) -> dict[int, tuple[int, int]]:
    """Every offer of others that this member may read, of people who do not pause: passage → (statement, member)."""
    if not getattr(member, "is_authenticated", False) or not member.is_adult:
        return {}
    rows = Passage.objects.filter(statement__in=readable(member).values("pk"))
    listed = rows.values_list("pk", "statement", "statement__profile__member")
    return {key: (statement, owner) for key, statement, owner in listed}


def readable(member: Any) -> "QuerySet[Statement]":
    """The offers that others show to this member."""
    shown = Statement.objects.visible_to(member).filter(side=StatementSide.OFFER, visibility=Visibility.MEMBERS)
    others: QuerySet[Statement] = shown.filter(profile__is_paused=False).exclude(profile__member=member)
    return others.filter(profile__member__is_active=True, profile__member__is_adult=True)
