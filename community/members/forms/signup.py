"""Forms about people."""

from django import forms


class SignupForm(forms.Form):
    """What somebody is asked before they come in; allauth adds e-mail and password."""

    def signup(self, request, user) -> None:
        """Called by allauth once the account exists."""
