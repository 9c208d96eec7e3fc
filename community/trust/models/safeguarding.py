"""The people who look after members under 18: stewards whom an operator has named for it."""

from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from community.members.models import Member, has_contact


def is_named_for(member: Any, task: str) -> bool:
    """Whether this is a steward whom an operator has put into the group of this name, for what not all stewards do."""
    if not getattr(member, "is_steward", False) or not member.is_active:
        return False
    return any(group.name == task for group in member.groups.all())  # fetched before where many ask


class Safeguarding:
    """Who reads what adults write to somebody under 18, before it goes on."""

    GROUP = "Safeguarding"

    @classmethod
    def group(cls) -> Group:
        """The people of safeguarding."""
        return Group.objects.get_or_create(name=cls.GROUP)[0]

    @classmethod
    def includes(cls, member: Any) -> bool:
        """Whether somebody is one of them."""
        return is_named_for(member, cls.GROUP)

    @classmethod
    def of(cls, writer: Member) -> Any:
        """Who reads what this adult writes to somebody under 18: nobody reads along with themselves."""
        people = Member.objects.filter(is_steward=True, is_active=True, groups__name=cls.GROUP)
        return people.exclude(pk=writer.pk)

    @staticmethod
    def require_no_contact(writer: Member, text: str) -> None:
        """Somebody under 18 says nowhere how they are reached: whoever reads it would have it for ever."""
        if not writer.is_adult and has_contact(text):
            raise ValidationError(
                _("Write no telephone number, no address and no name of an app. A steward brings you together.")
            )
