"""A model that is offered for copying: a co-op, a shared kitchen, a ring of machines."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.search import index

from community.library.blocks import PlaybookBlock
from community.library.models.adoption import Adoption
from community.library.models.conditions import BudgetBand
from community.library.models.licence import Licence
from community.library.models.rollup import roll_up
from community.library.models.tried import TriedPage
from community.questions.models import Question
from community.topics.models import EntryPage, with_renditions


class PlaybookPage(TriedPage):
    """A playbook: how people here set up something shared, written down so that others can copy it."""

    people = models.CharField(
        _("how many people it takes"), max_length=120, blank=True, help_text=_("“Four farms at least, nine at most.”")
    )
    budget = models.CharField(_("what it cost in all"), max_length=7, choices=BudgetBand.choices, blank=True)
    licence = models.CharField(
        _("what others may do with it"), max_length=8, choices=Licence.choices, default=Licence.BY_SA
    )
    credit = models.CharField(
        _("with thanks to"), max_length=200, blank=True, help_text=_("Whose idea it was, and who helped to write it.")
    )
    body = StreamField(PlaybookBlock(), verbose_name=_("the playbook"), help_text=_("Add the parts that you have."))

    parent_page_types: ClassVar[list[str]] = ["library.PlaybookIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    IS_TRANSLATED: ClassVar[bool] = True
    page_description = _("Something shared that others can set up in the same way.")
    template = "library/playbook_page.html"

    content_panels: ClassVar[list[Any]] = [
        *EntryPage.content_panels,
        MultiFieldPanel([FieldPanel("people"), FieldPanel("budget")], heading=_("What it takes")),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("licence"), FieldPanel("credit")], heading=_("Use and thanks")),
    ]
    search_fields: ClassVar[list[Any]] = [
        *EntryPage.search_fields,
        index.SearchField("body"),
        index.FilterField("budget"),
    ]

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")

    @property
    def terms(self) -> Licence | None:
        """What others may do with it."""
        return Licence(self.licence) if self.licence in Licence.values else None

    def structured_data(self, request: HttpRequest) -> dict[str, Any]:
        """An article that others may take and change."""
        data = super().structured_data(request) | {
            "@type": "Article",
            "headline": self.title[:110],
            "inLanguage": self.language_tag,
            "datePublished": self.first_published_at and self.first_published_at.isoformat(),
            "dateModified": self.last_published_at and self.last_published_at.isoformat(),
            "keywords": [topic.name for topic in self.topics.all()],
            "author": {"@type": "Person", "name": self.byline} if self.byline else None,
            "license": self.terms.url if self.terms else None,
            "creditText": self.credit,
        }
        return {key: value for key, value in data.items() if value}

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The playbook, who adopted it, and what came of trying it."""
        pictures = with_renditions("picture__renditions", self.WIDE_PICTURE)
        prefetch_related_objects([self] if self.pk else [], "topics", pictures)
        ground = self.ground(request.user)
        roll_up([ground], request.user)
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context |= Question.on_page(ground, request.user) | {"ground": ground}
        shown = Adoption.objects.visible_to(request.user).filter(playbook=ground.pk)
        return context | {"adoptions": list(shown.select_related("member").order_by("year", "pk"))}
