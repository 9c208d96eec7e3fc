"""The two forms of a connection: the first question, and the answer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.connections.models import Connection, ConnectionKind
from community.members.forms.kept import KeptForm
from community.members.models import Member


class ProposeForm(KeptForm, forms.ModelForm):
    """What one wants of the other, and the first question."""

    wish = forms.ChoiceField(widget=forms.RadioSelect)

    class Meta:
        model = Connection
        fields = ["message"]
        widgets = {"message": forms.Textarea({"rows": 7})}

    field_order = ["wish", "message"]

    def __init__(self, *args: Any, request: HttpRequest, asked: Member, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.asker, self.asked = request.user, asked
        self.fields["wish"].label = _("What do you want?")
        self.fields["wish"].choices = wishes(asked)  # type: ignore[attr-defined]
        self.fields["message"].help_text = _("At least 30 letters. Say what you do, and ask one thing that matters.")
        self.initial.setdefault("wish", wished(request.GET))

    def _post_clean(self) -> None:
        """The model judges the whole in `Connection.propose`; here only the words are looked at."""
        message = self.cleaned_data.get("message")
        try:
            if message is not None:
                Connection._meta.get_field("message").run_validators(message)
        except ValidationError as error:
            self.add_error("message", error)

    @property
    def proposal(self) -> dict[str, Any]:
        """What `Connection.propose` needs to know."""
        wish = self.cleaned_data["wish"]
        mentor = {"mentor": self.asked, "apprentice": self.asker}.get(wish)
        return {"kind": KINDS[wish], "message": self.cleaned_data["message"], "mentor": mentor}


class AnswerForm(KeptForm):
    """A few words with the yes or the no."""

    answer = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = _("A few words with it")


# What one may wish of the other, by the word under which the other agreed to be shown.
KINDS = {
    "mentor": ConnectionKind.MENTORSHIP,
    "apprentice": ConnectionKind.MENTORSHIP,
    "collaborator": ConnectionKind.COLLABORATION,
    "peer": ConnectionKind.PEER,
}


def wishes(asked: Member) -> list[tuple[str, str]]:
    """What this person can be asked for, in words."""
    name = asked.name
    words = {
        "mentor": _("I want to learn from %(name)s.") % {"name": name},
        "apprentice": _("I can teach %(name)s something.") % {"name": name},
        "collaborator": _("I want to do something together with %(name)s.") % {"name": name},
        "peer": _("I want to meet %(name)s as one of my trade.") % {"name": name},
    }
    return [(wish, text) for wish, text in words.items() if wish in asked.profile.open_to]


def wished(address: Any) -> str:
    """The wish that an address names, by the word of a suggestion or of a connection."""
    kind = address.get("kind", "")
    if kind == ConnectionKind.MENTORSHIP:
        return "apprentice" if address.get("teach") else "mentor"
    return next((wish for wish, of_kind in KINDS.items() if kind in {wish, of_kind}), "")
