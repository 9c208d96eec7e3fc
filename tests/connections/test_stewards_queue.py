"""What stewards see of connections: who waits, and which pairs need a call; never a word, a number or an order."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import (
    CheckIn,
    Connection,
    ConnectionKind,
    ConnectionSettings,
    ConnectionState,
    Health,
    Meeting,
    Wait,
)
from community.connections.views import desk
from community.members.models import Block, Member
from community.notices.models import Notice
from community.trust.models import Audit
from tests.conftest import signed_in
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M = ConnectionKind.MENTORSHIP
URL = "/steward/waiting/"


@pytest.fixture
def pair(wall_clock: Clock, member: Member, stranger: Member) -> Connection:
    """The stranger teaches the member."""
    one = Connection.propose(member, stranger, M, WORDS, skill="Graft apple trees")
    one.accept(stranger, "Come on Thursday.")
    return one


def reasons(row: Connection) -> str:
    Health.look()
    return Connection.objects.get(pk=row.pk).call_for


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"days": 3}, None),
        ({"days": 40, "met": 2}, 1.0),
        ({"days": 40, "asked": 2, "answered": 1, "mark": 3.0, "met": 0}, (25 * 0.5 + 15 * 0.5) / 60),
        (
            {"days": 99, "asked": 4, "answered": 4, "mark": 5, "met": 3, "is_agreed": True, "lines": 2, "passed_on": 2},
            1.0,
        ),
        ({"days": 100, "asked": 4, "lines": 2}, 0.0),
        ({"days": 1000, "met": 2}, 20 * (2 / 3) / 30),
    ],
)  # fmt: skip
def test_what_is_known_counts_by_its_weight(known: dict[str, Any], expected: float | None) -> None:
    assert Health(**known).score == (pytest.approx(expected) if expected is not None else None)


def test_a_young_pair_needs_no_call(pair: Connection, wall_clock: Clock) -> None:
    wall_clock.forward(days=20)
    assert reasons(pair) == ""


def test_a_low_number_calls_somebody_and_says_not_whose_it_was(
    pair: Connection, wall_clock: Clock, member: Member, steward: Member
) -> None:
    wall_clock.forward(days=30)
    CheckIn.ask_due()
    CheckIn.objects.get(member=member).say(member, 2, "He never has time.")
    assert "mark" in reasons(pair)
    text = signed_in(steward).get(URL).text
    assert "does not go well" in text and "He never has time." not in text and WORDS not in text
    assert "Come on Thursday." not in text and "Graft apple trees" not in text


def test_no_meeting_and_no_answers_call_somebody(pair: Connection, wall_clock: Clock, stranger: Member) -> None:
    wall_clock.forward(days=59)
    pair.carry_on(stranger)
    assert reasons(pair) == ""
    wall_clock.forward(days=1)
    assert reasons(pair) == "unmet,slow"
    Meeting.note(pair, stranger, timezone.localdate(), 90)
    assert "unmet" not in reasons(pair)


def test_quiet_calls_somebody(pair: Connection, wall_clock: Clock) -> None:
    for _day in range(14):
        wall_clock.forward(days=1)
        Connection.keep_time()
    assert reasons(pair) == "quiet"


def test_a_call_takes_it_off_the_list_for_two_weeks_and_is_written_down(
    pair: Connection, wall_clock: Clock, as_steward: Client, member: Member, steward: Member
) -> None:
    Connection.objects.update(call_for="unmet")
    assert member.name in as_steward.get(URL).text
    for _click in range(2):
        assert as_steward.post(f"{URL}{pair.pk}/called/").status_code == 302
    assert Audit.objects.filter(verb="call", actor=steward).count() == 2
    assert member.name not in as_steward.get(URL).text
    wall_clock.forward(days=14)
    assert member.name in signed_in(steward).get(URL).text


def test_questions_that_wait_are_shown_without_their_words(
    wall_clock: Clock, member: Member, stranger: Member, as_steward: Client
) -> None:
    Connection.propose(member, stranger, M, WORDS)
    wall_clock.forward(days=5, seconds=-1)
    assert member.name not in as_steward.get(URL).text
    wall_clock.forward(seconds=1)
    text = as_steward.get(URL).text
    assert member.name in text and stranger.name in text and WORDS not in text


def test_whom_a_round_brought_together_is_reminded_and_then_shown(
    wall_clock: Clock, member: Member, stranger: Member, as_steward: Client
) -> None:
    Connection.introduce([(stranger, member)])
    wall_clock.forward(days=7, seconds=-1)
    assert Connection.keep_time() == 0
    wall_clock.forward(seconds=1)
    assert Connection.keep_time() == 1 and Connection.keep_time() == 0
    for who in (member, stranger):
        assert list(Notice.objects.filter(member=who).values_list("kind", flat=True)) == ["connection_introduced"] * 2
    wall_clock.forward(days=5, seconds=-1)
    assert member.name not in as_steward.get(URL).text
    wall_clock.forward(seconds=1)
    assert member.name in as_steward.get(URL).text
    Connection.propose(member, stranger, M, WORDS)
    assert Connection.keep_time() == 0 and member.name not in as_steward.get(URL).text


def test_what_nobody_takes_up_is_put_away_in_the_end_with_a_kind_word_to_both(
    wall_clock: Clock, member: Member, stranger: Member, as_steward: Client
) -> None:
    Connection.introduce([(stranger, member)])
    wall_clock.forward(days=60)  # the clock stood still: the reminder comes first all the same
    assert Connection.keep_time() == 1
    wall_clock.forward(days=28, seconds=-1)
    assert Connection.keep_time() == 0
    wall_clock.forward(seconds=1)
    assert Connection.keep_time() == 1 and Connection.keep_time() == 0
    row = Connection.objects.get()
    assert row.state == ConnectionState.LAPSED and row.ended_at is not None
    for who, other in ((member, stranger), (stranger, member)):
        said = Notice.objects.visible_to(who).get(kind="connection_faded")
        assert f"brought {other.name} and you together" in said.lines[1]
        assert signed_in(who).get(row.get_absolute_url()).status_code == 200
    assert member.name not in as_steward.get(URL).text
    Connection.propose(member, stranger, M, WORDS)  # nothing is in the way of asking later
    assert Connection.objects.filter(state=ConnectionState.PROPOSED).count() == 1


def test_of_two_of_whom_one_has_asked_nothing_is_put_away(wall_clock: Clock, member: Member, stranger: Member) -> None:
    Connection.introduce([(stranger, member)])
    wall_clock.forward(days=7)
    Connection.keep_time()
    Connection.propose(member, stranger, M, WORDS).accept(stranger)
    wall_clock.forward(days=6)
    Connection.keep_time()
    wall_clock.forward(days=22)
    Connection.keep_time()
    assert Connection.objects.get().state == ConnectionState.ACCEPTED
    assert not Notice.objects.filter(kind="connection_faded").exists()


def test_referrals_are_shown_until_they_are_followed(
    wall_clock: Clock, member: Member, stranger: Member, as_steward: Client
) -> None:
    third = MemberFactory(name="Third Hand")
    Connection.propose(member, stranger, M, WORDS).decline(stranger, reason="room", referred_to=third)
    assert "Third Hand" in as_steward.get(URL).text
    Connection.propose(member, third, M, WORDS)
    assert "Third Hand" not in as_steward.get(URL).text


def test_who_waits_for_a_mentor_is_shown(member: Member, as_steward: Client) -> None:
    mentor = MemberFactory(name="Full Hands", profile={"capacity": 0})
    Wait.join(member, mentor)
    assert "Full Hands" in as_steward.get(URL).text


def test_nothing_of_it_passes_a_block_or_reaches_one_of_the_two(
    pair: Connection, wall_clock: Clock, member: Member, stranger: Member, as_steward: Client
) -> None:
    Connection.objects.update(call_for="unmet")
    Member.objects.filter(pk=stranger.pk).update(is_steward=True)
    own = signed_in(Member.objects.get(pk=stranger.pk))
    assert member.name not in own.get(URL).text
    assert own.post(f"{URL}{pair.pk}/called/").status_code == 404
    with pytest.raises(ValidationError):
        pair.called(stranger)
    Block.put(member, stranger)
    assert member.name not in as_steward.get(URL).text


def test_it_is_there_for_stewards_only(pair: Connection, as_member: Client, client: Client) -> None:
    for who in (as_member, client):
        assert who.get(URL).status_code == 404
        assert who.post(f"{URL}{pair.pk}/called/").status_code == 404


def test_it_asks_the_database_as_often_for_20_as_for_10(
    wall_clock: Clock, as_steward: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for _round in range(2):
        for _one in range(10):
            one = Connection.propose(MemberFactory(), MemberFactory(), M, WORDS)
            other = Connection.propose(MemberFactory(), MemberFactory(), M, WORDS)
            other.accept(other.asked)
            Wait.join(MemberFactory(), MemberFactory(profile={"capacity": 0}))
            Connection.objects.filter(pk=one.pk).update(moved_at=timezone.now() - timedelta(days=6))
        Connection.objects.accepted().update(call_for="unmet")
        as_steward.get(URL)
        with django_assert_max_num_queries(12) as queries:
            as_steward.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_looking_is_one_query_for_all_pairs(wall_clock: Clock, django_assert_num_queries: Any) -> None:
    ConnectionSettings.objects.create()
    for _one in range(5):
        row = Connection.propose(MemberFactory(), MemberFactory(), M, WORDS)
        row.accept(row.asked)
    with django_assert_num_queries(2):
        Health.look()


@pytest.mark.parametrize("why", ["blocks", "is blocked", "closed"])
def test_nobody_is_sent_to_somebody_they_cannot_ask(
    wall_clock: Clock, member: Member, stranger: Member, as_steward: Client, why: str
) -> None:
    third = MemberFactory(name="Third Hand")
    Connection.propose(member, stranger, M, WORDS).decline(stranger, reason="room", referred_to=third)
    assert "Third Hand" in as_steward.get(URL).text
    if why == "closed":
        Member.objects.filter(pk=third.pk).update(is_active=False)
    else:
        Block.put(*((third, member) if why == "blocks" else (member, third)))
    assert "Third Hand" not in as_steward.get(URL).text


def test_it_says_when_there_is_more_than_it_shows(
    wall_clock: Clock, as_steward: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST", 2)
    mentor = MemberFactory(profile={"capacity": 0})
    for _one in range(2):
        Wait.join(MemberFactory(), mentor)
    assert "There is more than stands here" not in as_steward.get(URL).text
    Wait.join(MemberFactory(), mentor)
    assert "of each list the first 2 are shown" in as_steward.get(URL).text
