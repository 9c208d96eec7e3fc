"""What a host says of people who cannot come as they meant to any more."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.ways import Fate


class FateField(forms.ChoiceField):
    """What becomes of their seats; empty where the host has not said."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs: Any) -> None:
        said: dict[str, Any] = {
            "label": _("If people cannot come as they meant to any more: what becomes of them?"),
            "help_text": _("Each of them hears of it by mail. Without an answer from you nothing is taken from "
                           "anybody."),
        }  # fmt: skip
        super().__init__(**said | {"choices": Fate.choices, "required": False} | kwargs)
