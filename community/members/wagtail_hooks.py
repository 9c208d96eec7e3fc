"""What the Wagtail admin may do with members."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks

from community.members.models import Member


@hooks.register("before_bulk_action")
def only_operators_give_rights(request: HttpRequest, action_type: str, objects: list[Any], action: Any) -> None:
    """Roles and closed accounts of many people at once are an operator's business; deleting is nobody's here."""
    if action.model is Member and (action_type == "delete" or not request.user.is_superuser):  # type: ignore[union-attr]
        raise PermissionDenied


@hooks.register("after_bulk_action")
def nobody_is_helped_by_a_closed_account(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> None:
    """Many accounts closed at once let go whom they helped, as one account does."""
    if action.model is Member:
        for member in Member.objects.filter(pk__in=[one.pk for one in objects], is_active=False):
            member.let_go()


@hooks.register("before_delete_user")
def nobody_is_deleted_by_half(request: HttpRequest, member: Member) -> HttpResponse:
    """Deleting here would leave traces, and a restore would bring the person back: erasing knows every table."""
    messages.error(request, _("Close the account, or erase the person: manage.py erase_member EMAIL --yes."))
    return redirect("wagtailusers_users:edit", member.pk)
