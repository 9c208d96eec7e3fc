"""What the Wagtail admin may do with members."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from wagtail import hooks

from community.members.models import Member


@hooks.register("before_bulk_action")
def only_operators_give_rights(request: HttpRequest, action_type: str, objects: list[Any], action: Any) -> None:
    """Roles and closed accounts of many people at once are an operator's business, as they are one by one."""
    if action.model is Member and not request.user.is_superuser:  # type: ignore[union-attr]
        raise PermissionDenied
