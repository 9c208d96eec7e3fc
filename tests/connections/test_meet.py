"""Noting meetings, and that one did not happen."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, Meeting
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger teaches the member; both said yes."""
    return Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)


def post(client: Client, pair: Connection, **changed: Any) -> Any:
    data = {
        "took_place": "1",
        "held_on": timezone.localdate(),
        "minutes": "90",
        "next_step": "Sharpen the saw.",
        "next_on": "",
    }
    return client.post(f"/connections/{pair.pk}/meetings/", data | {"form_key": str(uuid.uuid4())} | changed)


def test_either_notes_it_and_both_see_it(pair: Connection, member: Member, stranger: Member) -> None:
    assert post(signed_in(stranger), pair).status_code == 302
    notice = Notice.objects.get(member=member)
    assert notice.kind == "meeting_noted" and "Sharpen" not in notice.lines[1]
    for who in (member, stranger):
        for address in (notice.url, pair.get_absolute_url()):
            page = signed_in(who).get(address).text
            assert "1 h 30 min" in page and "Sharpen the saw." in page


def test_it_can_come_to_nothing(pair: Connection, member: Member) -> None:
    assert post(signed_in(member), pair, took_place="0", minutes="").status_code == 302
    assert not Meeting.objects.get().took_place and not Meeting.objects.held().exists()
    assert "you did not meet" in signed_in(member).get(pair.get_absolute_url()).text


def test_the_same_day_is_noted_once(pair: Connection, member: Member, stranger: Member) -> None:
    for _twice in range(2):
        assert post(signed_in(member), pair).status_code == 302
    answer = post(signed_in(stranger), pair, next_step="Bring gloves.")
    assert answer.status_code == 409 and "noted already" in answer.text and "Bring gloves." in answer.text
    assert Meeting.objects.count() == Notice.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"held_on": timezone.localdate() + timedelta(days=1)}, {"held_on": "1999-01-01"}, {"held_on": "never"},
        {"minutes": ""}, {"minutes": "0"}, {"minutes": "9" * 40}, {"next_step": "x" * 10_000},
        {"next_step": "a\x00b"}, {"next_on": "2001-01-01"}, {"took_place": "maybe"},
    ],
)  # fmt: skip
def test_it_says_what_is_wrong(pair: Connection, member: Member, wrong: dict[str, Any]) -> None:
    assert post(signed_in(member), pair, **wrong).status_code in {200, 409}
    assert not Meeting.objects.exists()


def test_only_whoever_noted_it_takes_it_out(pair: Connection, member: Member, stranger: Member) -> None:
    one = Meeting.note(pair, member, timezone.localdate(), 60)
    address = f"/connections/{pair.pk}/meetings/{one.pk}/drop/"
    assert signed_in(stranger).post(address).status_code == 404
    with pytest.raises(ValidationError):
        one.drop(stranger)
    assert signed_in(member).get(address).status_code == 405
    assert signed_in(member).post(address).status_code == 302 and not Meeting.objects.exists()


def test_it_stays_when_all_is_closed(pair: Connection, member: Member) -> None:
    one = Meeting.note(pair, member, timezone.localdate(), 60)
    pair.end(member, "reached")
    with pytest.raises(ValidationError):
        one.drop(member)
    mine, address = signed_in(member), f"/connections/{pair.pk}/meetings/"
    assert "Take this one out" not in mine.get(address).text
    assert mine.post(f"{address}{one.pk}/drop/").status_code == 302 and Meeting.objects.exists()


def test_a_day_has_so_many_minutes(pair: Connection, member: Member) -> None:
    with pytest.raises(ValidationError):
        Meeting.note(pair, member, timezone.localdate(), 1441)
    answer = post(signed_in(member), pair, minutes="6000")
    assert answer.status_code == 409 and "1440" in answer.text and not Meeting.objects.exists()
    assert Meeting.note(pair, member, timezone.localdate(), 1440).length == "24 h"


def test_it_is_for_the_two_alone_while_it_goes_on(pair: Connection, member: Member, steward: Member) -> None:
    Meeting.note(pair, member, timezone.localdate(), 60)
    for who in (steward, MemberFactory()):
        assert signed_in(who).get(f"/connections/{pair.pk}/meetings/").status_code == 404
        assert not Meeting.objects.visible_to(who).exists()
        with pytest.raises(ValidationError):
            Meeting.note(pair, who, timezone.localdate() - timedelta(days=1), 60)
    pair.end(member, "reached")
    answer = post(signed_in(member), pair, held_on=timezone.localdate() - timedelta(days=1))
    assert answer.status_code == 409 and "Sharpen the saw." in answer.text and Meeting.objects.count() == 1
    Block.put(member, pair.asked)
    assert signed_in(member).get(f"/connections/{pair.pk}/meetings/").status_code == 404


def test_it_lists_20_as_cheaply_as_10(pair: Connection, member: Member, django_assert_max_num_queries: Any) -> None:
    client, counts = signed_in(member), []
    for round_ in range(2):
        for number in range(10):
            Meeting.note(pair, pair.asked, timezone.localdate() - timedelta(days=10 * round_ + number), 60)
        client.get(f"/connections/{pair.pk}/meetings/")
        with django_assert_max_num_queries(12) as queries:
            client.get(f"/connections/{pair.pk}/meetings/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_is_not_noted_for_long_before_the_yes(pair: Connection, member: Member) -> None:
    day = timezone.localdate(pair.accepted_at) - Meeting.BEFORE
    answer = post(signed_in(member), pair, held_on=day - timedelta(days=1))
    assert "long before you both said yes" in answer.text and "Sharpen the saw." in answer.text
    assert not Meeting.objects.exists()
    Meeting.note(pair, member, day, 60)
