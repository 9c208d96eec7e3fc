"""Two who said yes and go quiet hear a word three times; then both are free, and whoever did their part has credit."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionSettings, ConnectionState, Meeting
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, S = ConnectionKind.MENTORSHIP, ConnectionState


@pytest.fixture
def pair(wall_clock: Clock, member: Member, stranger: Member) -> Connection:
    """The stranger has just said yes to the member."""
    one = Connection.propose(member, stranger, M, WORDS, skill="Graft apple trees")
    wall_clock.forward(hours=1)
    one.accept(stranger)
    return one


def pair_words(who: Member) -> list[str]:
    kinds = Notice.objects.filter(member=who, kind__startswith="pair_").order_by("pk")
    return list(kinds.values_list("kind", flat=True))


def live(wall_clock: Clock, days: int) -> None:
    """Let days pass, with the clock of the product running."""
    for _day in range(days):
        wall_clock.forward(days=1)
        Connection.keep_time()


def test_it_says_a_word_after_7_14_and_21_days_to_whoever_has_the_turn(
    pair: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    for days, mine, theirs in ((6, 0, 0), (1, 1, 0), (6, 1, 0), (1, 2, 0), (6, 2, 0), (1, 3, 1), (6, 3, 1)):
        live(wall_clock, days)
        assert (len(pair_words(member)), len(pair_words(stranger))) == (mine, theirs)
    assert pair_words(member) == ["pair_quiet", "pair_quiet", "pair_fades"]
    assert pair_words(stranger) == ["pair_fades"]


def test_it_lets_both_go_after_28_days_and_credits_who_did_their_part(
    pair: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    live(wall_clock, 27)
    assert Connection.objects.get().state == S.ACCEPTED
    live(wall_clock, 1)
    row = Connection.objects.get()
    assert (row.state, row.asker_did_part, row.asked_did_part) == (S.RELEASED, False, True)
    assert pair_words(stranger)[-1] == "pair_released" and pair_words(member)[-1] == "pair_released_quiet"
    assert Connection.rooms_left(stranger) == 1
    assert Connection.keep_time() == 0


def test_whatever_either_does_begins_the_quiet_anew(
    pair: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    live(wall_clock, 20)
    Meeting.note(pair, member, timezone.localdate(), 90)
    assert pair_words(member) == ["pair_quiet"] * 2
    live(wall_clock, 7)
    assert pair_words(member) == ["pair_quiet"] * 2 and pair_words(stranger) == ["pair_quiet"]
    live(wall_clock, 20)
    assert Connection.objects.get().state == S.ACCEPTED
    live(wall_clock, 1)
    row = Connection.objects.get()
    assert (row.state, row.asker_did_part, row.asked_did_part) == (S.RELEASED, True, False)


def test_the_next_meeting_is_waited_for(pair: Connection, wall_clock: Clock, member: Member) -> None:
    today = timezone.localdate()
    Meeting.note(pair, member, today, 60, next_on=today + timedelta(days=40))
    live(wall_clock, 46)
    assert pair_words(member) == []
    live(wall_clock, 2)
    assert len(Notice.objects.filter(kind="pair_quiet")) == 1


def test_one_may_say_that_it_goes_on_or_rests(pair: Connection, wall_clock: Clock, stranger: Member) -> None:
    live(wall_clock, 22)
    pair.carry_on(stranger)
    live(wall_clock, 6)
    assert Connection.objects.get().state == S.ACCEPTED
    Connection.objects.get().carry_on(stranger, weeks=12)
    before = Notice.objects.count()
    live(wall_clock, 90)
    assert Notice.objects.count() == before
    live(wall_clock, 2)
    assert Notice.objects.count() == before + 1


def test_nobody_else_says_so_and_not_for_ever(pair: Connection, stranger: Member) -> None:
    with pytest.raises(ValidationError, match="half a year"):
        pair.carry_on(stranger, weeks=10**9)
    with pytest.raises(ValidationError, match="not for you"):
        pair.carry_on(MemberFactory())
    pair.end(stranger, "time")
    with pytest.raises(ValidationError, match="ended in the meantime"):
        pair.carry_on(stranger)


def test_nobody_is_let_go_who_was_not_told_three_times(pair: Connection, wall_clock: Clock) -> None:
    """The clock stood still for two months: first the word, a week later the end."""
    wall_clock.forward(days=60)
    Connection.keep_time()
    assert Connection.objects.get().state == S.ACCEPTED
    assert set(Notice.objects.filter(kind__startswith="pair_").values_list("kind", flat=True)) == {"pair_fades"}
    live(wall_clock, 6)
    assert Connection.objects.get().state == S.ACCEPTED
    live(wall_clock, 1)
    assert Connection.objects.get().state == S.RELEASED


def test_a_pair_with_somebody_under_18_is_left_to_the_stewards(
    wall_clock: Clock, member: Member, minor: Member
) -> None:
    row = Connection.agree(minor, member, M, mentor=member)
    live(wall_clock, 60)
    row.refresh_from_db()
    assert row.state == S.ACCEPTED and len(pair_words(minor)) == 3


def test_a_block_ends_it_without_a_word(pair: Connection, wall_clock: Clock, member: Member, stranger: Member) -> None:
    Block.put(stranger, member)
    live(wall_clock, 30)
    assert pair_words(member) == pair_words(stranger) == []
    assert Connection.rooms_left(stranger) == 1


def test_the_community_sets_the_days(pair: Connection, wall_clock: Clock, member: Member) -> None:
    ConnectionSettings.objects.create(first_nudge_days=3, second_nudge_days=5, third_nudge_days=6, release_days=9)
    live(wall_clock, 8)
    assert pair_words(member) == ["pair_quiet", "pair_quiet", "pair_fades"]
    live(wall_clock, 1)
    assert Connection.objects.get().state == S.RELEASED


def test_two_clocks_say_it_once(pair: Connection, wall_clock: Clock, member: Member) -> None:
    wall_clock.forward(days=7)
    numbers = ConnectionSettings.now()
    first, second = (Connection.quiet(timezone.now() - timedelta(days=7)).get() for _clock in range(2))
    assert (first._nudge(1), second._nudge(1)) == (1, 0)
    assert Connection.nudge_due(numbers) == 0 and pair_words(member) == ["pair_quiet"]


def test_something_done_in_the_same_moment_keeps_them_together(
    pair: Connection, wall_clock: Clock, member: Member
) -> None:
    live(wall_clock, 27)
    wall_clock.forward(days=1)
    seen = Connection.quiet(timezone.now() - timedelta(days=28)).get()
    Meeting.note(pair, member, timezone.localdate(), 30)
    assert seen._let_free() == 0
    assert Connection.objects.get().state == S.ACCEPTED
