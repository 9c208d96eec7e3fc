"""What is asked about a round: what it is, as what somebody takes part, and who belongs together."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from matching.models import Entry, Round, Side


class RoundForm(forms.ModelForm):
    """A new round."""

    class Meta:
        model = Round
        fields = ["title", "slug", "closes_on", "mode", "capacity"]
        widgets = {"closes_on": forms.DateInput({"type": "date"}), "mode": forms.RadioSelect}


class EnterForm(forms.Form):
    """As what, and for how many people, somebody takes part."""

    side = forms.ChoiceField(label=_("How do you take part?"), choices=Side.choices, widget=forms.RadioSelect)
    capacity = forms.IntegerField(label=_("With how many people at once"), min_value=1, max_value=50)


class AddForm(forms.Form):
    """Whom a steward enters."""

    email = forms.EmailField(label=_("E-mail address of the member"))
    add_side = forms.ChoiceField(label=_("As"), choices=Side.choices, widget=forms.RadioSelect)

    def clean_email(self) -> Member:
        """The member of that address."""
        member = Member.objects.select_related("profile").filter(email=self.cleaned_data["email"].lower()).first()
        if member is None:
            raise ValidationError(_("There is no member with this address. Check the spelling."))
        return member


class FixForm(forms.Form):
    """Two people of a round who belong together, or who must not be brought together."""

    mentor = forms.ModelChoiceField(Entry.objects.none(), label=_("Who teaches"))
    learner = forms.ModelChoiceField(Entry.objects.none(), label=_("Who learns"))
    word = forms.ChoiceField(
        label=_("These two"), widget=forms.RadioSelect,
        choices=[("together", _("belong together")), ("apart", _("must not be brought together"))],
    )  # fmt: skip

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for side in Side:
            entries = round_.entries.filter(side=side).select_related("member")
            self.fields[side].queryset = entries  # type: ignore[attr-defined]


class DropForm(forms.Form):
    """Which row goes."""

    entry = forms.IntegerField(required=False)
    fixed = forms.IntegerField(required=False)


class MatchForm(forms.Form):
    """Nothing is asked: the pairs are worked out anew."""
