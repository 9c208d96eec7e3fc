"""A vocabulary to point at, so that two people can mean the same thing."""

from pathlib import Path
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

    VOCABULARY: ClassVar[Path] = Path(__file__).resolve().parent.parent / "skills.txt"

    def __str__(self) -> str:
        return self.label

    @classmethod
    def load(cls) -> int:
        """Add the shipped names that are missing; returns how many there were."""
        lines = cls.VOCABULARY.read_text(encoding="utf-8").splitlines()
        new = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
        missing = sorted(new - set(cls.objects.values_list("label", flat=True)))
        Skill.objects.bulk_create([Skill(label=name) for name in missing], batch_size=2000, ignore_conflicts=True)
        return len(missing)
