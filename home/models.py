"""The shell: the front page, plain pages, and what a community says of itself."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from community.gatherings.models import GatheringPage
from community.library.models import CaseStudyPage
from community.openings.models import OpeningPage
from community.topics.models import ALL_GATES, GatedPage, stands_before
from home.blocks import PlainBlock


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    """What a community says of itself on every page: its name, a notice, and a person to call."""

    name = models.CharField(_("name of the community"), max_length=80, default="Scionwood")
    tagline = models.CharField(_("in one line"), max_length=160, blank=True)
    notice = models.CharField(_("notice on every page"), max_length=300, blank=True)
    contact_name = models.CharField(_("who helps"), max_length=80, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)

    panels: ClassVar[list[Any]] = [
        FieldPanel(name) for name in ("name", "tagline", "notice", "contact_name", "contact_phone", "contact_email")
    ]

    class Meta:
        verbose_name = _("the community")


class HomePage(GatedPage):
    """The front page: what this is, one box to look for something, and what is new."""

    headline = models.CharField(
        _("headline"), max_length=100, blank=True, help_text=_("What people do here, in one short line.")
    )
    lead = models.CharField(
        _("below the headline"), max_length=240, blank=True,
        help_text=_("One or two sentences for somebody who has never been here."),
    )  # fmt: skip

    max_count: ClassVar[int] = 1
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    page_description = _("The front page. There is one.")
    template = "home/home_page.html"
    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("headline"), FieldPanel("lead")], heading=_("Top of the page")),
    ]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, index.SearchField("lead")]

    OF_EACH_OUTCOME: ClassVar[int] = 1
    NEXT: ClassVar[int] = 4

    class Meta:
        verbose_name = _("front page")

    @property
    def description(self) -> str:
        """The meta description."""
        return self.search_description or self.lead

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find a page below this one."""
        if path_components and (child := self.child(path_components[0])):
            child._cached_parent_obj = self
            return child.route(request, path_components[1:])
        return super().route(request, path_components)

    def child(self, slug: str) -> Page | None:
        """The page of this name right below, as what it is and with its gate, in one query for all kinds.

        The same page in other languages comes along.
        """
        kinds = [model._meta.model_name for model in self.allowed_subpage_models() if issubclass(model, GatedPage)]
        named = Page.objects.child_of(self).filter(slug=slug)
        pages = Page.objects.filter(translation_key__in=named.values("translation_key")).order_by("path")
        found: dict[str, Page] = {}
        for page in pages.annotate(has_gate=stands_before(ALL_GATES)).select_related("locale", *kinds):
            one = next((getattr(page, kind) for kind in kinds if hasattr(page, kind)), None) or page.specific
            one.has_gate, one.locale = page.has_gate, page.locale
            found[page.path] = one
        child = next((one for one in found.values() if one.slug == slug and one.is_child_of(self)), None)
        if child:
            child.others = [one for one in found.values() if one is not child and one.live and not one.has_gate]
        return child

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The newest stories of every outcome, and what comes next."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        code, reader = self.locale.language_code, request.user
        stories = CaseStudyPage.objects.visible_to(reader).in_language(code, reader).with_cards()
        gatherings = GatheringPage.objects.visible_to(reader).in_language(code, reader).select_related("seats")
        openings = OpeningPage.objects.visible_to(reader).in_language(code, reader).select_related("author").open()
        return context | {
            "stories": stories.newest_of_each_outcome(self.OF_EACH_OUTCOME),
            "gatherings": gatherings.upcoming().filter(is_cancelled=False)[: self.NEXT],
            "openings": openings.order_by(F("closes_on").asc(nulls_last=True), "-pk")[: self.NEXT - 1],
        }


class StandardPage(GatedPage):
    """A plain page: about, help, privacy, rules, and whatever else a community wants to say."""

    intro = models.CharField(_("introduction"), max_length=300, blank=True)
    body = StreamField(PlainBlock(), verbose_name=_("the page"), blank=True)

    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar[list[str]] = ["home.StandardPage"]
    page_description = _("Words and pictures, for example about the community.")
    template = "home/standard_page.html"
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    search_fields: ClassVar[list[Any]] = [
        *Page.search_fields, index.SearchField("intro"), index.SearchField("body"),
    ]  # fmt: skip

    class Meta:
        verbose_name = _("plain page")
        verbose_name_plural = _("plain pages")

    @property
    def description(self) -> str:
        """The meta description."""
        return self.search_description or self.intro
