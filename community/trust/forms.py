"""What is asked about a report, of a steward, and before somebody leaves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from community.members.forms.kept import KeptForm
from community.members.models import Member
from community.trust.models import ReportReason, ReportState, own_path


class ReportForm(KeptForm):
    """What is wrong, and where."""

    url = forms.CharField(label=_("Where"), max_length=500, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("What is wrong?"), choices=ReportReason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("Tell us more"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What happened, and when. The other person does not learn who reported it."),
    )  # fmt: skip

    def clean_url(self) -> str:
        """Only a page of this site."""
        return own_path(self.cleaned_data["url"])

    @property
    def report(self) -> dict[str, str]:
        """What goes into the report."""
        return {name: self.cleaned_data[name] for name in ("url", "reason", "text")}


class AnswerForm(forms.Form):
    """What a steward did about a report."""

    state = forms.ChoiceField(
        label=_("What came of it?"),
        choices=[(s.value, s.label) for s in ReportState if s != ReportState.OPEN],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("What you did, and why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The person who reported it reads this."),
    )  # fmt: skip


class ReasonForm(forms.Form):
    """Why a steward does something to an account."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("One sentence. It stays on record, with your name.")
    )


class EraseForm(forms.Form):
    """The last question before everything of a person goes: the password, or their own name where there is none."""

    confirmation = forms.CharField(max_length=200)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        field = self.fields["confirmation"]
        if member.has_usable_password():
            field.label, field.strip = _("Your password"), False  # type: ignore[attr-defined]
            field.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        else:
            field.label = _("Your name, as it stands on this page")

    def clean_confirmation(self) -> str:
        """It must be right; nothing is erased otherwise."""
        given: str = self.cleaned_data["confirmation"]
        if self.member.has_usable_password():
            if not self.member.check_password(given):
                raise ValidationError(_("This is not your password. Nothing was erased. Try again."))
        elif " ".join(given.split()).casefold() != self.member.name.casefold():
            raise ValidationError(_("This is not your name as it stands on this page. Nothing was erased."))
        return given
