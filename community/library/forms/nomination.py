"""Nominating a failure that helped."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from community.library.models import Nomination
from community.members.forms.kept import KeptForm


class NominationForm(KeptForm, forms.ModelForm):
    """One sentence on what it taught."""

    class Meta:
        model = Nomination
        fields = ("why",)
        widgets: ClassVar[dict[str, Any]] = {"why": forms.Textarea({"rows": 3})}

    def put(self, page: Any, member: Any) -> bool:
        """Nominate it; False where that cannot be, and the form then says why."""
        try:
            Nomination.put(page, member, self.cleaned_data["why"])
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True
