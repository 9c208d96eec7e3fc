"""What somebody may see of what can be found: asked anew for every question, before anything is scored."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, IntegerField, QuerySet, Value
from django.utils.translation import get_language
from wagtail.models import Page

from community.gatherings.models import GatheringPage
from community.members.models import Block, Statement, StatementSide, Visibility
from community.openings.models import OpeningPage
from community.topics.models import EntryPage, EntryQuerySet, barring, stands_before
from matching import reading
from matching.models import Passage

OTHER = "pages"
AWAY, OF_USE = 0, -1  # what stands in place of a kind beside people who are kept away, and pages still of use
GROUPS: Mapping[type[Page], tuple[str, Callable[[Any], Any]]] = {
    GatheringPage: ("gatherings", lambda pages: pages.filter(is_cancelled=False).upcoming()),
    OpeningPage: ("openings", lambda pages: pages.open()),
}
"""Kinds of pages that make a group of their own, and which of them are still of use; all others are `OTHER`."""


def group_of(kind: type[Page]) -> str:
    """The group in which pages of this kind are shown."""
    return GROUPS[kind][0] if kind in GROUPS else OTHER


def pages(member: Any) -> dict[int, type[Page]]:
    """Every page that this member may see and that is still of use, with its kind; of translations the reader's.

    The same pages as `reading.visible` of each kind, in one query. Building it is most of its cost, so kinds that all
    keep to one rule are asked for together; what is still of use, and whom blocks keep apart, comes along.
    """
    kinds = {_number(kind): kind for kind in reading.kinds()}
    alike = [number for number, kind in kinds.items() if keeps_to_the_rule(kind)]
    together = Page.objects.live().filter(content_type__in=alike).exclude(stands_before(barring(member)))
    queries = [together.values_list("pk", "content_type_id", "locale_id")]
    queries += [reading.visible(kind, member).values_list("pk", _value(number), "locale_id")
                for number, kind in kinds.items() if number not in alike]  # fmt: skip
    queries += [still(kind._default_manager.all()).values_list("pk", _value(OF_USE), _value(OF_USE))
                for kind, (_group, still) in GROUPS.items()]  # fmt: skip
    if getattr(member, "is_authenticated", False):
        blocks = (("blocked", Block.objects.filter(blocker=member)), ("blocker", Block.objects.filter(blocked=member)))
        queries += [some.values_list(who, _value(AWAY), _value(AWAY)) for who, some in blocks]
    first, *others = [some.order_by() for some in queries]
    rows: list[tuple[int, int, int]] = list(first.union(*others, all=True))
    marked: dict[int, set[int]] = {OF_USE: set(), AWAY: set()}
    for key, number, _locale in rows:
        if number <= AWAY:
            marked[number].add(key)
    hidden = _told_by(marked[AWAY], [kinds[number] for number in alike]) if marked[AWAY] else set()
    found = {pk: kinds[number] for pk, number, _locale in rows if number > AWAY and pk not in hidden}
    found = {pk: kind for pk, kind in found.items() if kind not in GROUPS or pk in marked[OF_USE]}
    languages = {locale for _pk, number, locale in rows if number > AWAY}
    return _once(found) if len(languages) > 1 else found


def _once(found: dict[int, type[Page]]) -> dict[int, type[Page]]:
    """Leave out what stands there in the reader's language, too, or else was told earlier in another one."""
    code = get_language()
    told = Page.objects.values("translation_key").annotate(times=Count("pk")).filter(times__gt=1)
    rows = Page.objects.filter(translation_key__in=told.values("translation_key")).order_by("pk")
    same: dict[Any, list[tuple[bool, int]]] = {}
    for pk, key, language in rows.values_list("pk", "translation_key", "locale__language_code"):
        if pk in found:
            same.setdefault(key, []).append((language != code, pk))
    beside = {pk for several in same.values() for pk in [pk for _is_other, pk in sorted(several)][1:]}
    return {pk: kind for pk, kind in found.items() if pk not in beside}


def keeps_to_the_rule(kind: type[Page]) -> bool:
    """Whether who may see a page of this kind is said by restrictions and by blocks against its author, and no more."""
    if not issubclass(kind, EntryPage):
        return True  # of a plain page `reading.visible` says so
    pages = type(kind.objects.all())
    return all(getattr(pages, name) is getattr(EntryQuerySet, name) for name in ("visible_to", "unblocked_for", "live"))


def _told_by(members: Collection[int], kinds: Sequence[type[Page]]) -> set[int]:
    """The pages of some people."""
    queries = [kind._default_manager.filter(author__in=members).order_by().values_list("pk", flat=True)
               for kind in kinds if issubclass(kind, EntryPage)]  # fmt: skip
    return set(queries[0].union(*queries[1:])) if queries else set()


def _number(kind: type[Page]) -> int:
    return ContentType.objects.get_for_model(kind).pk


def _value(number: int) -> Value:
    return Value(number, IntegerField())


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
