"""Somebody without e-mail, and who has to do with them."""

import pytest

from community.connections.models import Connection
from community.members.models import Member
from tests.factories import MemberFactory


@pytest.fixture
def enid(member: Member) -> Member:
    """Somebody without e-mail, whom the member helps."""
    person = member.help("Old Enid", is_adult=True)
    person.profile.open_to = ["peer"]
    person.profile.save()
    return person


@pytest.fixture
def asked(enid: Member, stranger: Member) -> Connection:
    """The stranger has asked Enid something."""
    return Connection.propose(stranger, enid, "peer", "May I look over your shoulder when you sharpen the long scythe?")


@pytest.fixture
def steward(db: None) -> Member:
    """A steward who helps nobody."""
    return MemberFactory(is_steward=True, name="Stella Steward")
