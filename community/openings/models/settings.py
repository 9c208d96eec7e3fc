"""How long things last around an opening, as a community sets it."""

from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="calendar-alt")
class OpeningSettings(BaseGenericSetting):
    """By when an application is answered, when it runs out, and when its letter and files are forgotten."""

    answer_days = models.PositiveSmallIntegerField(
        _("days for each answer"), default=21, validators=[MinValueValidator(1), MaxValueValidator(180)],
        help_text=_("Both sides see this day. The person who offers the place is reminded before it."),
    )  # fmt: skip
    grace_days = models.PositiveSmallIntegerField(
        _("days after which it runs out"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("Counted from the day by which it should have been answered."),
    )  # fmt: skip
    keep_days = models.PositiveSmallIntegerField(
        _("days for which files are kept"), default=90, validators=[MinValueValidator(0), MaxValueValidator(730)],
        help_text=_("Counted from the end of an application. Then its files and the guardian's address are deleted."),
    )  # fmt: skip

    panels: ClassVar[list[Any]] = [FieldPanel(name) for name in ("answer_days", "grace_days", "keep_days")]

    class Meta:
        verbose_name = _("openings and applications")

    @classmethod
    def now(cls) -> Self:
        """The numbers in force; those of the product where nobody has set any. Nothing is written by asking."""
        return cls.objects.first() or cls()
