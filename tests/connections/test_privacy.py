"""What connections give out to a person, and how they forget one."""

import pytest

from community.connections import privacy
from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M = ConnectionKind.MENTORSHIP


def test_it_exports_both_directions(member: Member, stranger: Member) -> None:
    Connection.propose(member, stranger, M, WORDS)
    Connection.propose(MemberFactory(name="Third"), member, M, WORDS)
    Connection.propose(MemberFactory(), stranger, M, WORDS)
    rows = privacy.export(member)["connections"]
    assert [(row["asker"], row["asked"], row["teaches"]) for row in rows] == [
        ("Alma Field", "Bruno Stray", False), ("Third", "Alma Field", True),
    ]  # fmt: skip


def test_it_empties_the_words_of_whoever_leaves_and_keeps_the_rest(member: Member, stranger: Member) -> None:
    asked = Connection.propose(member, stranger, M, WORDS)
    answered = Connection.propose(MemberFactory(), member, M, WORDS)
    answered.accept(member, "Come on Thursday.")
    waiting = Connection.propose(MemberFactory(), member, ConnectionKind.PEER, WORDS)
    privacy.erase(member)
    for row in (asked, answered, waiting):
        row.refresh_from_db()
    assert (asked.asker, asked.message, asked.state) == (None, "", ConnectionState.WITHDRAWN)
    assert (answered.asked, answered.mentor, answered.answer, answered.message) == (None, None, "", WORDS)
    assert waiting.state == ConnectionState.DECLINED
    member.delete()
    for row, viewer in ((asked, stranger), (answered, answered.asker)):
        client = signed_in(viewer)
        assert "A former member" in client.get(row.get_absolute_url()).text
        assert client.get("/connections/").status_code == 200


def test_it_leaves_no_row_without_people(member: Member, stranger: Member) -> None:
    Connection.propose(member, stranger, M, WORDS)
    privacy.erase(member)
    privacy.erase(stranger)
    assert not Connection.objects.exists()
