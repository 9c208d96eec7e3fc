"""Pages that belong together, whatever kind they are, in the order in which somebody would read them."""

from typing import Any, ClassVar, NamedTuple

from django.apps import apps
from django.db import models
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, PageChooserPanel
from wagtail.models import Orderable, Page
from wagtail.search import index

from community.notices.models import Follow
from community.topics.models import EntryPage, shown_to, with_renditions

KINDS = ("CaseStudyPage", "LessonPage", "SeriesPage", "LogPage", "PlaybookPage")
HEAVY = ("casestudypage__body", "lessonpage__steps", "playbookpage__body")  # what a list does not show


class Collected(NamedTuple):
    """One page of a collection, and why it stands there."""

    page: Any
    note: str = ""

    @property
    def kind(self) -> Any:
        """What it is, in a word or two."""
        return self.page._meta.verbose_name


class CollectionPage(EntryPage):
    """A collection: stories, lessons, experiments and playbooks that somebody would give to a beginner together."""

    MOST: ClassVar[int] = 30  # pages; more is a shelf

    intro = models.TextField(
        _("what it is for"), max_length=1200, blank=True,
        help_text=_("Whom it helps, and why these pages and in this order. An empty line begins a new paragraph."),
    )  # fmt: skip

    known = models.JSONField(default=list, editable=False, help_text="The pages of which its followers have heard.")

    parent_page_types: ClassVar[list[str]] = ["library.CollectionIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    page_description = _("Pages of the library that belong together, in an order.")
    template = "library/collection_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        FieldPanel("intro"),
        InlinePanel("items", heading=_("Pages, in their order"), label=_("Page"), min_num=1, max_num=MOST),
    ]
    search_fields: ClassVar[list[Any]] = [*EntryPage.search_fields, index.SearchField("intro")]

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def with_content_json(self, content: Any) -> Any:
        """An earlier or later wording; what its followers have heard of is no matter of words."""
        page = super().with_content_json(content)
        page.known = self.known
        return page

    def tell_what_is_new(self) -> None:
        """Let its followers hear of pages that were put in since they last did, and that everybody may read."""
        keys = {one.page.pk for one in self.entries_for(None)}
        if keys - set(self.known):
            type(self).objects.filter(pk=self.pk).update(known=sorted({*keys, *self.known}))
            Follow.page_has_news(self)

    def entries_for(self, member: Any, *, is_whole: bool = False) -> list[Collected]:
        """What this member may see of it, in its order, each page once; `is_whole` with the words of each page."""
        notes: dict[int, str] = {}
        for item in self.items.all():
            notes.setdefault(item.entry_id, item.note)
        found = pages_for(member, list(notes), is_whole=is_whole) if notes else {}
        return [Collected(found[key], note) for key, note in notes.items() if key in found]

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """A collection of pages, for search engines."""
        data = super().structured_data(request) | {"@type": "CollectionPage", "name": self.title}
        author = {"@type": "Person", "name": self.byline} if self.byline else None
        return data | ({"author": author} if author else {})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The pages that this reader may see, in their order."""
        pictures = with_renditions("picture__renditions", self.WIDE_PICTURE)
        prefetch_related_objects([self] if self.pk else [], "topics", pictures)
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return context | {"entries": self.entries_for(request.user)}


class CollectionItem(Orderable):
    """The place of one page in a collection."""

    page = ParentalKey(CollectionPage, on_delete=models.CASCADE, related_name="items")
    entry = models.ForeignKey(Page, verbose_name=_("page"), on_delete=models.CASCADE, related_name="+")
    note = models.CharField(
        _("why it stands here"), max_length=240, blank=True, help_text=_("One sentence above the page, if it helps.")
    )

    panels: ClassVar[list[Any]] = [
        PageChooserPanel("entry", [f"library.{name}" for name in KINDS]),
        FieldPanel("note"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("page of a collection")

    def __str__(self) -> str:
        return f"page {self.entry_id} of collection {self.page_id}"


def pages_for(member: Any, keys: list[int], *, is_whole: bool = False) -> dict[int, Any]:
    """Those of these pages that a member may see, by their keys and as what they are, in one query for all kinds."""
    kinds: list[Any] = [apps.get_model("library", name) for name in KINDS]
    names = [kind._meta.model_name for kind in kinds]
    pages = Page.objects.filter(shown_to(member, keys, kinds), pk__in=keys)
    pages = pages.select_related(*[f"{name}__{part}" for name in names for part in ("author", "season", "picture")])
    pages = pages if is_whole else pages.defer(*HEAVY)
    return {
        page.pk: child for page in pages for child in [getattr(page, name, None) for name in names] if child is not None
    }
