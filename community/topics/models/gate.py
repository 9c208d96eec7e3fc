"""Which pages a view restriction keeps from whom, asked inside the query that fetches the pages."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction

from community.topics.models.language import shut_alike

STEP = Page.steplen


@dataclass(frozen=True)
class Gates:
    """Some of the view restrictions, as the condition that finds them: in SQL, with its values."""

    condition: str = "1 = 1"
    values: tuple[Any, ...] = ()
    who: Any = None  # an expression for the member, where it is another in each row: {who} in the condition


ALL_GATES = Gates()
# Those that keep out somebody who is signed in: of their own sign-in none, of groups the others.
CLOSED_TO = (
    "gate.restriction_type <> %s AND NOT (gate.restriction_type = %s AND EXISTS (SELECT 1"
    " FROM wagtailcore_pageviewrestriction_groups AS let_in JOIN members_member_groups AS own"
    " ON own.group_id = let_in.group_id WHERE let_in.pageviewrestriction_id = gate.id AND own.member_id = {who}))"
)
CLOSED_TO_ONE = CLOSED_TO.format(who="%s")


def barring(member: Any) -> Gates:
    """The restrictions that keep this member out; a page under a shared password is never listed for anybody."""
    if not getattr(member, "is_authenticated", False):
        return ALL_GATES
    if member.is_superuser:
        return Gates("gate.restriction_type = %s", (PageViewRestriction.PASSWORD,))
    return Gates(CLOSED_TO_ONE, (PageViewRestriction.LOGIN, PageViewRestriction.GROUPS, member.pk))


def barring_each(who: Any) -> Gates:
    """The restrictions that keep out the member whom this expression names in each row, such as OuterRef("member")."""
    return Gates(CLOSED_TO, (PageViewRestriction.LOGIN, PageViewRestriction.GROUPS), who)


class StandsBefore(Func):
    """Whether one of these restrictions lies on the page, on a page above it, or on what it is an alias of.

    A translation is as shut as the page that was told first: nobody remembers to shut the same page twice.
    Written in SQL: nearly every query asks this, some several times, and putting it together from QuerySets took
    Django longer than the database needs for all of them.
    """

    output_field = models.BooleanField()
    # Looked up for each restriction, and not joined: a database that begins with the pages reads all for each page.
    template = "EXISTS (SELECT 1 FROM wagtailcore_pageviewrestriction AS gate WHERE {gates} AND ({below}))"
    BELOW: ClassVar[str] = (
        "{path} LIKE (SELECT barred.path FROM wagtailcore_page AS barred WHERE barred.id = gate.page_id) || '%%'"
    )
    FIRST: ClassVar[str] = (
        "(SELECT told.path FROM wagtailcore_page AS told JOIN wagtailcore_locale AS spoken"
        " ON spoken.id = told.locale_id WHERE told.translation_key = {key} AND spoken.language_code = %s LIMIT 1)"
    )

    def __init__(self, gates: Gates, *fields: Any) -> None:
        who = () if gates.who is None else (gates.who,)
        super().__init__(*fields or (F("path"), F("alias_of__path"), F("translation_key")), *who)
        self.gates = gates

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        """Paths are made of digits and capitals, so that nothing in them has to be escaped."""
        path, alias, key, *who = (compiler.compile(field) for field in self.get_source_expressions())
        paths = [path, alias]
        if len(settings.LANGUAGES) > 1:
            paths.append((self.FIRST.format(key=key[0]), (*key[1], settings.LANGUAGE_CODE)))
        below = " OR ".join(self.BELOW.format(path=path) for path, _values in paths)
        values = (*self.gates.values, *(value for _sql, own in [*who, *paths] for value in own))
        gates = self.gates.condition.format(who=who[0][0]) if who else self.gates.condition
        return self.template.format(gates=gates, below=below), values


def stands_before(gates: Gates) -> StandsBefore:
    """Whether one of these restrictions stands before a page, asked inside the query that fetches the pages."""
    return StandsBefore(gates)


def steps(path: str) -> set[str]:
    """The paths of a page and of all pages above it."""
    return {path[:end] for end in range(STEP, len(path) + 1, STEP)}


class GatedPage(Page):
    """A page that knows, from the query that fetched it, whether any restriction stands before it."""

    has_gate: bool | None = None
    is_translated: bool | None = None  # False: routing saw that no other language has it
    others: list[Page] | None = None  # the same page in other languages, where routing fetched them already

    class Meta:
        abstract = True

    def copy_for_translation(self, *args: Any, **kwargs: Any) -> Any:
        """A draft of this page in another language, behind the same gates."""
        copy = super().copy_for_translation(*args, **kwargs)
        shut_alike(self, copy)
        return copy

    def in_other_languages(self, reader: Any) -> list[Page]:
        """The same page in other languages, as far as this reader may see it."""
        if self.is_translated is False or not self.pk:
            return []
        if self.others is not None:
            return self.others
        rows: Any = type(self)._default_manager
        gated = hasattr(rows, "visible_to")
        shown = rows.visible_to(reader) if gated else rows.live().exclude(stands_before(barring(None)))
        others = shown.filter(translation_key=self.translation_key).exclude(pk=self.pk)
        self.others = list(others.select_related("locale").order_by("path"))
        return self.others

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, and where it stands in other languages."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"other_languages": self.in_other_languages(request.user)}

    @property
    def is_for_everybody(self) -> bool:
        """Whether a visitor without an account may read this page, and can be sent here."""
        return bool(self.pk and self.live) and not self.get_view_restrictions().exists()

    def get_view_restrictions(self) -> "models.QuerySet[PageViewRestriction]":
        """The restrictions before this page, in one query, or in none where routing saw that there are none."""
        if self.has_gate is False:
            return PageViewRestriction.objects.none()
        above = steps(self.path) | steps(self.alias_of.path if self.alias_of_id else "")
        own = PageViewRestriction.objects.filter(page__path__in=above)
        if len(settings.LANGUAGES) < 2:
            return own
        told = Page.objects.filter(
            translation_key=self.translation_key, locale__language_code=settings.LANGUAGE_CODE
        ).values_list("path", flat=True)
        first = Q(page__path__in=steps(told.first() or "") - above)
        asked_already = Q(restriction_type=PageViewRestriction.PASSWORD, password__in=own.values("password"))
        return PageViewRestriction.objects.filter(Q(page__path__in=above) | (first & ~asked_already))
