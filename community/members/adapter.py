"""How the account pages speak and act here."""

import unicodedata
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.members.models import Member


def display_name(member: Member) -> str:
    """How a member is called in mails of the account pages."""
    return member.name


class AccountAdapter(DefaultAccountAdapter):
    """Allauth with our words and our kind of account."""

    def save_user(self, request: HttpRequest, user: Any, form: forms.Form, commit: bool = True) -> Any:
        """Make a member out of the answers, all of it or nothing."""
        user.email = form.cleaned_data["email"].strip().lower()
        user.set_password(form.cleaned_data.get("password1"))
        form.join(user)  # type: ignore[attr-defined]
        return user

    def clean_email(self, email: str) -> str:
        """An address that can be written to, in one spelling."""
        email = super().clean_email(email).strip().lower()
        if any(unicodedata.category(c) in {"Cc", "Cf", "Zs"} for c in email):
            raise ValidationError(_("There is a character in this address that cannot be. Type it again."))
        return email

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner; take as long as making an account does, so that the wait gives nothing away.

        Counted with the mails for a new password: whoever types an address often fills nobody's letter box.
        """
        make_password("as long as a real one")
        if ratelimit.consume(self.request, action="reset_password", key=email.lower()):
            super().send_account_already_exists_mail(email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong tries are counted for one address in all its spellings: case, accents, spaces, wide letters."""
        login = "".join(str(credentials.get("email", "")).split())
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", login).casefold()).replace("ı", "i")
        bare = "".join(c for c in folded if unicodedata.category(c) not in {"Mn", "Cf", "Cc"})
        return super()._get_login_attempts_cache_key(request, **(credentials | {"email": bare}))
