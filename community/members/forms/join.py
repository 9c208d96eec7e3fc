"""The sign-up form as allauth shows it, made safe against a second click. Named in the settings."""

from typing import Any

from allauth.account.forms import SignupForm as AccountForm
from allauth.account.internal.flows.signup import prevent_enumeration
from django.db import IntegrityError
from django.http import HttpRequest


class JoinForm(AccountForm):
    """Two clicks at the same moment make one account, and both are led on."""

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """Make the account; where the other click was quicker, answer as for any address that is known here."""
        try:
            return super().try_save(request)  # type: ignore[no-any-return]
        except IntegrityError:
            return None, prevent_enumeration(request, email=self.cleaned_data["email"])
