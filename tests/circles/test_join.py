"""Coming into a circle: by an open door, on request, by invitation; never over its size, never across a block."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.circles.models import Circle, Membership
from community.members.models import Block, Member
from community.notices.models import Notice
from home.management.commands.clock import keep_connections
from tests.conftest import signed_in
from tests.factories import CircleFactory, MemberFactory
from tests.moving import Clock
from tests.soak.seats import Crowd, on_disk

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(db: None) -> Member:
    """Who leads the circle."""
    return MemberFactory(name="Lena Leads")


def state(circle: Circle, who: Member) -> str:
    found = Membership.objects.filter(circle=circle, member=who).first()
    return found.state if found else ""


def in_group(circle: Circle, who: Member) -> bool:
    return who.groups.filter(pk=circle.group_id).exists()


def test_it_lets_anybody_in_by_an_open_door(leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader)
    for _twice in range(2):
        assert as_member.post(f"/circles/{circle.slug}/join/").url == circle.get_absolute_url()
    circle.refresh_from_db()
    assert state(circle, member) == "in" and in_group(circle, member) and circle.taken == 2
    assert [n.kind for n in Notice.objects.filter(member=leader)] == ["circle_joined"]
    assert "You belong to it now." in as_member.get(circle.get_absolute_url()).text


def test_it_asks_and_is_admitted(leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader, door="ask")
    assert as_member.post(f"/circles/{circle.slug}/join/", follow=True).status_code == 200
    assert state(circle, member) == ""  # asking comes first
    as_member.post(f"/circles/{circle.slug}/ask/", {"word": "I keep forty hives."})
    assert state(circle, member) == "asked" and not in_group(circle, member)
    place = circle.memberships.get(member=member)
    page = signed_in(leader).get(f"/circles/{circle.slug}/people/")
    assert "I keep forty hives." in page.text
    assert signed_in(leader).post(f"/circles/{circle.slug}/people/{place.pk}/admit/").status_code == 302
    assert state(circle, member) == "in" and in_group(circle, member)
    assert Notice.objects.filter(member=member, kind="circle_admitted").count() == 1


def test_it_turns_down_with_a_kind_word(leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader, door="ask")
    circle.ask(member, "May I?")
    place = circle.memberships.get(member=member)
    url, boss = f"/circles/{circle.slug}/people/{place.pk}/turn-down/", signed_in(leader)
    assert "Write a kind word" in boss.post(url, {"word": " "}).text and state(circle, member) == "asked"
    assert boss.post(url, {"word": "We are full until summer."}).status_code == 302
    assert state(circle, member) == "declined"
    assert "We are full until summer." in as_member.get(circle.get_absolute_url()).text
    assert "not long ago" in as_member.post(f"/circles/{circle.slug}/ask/", {"word": "Again?"}).text
    circle.memberships.update(created_at=timezone.now() - timedelta(days=31))
    as_member.post(f"/circles/{circle.slug}/ask/", {"word": "Again?"})
    assert state(circle, member) == "asked"


def test_it_takes_its_own_question_back_and_may_ask_anew(leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader, door="ask")
    circle.ask(member, "May I?")
    as_member.post(f"/circles/{circle.slug}/refuse/")
    assert state(circle, member) == "left"
    assert "not long ago" not in as_member.post(f"/circles/{circle.slug}/ask/", {"word": "I may!"}, follow=True).text
    assert state(circle, member) == "asked"


def test_it_comes_by_invitation_into_a_closed_circle(leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader, door="closed")
    assert as_member.get(circle.get_absolute_url()).status_code == 404
    boss = signed_in(leader)
    for _twice in range(2):
        assert boss.post(f"/circles/{circle.slug}/people/invite/", {"who": member.name}).status_code == 302
    assert Notice.objects.filter(member=member, kind="circle_invited").count() == 1
    assert "You are invited" in as_member.get("/circles/").text
    as_member.post(f"/circles/{circle.slug}/join/")
    assert state(circle, member) == "in"


def test_it_says_no_to_an_invitation_and_finds_it_no_more(leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader, door="closed")
    circle.invite(leader, member)
    as_member.post(f"/circles/{circle.slug}/refuse/")
    assert state(circle, member) == "declined" and as_member.get(circle.get_absolute_url()).status_code == 404
    with pytest.raises(ValidationError):
        circle.invite(leader, member)  # a no stands for a month
    with pytest.raises(ValidationError):
        circle.join(member)


@pytest.mark.parametrize("who", ["", "Nobody At All", "\x00", "x" * 300, "/people/nobody/", "Alma Field"])
def test_it_invites_nobody_whom_it_does_not_find(leader: Member, minor: Member, who: str) -> None:
    circle = CircleFactory(by=leader)
    MemberFactory.create_batch(2, name="Alma Field")
    answer = signed_in(leader).post(f"/circles/{circle.slug}/people/invite/", {"who": who})
    assert answer.status_code == 200 and "error" in answer.text
    signed_in(leader).post(f"/circles/{circle.slug}/people/invite/", {"who": minor.handle})
    assert circle.memberships.count() == 1


def test_it_is_never_over_its_size(leader: Member) -> None:
    circle = CircleFactory(by=leader, size=3, people=MemberFactory.create_batch(2))
    with pytest.raises(ValidationError, match="full"):
        circle.join(MemberFactory())
    circle.refresh_from_db()
    assert circle.taken == 3
    late = MemberFactory()
    answer = signed_in(late).post(f"/circles/{circle.slug}/join/", follow=True)
    assert "The circle is full." in answer.text and not in_group(circle, late)


def test_nobody_under_18_finds_or_joins_one(minor: Member, leader: Member) -> None:
    circle = CircleFactory(by=leader, name="Hedgers of Tolver")
    young = signed_in(minor)
    assert "Hedgers" not in young.get("/circles/").text
    assert young.get(circle.get_absolute_url()).status_code == 404
    assert young.post(f"/circles/{circle.slug}/join/").status_code == 404
    assert young.post("/circles/new/", {"name": "Ours"}).status_code == 403
    with pytest.raises(ValidationError):
        circle.join(minor)
    with pytest.raises(ValidationError):
        Circle.found(minor, name="Ours", purpose="Ours")
    assert Circle.objects.count() == 1


@pytest.mark.parametrize("blocker", ["leader", "member"])
def test_who_is_kept_away_by_the_leader_cannot_find_it(leader: Member, member: Member, blocker: str) -> None:
    circle = CircleFactory(by=leader, name="Hedgers of Tolver")
    Block.put(*((leader, member) if blocker == "leader" else (member, leader)))
    client = signed_in(member)
    assert client.get(circle.get_absolute_url()).status_code == 404
    assert "Hedgers" not in client.get("/circles/").text
    with pytest.raises(ValidationError):
        circle.join(member)
    with pytest.raises(ValidationError):
        circle.invite(leader, member)


def test_a_block_frees_the_place_with_the_leader(leader: Member, member: Member) -> None:
    circle = CircleFactory(by=leader, people=[member])
    said = Notice.objects.count()
    Block.put(member, leader)
    circle.refresh_from_db()
    assert state(circle, member) == "left" and not in_group(circle, member) and circle.taken == 1
    assert Notice.objects.count() == said  # nobody is told


def test_blocked_members_of_one_circle_do_not_meet_in_it(leader: Member, member: Member, stranger: Member) -> None:
    circle = CircleFactory(by=leader, people=[member, stranger])
    Block.put(member, stranger)
    for who, other in ((member, stranger), (stranger, member)):
        page = signed_in(who).get(f"/circles/{circle.slug}/people/").text
        assert leader.name in page and who.name in page and other.name not in page
        assert other.name not in signed_in(who).get(circle.get_absolute_url()).text
        assert Circle.objects.with_people(who).get().people == 2  # not in a count either
    assert Circle.objects.with_people(leader).get().people == 3


def test_names_are_for_members_and_small_numbers_for_nobody(leader: Member, as_stranger: Client) -> None:
    circle = CircleFactory(by=leader, people=MemberFactory.create_batch(3))
    text = as_stranger.get(circle.get_absolute_url()).text
    assert "fewer than 5 people" in text and leader.name not in text
    assert as_stranger.get(f"/circles/{circle.slug}/people/").status_code == 404
    circle.join(MemberFactory())
    assert "5 people" in as_stranger.get(circle.get_absolute_url()).text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", range(20))
def test_it_never_takes_one_too_many_at_the_same_moment(tmp_path: Path, seed: int) -> None:
    with on_disk(tmp_path), Crowd() as crowd:
        leader = crowd.alone(MemberFactory)
        circle = crowd.alone(lambda: CircleFactory(by=leader, size=5))
        people = crowd.alone(lambda: MemberFactory.create_batch(9))
        leaving: list[Any] = [lambda: circle.leave(people[0])] if seed % 2 else []
        crowd.rush([*[lambda who=who: circle.join(who) for who in people], *leaving])
        inside = crowd.alone(circle.memberships.filter(state="in").count)
        row = crowd.alone(lambda: Circle.objects.get(pk=circle.pk))
        assert row.taken == inside == crowd.alone(lambda: row.group.user_set.count())
        assert inside == 5 or (leaving and inside == 4)
        crowd.alone(lambda: row.delete())


def test_being_taken_out_of_two_circles_is_told_twice(leader: Member, member: Member, as_member: Client) -> None:
    circles = [CircleFactory(by=leader, people=[member]) for _two in range(2)]
    for circle in circles:
        circle.take_out(leader, member)
    told = Notice.objects.filter(member=member, kind="circle_taken_out")
    assert told.count() == 2 and all(as_member.get(one.url).status_code == 200 for one in told)


def test_it_invites_so_many_people_a_day_whatever_they_answer(leader: Member) -> None:
    circle = CircleFactory(by=leader, door="closed", size=20)
    for who in MemberFactory.create_batch(Circle.MOST_INVITED_A_DAY):
        circle.invite(leader, who)
        circle.refuse(who)
    late = MemberFactory()
    with pytest.raises(ValidationError, match="many people today"):
        circle.invite(leader, late)
    Notice.objects.update(created_at=timezone.now() - timedelta(days=2))
    circle.invite(leader, late)
    assert state(circle, late) == "invited"


def test_nobody_who_asks_waits_for_ever(wall_clock: Clock, leader: Member, member: Member, as_member: Client) -> None:
    circle = CircleFactory(by=leader, door="ask")
    circle.ask(member, "I keep forty hives.")
    told = Notice.objects.filter(member=leader, kind="circle_asked")
    for days, notices in ((6, 1), (2, 2), (5, 2)):
        wall_clock.forward(days=days)
        keep_connections()
        keep_connections()
        assert told.count() == notices and state(circle, member) == "asked", days
    assert all(signed_in(leader).get(one.url).status_code == 200 for one in told)
    wall_clock.forward(days=2)
    assert keep_connections() and not keep_connections()
    heard = Notice.objects.get(member=member, kind="circle_declined")
    heard.is_mail = True
    assert state(circle, member) == "left" and "No answer has come" in heard.lines[0] and circle.name in heard.lines[1]
    assert as_member.get(heard.url).status_code == 200
    circle.ask(member, "Once more?")  # nobody said no
    assert state(circle, member) == "asked" and told.all().count() == 3


def test_a_reminder_is_no_answer_to_who_was_answered(wall_clock: Clock, leader: Member, member: Member) -> None:
    circle = CircleFactory(by=leader, door="ask")
    circle.ask(member, "I keep forty hives.")
    circle.turn_down(leader, member, "We are full.")
    said = Notice.objects.count()
    wall_clock.forward(days=20)
    assert Circle.keep_time() == 0 and Notice.objects.count() == said
