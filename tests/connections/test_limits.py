"""Nobody asks more than can be answered, and nobody is asked or taken up by more than they said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionSettings, ConnectionState, Full, Wait
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from community.topics.models import Season
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, P, S = ConnectionKind.MENTORSHIP, ConnectionKind.PEER, ConnectionState


def ask(asker: Member, asked: Member, skill: str = "", **more: Any) -> Connection:
    return Connection.propose(asker, asked, M, WORDS, skill=skill, **more)


def kinds(who: Member) -> list[str]:
    return list(Notice.objects.filter(member=who).order_by("pk").values_list("kind", flat=True))


def test_the_community_says_how_many_questions_one_may_have_waiting(member: Member) -> None:
    ConnectionSettings.objects.create(open_requests=2)
    for _one in range(2):
        Connection.propose(member, MemberFactory(), P, WORDS)
    with pytest.raises(ValidationError, match="You have 2 questions waiting"):
        Connection.propose(member, MemberFactory(), P, WORDS)


def put_off(asker: Member, asked: Member, kind: ConnectionKind = P) -> Connection:
    """A question that may be asked again from today on."""
    row = Connection.propose(asker, asked, kind, WORDS)
    row.postpone(asked, timezone.localdate() + timedelta(days=1))
    Connection.objects.filter(pk=row.pk).update(ask_again_on=timezone.localdate())
    return Connection.objects.get(pk=row.pk)


def test_a_question_that_comes_back_counts_like_a_new_one(member: Member) -> None:
    ConnectionSettings.objects.create(open_requests=2)
    first, second = (put_off(member, MemberFactory()) for _one in range(2))
    first.ask_again(member)
    other = Connection.propose(member, MemberFactory(), P, WORDS)
    with pytest.raises(ValidationError, match="You have 2 questions waiting"):
        second.ask_again(member)
    assert Connection.questions_of(member) == 2
    other.withdraw(member)
    second.ask_again(member)
    second.ask_again(member)  # twice is once
    assert second.state == S.PROPOSED


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_paused": True}, "nobody on just now"),
        ({"open_to": ["peer"]}, "does not want"),
        ({"open_to": []}, "cannot"),
    ],
)
def test_a_question_comes_back_only_to_whom_it_could_be_asked(
    member: Member, stranger: Member, changed: dict[str, Any], why: str
) -> None:
    row = put_off(member, stranger, M)
    Profile.objects.filter(member=stranger).update(**changed)
    with pytest.raises(ValidationError, match=why):
        row.ask_again(member)
    assert Connection.objects.get().state == S.POSTPONED
    row.ask_again(stranger)  # whoever was asked may take it up at any time
    assert Connection.objects.get().state == S.PROPOSED


def test_one_person_gets_so_many_new_questions_in_seven_days(wall_clock: Clock, stranger: Member) -> None:
    ConnectionSettings.objects.create(weekly_requests=3)
    for _one in range(3):
        wall_clock.forward(days=1)
        asker = MemberFactory()
        ask(asker, stranger).withdraw(asker)
    for kind in (M, P):
        with pytest.raises(ValidationError, match="this week"):
            Connection.propose(MemberFactory(), stranger, kind, WORDS)
    wall_clock.forward(days=5, seconds=1)
    assert ask(MemberFactory(), stranger).state == S.PROPOSED


@pytest.mark.parametrize(("own", "community", "holds"), [(2, 10, 2), (50, 3, 3), (None, 4, 4)])
def test_the_smaller_of_a_persons_own_number_and_the_communitys_holds(
    own: int | None, community: int, holds: int, stranger: Member
) -> None:
    ConnectionSettings.objects.create(weekly_requests=community)
    Profile.objects.filter(member=stranger).update(weekly_requests=own, capacity=50)
    for _one in range(holds):
        ask(MemberFactory(), stranger)
    with pytest.raises(Full, match="this week"):
        ask(MemberFactory(), stranger)
    with pytest.raises(ValidationError, match="this week"):
        Connection.propose(MemberFactory(), stranger, P, WORDS)
    assert Connection.objects.filter(asked=stranger).count() == holds


def test_no_place_is_offered_beyond_a_mentors_own_number(stranger: Member, wall_clock: Clock) -> None:
    Profile.objects.filter(member=stranger).update(weekly_requests=1)
    ask(asker := MemberFactory(), stranger).withdraw(asker)
    waits = Wait.join(MemberFactory(), stranger)
    assert Wait.keep_time() == 0
    wall_clock.forward(days=7, seconds=1)
    assert Wait.keep_time() == 1 and Wait.objects.get(pk=waits.pk).is_offered


def test_a_full_mentor_is_not_asked_any_more(stranger: Member) -> None:
    first = ask(MemberFactory(), stranger)
    later = ask(MemberFactory(), stranger)
    first.accept(stranger)
    with pytest.raises(Full, match="You can wait for one"):
        ask(MemberFactory(), stranger)
    with pytest.raises(ValidationError, match="Raise “people at a time”"):
        later.accept(stranger)
    assert Connection.propose(MemberFactory(), stranger, P, WORDS).state == S.PROPOSED


def test_a_mentor_who_asks_a_learner_keeps_to_their_own_room(member: Member, stranger: Member) -> None:
    """The learner says yes, and the room is the mentor's all the same."""
    taught = Connection.propose(stranger, member, M, WORDS, mentor=stranger)
    ask(MemberFactory(), stranger).accept(stranger)
    with pytest.raises(ValidationError, match="Nothing is lost: say yes later"):
        taught.accept(member)


def test_a_pause_keeps_questions_and_yeses_away(member: Member, stranger: Member) -> None:
    waiting = ask(MemberFactory(), stranger)
    Profile.objects.filter(member=stranger).update(is_paused=True)
    with pytest.raises(Full, match="takes nobody on just now"):
        ask(member, stranger)
    with pytest.raises(ValidationError, match="Change pause or seasons"):
        waiting.accept(stranger)
    Profile.objects.filter(member=stranger).update(is_paused=False)
    waiting.accept(stranger)
    assert waiting.state == S.ACCEPTED


def test_a_season_is_kept_to(wall_clock: Clock, member: Member, stranger: Member) -> None:
    """Whoever has time in winter is asked in winter; the words do not say which season it is."""
    for slug, months in (("winter", [12, 1, 2]), ("spring", [3, 4, 5])):
        Season.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "months": months})
    Profile.objects.filter(member=stranger).update(seasons=["winter"], availability_visibility="me")
    with pytest.raises(Full) as refused:
        ask(member, stranger)
    assert "inter" not in refused.value.messages[0]
    wall_clock.now = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    assert ask(member, stranger).state == S.PROPOSED


def test_the_first_yes_closes_the_other_questions_for_the_same_skill(member: Member, stranger: Member) -> None:
    second, third, peer = MemberFactory(), MemberFactory(), MemberFactory()
    chosen = ask(member, stranger, "Graft apple trees")
    same = [ask(member, second, "graft  APPLE trees!"), ask(third, member, "Graft apple trees", mentor=third)]
    other = ask(member, peer, "Sharpen a scythe")
    chosen.accept(stranger)
    assert {Connection.objects.get(pk=one.pk).state for one in same} == {S.OVERTAKEN}
    other.refresh_from_db()
    assert other.state == S.PROPOSED
    assert kinds(second)[-1] == kinds(third)[-1] == "connection_overtaken"
    assert kinds(member) == ["connection_proposed", "connection_accepted", "connection_settled"]
    assert same[0].version == 0 and Connection.objects.get(pk=same[0].pk).version == 1


def test_one_learns_one_thing_from_one_person_at_a_time(member: Member, stranger: Member) -> None:
    ask(member, stranger, "Graft apple trees").accept(stranger)
    with pytest.raises(ValidationError, match="Somebody teaches this already"):
        ask(member, MemberFactory(), "Graft apple trees")
    with pytest.raises(ValidationError, match="Somebody teaches this already"):
        Connection.propose(MemberFactory(), member, M, WORDS, mentor=None, skill="x") and ask(
            one := MemberFactory(), member, "graft apple trees", mentor=one
        )
    assert ask(member, MemberFactory(), "Sharpen a scythe").state == S.PROPOSED


def test_without_a_skill_nothing_is_overtaken(member: Member, stranger: Member) -> None:
    chosen, other = ask(member, stranger), ask(member, MemberFactory())
    chosen.accept(stranger)
    other.refresh_from_db()
    assert other.state == S.PROPOSED and "connection_settled" not in kinds(member)


def test_a_block_hides_even_that_somebody_was_found(member: Member, stranger: Member) -> None:
    second = MemberFactory()
    chosen = ask(member, stranger, "Graft apple trees")
    ask(member, second, "Graft apple trees")
    Block.put(second, member)
    chosen.accept(stranger)
    assert kinds(second) == ["connection_proposed"]
