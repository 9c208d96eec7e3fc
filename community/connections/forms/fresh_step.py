"""Forms that notice when something has happened between the two since they were opened."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from community.connections.models import Connection
from community.members.forms.kept import KeptForm
from community.members.models import Member


class StepForm(KeptForm):
    """One step between two people. Views answer `form.status`: 409 where it could not be taken, and the form says why.

    What was typed stays; sent once more it holds, since by then both texts have been seen.
    """

    version = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    if TYPE_CHECKING:
        data: dict[str, Any]

    def __init__(self, *args: Any, request: HttpRequest, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        self.connection, self.status = connection, 200
        if not self.is_bound and "version" not in (self.kept_typed or {}):
            self.initial["version"] = connection.version

    @property
    def seen(self) -> int | None:
        """The version that was looked at; none where the form says nothing of it, and no version where it lies."""
        said = str(self.cleaned_data.get("version") or "")
        if not said:
            return None
        return int(said) if said.isascii() and said.isdecimal() else -1

    def take(self, by: Member) -> bool:
        """Do it; False where it could not be done."""
        try:
            self._do(by)
        except ValidationError as error:
            self.connection.refresh_from_db()
            self.status = 409
            self.data = self.data.copy()
            self.data["version"] = str(self.connection.version)
            self.add_error(None, error.messages)  # type: ignore[arg-type]
            return False
        return True

    def _do(self, by: Member) -> None:
        raise NotImplementedError
