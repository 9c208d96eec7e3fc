"""An answer comes in time, or the question goes on to somebody else; nobody waits without a word."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionSettings, ConnectionState, NextChoice
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, S = ConnectionKind.MENTORSHIP, ConnectionState


@pytest.fixture
def asked(wall_clock: Clock, member: Member, stranger: Member) -> Connection:
    """The member asked the stranger to teach them, just now."""
    return Connection.propose(member, stranger, M, WORDS, skill="Graft apple trees", goal="An orchard of my own")


def kinds(who: Member) -> list[str]:
    return list(Notice.objects.filter(member=who).order_by("pk").values_list("kind", flat=True))


def state(row: Connection) -> str:
    return Connection.objects.get(pk=row.pk).state


def test_it_reminds_once_before_the_day(asked: Connection, wall_clock: Clock, stranger: Member) -> None:
    wall_clock.forward(days=4, hours=23)
    assert Connection.keep_time() == 0
    wall_clock.forward(hours=1)
    assert Connection.keep_time() == 1 and Connection.keep_time() == 0
    assert kinds(stranger) == ["connection_proposed", "connection_due"]


def test_it_lapses_on_the_day_with_a_word_to_both(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    wall_clock.forward(days=5)
    Connection.keep_time()
    wall_clock.forward(days=2, seconds=-1)
    Connection.keep_time()
    assert state(asked) == S.PROPOSED
    wall_clock.forward(seconds=1)
    assert Connection.keep_time() == 1 and Connection.keep_time() == 0
    assert state(asked) == S.LAPSED
    assert kinds(stranger)[-1] == "connection_closed" and kinds(member) == ["connection_unanswered"]


def test_it_goes_on_to_the_next_in_order_with_the_same_words(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    second, third = MemberFactory(name="Second"), MemberFactory(name="Third")
    for one in (second, third):
        asked.name_next(member, one)
    wall_clock.forward(days=7)
    Connection.keep_time()
    new = Connection.objects.get(asked=second)
    assert (new.state, new.message, new.skill, new.goal, new.mentor) == (
        S.PROPOSED, WORDS, "Graft apple trees", "An orchard of my own", second,
    )  # fmt: skip
    assert kinds(member) == ["connection_passed_on"] and kinds(second) == ["connection_proposed"]
    assert [choice.member for choice in new.next_choices.all()] == [third]
    wall_clock.forward(days=7)
    Connection.keep_time()
    assert Connection.objects.get(asked=third).state == S.PROPOSED
    wall_clock.forward(days=7)
    Connection.keep_time()
    assert kinds(member) == ["connection_passed_on", "connection_passed_on", "connection_unanswered"]
    assert Connection.objects.count() == 3 and not NextChoice.objects.exists()


@pytest.mark.parametrize("how", ["paused", "closed", "blocked", "left"])
def test_it_passes_over_who_cannot_be_asked_any_more(
    asked: Connection, wall_clock: Clock, member: Member, how: str
) -> None:
    second, third = MemberFactory(), MemberFactory()
    for one in (second, third):
        asked.name_next(member, one)
    if how == "paused":
        Profile.objects.filter(member=second).update(is_paused=True)
    elif how == "closed":
        Profile.objects.filter(member=second).update(open_to=["peer"])
    elif how == "blocked":
        Block.put(second, member)
    else:
        Member.objects.filter(pk=second.pk).update(is_active=False)
    wall_clock.forward(days=7)
    Connection.keep_time()
    assert not Connection.objects.filter(asked=second).exists() and kinds(second) == []
    assert Connection.objects.get(asked=third).state == S.PROPOSED


def test_it_asks_the_next_after_a_no_and_after_not_now(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    second, third = MemberFactory(), MemberFactory()
    for one in (second, third):
        asked.name_next(member, one)
    asked.decline(stranger, "Not this year.")
    Connection.keep_time()
    new = Connection.objects.get(asked=second)
    new.postpone(second, timezone.localdate() + timedelta(days=30))
    Connection.keep_time()
    assert Connection.objects.get(asked=third).state == S.PROPOSED
    assert kinds(member) == [
        "connection_declined", "connection_passed_on", "connection_postponed", "connection_passed_on"
    ]  # fmt: skip


def test_it_passes_over_who_was_asked_already(asked: Connection, wall_clock: Clock, member: Member) -> None:
    """They have a question of their own, with next choices of its own; the list goes on behind them."""
    second, third = MemberFactory(), MemberFactory()
    other = Connection.propose(member, second, M, WORDS, skill="Sharpen a scythe")
    for one in (second, third):
        asked.name_next(member, one)
    other.name_next(member, third)
    wall_clock.forward(days=7, seconds=-1)
    Connection.objects.filter(pk=other.pk).update(moved_at=timezone.now())
    wall_clock.forward(seconds=1)
    Connection.keep_time()
    assert Connection.objects.get(asked=third).skill == "Graft apple trees"
    assert Connection.objects.filter(asked=second).count() == 1


def test_it_waits_while_the_asker_has_as_many_questions_as_are_allowed(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    second = MemberFactory()
    asked.name_next(member, second)
    asked.decline(stranger)
    others = [Connection.propose(member, MemberFactory(), ConnectionKind.PEER, WORDS) for _one in range(5)]
    Connection.keep_time()
    assert not Connection.objects.filter(asked=second).exists() and NextChoice.objects.count() == 1
    others[0].withdraw(member)
    Connection.keep_time()
    assert Connection.objects.filter(asked=second).exists()


def test_nobody_is_asked_by_itself_once_it_is_answered_or_taken_back(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    asked.name_next(member, MemberFactory())
    asked.accept(stranger)
    Connection.keep_time()
    assert not NextChoice.objects.exists() and Connection.objects.count() == 1


def test_it_says_when_a_question_can_be_asked_again_and_puts_it_away_later(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    asked.postpone(stranger, timezone.localdate() + timedelta(days=30))
    wall_clock.forward(days=29)
    assert Connection.keep_time() == 0
    wall_clock.forward(days=1)
    assert Connection.keep_time() == 1 and Connection.keep_time() == 0
    assert kinds(member)[-1] == "connection_again"
    wall_clock.forward(days=15)
    Connection.keep_time()
    assert state(asked) == S.LAPSED and kinds(member)[-1] == "connection_put_away"
    assert kinds(stranger) == ["connection_proposed"]


def test_a_question_that_comes_back_has_a_whole_window(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member
) -> None:
    asked.postpone(stranger, timezone.localdate() + timedelta(days=30))
    wall_clock.forward(days=30)
    Connection.keep_time()
    Connection.objects.get(pk=asked.pk).ask_again(member)
    wall_clock.forward(days=5)
    assert Connection.keep_time() == 1
    wall_clock.forward(days=1)
    assert Connection.keep_time() == 0 and state(asked) == S.PROPOSED


def test_the_community_sets_the_days(asked: Connection, wall_clock: Clock) -> None:
    ConnectionSettings.objects.create(answer_days=10, remind_days=1)
    wall_clock.forward(days=8)
    assert Connection.keep_time() == 0
    wall_clock.forward(days=1)
    assert Connection.keep_time() == 1
    wall_clock.forward(days=1)
    Connection.keep_time()
    assert state(asked) == S.LAPSED


def test_it_is_answered_in_the_same_moment(
    asked: Connection, wall_clock: Clock, stranger: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock has looked, and then the yes comes: the yes holds, and nothing lapses."""
    wall_clock.forward(days=7)
    late = Connection.objects.select_related("asker", "asked").get(pk=asked.pk)
    asked.accept(stranger)
    assert late._run_out() == 0
    assert state(asked) == S.ACCEPTED


@pytest.mark.parametrize("words", ["remind_days", "release_days"])
def test_numbers_that_contradict_each_other_are_refused(db: Any, words: str) -> None:
    wrong = {"remind_days": 7} if words == "remind_days" else {"release_days": 21}
    with pytest.raises(ValidationError) as refused:
        ConnectionSettings(**wrong).full_clean()
    assert words in refused.value.message_dict


def test_next_choices_are_named_by_the_asker_alone(
    asked: Connection, wall_clock: Clock, member: Member, stranger: Member, minor: Member
) -> None:
    with pytest.raises(ValidationError):
        asked.name_next(stranger, MemberFactory())
    for wrong in (member, stranger, minor, MemberFactory(profile={"open_to": ["peer"]})):
        with pytest.raises(ValidationError):
            asked.name_next(member, wrong)
    named = [MemberFactory() for _one in range(4)]
    for one in [*named, named[0]]:
        asked.name_next(member, one)
    with pytest.raises(ValidationError, match="4 people"):
        asked.name_next(member, MemberFactory())
    asked.drop_next(member, asked.next_choices.first().pk)
    asked.drop_next(member, 10**12)
    assert [one.member for one in asked.next_choices.all()] == named[1:]
    assert NextChoice.objects.visible_to(stranger).count() == 0
    assert NextChoice.objects.visible_to(member).count() == 3
