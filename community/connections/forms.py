"""The forms of a connection: the first question, the answer, and the learning plan."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.connections.models import Connection, ConnectionKind, LearningPlan, PlanSkill, Rating
from community.members.forms.fresh import FreshForm
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


class PlanForm(FreshForm):
    """What it is for, how far each thing is in one's own eyes, and one more line."""

    line = forms.CharField(required=False, max_length=200)

    class Meta:
        model = LearningPlan
        fields = ("goal",)
        widgets: ClassVar[dict[str, Any]] = {"goal": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        self.own = own  # the field with the ratings of whoever looks at it
        super().__init__(*args, **kwargs)
        choices = [("", _("not rated")), *Rating.choices]
        for skill in self.open_lines:
            self.fields[self.name_of(skill)] = forms.TypedChoiceField(
                label=skill.text, choices=choices, coerce=int, empty_value=None, required=False
            )
            self.initial.setdefault(self.name_of(skill), getattr(skill, own))
        self.fields["line"].label = _("One more thing to learn")
        self.order_fields(["goal", *(self.name_of(skill) for skill in self.open_lines), "line"])

    @property
    def open_lines(self) -> list[PlanSkill]:
        """What is not signed off yet."""
        return [skill for skill in self.instance.skills.all() if not skill.is_passed_on]

    @staticmethod
    def name_of(skill: PlanSkill) -> str:
        """The name of its box."""
        return f"rating_{skill.pk}"

    @property
    def saved_values(self) -> dict[str, Any]:
        """The goal and one's own ratings; the ratings of the other are theirs."""
        return super().saved_values | {self.name_of(one): getattr(one, self.own) for one in self.open_lines}

    def keep(self, by: Member) -> bool:
        """Save; False where it could not be, and the form then says why."""
        data = self.cleaned_data
        ratings = {skill.pk: data.get(self.name_of(skill)) for skill in self.open_lines}
        try:
            self.instance.keep(by, data["goal"], ratings, data["line"])
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True


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
