"""Which pages a view restriction keeps from whom, asked inside the query that fetches the pages."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery
from django.http import HttpRequest
from wagtail.models import Page, PageViewRestriction

from community.topics.models.language import shut_alike

STEP = Page.steplen


def barring(member: Any) -> "models.QuerySet[PageViewRestriction]":
    """The restrictions that keep this member out; a page under a shared password is never listed for anybody."""
    restrictions = PageViewRestriction.objects.all()
    if not getattr(member, "is_authenticated", False):
        return restrictions
    restrictions = restrictions.exclude(restriction_type=PageViewRestriction.LOGIN)
    if member.is_superuser:
        return restrictions.exclude(restriction_type=PageViewRestriction.GROUPS)
    admitted = PageViewRestriction.objects.filter(
        restriction_type=PageViewRestriction.GROUPS, groups__in=member.groups.all()
    )
    return restrictions.exclude(pk__in=admitted.values("pk"))


class Below(Func):
    """Whether the first path given is the beginning of any of the others; written out once, for time's sake."""

    output_field = models.BooleanField()

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        """Paths are made of digits and capitals, so that nothing has to be escaped."""
        (top, given), *paths = [compiler.compile(path) for path in self.get_source_expressions()]
        alike = [f"{path} LIKE {top} || '%%'" for path, _own in paths]
        params = [value for _path, own in paths for value in (*own, *given)]
        return f"({' OR '.join(alike)})", tuple(params)


def stands_before(restrictions: "models.QuerySet[PageViewRestriction]") -> Exists:
    """Whether one of these restrictions lies on the page, on a page above it, or on what it is an alias of.

    A translation is as shut as the page that was told first: nobody remembers to shut the same page twice.
    """
    # Looked up for each restriction, and not joined: a database that begins with the pages reads all for each page.
    barred = Subquery(Page.objects.filter(pk=OuterRef("page")).order_by().values("path"))
    paths: list[Any] = [OuterRef("path"), OuterRef("alias_of__path")]
    if len(settings.LANGUAGES) > 1:
        paths.append(told_first(OuterRef(OuterRef("translation_key"))))
    return Exists(restrictions.filter(Below(barred, *paths)))


def told_first(key: Any) -> Subquery:
    """Where the page of this translation key stands in the first language."""
    same = Page.objects.filter(translation_key=key, locale__language_code=settings.LANGUAGE_CODE)
    return Subquery(same.order_by().values("path")[:1])


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
        paths = [self.path, *([self.alias_of.path] if self.alias_of_id else [])]
        above = {path[:end] for path in paths for end in range(STEP, len(path) + 1, STEP)}
        own = PageViewRestriction.objects.filter(page__path__in=above)
        if len(settings.LANGUAGES) < 2:
            return own
        first = Q(Below(F("page__path"), told_first(self.translation_key))) & ~Q(page__path__in=above)
        asked_already = Q(restriction_type=PageViewRestriction.PASSWORD, password__in=own.values("password"))
        return PageViewRestriction.objects.filter(Q(page__path__in=above) | (first & ~asked_already))
