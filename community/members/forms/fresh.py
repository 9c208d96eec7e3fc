"""Forms that do not write over what somebody saved in the meantime."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from community.members.forms.kept import KeptForm


class FreshForm(KeptForm, forms.ModelForm):
    """A form that remembers what it was opened on; sent when that has changed, it keeps both texts and asks.

    Views answer `form.status`: 409 where it is stale. Sent once more, it holds: the member has seen both.
    """

    version = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    if TYPE_CHECKING:
        data: dict[str, Any]

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.is_stale = False
        if not self.is_bound and "version" not in (self.kept_typed or {}):
            self.initial["version"] = self.saved_version

    @property
    def saved_values(self) -> dict[str, Any]:
        """The values of this form's own fields as they stand in the database."""
        if self.instance.pk is None:
            return {}
        rows = type(self.instance)._default_manager.all()
        if self.is_bound and connection.in_atomic_block:
            rows = rows.select_for_update()  # nobody else may save between this look and our own saving
        saved = rows.get(pk=self.instance.pk)
        return model_to_dict(saved, fields=list(self._meta.fields or []))

    @property
    def saved_version(self) -> str:
        """A short mark of those values; it differs as soon as one of them does."""
        values = repr(sorted(self.saved_values.items()))
        return salted_hmac("fresh", f"{self.instance.pk}{values}").hexdigest()

    def clean(self) -> dict[str, Any]:
        """Refuse to write over what was saved since the form was opened."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        saved = self.saved_version
        if not constant_time_compare(str(cleaned.get("version") or ""), saved):
            self.is_stale = True
            self.data = self.data.copy()
            self.data["version"] = saved
            raise ValidationError(
                _("This was changed in another window since you opened it. Below each field you see what is saved "
                  "now. Look at both, then send once more.")
            )  # fmt: skip
        return cleaned

    @property
    def status(self) -> int:
        """The status of the page that shows this form."""
        return 409 if self.is_stale else 200

    @property
    def saved_texts(self) -> list[tuple[str, str]]:
        """What is saved now, as label and words, for the fields where it is something else than what was typed."""
        pairs = []
        for name, value in self.saved_values.items() if self.is_stale else ():
            field = self.fields[name]
            words = dict(getattr(field, "choices", ()))
            shown = [str(words.get(one, one)) for one in (value if isinstance(value, list) else [value])]
            if self.cleaned_data.get(name) != value:
                pairs.append((str(field.label), ", ".join(shown) if value not in (None, "") else _("nothing")))
        return pairs
