"""The community's rules, by version."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Rules(models.Model):
    """What everyone here has agreed to; a new version asks everyone again."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("rules")
        ordering: ClassVar[list[str]] = ["-version"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.version}"

    @classmethod
    def current(cls) -> "Rules | None":
        """The newest version, or None where a community has not written its rules yet."""
        return cls.objects.first()

    @classmethod
    def current_version(cls) -> int:
        """The newest version's number; 0 without rules."""
        return cls.objects.aggregate(newest=models.Max("version"))["newest"] or 0

    @classmethod
    def publish(cls, text: str) -> "Rules":
        """Put a new version in force, unless the text is the one that is in force already."""
        current = cls.current()
        if current and current.text == text:
            return current
        return cls.objects.create(version=cls.current_version() + 1, text=text)
