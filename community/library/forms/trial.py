"""Telling what came of a try, and choosing among the tries of a page."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.library.forms.year import YearField
from community.library.models import RollUp, Trial, TrialOutcome, TrialQuerySet
from community.library.models.tried import TriedPage
from community.members.forms.fresh import FreshForm
from community.members.models import Visibility
from community.topics.forms import PictureField
from community.topics.models import Season


class TrialForm(FreshForm):
    """What came of it, and under which conditions. Only the first two answers are needed."""

    season = forms.ModelChoiceField(
        Season.objects.all(), to_field_name="slug", required=False, label=_("In which season?"),
        empty_label=_("All year, or hard to say"),
    )  # fmt: skip
    is_on_map = forms.BooleanField(
        label=_("Put it on the map"), required=False,
        help_text=_("Everybody then sees in which square of ten kilometres it was. The point itself is not kept."),
    )  # fmt: skip
    photo = PictureField(label=_("A picture"), required=False)
    words = forms.CharField(
        label=_("The picture in words"), max_length=200, required=False,
        help_text=_("For people who do not see it. Say what matters in it."),
    )  # fmt: skip
    goes = forms.BooleanField(label=_("Take the picture away"), required=False)

    class Meta:
        model = Trial
        fields = (
            "outcome", "year", "season", "place", "soil", "climate", "scale", "changed", "learned", "cost", "equipment",
        )  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "outcome": forms.RadioSelect,
            "changed": forms.Textarea({"rows": 4}),
            "learned": forms.Textarea({"rows": 5}),
        }
        field_classes: ClassVar[dict[str, Any]] = {"year": YearField}

    field_order = (
        "outcome", "year", "season", "place", "is_on_map", "soil", "climate", "scale", "changed", "learned", "cost",
        "equipment", "photo", "words", "goes",
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        trial = kwargs["instance"]
        kwargs["initial"] = self._begun(trial) | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, **kwargs)
        self.fields["outcome"].choices = TrialOutcome.choices  # type: ignore[attr-defined]
        for name in ("soil", "climate", "scale"):
            self.fields[name].choices = [("", _("I would rather not say")), *self.fields[name].choices[1:]]  # type: ignore[attr-defined]
        self.fields["photo"].help_text = _(
            "JPEG, PNG, WebP or HEIC, up to 15 MB. Where and with what it was taken is removed. If the form comes back "
            "to you, choose it once more."
        )
        if not trial.picture:
            del self.fields["goes"]
        if not trial.member.is_adult:  # where somebody under 18 works is nobody's business
            del self.fields["place"], self.fields["is_on_map"]

    @staticmethod
    def _begun(trial: Trial) -> dict[str, Any]:
        """What stands in the form at first: a new one begins with this year, and with the place that one shows."""
        if trial.pk:
            words = trial.picture.description if trial.picture else ""
            return {"season": trial.season, "is_on_map": trial.cell is not None, "words": words}
        if trial.member is None:
            return {}
        profile = trial.member.profile
        shown = profile.place if profile.place_visibility == Visibility.MEMBERS else ""
        return {"year": timezone.localdate().year, "place": shown}

    @property
    def saved_values(self) -> dict[str, Any]:
        """As they stand in the database; the season as itself, since that is what the field gives."""
        values = super().saved_values
        return values | ({"season": Season.objects.filter(pk=values["season"]).first()} if values else {})

    def put(self, page: TriedPage | None = None) -> bool:
        """Tell it; False where it could not be told, and the form then says why."""
        data = self.cleaned_data
        picture = {"photo": data["photo"], "words": data["words"], "goes": data.get("goes", False)}
        try:
            self.instance = self.instance.put(page, is_on_map=data.get("is_on_map", False), **picture)
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True


class TrialFilter(forms.Form):
    """Which of the tries of one page to show; it offers only what somebody has said."""

    NAMES: ClassVar[tuple[str, ...]] = ("outcome", "soil", "season", "climate", "scale")

    def __init__(self, tries: RollUp, asked: Any) -> None:
        known: dict[str, list[tuple[str, Any]]] = {"outcome": list(TrialOutcome.choices)}
        labels: dict[str, Any] = {"outcome": _("What came of it")}
        for title, values in tries.conditions:
            known[values[0].name] = [(one.value, one.label) for one in values]
            labels[values[0].name] = title
        given = {name: asked.get(name, "") for name in self.NAMES}
        self.wanted = {name: value for name, value in given.items() if value in dict(known.get(name, ()))}
        super().__init__(initial=self.wanted, auto_id="filter-%s")
        for name in self.NAMES:
            if name in known:
                choices = [("", _("All")), *known[name]]
                self.fields[name] = forms.ChoiceField(label=labels[name], required=False, choices=choices)
        self.known = known

    def chosen(self, trials: TrialQuerySet) -> TrialQuerySet:
        """Those that fit; a value that nobody gave is passed over, so that no link is ever broken."""
        lookups = {"season__slug" if name == "season" else name: value for name, value in self.wanted.items()}
        return trials.filter(**lookups)

    @property
    def active(self) -> list[dict[str, Any]]:
        """The filters in force, each with the address of the list without it."""
        return [
            {"label": dict(self.known[name])[value], "url": "?" + "&".join(self._others(name))}
            for name, value in self.wanted.items()
        ]

    def _others(self, left_out: str) -> list[str]:
        return [f"{name}={value}" for name, value in self.wanted.items() if name != left_out]
