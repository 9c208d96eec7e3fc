"""Small forms against silence: an answer out of a mail, whom to ask next, and that it goes on."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.connections.forms.answer import named
from community.connections.models import RESTS, Connection, DeclineReason, MailLink
from community.members.models import Member


class ByMailForm(forms.Form):
    """A few words with a yes or a no that is given out of a mail; whoever has the link has no account open here."""

    reason = forms.ChoiceField(required=False)
    words = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, link: MailLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link, self.status = link, 200 if link.is_open else 410
        self.fields["words"].label = _("A few words with it, if you like")
        if link.purpose == MailLink.ACCEPT:
            del self.fields["reason"]
        else:
            self.fields["reason"].label = _("Why not?")
            self.fields["reason"].choices = [("", _("I would rather not say")), *DeclineReason.choices]  # type: ignore[attr-defined]

    def answer(self) -> bool:
        """The click; False where it came too late, and the form says why."""
        try:
            self.link.answer(self.cleaned_data.get("reason", ""), self.cleaned_data["words"])
        except ValidationError as error:
            self.status = 409 if self.link.is_open else 410
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True


class NextForm(forms.Form):
    """Somebody to be asked if those before them do not answer."""

    who = forms.CharField(max_length=200)

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection, self.status = connection, 200
        self.fields["who"].label = _("Who is next?")
        self.fields["who"].help_text = _("The name as it stands on their page here, or the address of that page.")

    def put(self, by: Member) -> bool:
        """Put them at the end of the list; False where that cannot be, and the form says why."""
        try:
            person = named(self.cleaned_data["who"], by)
            if person is not None:
                self.connection.name_next(by, person)
        except ValidationError as error:
            self.status = 409
            self.add_error("who", error.messages)  # type: ignore[arg-type]
            return False
        return True


class RestForm(forms.Form):
    """That it goes on, and when."""

    weeks = forms.TypedChoiceField(coerce=int, choices=RESTS)
