"""The forms of the failure desk: telling in confidence, the words that the desk puts in their place, and messages."""

import secrets
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from community.library.forms.year import YearField
from community.library.models import Outcome
from community.library.models.confided import CHAPTERS, Reach, Words, shown
from community.library.models.desk import DeskStory
from community.members.forms.kept import KeptForm
from community.topics.models import Topic

MOST = 6000  # letters in one part


def chapter(name: str, help_text: Any, *, rows: int = 6, required: bool = False) -> forms.CharField:
    """One part of the story."""
    area = forms.Textarea({"rows": rows})
    return forms.CharField(label=CHAPTERS[name], help_text=help_text, required=required, max_length=MOST, widget=area)


def topic_field() -> forms.ModelChoiceField:
    """What it is about."""
    return forms.ModelChoiceField(
        Topic.objects.all(), to_field_name="slug", required=False, label=_("Topic"), empty_label=_("None of these")
    )


class WordsForm(forms.Form):
    """What both sides write: it goes into and comes out of one plain dictionary."""

    if TYPE_CHECKING:
        data: dict[str, Any]

    @property
    def words(self) -> Words:
        """What was written, as the desk keeps it."""
        given = {name: self.cleaned_data.get(name) for name in self.NAMES}  # type: ignore[attr-defined]
        topic = given.get("topic")
        given["topic"] = topic.slug if topic else ""
        return {name: value for name, value in given.items() if value not in (None, "")}


class ConfideForm(KeptForm, WordsForm):
    """A story for the desk alone. Only how it ended, what was tried and what happened are needed."""

    NAMES = ("title", "outcome", "trade", "topic", "place", "year", *CHAPTERS)

    outcome = forms.ChoiceField(label=_("How did it end?"), choices=Outcome.choices, widget=forms.RadioSelect)
    setting = chapter("setting", _("Size, soil, weather, tools: what others must know to compare it with their own."))
    tried = chapter("tried", _("What was done, in the order in which it was done."), required=True)
    happened = chapter("happened", _("What came of it, good and bad. Facts before reasons."), required=True)
    why = chapter("why", _("What you think was the cause, and how sure you are."))
    now = chapter("now", _("What you would tell a friend who wants to try the same tomorrow."), rows=4)
    title = forms.CharField(
        label=_("A title"), max_length=120, required=False, help_text=_("If you have one. The desk can find one, too.")
    )
    trade = forms.CharField(
        label=_("Your work"), max_length=80, required=False, help_text=_("For example: cheese maker.")
    )
    topic = topic_field()
    place = forms.CharField(
        label=_("Where was it?"), max_length=80, required=False,
        help_text=_("It helps the desk. They make it wider, or leave it out, until it points to nobody."),
    )  # fmt: skip
    year = YearField(label=_("In which year?"), required=False)
    known = forms.ChoiceField(
        label=_("May the desk know who you are?"), widget=forms.RadioSelect, initial="no",
        choices=[
            ("no", _("No. I come back by myself, with my code.")),
            ("yes", _("Yes, until the story is accepted. Mail me when there is news; the mail says no more.")),
        ],
    )  # fmt: skip
    receipt_token = forms.CharField(max_length=64, min_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.initial["receipt_token"] = secrets.token_hex(24)
        if not getattr(request.user, "is_adult", False):  # whom we cannot write to, and whom we may not name
            del self.fields["known"]

    @property
    def wants_news(self) -> bool:
        """Whether the desk may know the teller until acceptance."""
        return self.cleaned_data.get("known") == "yes"

    def renew(self) -> None:
        """Make it a form that was not sent yet, with what was typed in it."""
        self.data = self.data.copy()
        self.data["receipt_token"] = secrets.token_hex(24)


class DeskForm(KeptForm, WordsForm):
    """The words as they would be published, opened with what was told."""

    NAMES = ("title", "summary", "outcome", "trade", "topic", "reach", "place", "year", *CHAPTERS)

    title = forms.CharField(label=_("Title"), max_length=120)
    summary = forms.CharField(
        label=_("In short"), max_length=240, widget=forms.Textarea({"rows": 2}),
        help_text=_("One or two plain sentences. They stand on the card and in search results."),
    )  # fmt: skip
    outcome = forms.ChoiceField(label=_("How it ended"), choices=Outcome.choices, widget=forms.RadioSelect)
    trade = forms.CharField(label=_("Work"), max_length=80, required=False, help_text=_("Empty: the page names none."))
    topic = topic_field()
    reach = forms.ChoiceField(label=_("How the page says where"), choices=Reach.choices, widget=forms.RadioSelect)
    place = forms.CharField(label=_("Place"), max_length=80, required=False)
    year = YearField(label=_("In which year?"), required=False)
    setting = chapter("setting", "")
    tried = chapter("tried", "", required=True)
    happened = chapter("happened", "", required=True)
    why = chapter("why", "")
    now = chapter("now", "", rows=4)
    version = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, story: DeskStory, **kwargs: Any) -> None:
        begun = {"reach": Reach.PLACE} | (story.words or story.told) | {"version": story.mark}
        kwargs["initial"] = begun
        super().__init__(*args, request=request, **kwargs)
        self.story = story
        self.is_stale = False

    def clean(self) -> dict[str, Any]:
        """Somebody else of the desk may have written in the meantime: then both texts are shown."""
        cleaned = super().clean() or self.cleaned_data
        if not constant_time_compare(str(cleaned.get("version") or ""), self.story.mark):
            self.is_stale = True
            self.data = self.data.copy()
            self.data["version"] = self.story.mark
            raise ValidationError(
                _("Somebody else has changed the words since you opened them. Theirs stand beside yours. Look at "
                  "both, then send once more.")
            )  # fmt: skip
        return cleaned

    @property
    def pairs(self) -> list[tuple[forms.BoundField, Any]]:
        """Each field, and what was told for it (or, where somebody was quicker, what they wrote)."""
        beside = self.story.words if self.is_stale else self.story.told
        known = shown(beside)
        return [(field, known.get(field.name, "")) for field in self.visible_fields()]


class MessageForm(forms.Form):
    """A few words from the desk to the teller, or back."""

    text = forms.CharField(label=_("Your words"), max_length=4000, widget=forms.Textarea({"rows": 4}))


class CodeForm(forms.Form):
    """The code of a receipt; spaces, dots and small letters do not matter."""

    code = forms.CharField(
        label=_("Your receipt code"), max_length=80,
        help_text=_("Six groups of letters. It does not matter how you part them, or whether they are small."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
