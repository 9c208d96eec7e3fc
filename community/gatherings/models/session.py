"""The dates of a series that is enrolled in as one."""

import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel

from community.gatherings.models.when import DAY, Dated, keep
from community.gatherings.models.zones import known_zones


class Session(Dated):
    """One of several dates of a gathering: whoever has a seat has it on all of them."""

    page = ParentalKey("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="sessions")
    subject = models.CharField(_("what happens that day"), max_length=120, blank=True)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)

    panels: ClassVar[list[Any]] = [
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]), FieldPanel("subject"),
    ]  # fmt: skip

    class Meta:
        verbose_name = _("date")
        verbose_name_plural = _("dates")
        ordering: ClassVar[list[str]] = ["starts_at", "pk"]

    def __str__(self) -> str:
        return self.subject or self.starts_wall

    @classmethod
    def heal(cls) -> int:
        """Keep the hour where the rules of a zone were changed; the page itself counts the edition."""
        coming = cls.objects.filter(ends_at__gt=timezone.now() - DAY).select_related("page")
        rows = [row for row in coming if row.page.zone in known_zones()]
        return sum(keep(cls.objects.filter(pk=row.pk), row, ZoneInfo(row.page.zone), {}) for row in rows)
