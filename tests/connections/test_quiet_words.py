"""What stands about quiet pairs is true, whatever the community's numbers are and whoever the two are."""

from pathlib import Path

import pytest

from community.connections.models import Connection, ConnectionKind
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
NUMBERS = ("three", "four", "seven", " weeks", "week ")


def test_no_text_about_quiet_says_a_number_that_is_a_setting() -> None:
    texts = {path.name: path.read_text() for path in Path("templates/notices").glob("pair_*.txt")}
    texts["_no_silence"] = Path("templates/connections/_no_silence.html").read_text()
    assert len(texts) > 4
    assert [(name, word) for name, text in texts.items() for word in NUMBERS if word in text.casefold()] == []


def test_two_adults_read_that_they_are_let_go_and_somebody_young_that_a_steward_calls(
    member: Member, minor: Member
) -> None:
    pair = Connection.agree(member, MemberFactory(), ConnectionKind.PEER)
    young = Connection.agree(member, minor, ConnectionKind.APPRENTICESHIP, mentor=member)
    reader = signed_in(member)
    assert "let you go" in reader.get(pair.get_absolute_url()).text
    page = reader.get(young.get_absolute_url()).text
    assert "a steward calls" in page and "let you go" not in page
