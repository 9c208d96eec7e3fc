"""Form fields for files that people send: they say before what is taken, and clean what comes.

    class TrialForm(KeptForm, forms.ModelForm):
        photo = PictureField(label=_("a picture"), required=False)

    <form method="post" enctype="multipart/form-data">          the template
    form = TrialForm(request.POST or None, request.FILES or None, request=request)
    picture = clean_picture(form.cleaned_data["photo"], title, member)      in the verb, from community.topics.models

`cleaned_data` holds a `CleanFile` or None. A refusal stands at the field in plain words. Browsers do not send a file
twice, so a form that comes back for another reason asks for the file again; say so beside the field.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from wagtail.documents.fields import WagtailDocumentField
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from community.topics.models import CleanFile, Refused, paper_without_traces, without_traces

PICTURES = "image/jpeg,image/png,image/webp,image/gif,image/heic,.heic"


class PictureField(WagtailImageField):
    """A picture: JPEG, PNG, WebP, GIF or HEIC, whatever its name says; cleaned as soon as it is sent."""

    default_validators: list[Any] = []
    widget = forms.FileInput

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        words = kwargs.get("help_text")
        super().__init__(*args, **kwargs)
        self.help_text = words or _(
            "JPEG, PNG, WebP, GIF or HEIC, at most %(size)s. Where, when and with what it was taken is removed."
        ) % {"size": filesizeformat(settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE)}

    def to_python(self, data: Any) -> Any:
        """The clean copy of what was sent."""
        return _clean(data, without_traces)

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        """Offer the kinds that are taken; phones then turn their own into one of them."""
        return super().widget_attrs(widget) | {"accept": PICTURES}


class PaperField(WagtailDocumentField):
    """A document: PDF, office file or plain text, cleaned as soon as it is sent."""

    def to_python(self, data: Any) -> Any:
        """The clean copy of what was sent."""
        return _clean(data, paper_without_traces)


def _clean(data: Any, clean: Callable[[Any], CleanFile]) -> Any:
    """Say a refusal at the field; a file that was cleaned before stays as it is."""
    if data in (None, "") or isinstance(data, CleanFile):
        return data or None
    try:
        return clean(data)
    except Refused as refused:
        raise ValidationError(str(refused), code="refused") from refused


class _Cleaning(forms.BaseForm):
    """What both of Wagtail's forms need: our field in place of theirs, and no title that is a file's name."""

    field: type[forms.Field]
    untitled: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if theirs := self.fields.get("file"):
            self.fields["file"] = self.field(label=theirs.label, required=theirs.required, widget=theirs.widget)

    def clean_title(self) -> str:
        """A title that only repeats the name of the file tells what the file's name must not."""
        sent = self.files.get(self.add_prefix("file"))
        title = str(self.cleaned_data["title"])
        return str(self.untitled) if sent is not None and title == sent.name else title


class CleanImageForm(_Cleaning, BaseImageForm):  # type: ignore[misc]
    """Wagtail's form for a picture, in the admin and its choosers."""

    field, untitled = PictureField, _("Picture")


class CleanDocumentForm(_Cleaning, BaseDocumentForm):  # type: ignore[misc]
    """Wagtail's form for a document."""

    field, untitled = PaperField, _("Document")
