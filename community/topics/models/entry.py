"""The page that every listed page grows from, and who may see it."""

from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page, PageManager
from wagtail.query import PageQuerySet
from wagtail.search import index

from community.members.models import Block, Member
from community.topics.models.gate import GatedPage, barring, stands_before
from community.topics.models.language import keep_beside_original, name_teller_alike, once, require_translatable
from community.topics.models.picture import rendition_of, with_renditions
from community.topics.models.topic import Season, Topic


class EntryQuerySet(PageQuerySet):
    """Which pages somebody may see; the same answer for a page, a list, a search, a feed and an API."""

    def visible_to(self, member: Any) -> "EntryQuerySet":
        """Live pages that no view restriction and no block keeps from this member (None: an anonymous visitor)."""
        return self.live().exclude(stands_before(barring(member))).unblocked_for(member)

    def unblocked_for(self, member: Any) -> "EntryQuerySet":
        """Leave out what people tell whom this member keeps away, or who keep this member away."""
        if not getattr(member, "is_authenticated", False):
            return self
        return self.exclude(author__in=Block.around(member))

    def editable_by(self, member: Any) -> "EntryQuerySet":
        """Pages whose author this member is; a translation is its editor's."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.filter(author=member, locale__language_code=settings.LANGUAGE_CODE)

    def in_language(self, code: str, member: Any = None) -> "EntryQuerySet":
        """Each page once: as it stands in this language, else as it was told first."""
        return once(self, self.model.objects.visible_to(member), code) if self.model.IS_TRANSLATED else self

    def with_cards(self) -> "EntryQuerySet":
        """Everything that a card shows, in the same number of queries for ten cards as for a hundred."""
        return self.select_related("author", "season", "picture").prefetch_related(
            "topics", with_renditions("picture__renditions", EntryPage.CARD_PICTURE)
        )


class EntryForm(WagtailAdminPageForm):
    """An editor names as author only whom they may know: the people they see, for a steward or operator any adult."""

    def __init__(self, *args: Any, for_user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, for_user=for_user, **kwargs)
        if author := self.fields.get("author"):
            knows_all = getattr(for_user, "is_steward", False) or getattr(for_user, "is_superuser", False)
            people = Member.objects.adults() if knows_all else Member.objects.visible_to(for_user).adults()
            named = Q(pk__in=people.values("pk")) | Q(pk=self.instance.author_id)
            author.queryset = Member.objects.filter(named)  # type: ignore[attr-defined]


class EntryPage(GatedPage):
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

    # Whether editors may put it into another language. What people enrol in, apply to or join has one page.
    IS_TRANSLATED: ClassVar[bool] = False
    CARD_PICTURE: ClassVar[str] = "fill-480x300|format-webp"
    WIDE_PICTURE: ClassVar[str] = "max-1280x900|format-webp"

    base_form_class = EntryForm
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel(
            [FieldPanel("author"), FieldPanel("topics"), FieldPanel("season"), FieldPanel("place")],
            heading=_("Who, where, when"),
        ),
        FieldPanel("picture"),
    ]
    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("place"),
        index.RelatedFields("topics", [index.SearchField("name")]),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """A slug may not be a word that is an address of the site."""
        super().clean()
        if self.slug in settings.RESERVED_SLUGS:
            raise ValidationError({"slug": _("This word is an address of the site. Choose another.")})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a translation keeps the teller of its original, and a word in addresses that no other page has."""
        keep_beside_original(self)
        super().save(*args, **kwargs)
        if "author" in (kwargs.get("update_fields") or ["author"]):  # a draft's own teller is not out yet
            name_teller_alike(self)

    def may_be_translated(self) -> bool:
        """Whether an editor may put this page into another language."""
        return self.IS_TRANSLATED

    def why_not_kept(self, group: Any) -> Any:
        """Why its author cannot keep it among the people of this group; empty where they can."""
        return ""

    @property
    def is_news(self) -> bool:
        """Whether those who follow its topics or its author hear that it has come out."""
        return True

    def ground(self, reader: Any) -> Any:
        """The page on which people try, ask and answer, whatever language they read it in: the one told first."""
        if not self.IS_TRANSLATED or not self.pk or self.language == settings.LANGUAGE_CODE:
            return self
        others = self.in_other_languages(reader)
        return next((one for one in others if one.locale.language_code == settings.LANGUAGE_CODE), self)

    def copy_for_translation(self, *args: Any, **kwargs: Any) -> Any:
        """A draft of this page in another language; refused where one page must stay one."""
        require_translatable(self)
        return super().copy_for_translation(*args, **kwargs)

    @property
    def language(self) -> str:
        """The language in which it is told; of a preview that has none yet, the first."""
        return str(self.locale.language_code if self.locale_id else settings.LANGUAGE_CODE)

    @property
    def language_tag(self) -> str:
        """The same as programs name it: en-GB."""
        first, dash, rest = self.language.partition("-")
        return f"{first}{dash}{rest.upper()}"

    @property
    def description(self) -> str:
        """The meta description."""
        return self.search_description or self.summary

    @property
    def byline(self) -> str:
        """Who tells it, as anybody may read it: nobody under 18 and nobody who has left is named."""
        if self.author and self.author.is_active and self.author.is_adult:
            return str(self.author.name)
        return ""

    @property
    def published_on(self) -> date | None:
        """The day on which it was first published; at what hour somebody sat at it is nobody's business."""
        return self.day_of(self.first_published_at)

    @property
    def changed_on(self) -> date | None:
        """The day on which the present wording was published."""
        return self.day_of(self.last_published_at or self.first_published_at)

    def day_of(self, moment: datetime | None) -> date | None:
        """How closely feeds and programs may know when something happened here."""
        return timezone.localdate(moment) if moment else None

    # Where the query that fetched the page has asked already.
    is_author_shown: bool | None = None

    @classmethod
    def asked_along(cls) -> dict[str, Any]:
        """What else a kind of page wants to know from the query that fetches it, by name; nothing by itself."""
        return {}

    def shows_author_to(self, member: Any) -> bool:
        """Whether this member finds a page of the author."""
        if self.is_author_shown is None:
            return Member.objects.visible_to(member).filter(pk=self.author_id).exists()
        return self.is_author_shown

    @property
    def card_picture(self) -> Any:
        """The picture as a card shows it, or None."""
        return rendition_of(self.picture, self.CARD_PICTURE)

    @property
    def wide_picture(self) -> Any:
        """The picture as the page itself shows it, or None."""
        return rendition_of(self.picture, self.WIDE_PICTURE)

    @property
    def first_topic(self) -> Topic | None:
        """The topic that gives the card its drawing."""
        return next(iter(self.topics.all()), None)

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
        data = self.structured_data(request)
        return context | {"structured_data": data, "also_in": context["other_languages"]}
