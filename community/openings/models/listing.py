"""The list of openings."""

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.openings.models.opening import OpeningKind, OpeningPage
from community.topics.models import EntryIndexPage, Season, Topic


class OpeningIndexPage(EntryIndexPage):
    """Places for people who want to learn, newest first; what is closed does not stand here any more."""

    subpage_types: ClassVar[list[str]] = ["openings.OpeningPage"]

    class Meta:
        verbose_name = _("list of openings")

    def entries(self, request: HttpRequest) -> Any:
        """The openings in this list that this visitor may see and that can still be applied for."""
        pages = OpeningPage.objects.visible_to(request.user).open()
        return pages.select_related("author").order_by("-first_published_at", "-pk")

    def choices(self, topics: list[Topic], seasons: list[Season]) -> dict[str, Any]:
        """Kind comes before topic and season."""
        return {"kind": (_("Kind"), OpeningKind.choices)} | super().choices(topics, seasons)

    def filtered(self, entries: Any, wanted: dict[str, str]) -> Any:
        """Only the kind that was asked for."""
        entries = super().filtered(entries, wanted)
        return entries.filter(kind=kind) if (kind := wanted.get("kind")) else entries
