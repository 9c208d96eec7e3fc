"""What two people write down: the agreement, their meetings, how it goes, and their last words."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from community.connections.forms.fresh_step import StepForm
from community.connections.models import TEACHING, TERMS, Agreement, CheckIn, Closing, Connection, Mark, Meeting
from community.members.models import Member


def day(**attributes: Any) -> forms.DateInput:
    """A box for a day, with a calendar where the browser has one."""
    return forms.DateInput({"type": "date", **attributes}, format="%Y-%m-%d")


class PaperForm(StepForm, forms.ModelForm):
    """A new paper; the model judges the whole in its verb, and what it says stands at its field."""

    def _post_clean(self) -> None:
        """Here only the words are looked at, one field at a time."""
        for name in self._meta.fields or ():
            field = self._meta.model._meta.get_field(name)
            try:
                if self.cleaned_data.get(name) not in (None, ""):
                    field.run_validators(self.cleaned_data[name])  # type: ignore[union-attr]
            except ValidationError as error:
                self.add_error(name, error)


class AgreementForm(PaperForm):
    """What one proposes to agree on; it begins with what holds now."""

    class Meta:
        model = Agreement
        fields = TERMS
        widgets: ClassVar[dict[str, Any]] = {
            "goals": forms.Textarea({"rows": 4}), "otherwise": forms.Textarea({"rows": 3}), "until": day(),
        }  # fmt: skip

    def __init__(self, *args: Any, connection: Connection, last: Agreement | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(last, name) for name in TERMS} if last else self._first(connection)
        super().__init__(*args, connection=connection, initial=initial, **kwargs)

    @staticmethod
    def _first(connection: Connection) -> dict[str, Any]:
        """A first text to change: nobody likes an empty page."""
        return {
            "goals": connection.goal,
            "rhythm": _("Every second week for about two hours."),
            "until": timezone.localdate() + timedelta(days=183),
            "visits": _("Each of us visits the other's place at least once."),
            "otherwise": _("We say so within two weeks. Each of us may end it, and nobody has to give a reason."),
        }

    def _do(self, by: Member) -> None:
        Agreement.write(self.connection, by, self.seen, **{name: self.cleaned_data[name] for name in TERMS})


class MeetingForm(PaperForm):
    """The day, how long, and what comes next; or that it came to nothing."""

    took_place = forms.TypedChoiceField(widget=forms.RadioSelect, coerce=int)

    class Meta:
        model = Meeting
        fields = ("held_on", "minutes", "next_step", "next_on")
        widgets: ClassVar[dict[str, Any]] = {
            "held_on": day(),
            "next_on": day(),
            "next_step": forms.Textarea({"rows": 3}),
        }

    field_order = ("took_place", "held_on", "minutes", "next_step", "next_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["took_place"].label = _("Did you meet?")
        self.fields["took_place"].choices = [(1, _("Yes, we met")), (0, _("No, it came to nothing"))]  # type: ignore[attr-defined]
        self.initial.setdefault("took_place", 1)
        self.initial["held_on"] = self.initial.get("held_on") or timezone.localdate()
        self.fields["minutes"].help_text = _("60 is an hour, 480 a day of eight hours.")

    def clean(self) -> dict[str, Any]:
        """Whoever met says how long."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("took_place") == 0:
            data["minutes"] = None
        elif not data.get("minutes") and "minutes" not in self.errors:
            self.add_error("minutes", _("Say about how long it took."))
        return data

    def _do(self, by: Member) -> None:
        data = {name: self.cleaned_data[name] for name in ("held_on", "minutes", "next_step", "next_on")}
        Meeting.note(self.connection, by, **data)


class CheckInForm(StepForm):
    """One number and a word."""

    mark = forms.TypedChoiceField(widget=forms.RadioSelect, coerce=int)
    word = forms.CharField(required=False, max_length=500, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, check_in: CheckIn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check_in = check_in
        self.fields["mark"].label = _("How is it going between you?")
        self.fields["mark"].choices = Mark.choices  # type: ignore[attr-defined]
        self.fields["mark"].help_text = _(
            "The other person does not see this number, and nobody reads it here. Where it stays low, a steward is "
            "asked to call."
        )
        self.fields["word"].label = _("A word to the other, if you like")
        self.fields["word"].help_text = _("What helps? What would you like to be different?")

    def _do(self, by: Member) -> None:
        self.check_in.say(by, self.cleaned_data["mark"], self.cleaned_data["word"])


class CloseForm(PaperForm):
    """Why it ends, how far one came, thanks, words for the other's profile, and what comes next."""

    class Meta:
        model = Closing
        fields = ("reason", "reached", "thanks", "testimonial", "is_offered", "is_named", "next_step")
        widgets: ClassVar[dict[str, Any]] = {
            "reason": forms.RadioSelect, "thanks": forms.Textarea({"rows": 4}),
            "testimonial": forms.Textarea({"rows": 4}),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reached", "next_step"):
            choices = [one for one in self.fields[name].choices if one[0] not in ("", None)]  # type: ignore[attr-defined]
            self.fields[name].choices = [("", _("I would rather not say")), *choices]  # type: ignore[attr-defined]
        reasons = [one for one in self.fields["reason"].choices if one[0]]  # type: ignore[attr-defined]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        own = self.connection.side_of(kwargs["request"].user)
        if self.connection.kind not in TEACHING or own is None or not own.is_adult:
            del self.fields["is_named"]

    def _do(self, by: Member) -> None:
        names = ("reached", "thanks", "testimonial", "is_offered", "is_named", "next_step")
        words = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        Closing.close(self.connection, by, self.cleaned_data["reason"], self.seen, **words)
