"""The year in which something was, as people type it."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FIRST = 1800  # nobody here remembers an earlier one


class YearField(forms.IntegerField):
    """A year that has begun, with four digits; whatever else was typed, the form says how a year is written."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("Write the year with four digits, for example 2019."),
        "min_value": _("Write the year with four digits, from %(limit_value)s on."),
        "future": _("This year has not come yet."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs["min_value"] = max(kwargs.get("min_value") or FIRST, FIRST)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        """The year, or nothing."""
        year: int | None = super().clean(value)
        if year and year > timezone.localdate().year:
            raise ValidationError(self.error_messages["future"], code="future")
        return year
