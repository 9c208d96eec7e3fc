"""Forms about dates: by whose clock, and how often again."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.zones import city_of, known_zones, validate_zone


def zones() -> list[tuple[str, Any]]:
    """The zones that are named after a region and a city, by region."""
    named = sorted(name for name in known_zones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in named:
        regions.setdefault(name.partition("/")[0], []).append((name, city_of(ZoneInfo(name))))
    return [*regions.items(), ("UTC", [("UTC", "UTC")])]


class ZoneForm(forms.Form):
    """By whose clock somebody wants to know what happens online."""

    zone = forms.ChoiceField(label=_("Show times online by the clocks of"), choices=zones, validators=[validate_zone])
