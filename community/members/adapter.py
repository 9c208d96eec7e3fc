"""How the account pages speak and act here."""

from allauth.account.adapter import DefaultAccountAdapter

from community.members.models import Member


def display_name(member: Member) -> str:
    """How a member is called in mails of the account pages."""
    return member.name


class AccountAdapter(DefaultAccountAdapter):
    """Allauth with our words."""
