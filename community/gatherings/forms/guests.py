"""What a host says to those who ask for a seat, and to those who come."""

from django import forms
from django.utils.translation import gettext_lazy as _

from community.gatherings.models import Registration


class AnswerForm(forms.Form):
    """Yes or no, with a word if the host likes."""

    answer = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))])
    word = forms.CharField(label=_("A word with it"), max_length=300, required=False)

    def give(self, one: Registration) -> None:
        """Carry the answer out; raises ValidationError where it is too late for a yes."""
        verb = one.approve if self.cleaned_data["answer"] == "yes" else one.decline
        verb(self.cleaned_data["word"])
