"""Offering a place from the front end: everything that matters on a farm or in a shop, in plain words."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.forms.kept import KeptForm
from community.members.models import Member
from community.openings.models import OpeningPage
from community.topics.models import Season, Topic, as_paragraphs


class PostForm(KeptForm, forms.ModelForm):
    """What is offered, what is learned, and on which terms."""

    MOST_LINES: ClassVar[int] = 12
    LONGEST: ClassVar[timedelta] = timedelta(days=180)

    about = forms.CharField(
        label=_("What it is about"), max_length=6000, widget=forms.Textarea({"rows": 8}),
        help_text=_("The work, the days, and whom it suits. Say what is hard, too. An empty line begins a paragraph."),
    )  # fmt: skip
    learned = forms.CharField(
        label=_("What will be learned, or taught"), max_length=2600, widget=forms.Textarea({"rows": 5}),
        help_text=_("One thing on each line, at most twelve: “build a dry-stone wall”. People are found by these."),
    )  # fmt: skip
    topics = forms.ModelMultipleChoiceField(
        Topic.objects.all(), label=_("Topics"), to_field_name="slug", required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    season = forms.ModelChoiceField(
        Season.objects.all(), label=_("Season"), to_field_name="slug", required=False, empty_label=_("All year")
    )
    is_near = forms.BooleanField(
        label=_("It is where I live"), required=False,
        help_text=_("People who do not want to go far are then found by distance. It uses your square of ten "
                    "kilometres; nobody is shown it."),
    )  # fmt: skip
    version = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)

    class Meta:
        model = OpeningPage
        fields = (
            "kind", "title", "summary", "place", "starts", "hours", "pay", "housing", "transport", "insurance",
            "safety", "language", "min_age", "admits_minors", "closes_on",
        )  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "kind": forms.RadioSelect,
            "summary": forms.Textarea({"rows": 3}),
            "safety": forms.Textarea({"rows": 3}),
            "closes_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    field_order = (
        "kind", "title", "summary", "about", "learned", "place", "is_near", "topics", "season", "starts", "hours",
        "pay", "housing", "transport", "insurance", "safety", "language", "min_age", "admits_minors", "closes_on",
    )  # fmt: skip

    def __init__(self, *args: Any, request: HttpRequest, opening: OpeningPage | None = None, **kwargs: Any) -> None:
        self.opening, self.status, self.member = opening, 200, request.user
        working = opening.working if opening else OpeningPage(closes_on=timezone.localdate() + timedelta(days=60))
        kwargs["initial"] = self.shown(working, opening) | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, instance=working, **kwargs)
        self.fields["kind"].choices = OpeningPage._meta.get_field("kind").choices  # type: ignore[attr-defined]
        self.fields["title"].label = _("What do you offer?")
        self.fields["title"].help_text = _("For example: “A year of walling and sheep”.")
        self.fields["closes_on"].required = True
        self.fields["closes_on"].help_text = _("After this day it leaves the lists. We ask you before.")
        if not self.member.is_verified:  # type: ignore[union-attr]
            del self.fields["admits_minors"]

    @staticmethod
    def shown(working: OpeningPage, opening: OpeningPage | None) -> dict[str, Any]:
        """What stands in the form at first."""
        posting = getattr(opening, "posting", None) if opening else None
        return {
            "about": working.plain_text,
            "learned": "\n".join(line.text for line in working.lines.all()),
            "topics": [topic.slug for topic in working.topics.all()] if opening else [],
            "season": working.season.slug if working.season else None,
            "is_near": bool(posting and posting.cell),
            "version": opening.version if opening else 0,
        }

    def clean_title(self) -> str:
        """With letters in it: the address is made of them."""
        title = " ".join(str(self.cleaned_data["title"]).split())
        if not any(c.isalpha() for c in title):
            raise ValidationError(_("Write it in words."))
        return title

    def clean_learned(self) -> list[str]:
        """Twelve lines at most, each of them short."""
        lines = [" ".join(line.split()) for line in str(self.cleaned_data["learned"]).splitlines()]
        lines = [line for line in dict.fromkeys(lines) if line]
        if len(lines) > self.MOST_LINES:
            raise ValidationError(_("At most %(n)s lines. Leave the smaller ones out."), params={"n": self.MOST_LINES})
        if any(len(line) > 200 for line in lines):
            raise ValidationError(_("One of these lines is too long. At most 200 letters fit on each."))
        return lines

    def clean_closes_on(self) -> Any:
        """Some day soon; what is open for ever is answered by nobody."""
        day, today = self.cleaned_data["closes_on"], timezone.localdate()
        if day and not today <= day <= today + self.LONGEST:
            raise ValidationError(_("Choose a day between today and half a year from now."))
        return day

    def clean(self) -> dict[str, Any]:
        """Two answers on age that fit each other."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("admits_minors") and (cleaned.get("min_age") or 0) >= 18:
            self.add_error("admits_minors", _("You ask for 18 or older just above. Change one of the two."))
        return cleaned

    def _post_clean(self) -> None:
        """`OpeningPage` judges the whole in its verbs; here only each field is looked at."""
        for name in self._meta.fields or ():
            try:
                if self.cleaned_data.get(name):
                    OpeningPage._meta.get_field(name).run_validators(self.cleaned_data[name])
            except ValidationError as error:
                self.add_error(name, error)

    @property
    def wording(self) -> dict[str, Any]:
        """The fields of the page."""
        names = [name for name in (*(self._meta.fields or ()), "season", "topics") if name in self.cleaned_data]
        return {name: self.cleaned_data[name] for name in names} | {"text": as_paragraphs(self.cleaned_data["about"])}

    def save_for(self, by: Member) -> Any:
        """Post it or change it; None where it could not be, and the form then says why and keeps what was typed."""
        data = self.cleaned_data
        try:
            if self.opening is None:
                return OpeningPage.post(by, self.wording, data["learned"], data["is_near"])
            version = int(data["version"]) if data["version"].isascii() and data["version"].isdecimal() else -1
            self.opening.revise(by, version, self.wording, data["learned"], data["is_near"])
        except ValidationError as error:
            self.status = 409
            if self.opening is not None:
                self.opening.refresh_from_db()
                self.data = self.data.copy()  # type: ignore[attr-defined]
                self.data["version"] = str(self.opening.version)  # type: ignore[index]
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return None
        return self.opening

    @property
    def saved_texts(self) -> list[tuple[str, str]]:
        """What is saved now, where a stale form says something else."""
        if self.status != 409 or self.opening is None:
            return []
        saved = self.shown(self.opening.working, self.opening)
        working = self.opening.working
        saved |= {name: getattr(working, name) for name in self._meta.fields or () if name in self.fields}
        typed = {name: self.data.get(name, "") for name in saved}
        return [
            (str(self.fields[name].label), str(value))
            for name, value in saved.items()
            if name not in {"version", "topics", "is_near", "admits_minors"} and str(value or "") != str(typed[name])
        ]
