"""What somebody may see of what can be found: asked anew for every question, before anything is scored."""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import get_language
from wagtail.models import Page

from community.gatherings.models import GatheringPage
from community.members.models import Block, Statement, StatementSide, Visibility
from community.openings.models import OpeningPage
from community.topics.models import EntryPage, EntryQuerySet, barring, stands_before
from matching import reading
from matching.models import Passage

OTHER = "pages"
# What stands in place of a kind beside people who are kept away, pages still of use, and pages in several languages.
AWAY, OF_USE, TOLD = 0, -1, -2
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
    queries += [_told_several_times()] if len(settings.LANGUAGES) > 1 else []
    if getattr(member, "is_authenticated", False):
        blocks = (("blocked", Block.objects.filter(blocker=member)), ("blocker", Block.objects.filter(blocked=member)))
        queries += [some.values_list(who, _value(AWAY), _value(AWAY)) for who, some in blocks]
    first, *others = [some.order_by() for some in queries]
    rows: list[tuple[int, int, int]] = list(first.union(*others, all=True))
    marked: dict[int, dict[int, int]] = {OF_USE: {}, AWAY: {}, TOLD: {}}
    for key, number, beside in rows:
        if number <= AWAY:
            marked[number][key] = beside
    hidden = _told_by(marked[AWAY], [kinds[number] for number in alike]) if marked[AWAY] else set()
    found = {pk: kinds[number] for pk, number, _locale in rows if number > AWAY and pk not in hidden}
    found = {pk: kind for pk, kind in found.items() if kind not in GROUPS or pk in marked[OF_USE]}
    return _once(found, marked[TOLD])


def _told_several_times() -> Any:
    """Pages that stand in several languages, each with the first of them; below nought where they speak the reader's.

    Shaped as the other queries of `pages`: which page, `TOLD`, and this.
    """
    translations = Page.objects.exclude(locale__language_code=settings.LANGUAGE_CODE)
    told = Page.objects.filter(translation_key__in=translations.values("translation_key"))
    same = Page.objects.filter(translation_key=OuterRef("translation_key")).order_by("pk")
    first = Subquery(same.values("pk")[:1], output_field=IntegerField())
    is_own = Q(locale__language_code=get_language())
    return told.values_list("pk", _value(TOLD), Case(When(is_own, then=-1 * first), default=first))


def _once(found: dict[int, type[Page]], told: Mapping[int, int]) -> dict[int, type[Page]]:
    """Leave out what stands there in the reader's language, too, or else was told earlier in another one."""
    same: dict[int, list[tuple[bool, int]]] = {}
    for pk, first in told.items():
        if pk in found:
            same.setdefault(abs(first), []).append((first > 0, pk))
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


def page_of(number: str, member: Any, kinds: Mapping[int, type[Page]] = MappingProxyType({})) -> Page | None:
    """The page of this number if it is of a kind that is read and this member may see it.

    `kinds` is what `pages` says, where somebody has asked already: what stands there is fetched without a question.
    """
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    if known := kinds.get(int(number)):
        return known._default_manager.filter(pk=int(number)).first()  # type: ignore[no-any-return]
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
