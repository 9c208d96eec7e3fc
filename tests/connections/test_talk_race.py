"""Writing while the other keeps one away, parts, or clicks twice: it ends as one order or the other would have."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from community.connections.models import Connection, ConnectionKind, ConnectionState, Message
from community.members.models import Block
from tests.factories import MemberFactory
from tests.soak import talk
from tests.soak.seats import Crowd, on_disk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(db: None, tmp_path: Path) -> Iterator[Crowd]:
    """Forty connections to a real database."""
    with on_disk(tmp_path), Crowd() as crowd:
        yield crowd


def test_nothing_is_written_after_a_block(crowd: Crowd) -> None:
    tally = talk.race(crowd, 20)
    assert tally.problems == [] and tally.rounds == 20 and tally.written > 0


def test_it_would_notice_if_the_block_was_only_looked_at(crowd: Crowd) -> None:
    assert talk.race(crowd, 5, talk.carelessly).late > 0


def test_twenty_clicks_write_once(crowd: Crowd) -> None:
    one, other = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
    pair = crowd.alone(lambda: Connection.agree(one, other, ConnectionKind.PEER))
    key = uuid.uuid4()
    ends: list[Any] = crowd.rush([lambda: Message.write(pair, one, "Hello.", key)] * 20)
    assert len({end.pk for end in ends}) == 1


def test_an_end_and_a_message_at_once_leave_it_ended(crowd: Crowd) -> None:
    for number in range(20):
        one, other = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        pair = crowd.alone(lambda one=one, other=other: Connection.agree(one, other, ConnectionKind.PEER))
        mine, theirs = (crowd.alone(lambda pair=pair: Connection.objects.get(pk=pair.pk)) for _side in range(2))
        acts = [
            lambda mine=mine, one=one: Message.write(mine, one, "Hello."),
            lambda theirs=theirs, other=other: theirs.end(other, "life"),
        ]
        ends = crowd.rush(acts if number % 2 else acts[::-1])
        assert all(isinstance(end, ValidationError) for end in ends if isinstance(end, Exception))
        crowd.alone(pair.refresh_from_db)
        assert pair.state == ConnectionState.ENDED
        assert not crowd.alone(Block.objects.exists)
