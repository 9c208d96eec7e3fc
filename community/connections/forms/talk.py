"""What the two write to each other, what one keeps for oneself, and a report of what the other wrote."""

from typing import Any, ClassVar

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.connections.forms.fresh_step import StepForm
from community.connections.forms.papers import PaperForm
from community.connections.models import Enclosure, Excerpt, Message, Note
from community.members.forms.kept import KeptForm, as_key
from community.members.models import Member
from community.topics.forms import PaperField, PictureField
from community.trust.models import ReportReason


class PictureOrPdfField(forms.FileField):
    """A small picture or PDF, cleaned as soon as it is sent."""

    widget = forms.FileInput

    def to_python(self, data: Any) -> Any:
        """The clean copy of what was sent; what it is, its first bytes say and not its name."""
        if data in (None, ""):
            return None
        Enclosure.require_small(data)
        data.seek(0)
        is_pdf = data.read(5) == b"%PDF-"
        if is_pdf:
            data.name = "file.pdf"
        field = PaperField(required=False) if is_pdf else PictureField(required=False)
        clean = field.to_python(data)
        if clean is not None:
            Enclosure.require_small(clean)
        return clean

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        """Offer the kinds that are taken."""
        return {"accept": "image/jpeg,image/png,image/webp,image/gif,image/heic,application/pdf"}


class MessageForm(StepForm):
    """A few words, and a small file with them if one likes."""

    use_required_attribute = False  # a picture alone is enough, and a browser would not send it
    text = forms.CharField(
        label=gettext_lazy("What you want to say"), max_length=4000, widget=forms.Textarea({"rows": 5}),
        error_messages={"required": gettext_lazy("Write a few words, or choose a file.")},
    )  # fmt: skip
    file = PictureOrPdfField(label=gettext_lazy("A picture or a PDF with it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent: Message | None = None
        self.key = as_key(self.data.get("form_key")) if self.is_bound else None
        if self.connection.is_kept_by_stewards:
            del self.fields["file"]
            self.fields["text"].help_text = _(
                "One of you is under 18. Write no telephone number, no address and no name of an app. What an adult "
                "writes is read by safeguarding before it goes on."
            )
        else:
            self.fields["file"].help_text = _(
                "Up to 5 MB. Where, when and with what it was made is removed. If the form comes back, choose it again."
            )

        self.fields["text"].required = "file" not in self.fields or not self.files.get("file")

    def _do(self, by: Member) -> None:
        self.sent = Message.write(
            self.connection, by, self.cleaned_data["text"], self.key, self.cleaned_data.get("file")
        )


class NoteForm(PaperForm):
    """What one keeps for oneself."""

    class Meta:
        model = Note
        fields = ("text", "meeting")
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea({"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = as_key(self.data.get("form_key")) if self.is_bound else None
        choice: Any = self.fields["meeting"]
        choice.queryset, choice.empty_label = self.connection.meetings.all(), _("The two of us")
        choice.label_from_instance = lambda one: _("The meeting of %(day)s") % {"day": date_format(one.held_on)}
        if not choice.queryset.exists():
            del self.fields["meeting"]

    def _do(self, by: Member) -> None:
        text, meeting = self.cleaned_data["text"], self.cleaned_data.get("meeting")
        if self.instance.pk:
            self.instance.change(by, text, meeting)
        else:
            Note.keep(self.connection, by, text, meeting, self.key)


class ReportMessageForm(KeptForm):
    """What is wrong with a message."""

    reason = forms.ChoiceField(
        label=gettext_lazy("What is wrong?"), choices=ReportReason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("Tell us more"), max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )

    def send(self, message: Message, by: Member) -> Excerpt:
        """Report it; raises ValidationError where that cannot be."""
        return Excerpt.report_to_stewards(message, by, self.cleaned_data["reason"], self.cleaned_data["text"])
