"""What is answered to a question: yes, not now, or no with a reason and perhaps somebody else."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from community.connections.forms.fresh_step import StepForm
from community.connections.models import ConnectionSettings, DeclineReason
from community.members.models import Member

STEPS = ("accept", "ask_again", "withdraw", "let_go")  # those of the page itself; the others have a page of their own


class AnswerForm(StepForm):
    """A few words with the yes, and every step that takes no more than a button."""

    answer = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.step = request.POST.get("step", "")  # the button that was pressed
        self.fields["answer"].label = _("A few words with it")

    def clean(self) -> dict[str, Any]:
        """One of the steps that this page has."""
        if self.step not in STEPS:
            raise ValidationError(_("Choose one of the buttons."))
        return super().clean() or self.cleaned_data

    def _do(self, by: Member) -> None:
        words = {"answer": self.cleaned_data["answer"]} if self.step == "accept" else {}
        getattr(self.connection, self.step)(by, version=self.seen, **words)


class DeclineForm(StepForm):
    """A no that helps: why, in words of one's own, and perhaps whom to ask instead."""

    reason = forms.ChoiceField(widget=forms.RadioSelect)
    answer = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))
    instead = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Why not?")
        self.fields["reason"].choices = DeclineReason.choices  # type: ignore[attr-defined]
        self.fields["answer"].label = _("In your own words")
        self.fields["instead"].label = _("Somebody else who might help")
        self.fields["instead"].help_text = _(
            "The name as it stands on their page here, or the address of that page. Leave it empty if nobody comes to "
            "mind. They are not asked by this: the decision is with the person who asked you."
        )

    def _do(self, by: Member) -> None:
        data = self.cleaned_data
        person = named(data["instead"], by)
        self.connection.decline(by, data["answer"], data["reason"], person, self.seen)


class PostponeForm(StepForm):
    """Not now, and from when on it suits better."""

    until = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    answer = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].label = _("Ask me again from")
        self.fields["until"].help_text = _("They see this day. You can also say yes earlier.")
        later = timezone.localdate() + timedelta(days=ConnectionSettings.now().later_days)
        self.initial.setdefault("until", later)
        self.fields["answer"].label = _("A few words with it")

    def _do(self, by: Member) -> None:
        self.connection.postpone(by, self.cleaned_data["until"], self.cleaned_data["answer"], self.seen)


def named(text: str, by: Member) -> Member | None:
    """Whom these words mean, among those whom this person sees; None where they are empty."""
    words = " ".join(text.split())
    if not words:
        return None
    handle = words.partition("?")[0].rstrip("/").rpartition("/")[2].removeprefix("@")
    people = Member.objects.visible_to(by).select_related("profile")
    found = list(people.filter(handle=handle)[:1]) or list(people.filter(name__iexact=words)[:2])
    if not found:
        raise ValidationError(_("We know nobody of this name here. Look at the spelling, or leave it empty."))
    if len(found) > 1:
        raise ValidationError(
            _("Several people here have this name. Copy the address of the page of the one you mean.")
        )
    return found[0]
