"""What somebody says of themselves, one topic a page."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from community.members.forms.fresh import FreshForm
from community.members.models import LANGUAGES, Member, OpenTo, Profile, Role, SeasonName


def _boxes(label: Any, choices: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class AboutForm(FreshForm):
    """Who I am."""

    name = forms.CharField(label=_("Your name"), max_length=100)
    languages = _boxes(_("Languages you can work in"), LANGUAGES.items())
    roles = _boxes(_("What describes you"), Role.choices, _("As many as fit. It opens and closes nothing."))

    class Meta:
        model = Profile
        fields = ("trade", "about", "roles", "languages")

    field_order = ("name",)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        kwargs["initial"] = {"name": kwargs["instance"].member.name} | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, **kwargs)

    def clean_name(self) -> str:
        """A name of one's own."""
        member, name = self.instance.member, self.cleaned_data["name"]
        if name != member.name:
            try:
                Member.check_name(name, of=member)
            except ValidationError as error:
                raise ValidationError(error.messages) from error
        return str(name)

    def save(self, commit: bool = True) -> Profile:
        """Save the profile, and the name where it changed."""
        if "name" in self.changed_data:
            self.instance.member.rename(self.cleaned_data["name"])
        return super().save(commit)


class PlaceForm(FreshForm):
    """Where I am: a name to show, and a point that is kept only as its square of ten kilometres.

    Whoever names a village where others live need not know its numbers.
    """

    lat = forms.FloatField(
        label=_("Latitude"),
        required=False,
        help_text=_("For example 52.03. Not needed where others of your village are here already."),
    )
    lon = forms.FloatField(label=_("Longitude"), required=False, help_text=_("For example -3.74."))
    forget = forms.BooleanField(label=_("Forget where I am; show no distances"), required=False)

    class Meta:
        model = Profile
        fields = ("place", "place_visibility")

    field_order = ("place", "lat", "lon", "forget", "place_visibility")

    def clean(self) -> dict[str, Any]:
        """Move to the square around the point; an empty point changes nothing."""
        cleaned = super().clean()
        lat, lon = cleaned.get("lat"), cleaned.get("lon")
        if cleaned.get("forget"):
            lat = lon = None
        elif "lat" in self.errors or "lon" in self.errors:
            return cleaned
        elif lat is None and lon is None:
            known = Profile.cell_of_place(cleaned.get("place", "")) if "place" in self.changed_data else None
            if known is None:
                return cleaned
            lat, lon = known.lat, known.lon
        elif lat is None or lon is None:
            self.add_error("lon" if lon is None else "lat", _t("A point needs both numbers. Give both or none."))
            return cleaned
        try:
            self.instance.move_to(lat, lon)
        except ValidationError as error:
            self.add_error(None if cleaned.get("forget") else "lat", error.messages)
        return cleaned


class AllowForm(FreshForm):
    """What I allow: as what I am shown, how much I can take on, and who may use which part."""

    open_to = _boxes(
        _("As what may we show you to others?"), OpenTo.choices,
        _("Tick nothing, and nobody is brought to you and you stand in no list."),
    )  # fmt: skip
    seasons = _boxes(_("When in the year you have time"), SeasonName.choices)

    class Meta:
        model = Profile
        fields = (
            "open_to", "is_matched", "capacity", "weekly_requests", "is_paused", "max_km", "seasons",
            "hours_per_month", "shows_passed_on",
            "about_visibility", "languages_visibility", "availability_visibility", "stops_visibility",
        )  # fmt: skip
        labels: ClassVar[dict[str, Any]] = {
            "is_matched": _("Use my page for matching"),
            "weekly_requests": _("New questions that may reach me in seven days"),
            "is_paused": _("Pause: suggest me to nobody for now"),
            "max_km": _("Nobody further away than … km"),
            "shows_passed_on": _("Show on my page what I passed on"),
            "about_visibility": _("Who may use the text about you"),
            "languages_visibility": _("Who may use your languages"),
            "availability_visibility": _("Who may use your seasons and hours"),
            "stops_visibility": _("Who may use your plan to stop"),
        }


class WishesForm(FreshForm):
    """What nobody else sees: when I plan to stop, and with whom I do not want to be brought together."""

    not_with_names = forms.CharField(
        label=_("Not with these people"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=3000,
        help_text=_("One name a line, or the last part of the address of their profile. They are not told."),
    )  # fmt: skip

    class Meta:
        model = Profile
        fields = ("stops_in_years", "not_own_trade_km")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.viewer: Any = request.user
        handles = kwargs["instance"].not_with.values_list("handle", flat=True)
        kwargs["initial"] = {"not_with_names": "\n".join(handles)} | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, **kwargs)

    @property
    def saved_values(self) -> dict[str, Any]:
        """The list of people counts as well."""
        handles = sorted(Profile.objects.get(pk=self.instance.pk).not_with.values_list("handle", flat=True))
        return super().saved_values | {"not_with_names": "\n".join(handles)}

    def clean_not_with_names(self) -> list[Member]:
        """Each line is somebody whom the member can see, or whom the list holds already."""
        people = Member.objects.visible_to(self.viewer) | Member.objects.filter(
            pk__in=self.instance.not_with.values("pk")
        )
        found = []
        for line in dict.fromkeys(self.cleaned_data["not_with_names"].split("\n")):
            word = line.strip().strip("/").rpartition("/")[2]
            if not word:
                continue
            matches = list(people.filter(handle=word)[:1]) or list(people.filter(name__iexact=word).distinct()[:2])
            if not matches:
                text = _t("We know nobody here called “%(name)s”. Look the name up in the list of people.")
                raise ValidationError(text % {"name": word})
            if len(matches) > 1:
                text = _t("Several people are called “%(name)s”. Write the last part of their profile's address.")
                raise ValidationError(text % {"name": word})
            found.append(matches[0])
        return found

    def save(self, commit: bool = True) -> Profile:
        """Save the profile and the list."""
        profile = super().save(commit)
        profile.not_with.set(one for one in self.cleaned_data["not_with_names"] if one.pk != profile.member_id)
        return profile


TOPICS: dict[str, tuple[type[FreshForm], Any]] = {
    "about": (AboutForm, _("Who I am")),
    "place": (PlaceForm, _("Where I am")),
    "allow": (AllowForm, _("What I allow")),
    "wishes": (WishesForm, _("What nobody else sees")),
}
