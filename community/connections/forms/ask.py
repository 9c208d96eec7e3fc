"""Asking somebody to meet: what for, what about, and the first question."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.connections.models import TEACHING, Connection, ConnectionKind
from community.members.forms.kept import KeptForm
from community.members.models import Member


class ProposeForm(KeptForm, forms.ModelForm):
    """What one wants of the other, and the first question."""

    wish = forms.ChoiceField(widget=forms.RadioSelect)

    class Meta:
        model = Connection
        fields = ("skill", "goal", "message")
        widgets: ClassVar[dict[str, Any]] = {
            "goal": forms.Textarea({"rows": 2}),
            "message": forms.Textarea({"rows": 7}),
        }

    field_order = ("wish", "skill", "goal", "message")

    def __init__(self, *args: Any, request: HttpRequest, asked: Member, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.asker, self.asked = request.user, asked
        self.fields["wish"].label = _("What do you want?")
        self.fields["wish"].choices = wishes(asked)  # type: ignore[attr-defined]
        self.fields["message"].help_text = _("At least 30 letters. Say what you do, and ask one thing that matters.")
        self.fields["skill"].required = self.fields["goal"].required = True
        self.fields["goal"].help_text = _(
            "One sentence is enough. You can change it later, when you agree on something."
        )
        self.initial.setdefault("wish", wished(request.GET))

    @property
    def openings(self) -> list[str]:
        """Three ways to begin a first question, to be changed into one's own."""
        return [
            _("I keep six beehives and lost two last winter. I fed sugar in October. Is that too late with you?"),
            _("I have built two oak gates, and both have sagged. What would you look at first in the joint?"),
            _("I bake for forty households and could sell to more. How did you know when to take on help?"),
        ]  # fmt: skip

    def _post_clean(self) -> None:
        """The model judges the whole in `Connection.propose`; here only the words are looked at."""
        for name in ("skill", "goal", "message"):
            try:
                if self.cleaned_data.get(name) is not None:
                    Connection._meta.get_field(name).run_validators(self.cleaned_data[name])  # type: ignore[union-attr]
            except ValidationError as error:
                self.add_error(name, error)

    @property
    def proposal(self) -> dict[str, Any]:
        """What `Connection.propose` needs to know."""
        wish = self.cleaned_data["wish"]
        kind = KINDS[wish]
        mentor = (self.asker if wish == "apprentice" else self.asked) if kind in TEACHING else None
        words = {name: self.cleaned_data[name] for name in ("message", "skill", "goal")}
        return {"kind": kind, "mentor": mentor, **words}


# What one may wish of the other, and what the other must have agreed to be asked for.
KINDS = {
    "mentor": ConnectionKind.MENTORSHIP,
    "trade": ConnectionKind.APPRENTICESHIP,
    "apprentice": ConnectionKind.MENTORSHIP,
    "collaborator": ConnectionKind.COLLABORATION,
    "peer": ConnectionKind.PEER,
    "guest": ConnectionKind.GUEST_TEACHING,
}
CONSENTS = {"trade": "mentor", "guest": "mentor"}


def wishes(asked: Member) -> list[tuple[str, str]]:
    """What this person can be asked for, in words."""
    name = asked.name
    words = {
        "mentor": _("I want to learn from %(name)s.") % {"name": name},
        "trade": _("I want to learn the trade where %(name)s works.") % {"name": name},
        "apprentice": _("I can teach %(name)s something.") % {"name": name},
        "collaborator": _("I want to do something together with %(name)s.") % {"name": name},
        "peer": _("I want to meet %(name)s as one of my trade.") % {"name": name},
        "guest": _("I would like %(name)s to come and teach once as a guest.") % {"name": name},
    }
    return [(wish, text) for wish, text in words.items() if CONSENTS.get(wish, wish) in asked.profile.open_to]


def wished(address: Any) -> str:
    """The wish that an address names, by the word of a suggestion or of a connection."""
    kind = address.get("kind", "")
    if kind == ConnectionKind.MENTORSHIP:
        return "apprentice" if address.get("teach") else "mentor"
    return next((wish for wish, of_kind in KINDS.items() if kind in {wish, of_kind}), "")
