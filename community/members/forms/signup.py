"""The way in: four questions and a password."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from community.members.models import Member, Rules, Statement, StatementSide, clean_name

YES_NO = [("yes", _("Yes, I am 18 or older")), ("no", _("No, I am younger"))]


def _rules_label(version: int) -> str:
    """The sentence to agree to, with the way to exactly these rules."""
    address = f"{reverse_lazy('members:rules')}?version={version}"
    return format_html('{} <a href="{}">{}</a>', gettext("I have read the rules and keep to them:"), address,
                       gettext("the rules"))  # fmt: skip


class SignupForm(forms.Form):
    """What somebody is asked before they come in; allauth adds e-mail and password."""

    field_order = ("name", "email", "side", "line", "is_adult", "password1", "rules")

    name = forms.CharField(
        label=_("Your name"), max_length=100, help_text=_("As people call you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    side = forms.ChoiceField(
        label=_("To begin with, one thing"), widget=forms.RadioSelect,
        choices=[("offer", _("that I can show somebody")), ("need", _("that I want to learn"))],
    )  # fmt: skip
    line = forms.CharField(
        label=_("What is it?"), max_length=200, help_text=_("One line, for example: graft an old apple tree.")
    )
    is_adult = forms.ChoiceField(
        label=_("Are you 18 or older?"), choices=YES_NO, widget=forms.RadioSelect,
        help_text=_("Younger people can read, enrol and apply. They are not listed or suggested to anybody."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules_version = Rules.current_version()
        if self.rules_version:
            self.fields["rules"] = forms.BooleanField(
                label=lazy(_rules_label, str)(self.rules_version),
                error_messages={"required": _("Read the rules, and tick the box if you keep to them.")},
            )

    def clean_name(self) -> str:
        """A name that people can read and that is not taken for another's."""
        name = clean_name(self.cleaned_data["name"])
        try:
            Member.check_name(name)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return name

    def clean_line(self) -> str:
        """One line with words in it."""
        statement = Statement(text=self.cleaned_data["line"], side=StatementSide.OFFER)
        try:
            statement.clean()
        except ValidationError as error:
            raise ValidationError(error.messages) from error
        return statement.text

    def join(self, member: Member) -> None:
        """Make the new account what its owner said."""
        answers = self.cleaned_data
        member.join(
            name=answers["name"],
            is_adult=answers["is_adult"] == "yes",
            side=answers["side"],
            line=answers["line"],
            rules_version=self.rules_version,
        )

    if TYPE_CHECKING:
        fields: dict[str, Any]

    def signup(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Asked for by allauth after saving; the adapter has done it all in one transaction."""
