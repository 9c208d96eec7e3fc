"""The one form of openings: why me."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.members.forms.kept import KeptForm
from community.openings.models import Application


class ApplicationForm(KeptForm, forms.ModelForm):
    """What somebody writes to the person who offers the place."""

    class Meta:
        model = Application
        fields = ["message"]
        widgets = {"message": forms.Textarea({"rows": 10})}

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.fields["message"].help_text = (
            _("At least 30 letters. Say who you are, what draws you, and how you can be reached.")
            if request.user.is_adult  # type: ignore[union-attr]
            else _("At least 30 letters. Say what draws you. Write no telephone number and no address: "
                   "ask a steward to bring you together.")
        )  # fmt: skip
