"""Inviting people from the front end: what happens, when by the clocks there, and who can come."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.forms.ways import FateField
from community.gatherings.models import GatheringPage
from community.gatherings.models.zones import WallTimeField, known_zones, typed
from community.members.forms.kept import KeptForm
from community.members.models import Member
from community.topics.models import Season, Topic, as_paragraphs

TIMES = ("starts_at", "ends_at")


class PostForm(KeptForm, forms.ModelForm):
    """What people need to know to come, in plain words."""

    about = forms.CharField(
        label=_("What happens"), max_length=6000, widget=forms.Textarea({"rows": 8}),
        help_text=_("What you do together, whom it suits, and what the ground is like. An empty line begins a "
                    "paragraph."),
    )  # fmt: skip
    starts_at = WallTimeField(label=_("It begins"), help_text=_("As the clocks show it at the place."))
    ends_at = WallTimeField(label=_("It ends"))
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), label=_("Topics"), to_field_name="slug", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    season = forms.ModelChoiceField(
        Season.objects.all(), label=_("Season"), to_field_name="slug", required=False, empty_label=_("All year")
    )
    fate = FateField()
    version = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)

    class Meta:
        model = GatheringPage
        fields = (
            "kind", "mode", "title", "summary", "place", "exact_place", "online_link", "zone", "capacity",
            "online_capacity", "max_guests", "needs_approval", "host_questions", "prerequisites", "bring", "price",
        )  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "kind": forms.RadioSelect,
            "mode": forms.RadioSelect,
            "summary": forms.Textarea({"rows": 3}),
            "host_questions": forms.Textarea({"rows": 3}),
        }

    field_order = (
        "kind", "mode", "fate", "title", "summary", "about", "starts_at", "ends_at", "zone", "place", "exact_place",
        "online_link", "capacity", "online_capacity", "max_guests", "needs_approval", "host_questions",
        "prerequisites", "bring", "price", "topics", "season",
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, gathering: GatheringPage | None = None, **kwargs: Any) -> None:
        self.gathering, self.status = gathering, 200
        working = gathering.working if gathering else GatheringPage()
        kwargs["initial"] = self.shown(working, gathering) | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, instance=working, **kwargs)
        for name in ("kind", "mode"):
            self.fields[name].choices = GatheringPage._meta.get_field(name).choices  # type: ignore[attr-defined, union-attr]
        self.fields["title"].label = _("What is it called?")
        self.fields["title"].help_text = _("For example: “Grafting at the kitchen table”.")
        self.fields["max_guests"].required = False
        for name in TIMES:
            # A time that comes twice is told by a word behind it, for which the browser's own clock has no room.
            asks = isinstance(self.initial.get(name), str) or self._is_asked(name)
            self.fields[name].widget = (
                forms.TextInput() if asks else forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            )
        if not (gathering and gathering.registrations.pending().exists()):
            del self.fields["fate"]
        if gathering and gathering.sessions.exists():
            for name in TIMES:  # they follow from the dates of the series
                del self.fields[name]

    def _is_asked(self, name: str) -> bool:
        """Whether what was typed needs a word behind it, or has one."""
        if not self.is_bound:
            return False
        with timezone.override(self.typed_zone):
            try:
                self.fields[name].to_python(self.data.get(name, ""))
            except ValidationError as error:
                return getattr(error, "code", "") == "clocks"
        return str(self.data.get(name, "")).strip()[-1:].isalpha()

    @staticmethod
    def shown(working: GatheringPage, gathering: GatheringPage | None) -> dict[str, Any]:
        """What stands in the form at first."""
        if gathering is None:
            return {"version": 0}
        zone = ZoneInfo(working.zone)
        return {
            "about": working.plain_text,
            "topics": [topic.slug for topic in working.topics.all()],
            "season": working.season.slug if working.season else None,
            "version": gathering.version,
            **{name: typed(getattr(working, name), zone) for name in TIMES},
        }

    @property
    def typed_zone(self) -> str | None:
        """The zone that was typed, if there is such a zone."""
        name = self.data.get("zone", "")
        return name if name in known_zones() else None

    def full_clean(self) -> None:
        """Read the times by the clocks of the zone that was typed."""
        with timezone.override(self.typed_zone):
            super().full_clean()

    def clean_title(self) -> str:
        """With letters in it: the address is made of them."""
        title = " ".join(str(self.cleaned_data["title"]).split())
        if not any(c.isalpha() for c in title):
            raise ValidationError(_("Write it in words."))
        return title

    def clean_online_link(self) -> str:
        """A page that can be opened, and nothing that runs."""
        link = str(self.cleaned_data["online_link"] or "")
        if link and not link.startswith(("https://", "http://")):
            raise ValidationError(_("Write the whole address, with https:// in front."))
        return link

    def clean_max_guests(self) -> int:
        """Nobody, where nothing was typed."""
        return int(self.cleaned_data["max_guests"] or 0)

    def _post_clean(self) -> None:
        """The page judges the whole in its verbs; here only each field is looked at."""
        for name in self._meta.fields or ():
            try:
                if self.cleaned_data.get(name):
                    GatheringPage._meta.get_field(name).run_validators(self.cleaned_data[name])  # type: ignore[union-attr]
            except ValidationError as error:
                self.add_error(name, error)

    @property
    def wording(self) -> dict[str, Any]:
        """The fields of the page."""
        names = [*(self._meta.fields or ()), "fate", "season", "topics", *TIMES]
        said = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return said | {"text": as_paragraphs(self.cleaned_data["about"])}

    def save_for(self, by: Member) -> Any:
        """Post it or change it; None where it could not be, and the form then says why and keeps what was typed."""
        version = str(self.cleaned_data["version"])
        try:
            if self.gathering is None:
                return GatheringPage.post(by, self.wording)
            number = int(version) if version.isascii() and version.isdecimal() else -1
            self.gathering.revise(by, number, self.wording)
        except ValidationError as error:
            self._refuse(error)
            return None
        return self.gathering

    def _refuse(self, error: ValidationError) -> None:
        """Say what is wrong beside the field that it is about."""
        self.status = 409 if getattr(error, "code", "") == "stale" else 200
        if self.status == 409 and self.gathering is not None:
            self.gathering.refresh_from_db()
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["version"] = str(self.gathering.version)  # type: ignore[index]
        if not hasattr(error, "error_dict"):
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return
        for name, words in error.message_dict.items():
            field = {"text": "about", "slug": "title"}.get(name, name)
            self.add_error(field if field in self.fields else None, words)  # type: ignore[arg-type]

    @property
    def saved_texts(self) -> list[tuple[str, str]]:
        """What is saved now, where a stale form says something else."""
        if self.status != 409 or self.gathering is None:
            return []
        working = self.gathering.working
        saved = {name: getattr(working, name) for name in self._meta.fields or () if name in self.fields}
        saved |= {name: value for name, value in self.shown(working, self.gathering).items() if name in self.fields}
        shown = {
            name: value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else str(value or "")
            for name, value in saved.items()
            if name not in {"version", "topics", "needs_approval"}
        }
        typed_now = {name: str(self.data.get(name, "")) for name in shown}
        return [(str(self.fields[name].label), value) for name, value in shown.items() if value != typed_now[name]]


class JudgeForm(forms.Form):
    """A steward's answer to a gathering that waits."""

    verdict = forms.ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect,
        choices=[("yes", _("Publish it")), ("no", _("Something is missing"))],
    )  # fmt: skip
    note = forms.CharField(
        label=_("What is missing"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("Only where something is missing. The host reads it."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def judge(self, gathering: GatheringPage, by: Member) -> None:
        """Carry the answer out; raises ValidationError where it comes too late."""
        data = self.cleaned_data
        gathering.judge(by, data["version"], data["verdict"] == "yes", data["note"])
