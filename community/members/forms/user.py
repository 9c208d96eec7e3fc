"""Members in the Wagtail admin: who may log in, and to which groups they belong."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from community.members.models import Member

RIGHTS = ("is_superuser", "is_staff", "is_steward")


class UserForm(forms.ModelForm):
    """An account as an editor of users may change it; only an operator hands out rights.

    Somebody who may edit users, but is no operator, can neither give rights, nor groups, nor touch the account of an
    operator or a steward: that would be a way to become one.
    """

    required_css_class = "required"
    separate_username_field = False
    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Empty only where a helper keeps the account.")
    )

    class Meta:
        model = Member
        fields = ("name", "email", "is_active", *RIGHTS, "groups")
        widgets: ClassVar[dict[str, Any]] = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, for_user: Member | None = None, editing_self: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.for_user = for_user
        is_operator = bool(for_user and for_user.is_superuser)
        closed = () if is_operator else (*RIGHTS, "groups")
        if editing_self:
            closed = (*closed, "is_active", "is_superuser")  # nobody locks themselves out
        for name in dict.fromkeys(closed):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """An account with rights is an operator's to change: whoever sets its address could take it by a reset."""
        cleaned = super().clean() or self.cleaned_data
        before = Member.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        has_rights = before and (before.is_superuser or before.is_staff or before.is_steward)
        if has_rights and not (self.for_user and self.for_user.is_superuser):
            raise ValidationError(_t("Only an operator may change this account."))
        return cleaned

    @transaction.atomic
    def save(self, commit: bool = True) -> Member:
        """Save; a new account has no password and comes in by a reset."""
        if self.instance.pk is None:
            self.instance.set_unusable_password()
        member: Member = super().save(commit)
        if not member.is_active:
            member.let_go()
        # The old address must open the account no more, neither by login nor by a reset.
        EmailAddress.objects.filter(user=member).exclude(email=member.email or "").delete()
        return member
