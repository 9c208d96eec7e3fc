"""Whatever people do in whatever order: no seat twice, none kept back, and whoever came first is asked first."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from community.gatherings import privacy
from community.gatherings.models import GatheringPage, Registration, Seats
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db
SOON = timedelta(days=30)


class Queue(RuleBasedStateMachine):
    """One gathering, a few people, and a plain list in which the queue is kept as one would on paper.

    The model knows nothing of counters: `paper` maps whoever holds or waits to their state, `line` is the queue.
    """

    MOST = 6

    @initialize(capacity=st.integers(1, 3))
    def begin(self, capacity: int) -> None:
        self.point = transaction.savepoint()
        self.gathering: GatheringPage = GatheringFactory(capacity=capacity)
        self.capacity: int | None = capacity
        self.people = [MemberFactory() for _one in range(self.MOST)]
        self.paper: dict[int, str] = {}
        self.line: list[int] = []
        self.asked: list[int] = []
        self.away: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    # What happens on paper

    def free(self) -> bool:
        return self.capacity is None or len(self.paper) < self.capacity

    def call_next(self) -> None:
        while self.line and self.free():
            who = self.line.pop(0)
            self.paper[who] = "offered"
            self.asked.append(who)

    def leave(self, who: int) -> None:
        self.paper.pop(who, None)
        self.line = [one for one in self.line if one != who]
        self.call_next()

    def row(self, who: int) -> Any:
        return Registration.objects.pending().filter(member=self.people[who], gathering=self.gathering).first()

    # What people do

    who = st.integers(0, MOST - 1)

    @rule(who=who, may_wait=st.booleans())
    def enrol(self, who: int, may_wait: bool) -> None:
        if who in self.away:
            with pytest.raises(ValidationError):
                self.gathering.enrol(self.people[who], uuid.uuid4(), may_wait=may_wait)
            return
        is_known = who in self.paper or who in self.line
        if not is_known and not self.free() and not may_wait:
            with pytest.raises(ValidationError):
                self.gathering.enrol(self.people[who], uuid.uuid4())
            return
        self.gathering.enrol(self.people[who], uuid.uuid4(), may_wait=may_wait)
        if not is_known and self.free():
            self.paper[who] = "enrolled"
        elif not is_known:
            self.line.append(who)

    @rule(who=who)
    def cancel(self, who: int) -> None:
        if row := self.row(who):
            row.cancel()
            row.cancel()
            self.leave(who)

    @rule(who=who)
    def accept(self, who: int) -> None:
        row = self.row(who)
        if self.paper.get(who) == "offered":
            row.accept()
            row.accept()
            self.paper[who] = "enrolled"

    @rule(who=who)
    def lapse(self, who: int) -> None:
        if self.paper.get(who) != "offered":
            return
        Registration.objects.filter(pk=self.row(who).pk).update(offer_until=timezone.now() - timedelta(seconds=1))
        assert Registration.lapse_due() == 1
        self.leave(who)

    @rule(capacity=st.one_of(st.integers(1, 5), st.none()))
    def change_capacity(self, capacity: int | None) -> None:
        page = GatheringPage.objects.get(pk=self.gathering.pk)
        page.capacity = capacity
        if capacity is not None and capacity < len(self.paper):
            with pytest.raises(ValidationError):
                page.save()
            return
        page.save()
        self.capacity = capacity
        self.call_next()

    @precondition(lambda self: len(self.away) < self.MOST - 2)
    @rule(who=who, is_host=st.booleans())
    def block(self, who: int, is_host: bool) -> None:
        pair: tuple[Member, Member] = (self.gathering.author, self.people[who])
        Block.put(*(pair if is_host else pair[::-1]))
        self.away.add(who)
        self.leave(who)

    @rule(who=who)
    def erase(self, who: int) -> None:
        privacy.erase(self.people[who])
        self.leave(who)

    @rule()
    def heal(self) -> None:
        assert Seats.recount() == 0 and Registration.heal() == 0

    # What must hold after each step

    @invariant()
    def is_as_on_paper(self) -> None:
        if not hasattr(self, "paper"):
            return
        key = {person.pk: number for number, person in enumerate(self.people)}
        rows = list(Registration.objects.pending().filter(gathering=self.gathering))
        held = {key[row.member_id]: row.state for row in rows if row.state != "waiting"}
        waits = sorted((row for row in rows if row.state == "waiting"), key=lambda row: row.position)
        assert held == self.paper and [key[row.member_id] for row in waits] == self.line
        assert [row.position for row in waits] == list(range(1, len(waits) + 1))
        seats = Seats.objects.get(page=self.gathering)
        assert seats.taken == len(self.paper) and seats.capacity == self.capacity
        offers = Notice.objects.filter(kind="seat_offered", member__in=self.people).order_by("pk")
        told = [key[one] for one in offers.values_list("member", flat=True)]
        assert told == self.asked  # each offer once, and in the order of the queue


def test_it_keeps_the_queue_as_one_would_on_paper(db: None) -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
