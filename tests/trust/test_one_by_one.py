"""What the clock does row by row: one that fails stops none of the others."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import one_by_one
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def test_one_that_fails_is_left_as_it_was_and_the_others_are_done(caplog: pytest.LogCaptureFixture) -> None:
    people = [MemberFactory(name=name) for name in ("Ada", "Bea", "Cid")]

    def act(one: Member) -> int:
        one.rename("Done")
        if one == people[1]:
            raise RuntimeError("secret words of a row")
        return 1

    with caplog.at_level(logging.ERROR):
        assert one_by_one(people, act) == 2
    assert [Member.objects.get(pk=one.pk).name for one in people] == ["Done", "Bea", "Done"]
    assert f"Member {people[1].pk}" in caplog.text and "RuntimeError" in caplog.text
    assert "secret" not in caplog.text and "Bea" not in caplog.text


def test_where_the_database_is_away_it_ends() -> None:
    def act(_one: int) -> int:
        raise OperationalError("away")

    with pytest.raises(OperationalError):
        one_by_one([1, 2], act)


def test_a_question_that_cannot_be_ended_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    asker = MemberFactory()
    words = "How do you keep the frost out of the lower orchard?"
    first, second = (Connection.propose(asker, MemberFactory(), ConnectionKind.PEER, words) for _one in range(2))
    late = timezone.now() - timedelta(days=30)
    Connection.objects.update(moved_at=late, created_at=late)
    honest = Connection.lapse

    def lapse(self: Connection, version: int | None = None) -> bool:
        if self.pk == first.pk:
            raise RuntimeError("broken")
        return honest(self, version)

    monkeypatch.setattr(Connection, "lapse", lapse)
    Connection.keep_time()
    assert Connection.objects.get(pk=first.pk).state == ConnectionState.PROPOSED
    assert Connection.objects.get(pk=second.pk).state == ConnectionState.LAPSED
    assert Notice.objects.filter(kind=NoticeKind.CONNECTION_UNANSWERED, member=asker).count() == 1
