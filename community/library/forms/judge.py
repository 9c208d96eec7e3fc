"""What a steward says to a story that waits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.library.models import CaseStudyPage
from community.members.models import Member


class JudgeForm(forms.Form):
    """Yes, what is missing, or no; with a reason for the last two."""

    answer = forms.ChoiceField(
        label=_("Your answer"), widget=forms.RadioSelect,
        choices=[("accept", _("Publish it")), ("more", _("It needs a little more")), ("refuse", _("Not here"))],
    )  # fmt: skip
    reason = forms.CharField(
        label=_("What is missing, or why not"), max_length=2000, required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("Its author reads this. Say what would make it better, and start with what is good."),
    )  # fmt: skip
    revision = forms.CharField(max_length=20, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Without a reason nobody knows what to do."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("answer") in {"more", "refuse"} and not cleaned.get("reason"):
            self.add_error("reason", _("Say why, so that they know what to do."))
        return cleaned

    def judge(self, story: CaseStudyPage, by: Member) -> None:
        """Carry it out."""
        revision, reason = self.cleaned_data["revision"], self.cleaned_data["reason"]
        if self.cleaned_data["answer"] == "accept":
            story.accept(by, revision)
        elif self.cleaned_data["answer"] == "more":
            story.ask_for_more(by, revision, reason)
        else:
            story.refuse(by, revision, reason)
