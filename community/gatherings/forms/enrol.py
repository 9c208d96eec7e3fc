"""The one form of gatherings: yes, I come."""

from django import forms


class EnrolForm(forms.Form):
    """Nothing to fill in; the key makes a second click the same wish."""

    key = forms.UUIDField(widget=forms.HiddenInput)
