"""The taxonomy: fields of work and parts of the year."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel


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

    @classmethod
    def with_topics(cls) -> tuple[list["Season"], list[Topic]]:
        """All seasons and all topics, with name and word only, in a single query: every list asks for both."""
        topics = Topic.objects.order_by().values_list(Value("topic"), "pk", "name", "slug", Value(0))
        seasons = cls.objects.order_by().values_list(Value("season"), "pk", "name", "slug", "position")
        rows = sorted(topics.union(seasons, all=True), key=lambda row: (row[4], row[2].casefold()))
        return (
            [cls(pk=pk, name=name, slug=slug, position=at) for kind, pk, name, slug, at in rows if kind == "season"],
            [Topic(pk=pk, name=name, slug=slug) for kind, pk, name, slug, _at in rows if kind == "topic"],
        )
