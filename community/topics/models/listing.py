"""A list of entries: filters, pages, and the shortest way to one entry."""

import re
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404, HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from community.members.models import Member
from community.topics.models.entry import EntryPage
from community.topics.models.gate import ALL_GATES, GatedPage, stands_before
from community.topics.models.language import is_translated
from community.topics.models.topic import Season, Topic

Choices = list[tuple[str, Any]]


def search_words(text: str) -> str:
    """The plain words in what somebody typed: no operators, quotes or control characters reach the database."""
    return " ".join(re.findall(r"\w+", text)[:12])


class EntryFilter(forms.Form):
    """The filters of a list: one box for words, and a choice for each thing that can be chosen."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100, widget=forms.TextInput({"type": "search"}))

    def __init__(self, choices: dict[str, tuple[Any, Choices]], wanted: dict[str, str]) -> None:
        super().__init__(initial=wanted, auto_id="filter-%s")
        for name, (label, known) in choices.items():
            self.fields[name] = forms.ChoiceField(label=label, required=False, choices=[("", _("All")), *known])


class EntryIndexPage(GatedPage):
    """A list of entries with filters and pages; each kind of entry has one such list."""

    intro = models.CharField(
        _("introduction"), max_length=300, blank=True, help_text=_("One or two sentences above the list.")
    )

    PER_PAGE: ClassVar[int] = 12
    PER_FEED: ClassVar[int] = 30
    PARTS: ClassVar[tuple[str, ...]] = ("author", "season", "picture", "locale")  # fetched in the entry's own query
    max_count = 1
    content_panels: ClassVar[list[Any]] = [*GatedPage.content_panels, FieldPanel("intro")]

    class Meta:
        abstract = True

    @property
    def description(self) -> str:
        """The meta description."""
        return self.search_description or self.intro

    @classmethod
    def in_first_language(cls) -> Self:
        """This list in the language that the site begins with: what members write comes in there."""
        found: Self = cls.objects.get(locale__language_code=settings.LANGUAGE_CODE)
        return found

    @classmethod
    def held(cls) -> Self | None:
        """The same, held, so that two pages written at once get two places; None where there is no list yet."""
        lists = cls.objects.filter(locale__language_code=settings.LANGUAGE_CODE)
        found: Self | None = lists.select_for_update(of=("self",)).first()
        return found

    def free_slug(self, title: str, otherwise: str, page: Page | None = None) -> str:
        """A word for the address, made of the title, that no other page here has and that leads nowhere else."""
        stem = slugify(title)[:60].strip("-_") or otherwise
        beside = self.get_children().filter(slug__startswith=stem).exclude(pk=page.pk if page else None)
        taken = set(beside.values_list("slug", flat=True)) | settings.RESERVED_SLUGS
        slug, number = stem, 1
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        return slug

    @classmethod
    def entry_model(cls) -> type[EntryPage] | None:
        """The kind of page that stands in this list."""
        return next((model for model in cls.allowed_subpage_models() if issubclass(model, EntryPage)), None)

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find the entry with all its parts in one query; Wagtail's own way needs five."""
        model = self.entry_model()
        if not model or len(path_components) != 1:
            return super().route(request, path_components)
        gate = stands_before(ALL_GATES)
        entries = model.objects.child_of(self).unblocked_for(request.user)
        entries = entries.select_related(*self.PARTS)
        entries = entries.annotate(has_gate=gate, is_translated=is_translated(), **model.asked_along())
        if request.user.is_authenticated:
            found = Member.objects.visible_to(request.user).filter(pk=OuterRef("author"))
            entries = entries.annotate(is_author_shown=Exists(found))
        if (entry := entries.filter(slug=path_components[0]).first()) is None:
            raise Http404
        entry._cached_parent_obj = self
        return entry.route(request, [])

    def entries(self, request: HttpRequest) -> Any:
        """The entries this visitor may see, before filters; page classes say which and in which order."""
        raise NotImplementedError

    def listed(self, request: HttpRequest) -> Any:
        """These entries, each once: in the language of this list where there is such a page, else as it was told."""
        return self.entries(request).in_language(self.locale.language_code, request.user)

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, tuple[Any, Choices]]:
        """What can be chosen: name in the address → label and known values; page classes add their own."""
        return {
            "topic": (_("Topic"), [(topic.slug, topic.name) for topic in topics]),
            "season": (_("Season"), [(season.slug, season.name) for season in seasons]),
        }

    def wanted(self, request: HttpRequest, choices: dict[str, tuple[Any, Choices]]) -> dict[str, str]:
        """What the address asks for; values that are not known are left out, so that no link is ever broken."""
        given = {name: request.GET.get(name, "")[:100].replace("\x00", "") for name in ("q", *choices)}
        known = {name: {value for value, _label in values} for name, (_title, values) in choices.items()}
        return {name: value for name, value in given.items() if value and (name == "q" or value in known[name])}

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """Apply the filters that all lists share: topic, season and words."""
        if topic := wanted.get("topic"):
            entries = entries.filter(topics__slug=topic)
        if season := wanted.get("season"):
            entries = entries.filter(season__slug=season)
        if words := search_words(wanted.get("q", "")):
            entries = entries.filter(self.matching(words))
        return entries

    def matching(self, words: str) -> Q:
        """Entries that hold these words: in their index of whole words, or somewhere in title, summary or place."""
        model = self.entry_model()
        found = Q(pk__in=self.indexed(model, words)) if model else Q()
        inside = Q()
        for word in words.split():
            inside &= Q(title__icontains=word) | Q(summary__icontains=word) | Q(place__icontains=word)
        return found | inside

    def indexed(self, model: type[EntryPage], words: str) -> list[int]:
        """Keys of the newest entries whose index holds all these words; ranking them takes longer still."""
        newest = model.objects.only("pk").order_by("-first_published_at")
        return [page.pk for page in newest.search(words, order_by_relevance=False)[:200]]

    def asked_for(self, request: HttpRequest) -> tuple[dict[str, str], Any]:
        """What feeds and programs are told: the filters in force, and the entries that they leave, newest first.

        Everybody is answered as a visitor, less what a block keeps from whoever is signed in. Without a session nobody
        is; not to look then lets the answer be kept by whoever stands between.
        """
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        reader, request.user = request.user if has_session else None, AnonymousUser()
        seasons, topics = Season.with_topics()
        wanted = self.wanted(request, self.choices(topics, seasons))
        entries = self.filtered(self.listed(request), wanted).unblocked_for(reader)
        entries = entries.select_related("author").prefetch_related("topics")
        return wanted, entries.order_by(F("first_published_at").desc(nulls_last=True), "-pk")

    def active(self, wanted: dict[str, str], choices: dict[str, tuple[Any, Choices]]) -> list[dict[str, Any]]:
        """The filters in force, each with the address of the list without it."""
        labels = {name: dict(values) for name, (_title, values) in choices.items()}
        return [
            {
                "label": labels[name][value] if name in labels else f"“{value}”",
                "url": "?" + urlencode({key: kept for key, kept in wanted.items() if key != name}),
            }
            for name, value in wanted.items()
        ]

    def feed_below(self) -> str:
        """Where its feed stands. There is one for all languages, beside the list in the first of them."""
        is_first = self.locale.language_code == settings.LANGUAGE_CODE
        return "feed/" if is_first else f"/{self.slug}/feed/"

    def page_of(self, entries: Any, number: str) -> PaginatorPage:
        """One page of the list; a page number that does not exist gives the nearest that does."""
        return Paginator(entries, self.PER_PAGE).get_page(number)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The page of entries, the filters in force and what can be chosen."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        seasons, topics = Season.with_topics()
        choices = self.choices(topics, seasons)
        wanted = self.wanted(request, choices)
        entries = self.page_of(self.filtered(self.listed(request), wanted), request.GET.get("page", "1")[:9])
        return context | {
            "entries": entries,
            "wanted": wanted,
            "form": EntryFilter(choices, wanted),
            "active": self.active(wanted, choices),
            "feed_url": self.feed_below() + (f"?{urlencode(wanted)}" if wanted else ""),
            "topics": topics,
            "seasons": seasons,
        }
