"""What circles hold on a person comes out whole, and goes with them."""

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from community.circles import privacy
from community.circles.models import Action, Ballot, Circle, Membership, Minutes, Poll
from community.members.models import Member
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
    assert Circle.heal() == 3
    circle.refresh_from_db()
    assert circle.taken == 3 and not member.groups.exists() and stranger.groups.exists()
    assert Circle.heal() == 0
