"""Forms about dates: by whose clock, and how often again."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from community.gatherings.forms.ways import FateField
from community.gatherings.models import Every, GatheringPage
from community.gatherings.models.zones import YEARS, city_of, known_zones, validate_zone


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


class DayField(forms.DateField):
    """A day, from a plain field of the browser."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> Any:
        """The day, in a year that calendars know."""
        day = super().to_python(value)
        if day and day.year not in YEARS:
            raise forms.ValidationError(_("Choose a year between 1990 and 2100."), code="year")
        return day


class RepeatForm(forms.Form):
    """How often a gathering comes again."""

    every = forms.ChoiceField(label=_("How often"), choices=Every.choices, widget=forms.RadioSelect)
    until = DayField(label=_("Until"), required=False, help_text=_("Leave empty if you do not know yet."))


class SpreadForm(forms.Form):
    """Which other times are to be like this one."""

    which = forms.ChoiceField(
        label=_("Which times"), widget=forms.RadioSelect, initial="following",
        choices=[("following", _("This one and all that follow")), ("all", _("All that are still to come"))],
    )  # fmt: skip
    fate = FateField()

    def __init__(self, *args: Any, gathering: GatheringPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (gathering.recurrence and gathering.recurrence.strands(gathering)):
            del self.fields["fate"]


class EndForm(forms.Form):
    """After which day it does not come again."""

    last = DayField(label=_("The last day"))
