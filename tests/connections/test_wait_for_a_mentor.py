"""Waiting for a place with a mentor: in order, each offer once and for a while, those first who did their part."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import (
    Connection,
    ConnectionKind,
    ConnectionSettings,
    ConnectionState,
    Full,
    Wait,
    WaitState,
)
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from community.topics.models import Season
from community.trust.models import Audit
from tests.conftest import signed_in
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, S = ConnectionKind.MENTORSHIP, ConnectionState


@pytest.fixture
def pair(wall_clock: Clock, stranger: Member) -> Connection:
    """The stranger has taken somebody on, and has no second place."""
    one = Connection.propose(MemberFactory(), stranger, M, WORDS)
    one.accept(stranger)
    return one


def waiting(mentor: Member, number: int, wall_clock: Clock) -> list[Wait]:
    made = []
    for _one in range(number):
        wall_clock.forward(minutes=1)
        made.append(Wait.join(MemberFactory(), mentor))
    return made


def states(*waits: Wait) -> list[str]:
    return [Wait.objects.get(pk=one.pk).state for one in waits]


def test_who_waited_longest_is_offered_the_place_once(pair: Connection, wall_clock: Clock, stranger: Member) -> None:
    first, second = waiting(stranger, 2, wall_clock)
    assert Wait.keep_time() == 0
    pair.end(stranger, "reached")
    assert Wait.keep_time() == 1 and Wait.keep_time() == 0
    assert states(first, second) == [WaitState.OFFERED, WaitState.WAITING]
    assert Notice.objects.filter(kind="connection_free").values_list("member", flat=True).get() == first.learner_id


def test_the_place_is_kept_for_them_alone(pair: Connection, wall_clock: Clock, stranger: Member) -> None:
    first, second = waiting(stranger, 2, wall_clock)
    pair.end(stranger, "reached")
    Wait.keep_time()
    for other in (second.learner, MemberFactory()):
        with pytest.raises(Full, match="Others wait"):
            Connection.propose(other, stranger, M, WORDS)
    row = Connection.propose(first.learner, stranger, M, WORDS)
    assert row.state == S.PROPOSED and states(first) == [WaitState.TAKEN]
    assert Wait.keep_time() == 0  # the question has the place, until it is answered
    row.decline(stranger)
    assert Wait.keep_time() == 1 and states(second) == [WaitState.OFFERED]


def test_what_nobody_takes_goes_to_the_next(pair: Connection, wall_clock: Clock, stranger: Member) -> None:
    first, second = waiting(stranger, 2, wall_clock)
    pair.end(stranger, "reached")
    Wait.keep_time()
    wall_clock.forward(days=3, seconds=-1)
    assert Wait.keep_time() == 0
    wall_clock.forward(seconds=1)
    assert Wait.keep_time() == 2
    assert states(first, second) == [WaitState.LAPSED, WaitState.OFFERED]
    told = Notice.objects.filter(member=first.learner).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["connection_free", "connection_free_lapsed"]


def test_who_left_somebody_without_a_word_comes_after_the_others(
    pair: Connection, wall_clock: Clock, stranger: Member
) -> None:
    first, second = waiting(stranger, 2, wall_clock)
    Connection.objects.create(
        asker=first.learner, asked=(old := MemberFactory()), mentor=old, kind=M, message=WORDS, state=S.RELEASED,
        asker_did_part=False, asked_did_part=True,
    )  # fmt: skip
    pair.end(stranger, "reached")
    Wait.keep_time()
    assert states(first, second) == [WaitState.WAITING, WaitState.OFFERED]


@pytest.mark.parametrize("how", ["blocked", "left", "gone"])
def test_who_cannot_come_any_more_is_passed_over(
    pair: Connection, wall_clock: Clock, stranger: Member, how: str
) -> None:
    first, second = waiting(stranger, 2, wall_clock)
    if how == "blocked":
        Block.put(stranger, first.learner)
    elif how == "left":
        first.leave()
        first.leave()
    else:
        Member.objects.filter(pk=first.learner_id).update(is_active=False)
    pair.end(stranger, "reached")
    Wait.keep_time()
    assert states(second) == [WaitState.OFFERED] and states(first) != [WaitState.OFFERED]
    assert not Notice.objects.filter(member=first.learner, kind="connection_free").exists()


@pytest.mark.parametrize("why", ["paused", "closed"])
def test_nobody_is_offered_a_mentor_who_takes_nobody(
    pair: Connection, wall_clock: Clock, stranger: Member, why: str
) -> None:
    (first,) = waiting(stranger, 1, wall_clock)
    pair.end(stranger, "reached")
    Profile.objects.filter(member=stranger).update(**{"is_paused": True} if why == "paused" else {"open_to": ["peer"]})
    Wait.keep_time()
    assert states(first) == [WaitState.WAITING if why == "paused" else WaitState.LEFT]
    assert not Notice.objects.filter(member=first.learner, kind="connection_free").exists()


def test_a_place_that_was_lost_meanwhile_is_no_fault_of_theirs(
    pair: Connection, wall_clock: Clock, stranger: Member
) -> None:
    (first,) = waiting(stranger, 1, wall_clock)
    pair.end(stranger, "reached")
    Wait.keep_time()
    Profile.objects.filter(member=stranger).update(capacity=0)
    wall_clock.forward(days=3)
    Wait.keep_time()
    assert states(first) == [WaitState.WAITING]


def test_nobody_is_offered_a_mentor_out_of_season(wall_clock: Clock, member: Member, stranger: Member) -> None:
    month = timezone.localdate().month
    for slug, months in (("now", [month]), ("later", [month % 12 + 1])):
        Season.objects.create(slug=slug, name=slug, months=months)
    Profile.objects.filter(member=stranger).update(seasons=["later"])
    own = Wait.join(member, stranger)
    assert Wait.keep_time() == 0 and states(own) == [WaitState.WAITING]
    Profile.objects.filter(member=stranger).update(seasons=["now"])
    assert Wait.keep_time() == 1 and states(own) == [WaitState.OFFERED]
    Profile.objects.filter(member=stranger).update(seasons=["later"])
    wall_clock.forward(days=4)
    Wait.keep_time()
    assert states(own) == [WaitState.WAITING]


def test_a_pause_while_a_place_is_kept_is_no_fault_of_theirs(
    pair: Connection, wall_clock: Clock, stranger: Member
) -> None:
    (first,) = waiting(stranger, 1, wall_clock)
    pair.end(stranger, "reached")
    Wait.keep_time()
    Profile.objects.filter(member=stranger).update(is_paused=True)
    with pytest.raises(Full, match="takes nobody on"):
        Connection.propose(first.learner, stranger, M, WORDS)
    wall_clock.forward(days=4)
    Wait.keep_time()
    assert states(first) == [WaitState.WAITING]
    assert not Notice.objects.filter(kind="connection_free_lapsed").exists()
    Profile.objects.filter(member=stranger).update(is_paused=False)
    Wait.keep_time()
    assert states(first) == [WaitState.OFFERED]
    assert Notice.objects.filter(member=first.learner, kind="connection_free").count() == 2


def test_a_place_that_is_kept_passes_a_full_week(wall_clock: Clock, pair: Connection, stranger: Member) -> None:
    ConnectionSettings.objects.create(weekly_requests=3)
    (first,) = waiting(stranger, 1, wall_clock)
    pair.end(stranger, "reached")
    Wait.keep_time()
    assert states(first) == [WaitState.OFFERED]
    for _one in range(2):
        Connection.propose(MemberFactory(), stranger, ConnectionKind.PEER, WORDS)
    with pytest.raises(ValidationError, match="this week"):
        Connection.propose(MemberFactory(), stranger, M, WORDS)
    with pytest.raises(ValidationError, match="this week"):  # the place is kept for learning, for nothing else
        Connection.propose(first.learner, stranger, ConnectionKind.PEER, WORDS)
    Connection.propose(first.learner, stranger, M, WORDS)
    assert states(first) == [WaitState.TAKEN]


def test_there_must_be_something_to_wait_for(
    wall_clock: Clock, member: Member, stranger: Member, minor: Member
) -> None:
    with pytest.raises(ValidationError, match="There is a place just now"):
        Wait.join(member, stranger)
    for learner, mentor in ((minor, stranger), (member, minor), (member, MemberFactory(profile={"open_to": ["peer"]}))):
        with pytest.raises(ValidationError, match="cannot be waited for"):
            Wait.join(learner, mentor)


def test_one_waits_for_five_at_most_and_once_for_each(wall_clock: Clock, member: Member) -> None:
    mentors = [MemberFactory(profile={"capacity": 0}) for _one in range(6)]
    for one in [*mentors[:5], mentors[0]]:
        Wait.join(member, one)
    assert Wait.objects.count() == 5
    with pytest.raises(ValidationError, match="5 mentors"):
        Wait.join(member, mentors[5])


def test_two_clocks_offer_one_place_once(pair: Connection, wall_clock: Clock, stranger: Member) -> None:
    waiting(stranger, 3, wall_clock)
    pair.end(stranger, "reached")
    assert Wait._offer(stranger.pk) + Wait._offer(stranger.pk) == 1


def test_it_is_one_click_from_the_form_and_back(
    pair: Connection, member: Member, stranger: Member, as_member: Client
) -> None:
    url = f"/connections/wait/{stranger.handle}/"
    assert url in as_member.get(f"/connections/new/{stranger.handle}/").text
    assert "put me on the list" in as_member.get(url).text and not Wait.objects.exists()
    assert as_member.post(url).status_code == as_member.post(url).status_code == 302
    own = Wait.objects.get()
    assert "You are next" in as_member.get(url).text
    assert stranger.name in as_member.get("/connections/").text
    pair.end(stranger, "reached")
    Wait.keep_time()
    assert "has a place for you" in as_member.get(url).text
    assert as_member.post(f"/connections/waits/{own.pk}/leave/").status_code == 302
    assert states(own) == [WaitState.LEFT]


def test_nobody_else_sees_or_ends_it(pair: Connection, member: Member, stranger: Member, as_stranger: Client) -> None:
    own = Wait.join(member, stranger)
    for client in (as_stranger, signed_in(MemberFactory(is_steward=True))):
        assert client.post(f"/connections/waits/{own.pk}/leave/").status_code == 404
    assert states(own) == [WaitState.WAITING]


def test_the_number_before_one_leaves_out_whom_one_does_not_meet(
    pair: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    before = waiting(stranger, 3, wall_clock)
    own = Wait.join(member, stranger)
    assert own.ahead == 3
    Block.put(before[0].learner, member)
    assert own.ahead == 2


def test_it_is_404_for_whom_one_may_not_see(pair: Connection, member: Member, stranger: Member, as_member: Any) -> None:
    Block.put(stranger, member)
    assert as_member.get(f"/connections/wait/{stranger.handle}/").status_code == 404
    assert Client().get(f"/connections/wait/{stranger.handle}/").status_code == 302


@pytest.mark.parametrize("way", ["teaches no more", "closed", "blocked"])
def test_nobody_waits_for_a_mentor_who_takes_on_nobody_any_more(
    wall_clock: Clock, member: Member, stranger: Member, steward: Member, way: str
) -> None:
    Profile.objects.filter(member=stranger).update(capacity=0)
    own = Wait.join(member, stranger)
    assert Wait.keep_time() == 0
    if way == "blocked":
        Block.put(stranger, member)
    if way == "closed":
        Audit.deactivate(stranger, steward, "Gone.")
    else:
        Profile.objects.filter(member=stranger).update(open_to=["peer"])
    assert Wait.keep_time() == 1 and Wait.keep_time() == 0
    own.refresh_from_db()
    assert own.state == WaitState.LEFT and own.ended_at is not None
    told = [" ".join(one.lines) for one in Notice.objects.filter(member=member, kind="connection_wait_over")]
    assert len(told) == (way != "blocked")
    assert all((stranger.name in text) == (way == "teaches no more") for text in told)


def test_a_pause_ends_no_wait(wall_clock: Clock, member: Member, stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(capacity=0, is_paused=True)
    own = Wait.join(member, stranger)
    wall_clock.forward(days=100)
    Wait.keep_time()
    own.refresh_from_db()
    assert own.state == WaitState.WAITING
