"""Stewards who publish at the same moment: the pairs are told once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from community.connections.models import Connection
from community.members.models import Member
from community.notices.models import Notice
from matching import rounds
from matching.models import Pair, Round, Side
from tests.factories import MemberFactory
from tests.soak.seats import Crowd, on_disk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(db: None, tmp_path: Path) -> Iterator[Crowd]:
    """Forty connections to a real database."""
    with on_disk(tmp_path), Crowd() as crowd:
        yield crowd


def one_pair() -> tuple[int, Member]:
    """A round with one proposed pair, and a steward."""
    steward = MemberFactory(is_steward=True)
    made = Round.objects.create(slug="race", title="Race", closes_on=timezone.localdate() + timedelta(days=1))
    mentor, learner = (made.enter(MemberFactory(), side) for side in (Side.MENTOR, Side.LEARNER))
    made.propose([Pair(round=made, mentor=mentor, learner=learner, score=0.5)], {})
    return made.pk, steward


def counts() -> tuple[int, int]:
    """How many connections and notices there are."""
    return Connection.objects.count(), Notice.objects.count()


def test_of_many_who_publish_at_once_one_tells(crowd: Crowd) -> None:
    pk, steward = crowd.alone(one_pair)
    ends = crowd.rush([lambda: rounds.publish(pk, steward) for _steward in range(10)])
    assert sorted(ends) == [0] * 9 + [1]
    assert crowd.alone(counts) == (1, 2)
