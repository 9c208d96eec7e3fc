"""Topics and seasons in the Wagtail admin."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from community.topics.models import Season, Topic


class TopicViewSet(SnippetViewSet):
    """Topics, as editors keep them."""

    model = Topic
    icon = "tag"
    list_display: ClassVar[list[str]] = ["name", "slug", "about"]
    search_fields: ClassVar[list[str]] = ["name", "about"]


class SeasonViewSet(SnippetViewSet):
    """Seasons, as editors keep them."""

    model = Season
    icon = "calendar"
    list_display: ClassVar[list[str]] = ["name", "slug", "position"]
    panels: ClassVar[list[Any]] = [FieldPanel(name) for name in ("name", "slug", "months", "position")]


class Taxonomy(SnippetViewSetGroup):
    """What pages and people are about."""

    items = (TopicViewSet, SeasonViewSet)
    menu_icon = "tag"
    menu_label = _("Topics and seasons")
    menu_name = "taxonomy"


register_snippet(Taxonomy)
