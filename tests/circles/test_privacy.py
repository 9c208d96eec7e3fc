"""What circles hold on a person comes out whole, and goes with them."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from community.circles import privacy
from community.circles.models import Action, Ballot, Circle, Membership, Minutes, Poll
from community.members.models import Block, Member
from community.notices.models import Notice
from community.trust.models import Audit
from community.trust.registry.healing import reconcile
from tests.conftest import signed_in
from tests.factories import CircleFactory, MemberFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def test_it_gives_out_all_of_mine_and_nobody_elses(member: Member, stranger: Member) -> None:
    circle = CircleFactory(by=stranger, door="ask", name="MARK-circle", agenda="SECRET-agenda")
    circle.ask(member, "MARK-word")
    circle.admit(stranger, member)
    Minutes.write(circle, member, TODAY(), "MARK-minutes")
    Minutes.write(circle, stranger, TODAY(), "SECRET-minutes")
    Action.give(circle, member, "MARK-action", stranger)
    Action.give(circle, stranger, "SECRET-action", member)
    poll = Poll.put(circle, member, ["MARK-one", "two"], title="MARK-poll", closes_on=TODAY() + timedelta(days=3))
    poll.vote(member, [poll.choices.first().pk])
    CircleFactory(by=member, purpose="MARK-purpose")
    gone = CircleFactory(by=stranger, door="closed", name="SECRET-closed", people=[member])
    gone.leave(member)
    text = json.dumps(privacy.export(member), cls=DjangoJSONEncoder)
    marks = ("circle", "minutes", "action", "poll", "one", "purpose")
    assert all(f"MARK-{mark}" in text for mark in marks) and "SECRET" not in text


def test_it_frees_the_place_and_hands_on(member: Member, stranger: Member) -> None:
    circle = CircleFactory(by=member, people=[stranger])
    alone = CircleFactory(by=member)
    Minutes.write(circle, member, TODAY(), "We met.")
    action = Action.give(circle, stranger, "Order the quick", member)
    poll = Poll.put(circle, stranger, ["one", "two"], title="Which?", closes_on=TODAY(), is_anonymous=True)
    poll.vote(member, [poll.choices.first().pk])
    privacy.erase(member)
    circle.refresh_from_db()
    action.refresh_from_db()
    assert not Circle.objects.filter(pk=alone.pk).exists() and circle.taken == 1
    assert Membership.objects.get().member == stranger and Membership.objects.get().is_facilitator
    assert Minutes.objects.get().writer is None and action.doer is None
    assert not Ballot.objects.exists() and poll.choices.first().votes == 1  # nobody knows whose it was


def test_heal_puts_counters_and_groups_right(member: Member, stranger: Member) -> None:
    circle = CircleFactory(by=member, people=[stranger, MemberFactory()])
    assert Circle.heal() == 0
    Circle.objects.update(taken=1)
    circle.group.user_set.remove(stranger)
    Member.objects.filter(pk=member.pk).update(is_adult=False)
    assert Circle.heal() == 4  # a counter, two places in the group, and nobody who led any more
    circle.refresh_from_db()
    assert circle.taken == 3 and not member.groups.exists() and stranger.groups.exists()
    assert Circle.heal() == 0


def test_a_circle_whose_only_leader_is_closed_is_led_on(member: Member, stranger: Member, steward: Member) -> None:
    late = MemberFactory()
    circle = CircleFactory(by=member, people=[stranger, late], door="ask")
    asking = MemberFactory()
    circle.ask(asking, "May I come?")
    Audit.deactivate(member, steward, "gone")
    assert reconcile()["circles.circle"] and not reconcile()["circles.circle"]
    assert circle.leader_keys == [stranger.pk]  # the longest in it
    assert Notice.objects.filter(member=stranger, kind="circle_handed_on").count() == 1
    circle.admit(stranger, asking)


def test_a_closed_account_keeps_no_seat(member: Member, stranger: Member, steward: Member) -> None:
    circle = CircleFactory(by=member, people=[stranger, MemberFactory()], size=3)
    late = MemberFactory()
    with pytest.raises(ValidationError, match="full"):
        circle.join(late)
    Audit.deactivate(stranger, steward, "gone")
    Circle.heal()
    circle.join(late)
    Member.objects.filter(pk=stranger.pk).update(is_active=True)  # opened again
    Circle.heal()
    circle.refresh_from_db()
    assert (circle.taken, circle.size) == (4, 4) and Circle.heal() == 0


@pytest.mark.parametrize("how", ["ended", "left", "erased"])
def test_whoever_asked_hears_that_it_has_ended(member: Member, stranger: Member, how: str) -> None:
    circle = CircleFactory(by=member, door="ask")
    circle.ask(stranger, "May I come?")
    ways = {"ended": lambda: circle.end(member, "Bye"), "left": lambda: circle.leave(member)}
    ways.get(how, lambda: privacy.erase(member))()
    told = Notice.objects.get(member=stranger, kind="circle_declined")
    told.is_mail = True
    assert "It has ended." in told.lines[1] and "What they wrote" not in told.lines[1]
    assert signed_in(stranger).get(told.url).status_code == 200


def test_with_whoever_leads_next_a_block_frees_the_place(member: Member, stranger: Member) -> None:
    for verb in ("hand_on", "forget"):
        apart, other = MemberFactory(), MemberFactory()
        circle = CircleFactory(by=member, people=[stranger, apart, other])
        Block.put(apart, stranger)
        circle.hand_on(member, stranger) if verb == "hand_on" else circle.forget(member)
        circle.refresh_from_db()
        assert circle.leader_keys == [stranger.pk], verb
        assert set(circle.memberships.filter(state="in").values_list("member", flat=True)) >= {stranger.pk, other.pk}
        assert circle.memberships.get(member=apart).state == "left" and not apart.groups.exists()
        assert circle.taken == circle.memberships.filter(state="in").count()
