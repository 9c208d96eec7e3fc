"""What a host says to those who ask for a seat and to those who come, and what they say of it afterwards."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.gatherings.models import Audience, Feedback, GatheringPage, Message, Registration
from community.members.forms.kept import KeptForm, as_key
from community.members.models import Member


class AnswerForm(forms.Form):
    """Yes or no, with a word if the host likes."""

    answer = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))])
    word = forms.CharField(label=_("A word with it"), max_length=300, required=False)

    def give(self, one: Registration) -> None:
        """Carry the answer out; raises ValidationError where it is too late for a yes."""
        verb = one.approve if self.cleaned_data["answer"] == "yes" else one.decline
        verb(self.cleaned_data["word"])


class MessageForm(KeptForm):
    """A few words to many."""

    audience = forms.ChoiceField(
        label=_("To whom"), choices=Audience.choices, widget=forms.RadioSelect, initial=Audience.COMING
    )
    text = forms.CharField(
        label=_("What you write"), max_length=2000, widget=forms.Textarea({"rows": 6}),
        help_text=_("They get a mail that leads here. To people under 18, numbers and addresses are not shown."),
    )  # fmt: skip

    def send(self, gathering: GatheringPage, author: Member) -> bool:
        """Send it; False where it could not be sent, and the form then says why."""
        data = self.cleaned_data
        key = as_key(data.get("form_key")) or uuid.uuid4()
        try:
            Message.send(gathering, author, data["text"], data["audience"], key)
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True


class CameForm(forms.Form):
    """Who was there: one tick for each who had a seat."""

    came = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, seats: list[Registration], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["came"].choices = [(one.pk, one.pk) for one in seats]  # type: ignore[attr-defined]

    @property
    def ticked(self) -> set[int]:
        """The keys of those who were there."""
        return {int(pk) for pk in self.cleaned_data["came"]}


class FeedbackForm(KeptForm):
    """One number and a word; three months later also whether anything has changed."""

    score = forms.TypedChoiceField(
        label=_("How was it?"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("5: very good")), (4, _("4: good")), (3, _("3: all right")), (2, _("2: not so good")),
                 (1, _("1: not worth the way"))],
    )  # fmt: skip
    word = forms.CharField(
        label=_("In a few words"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("What was good, what was missing. The host never reads who wrote it."),
    )  # fmt: skip
    changed = forms.TypedChoiceField(
        label=_("Have you changed anything since?"), coerce=lambda said: said == "yes", empty_value=None,
        choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, required=False,
    )  # fmt: skip

    def __init__(
        self, *args: Any, request: HttpRequest, feedback: Feedback | None, is_later: bool, **kwargs: Any
    ) -> None:
        said = {None: "", True: "yes", False: "no"}
        if feedback:
            first = {"score": feedback.score, "word": feedback.word, "changed": said[feedback.has_changed]}
            kwargs["initial"] = first
        super().__init__(*args, request=request, **kwargs)
        if not is_later:
            del self.fields["changed"]

    def give(self, gathering: GatheringPage, member: Member) -> bool:
        """Say it; False where it could not be said, and the form then says why."""
        data = self.cleaned_data
        said = {"score": data["score"], "word": data["word"]}
        if "changed" in data:
            said["has_changed"] = data["changed"]
        try:
            Feedback.give(gathering, member, **said)
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True
