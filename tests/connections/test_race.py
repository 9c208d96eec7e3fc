"""Two who act at the same moment: what comes of it is what one order or the other would have given, never both."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from community.connections.models import Agreement, Connection, ConnectionKind, ConnectionState
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from tests.factories import MemberFactory
from tests.soak import answers
from tests.soak.seats import Crowd, on_disk

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "How do you keep the frost out of the lower orchard?"
ROUNDS = 20
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


def test_two_mentors_cannot_both_take_on_one_learner_for_one_skill(crowd: Crowd) -> None:
    tally = answers.two_mentors(crowd, ROUNDS)
    assert tally.problems == [] and tally.rounds == ROUNDS


def test_it_would_notice_if_two_mentors_only_looked(crowd: Crowd) -> None:
    assert answers.two_mentors(crowd, 3, answers.carelessly(ConnectionState.ACCEPTED)).both > 0


def test_a_block_and_a_yes_at_once_end_it(crowd: Crowd) -> None:
    for number in range(ROUNDS):
        asker, asked = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        row = crowd.alone(lambda asker=asker, asked=asked: Connection.propose(asker, asked, P, WORDS))
        acts = [lambda row=row: row.accept(row.asked), lambda one=asker, other=asked: Block.put(one, other)]
        ends = crowd.rush(acts if number % 2 else acts[::-1])
        assert only_refusals(ends)
        assert crowd.alone(lambda row=row: Connection.objects.get(pk=row.pk).state) == ConnectionState.ENDED


def test_a_block_and_a_question_at_once_leave_nothing_open(crowd: Crowd) -> None:
    for number in range(ROUNDS):
        asker, asked = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        acts = [
            lambda one=asker, other=asked: Connection.propose(one, other, P, WORDS),
            lambda one=asker, other=asked: Block.put(other, one),
        ]
        assert only_refusals(crowd.rush(acts if number % 2 else acts[::-1]))
        assert not crowd.alone(lambda asker=asker: Connection.objects.filter(asker=asker).open().exists())


def test_a_signature_and_an_end_at_once_leave_it_ended(crowd: Crowd) -> None:
    terms: dict[str, Any] = {"goals": "Ten trees by spring.", "rhythm": "Weekly.", "otherwise": "We say so, and part."}
    terms["until"] = timezone.localdate() + timedelta(days=90)
    for _round in range(5):
        one, other = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        row = crowd.alone(lambda one=one, other=other: Connection.agree(one, other, P))
        text = crowd.alone(lambda row=row, one=one: Agreement.write(row, one, **terms))
        acts = [lambda text=text, other=other: text.sign(other), lambda row=row, one=one: row.end(one, "life")]
        assert only_refusals(crowd.rush(acts))
        crowd.alone(row.refresh_from_db)
        assert row.state == ConnectionState.ENDED


def test_it_is_either_accepted_or_taken_back(crowd: Crowd) -> None:
    tally = answers.yes_or_back(crowd, ROUNDS)
    assert tally.problems == [] and tally.rounds == ROUNDS


def test_it_would_notice_if_both_only_looked(crowd: Crowd) -> None:
    careless = [answers.carelessly(state) for state in (ConnectionState.ACCEPTED, ConnectionState.WITHDRAWN)]
    assert answers.yes_or_back(crowd, 3, *careless).both > 0
