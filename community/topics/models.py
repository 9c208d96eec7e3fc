"""What pages and people are about, and the page that every listed page grows from."""

import re
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page, PageManager, PageViewRestriction
from wagtail.query import PageQuerySet
from wagtail.search import index


class Topic(models.Model):
    """A field of work that stories, gatherings and openings can be about."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("word in addresses"), max_length=60, unique=True)
    about = models.CharField(_("in one sentence"), max_length=200, blank=True)

    panels: ClassVar[list[Any]] = [FieldPanel("name"), FieldPanel("slug"), FieldPanel("about")]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class Season(models.Model):
    """A part of the producers' year."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    slug = models.SlugField(_("word in addresses"), max_length=40, unique=True)
    months = models.JSONField(_("months"), default=list, help_text=_("Numbers from 1 to 12."))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("season")
        verbose_name_plural = _("seasons")
        ordering: ClassVar[list[str]] = ["position", "name"]

    def __str__(self) -> str:
        return self.name


def search_words(text: str) -> str:
    """The plain words in what somebody typed: no operators, quotes or control characters reach the database."""
    return " ".join(re.findall(r"\w+", text)[:12])


def admits(restriction: PageViewRestriction, member: Any) -> bool:
    """Whether a page's view restriction lets this member in; a page under a shared password is never listed."""
    if not getattr(member, "is_authenticated", False):
        return False
    if restriction.restriction_type == PageViewRestriction.LOGIN:
        return True
    if restriction.restriction_type == PageViewRestriction.GROUPS:
        wanted = set(restriction.groups.values_list("pk", flat=True))
        return member.is_superuser or bool(wanted & set(member.groups.values_list("pk", flat=True)))
    return False


class EntryQuerySet(PageQuerySet):
    """Which pages somebody may see; the same answer for a page, a list, a search, a feed and an API."""

    def visible_to(self, member: Any) -> "EntryQuerySet":
        """Live pages that no view restriction keeps from this member (None: an anonymous visitor)."""
        pages = self.live()
        for restriction in PageViewRestriction.objects.select_related("page"):
            if not admits(restriction, member):
                pages = pages.not_descendant_of(restriction.page, inclusive=True)
        return pages

    def editable_by(self, member: Any) -> "EntryQuerySet":
        """Pages whose author this member is."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.filter(author=member)


class EntryPage(Page):
    """A page that stands in a list and is found by what it is about: a story, a gathering, an opening."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+", help_text=_("Whose story or offer this is."),
    )  # fmt: skip
    summary = models.CharField(
        _("in short"), max_length=240,
        help_text=_("One or two plain sentences. They stand on the card, in search results and in shared links."),
    )  # fmt: skip
    topics = ParentalManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="+")
    season = models.ForeignKey(
        Season, verbose_name=_("season"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    place = models.CharField(
        _("place"),
        max_length=80,
        blank=True,
        help_text=_("A village or valley, as it shall be shown. No address."),
    )
    picture = models.ForeignKey(
        "wagtailimages.Image", verbose_name=_("picture"), null=True, blank=True, on_delete=models.SET_NULL,
        related_name="+", help_text=_("Without one, a drawing of ours is shown."),
    )  # fmt: skip

    objects: ClassVar[Any] = PageManager.from_queryset(EntryQuerySet)()

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("topics"),
        FieldPanel("season"),
        FieldPanel("place"),
        FieldPanel("picture"),
    ]
    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("place"),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """A slug may not be a word that is an address of the site."""
        super().clean()
        if self.slug in settings.RESERVED_SLUGS:
            raise ValidationError({"slug": _("This word is an address of the site. Choose another.")})

    @property
    def description(self) -> str:
        """The meta description."""
        return self.search_description or self.summary

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """What search engines may know of this page (schema.org); page classes add their own."""
        return {
            "@context": "https://schema.org",
            "url": self.get_full_url(request),
            "description": self.description,
        }

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page, its description and its structured data."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"structured_data": self.structured_data(request)}


class EntryIndexPage(Page):
    """A list of entries with filters and pages; each kind of entry has one such list."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)

    PER_PAGE: ClassVar[int] = 12
    max_count = 1
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("intro")]

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        """The meta description."""
        return self.search_description or self.intro

    def entries(self, request: HttpRequest) -> Any:
        """The entries this visitor may see, before filters; page classes say which and in which order."""
        raise NotImplementedError

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """Apply the filters that all lists share: topic, season and words."""
        if topic := wanted.get("topic"):
            entries = entries.filter(topics__slug=topic)
        if season := wanted.get("season"):
            entries = entries.filter(season__slug=season)
        if words := search_words(wanted.get("q", "")):
            for word in words.split():
                entries = entries.filter(
                    Q(title__icontains=word) | Q(summary__icontains=word) | Q(place__icontains=word)
                )
        return entries

    def page_of(self, entries: Any, number: str) -> PaginatorPage:
        """One page of the list; a page number that does not exist gives the nearest that does."""
        return Paginator(entries, self.PER_PAGE).get_page(number)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page of entries, the filters in force and what can be chosen."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        wanted = {name: value[:100].replace("\x00", "") for name, value in request.GET.items() if value}
        entries = self.filtered(self.entries(request), wanted)
        return context | {
            "entries": self.page_of(entries, wanted.get("page", "1")),
            "wanted": wanted,
            "topics": Topic.objects.all(),
            "seasons": Season.objects.all(),
        }
