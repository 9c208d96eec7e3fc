"""What a steward says to an opening that waits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.openings.models import OpeningPage


class JudgeForm(forms.Form):
    """Yes, or what is missing."""

    answer = forms.ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect,
        choices=[("accept", _("Publish it")), ("more", _("Not like this"))],
    )  # fmt: skip
    note = forms.CharField(
        label=_("What is missing, or why not"), max_length=2000, required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("Its author reads this."),
    )  # fmt: skip
    version = forms.CharField(max_length=12, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Without a reason nobody knows what to do."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("answer") == "more" and not cleaned.get("note"):
            self.add_error("note", _("Say why, so that they know what to do."))
        return cleaned

    def judge(self, opening: OpeningPage, by: Member) -> None:
        """Carry it out."""
        data = self.cleaned_data
        version = int(data["version"]) if data["version"].isascii() and data["version"].isdecimal() else -1
        opening.judge(by, version, data["answer"] == "accept", data["note"])
