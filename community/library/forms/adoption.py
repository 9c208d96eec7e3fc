"""We have set this up, too."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from community.library.forms.year import YearField
from community.library.models import Adoption
from community.members.forms.fresh import FreshForm


class AdoptionForm(FreshForm):
    """Which place, and since when."""

    class Meta:
        model = Adoption
        fields = ("place", "year", "note")
        widgets: ClassVar[dict[str, Any]] = {"note": forms.Textarea({"rows": 5})}
        field_classes: ClassVar[dict[str, Any]] = {"year": YearField}

    def put(self) -> bool:
        """Say it; False where that cannot be, and the form then says why."""
        try:
            self.instance.put()
        except ValidationError as error:
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True
