"""Two who act at the same moment: what comes of it is what one order or the other would have given, never both."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Member, Profile
from community.notices.models import Notice
from tests.factories import MemberFactory
from tests.soak.seats import Crowd, on_disk

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "How do you keep the frost out of the lower orchard?"
M, P = ConnectionKind.MENTORSHIP, ConnectionKind.PEER


@pytest.fixture
def crowd(db: None, tmp_path: Path) -> Iterator[Crowd]:
    """Forty connections to a real database."""
    with on_disk(tmp_path), Crowd() as crowd:
        yield crowd


def states(crowd: Crowd) -> Counter[str]:
    """How many connections are in which state."""
    return Counter(crowd.alone(lambda: list(Connection.objects.values_list("state", flat=True))))


def only_refusals(ends: list[Any]) -> bool:
    """Whether nobody met an error that has no words."""
    return all(isinstance(end, ValidationError) for end in ends if isinstance(end, Exception))


def test_it_gives_a_mentors_last_rooms_to_as_many_as_there_are(crowd: Crowd) -> None:
    mentor: Member = crowd.alone(MemberFactory)
    crowd.alone(lambda: Profile.objects.filter(member=mentor).update(capacity=2))
    asked = crowd.alone(lambda: [Connection.propose(MemberFactory(), mentor, M, WORDS) for _one in range(10)])
    ends = crowd.rush([lambda one=one: one.accept(mentor) for one in asked])
    assert only_refusals(ends) and ends.count(None) == 2
    assert states(crowd) == {ConnectionState.ACCEPTED: 2, ConnectionState.PROPOSED: 8}


def test_it_would_notice_if_rooms_were_only_looked_at(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    mentor: Member = crowd.alone(MemberFactory)
    asked = crowd.alone(lambda: [Connection.propose(MemberFactory(), mentor, M, WORDS) for _one in range(10)])
    monkeypatch.setattr(Connection, "rooms_left", classmethod(lambda cls, mentor: 1))
    crowd.rush([lambda one=one: one.accept(mentor) for one in asked])
    assert states(crowd)[ConnectionState.ACCEPTED] > 1


def test_it_lets_nobody_ask_more_than_five_at_once(crowd: Crowd) -> None:
    asker, others = crowd.alone(MemberFactory), crowd.alone(lambda: [MemberFactory() for _one in range(20)])
    ends = crowd.rush([lambda other=other: Connection.propose(asker, other, P, WORDS) for other in others])
    assert only_refusals(ends)
    assert states(crowd) == {ConnectionState.PROPOSED: 5}


def test_it_asks_once_for_twenty_clicks(crowd: Crowd) -> None:
    asker, other = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
    ends = crowd.rush([lambda: Connection.propose(asker, other, P, WORDS)] * 20)
    assert len({end.pk for end in ends}) == 1
    assert crowd.alone(Notice.objects.count) == 1


def test_it_makes_one_of_two_who_ask_each_other(crowd: Crowd) -> None:
    for _round in range(5):
        one, other = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        ends = crowd.rush([
            lambda one=one, other=other: Connection.propose(one, other, P, WORDS),
            lambda one=one, other=other: Connection.propose(other, one, P, WORDS),
        ])  # fmt: skip
        assert only_refusals(ends) and sum(isinstance(end, Connection) for end in ends) == 1


def test_it_is_either_accepted_or_taken_back(crowd: Crowd) -> None:
    for _round in range(5):
        asker, asked = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        row = crowd.alone(lambda asker=asker, asked=asked: Connection.propose(asker, asked, P, WORDS))
        mine, theirs = (crowd.alone(lambda row=row: Connection.objects.get(pk=row.pk)) for _side in range(2))
        ends = crowd.rush([
            lambda mine=mine, asker=asker: mine.withdraw(asker), lambda theirs=theirs, asked=asked: theirs.accept(asked)
        ])  # fmt: skip
        assert only_refusals(ends) and ends.count(None) == 1
        state = crowd.alone(lambda row=row: Connection.objects.get(pk=row.pk).state)
        assert state == (ConnectionState.WITHDRAWN if ends[0] is None else ConnectionState.ACCEPTED)
        accepted = crowd.alone(lambda asker=asker: Notice.objects.filter(member=asker).count())
        assert accepted == (state == ConnectionState.ACCEPTED)
