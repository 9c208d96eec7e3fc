"""Applying: why me, what I have done so far, and who looks after me; and what is answered to it."""

from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.members.forms.kept import KeptForm
from community.members.models import Member, has_contact
from community.openings.models import Application, ApplicationReason, OpeningPage, Paper, PaperKind
from community.topics.forms import PaperField
from community.trust.models import Safeguarding


class ApplicationForm(KeptForm, forms.ModelForm):
    """What somebody writes to the person who offers the place."""

    life = PaperField(label=PaperKind.LIFE.label, required=False)
    letter = PaperField(label=PaperKind.LETTER.label, required=False)

    class Meta:
        model = Application
        fields = ("message", "guardian_name", "guardian_email")
        widgets: ClassVar[dict[str, Any]] = {"message": forms.Textarea({"rows": 10})}

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.member = cast("Member", request.user)  # views ask for a login
        self.fields["message"].help_text = (
            _("At least 30 letters. Say who you are, what draws you, and how you can be reached.")
            if self.member.is_adult
            else _("At least 30 letters. Say what draws you. Write no telephone number and no address: "
                   "ask a steward to bring you together.")
        )  # fmt: skip
        if self.member.is_adult:
            del self.fields["guardian_name"], self.fields["guardian_email"]
        else:
            self.fields["guardian_email"].help_text = _("They get one mail, and nothing is sent before they agree.")
            self.fields["guardian_name"].required = self.fields["guardian_email"].required = True
        self.fields["life"].help_text = _(
            "PDF, office file or plain text, up to 3 MB. What programs note about its maker is removed."
        )
        self.fields["letter"].help_text = _("If the form comes back to you, choose files once more.")

    def clean_message(self) -> str:
        """Somebody under 18 says nowhere how they are reached."""
        message = str(self.cleaned_data["message"])
        Safeguarding.require_no_contact(self.member, message)
        return message

    def clean_life(self) -> Any:
        """Small enough."""
        return self._small("life")

    def clean_letter(self) -> Any:
        """Small enough."""
        return self._small("letter")

    def _small(self, name: str) -> Any:
        if file := self.cleaned_data.get(name):
            Paper.require_small(file)
        return file

    def _post_clean(self) -> None:
        """`OpeningPage.apply` judges the whole; here only the words are looked at."""
        for name in ("message", "guardian_name", "guardian_email"):
            try:
                if name in self.cleaned_data:
                    Application._meta.get_field(name).run_validators(  # type: ignore[union-attr]
                        self.cleaned_data[name]
                    )
            except ValidationError as error:
                self.add_error(name, error)

    def send(self, opening: OpeningPage, key: Any, *, is_draft: bool) -> Application:
        """Send it, or keep it for later; raises ValidationError where that cannot be."""
        data = self.cleaned_data
        papers = {kind: data[kind] for kind in PaperKind.values if data.get(kind)}
        guardian = (data.get("guardian_name", ""), data.get("guardian_email", ""))
        return opening.apply(self.member, data["message"], key, is_draft=is_draft, guardian=guardian, papers=papers)


STEP_WORDS = {
    "shortlist": gettext_lazy("Take it into the closer choice"),
    "interview": gettext_lazy("Invite to talk, or to come and look"),
    "offer": gettext_lazy("Offer the place"),
    "decline": gettext_lazy("Say no"),
    "accept": gettext_lazy("Say yes to the place"),
    "withdraw": gettext_lazy("Take the application back"),
    "say": gettext_lazy("Only write these words"),
}


class StepForm(KeptForm):
    """The next step of an application, with a few words; it notices when something has happened since."""

    step = forms.ChoiceField(widget=forms.RadioSelect)
    reason = forms.ChoiceField(required=False)
    words = forms.CharField(required=False, max_length=2000, widget=forms.Textarea({"rows": 5}))
    version = forms.CharField(max_length=12, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: HttpRequest, application: Application, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.application, self.member, self.status = application, request.user, 200
        is_party = getattr(request.user, "pk", None) in {application.member_id, application.poster_id}
        steps = [*application.steps_for(request.user), *(["say"] if is_party and application.is_open else [])]
        self.fields["step"].label = _("What next?")
        self.fields["step"].choices = [(name, STEP_WORDS[name]) for name in steps]  # type: ignore[attr-defined]
        self.fields["words"].label = _("A few words with it")
        self.fields["reason"].label = _("If it is a no: why?")
        self.fields["reason"].choices = [("", _("Not a no")), *ApplicationReason.choices]  # type: ignore[attr-defined]
        if "decline" not in steps:
            del self.fields["reason"]
        if not self.is_bound and "version" not in (self.kept_typed or {}):
            self.initial["version"] = application.version

    def clean_words(self) -> str:
        """Somebody under 18 says nowhere how they are reached."""
        words = str(self.cleaned_data["words"])
        if not self.member.is_adult and has_contact(words):  # type: ignore[union-attr]
            Safeguarding.require_no_contact(self.member, words)  # type: ignore[arg-type]
        return words

    def take(self, by: Member) -> bool:
        """Take the step; False where it could not be taken, and the form then says why and keeps what was typed."""
        data = self.cleaned_data
        try:
            version = int(data["version"]) if data["version"].isascii() and data["version"].isdecimal() else -1
            if data["step"] == "say":
                self.application.say(by, data["words"])
            elif data["step"] == "decline":
                self.application.decline(by, data["reason"], version, data["words"])
            else:
                getattr(self.application, data["step"])(by, version, data["words"])
        except ValidationError as error:
            self.application.refresh_from_db()
            self.status = 409
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["version"] = str(self.application.version)  # type: ignore[index]
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True
