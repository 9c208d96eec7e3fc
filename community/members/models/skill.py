"""A vocabulary to point at, so that two people can mean the same thing."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Skill(models.Model):
    """A skill that has a name of its own in the community's vocabulary."""

    label = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering: ClassVar[list[str]] = ["label"]

    def __str__(self) -> str:
        return self.label
