"""A note on one's experiment, and joining somebody else's."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.library.models import CoTester, LogUpdate, Outcome
from community.members.forms.fresh import FreshForm
from community.members.forms.kept import KeptForm
from community.topics.forms import PictureField


class LogUpdateForm(FreshForm):
    """What was seen on one day. The words are enough; a figure and a picture help others."""

    photo = PictureField(label=_("A picture"), required=False)
    words = forms.CharField(
        label=_("The picture in words"), max_length=200, required=False,
        help_text=_("For people who do not see it. Say what matters in it."),
    )  # fmt: skip
    goes = forms.BooleanField(label=_("Take the picture away"), required=False)

    class Meta:
        model = LogUpdate
        fields = ("day", "text", "measure", "amount", "is_last")
        widgets: ClassVar[dict[str, Any]] = {
            "day": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "text": forms.Textarea({"rows": 6}),
        }

    field_order = ("day", "text", "measure", "amount", "photo", "words", "goes", "is_last")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        picture = kwargs["instance"].picture
        kwargs["initial"] = {"words": picture.description if picture else ""} | (kwargs.get("initial") or {})
        super().__init__(*args, request=request, **kwargs)
        if not picture:
            del self.fields["goes"]

    def put(self) -> bool:
        """Keep it; False where that cannot be, and the form then says why."""
        data = self.cleaned_data
        try:
            self.instance.put(data["photo"], data["words"], data.get("goes", False))
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True


class JoinForm(KeptForm, forms.ModelForm):
    """Nothing needs to be filled in; where and on what ground helps."""

    class Meta:
        model = CoTester
        fields = ("note",)
        widgets: ClassVar[dict[str, Any]] = {"note": forms.Textarea({"rows": 3})}


class GrowForm(forms.Form):
    """How an experiment ended: the one thing that its notes do not say by themselves."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"), choices=Outcome.choices, widget=forms.RadioSelect,
        help_text=_("All three are equally welcome. Failures are read the most."),
    )  # fmt: skip
