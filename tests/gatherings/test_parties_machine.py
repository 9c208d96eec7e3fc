"""Parties, ways and a host who says yes to each, in whatever order: no seat twice, first come, first asked."""

import uuid
from dataclasses import dataclass
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
MODES = ["on-site", "online", "hybrid"]
HELD = {"enrolled", "offered"}


@dataclass
class Wish:
    """What somebody has or wants, as one would note it on paper."""

    state: str
    seats: int
    online: bool
    number: int = 0  # in the queue


class Parties(RuleBasedStateMachine):
    """One gathering in all three modes; the notes know nothing of counters, locks or rows."""

    MOST = 8

    @initialize(
        place=st.integers(1, 3), online=st.integers(1, 3), mode=st.sampled_from(MODES),
        crowd=st.lists(st.tuples(st.integers(0, MOST - 1), st.integers(0, 1), st.booleans()), min_size=5, max_size=8),
    )  # fmt: skip
    def begin(self, place: int, online: int, mode: str, crowd: list[tuple[int, int, bool]]) -> None:
        self.point = transaction.savepoint()
        page = GatheringFactory(mode=mode, place="Tolver", capacity=place, online_capacity=online, max_guests=2)
        self.page: GatheringPage = page
        self.room: dict[bool, int | None] = {False: place, True: online}
        self.mode, self.says_yes = mode, False
        self.people = [MemberFactory() for _one in range(self.MOST)]
        self.notes: dict[int, Wish] = {}
        self.refused: set[int] = set()
        self.away: set[int] = set()
        self.offers: list[int] = []
        self.news = dict.fromkeys(range(self.MOST), 0)
        self.numbers = 0
        for who, guests, screen in crowd:  # whatever rules a run leaves out, there is a queue from the beginning
            self.enrol(who, guests, screen, may_wait=True)

    def teardown(self) -> None:
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    # What happens on paper

    def taken(self, online: bool) -> int:
        return sum(one.seats for one in self.notes.values() if one.state in HELD and one.online == online)

    def fits(self, wish: Wish) -> bool:
        room = self.room[wish.online]
        return room is None or self.taken(wish.online) + wish.seats <= room

    def line(self) -> list[int]:
        waits = [who for who, one in self.notes.items() if one.state == "waiting"]
        return sorted(waits, key=lambda who: self.notes[who].number)

    def queue(self, wish: Wish) -> None:
        self.numbers += 1
        wish.state, wish.number = "waiting", self.numbers

    def call_next(self) -> None:
        for who in self.line():
            if self.fits(self.notes[who]):
                self.notes[who].state = "offered"
                self.offers.append(who)

    def leave(self, who: int) -> None:
        self.notes.pop(who, None)
        self.call_next()

    def one_of(self, pick: int, *states: str) -> int:
        """One of those who stand so, so that few steps are idle."""
        found = sorted(who for who, one in self.notes.items() if not states or one.state in states)
        return found[pick % len(found)]

    def some(self, *states: str) -> bool:
        return any(one.state in states for one in self.notes.values())

    def row(self, who: int) -> Any:
        return Registration.objects.pending().filter(member=self.people[who], gathering=self.page).get()

    def fresh(self) -> GatheringPage:
        return GatheringPage.objects.get(pk=self.page.pk)

    # What people do

    who = st.integers(0, MOST - 1)

    @rule(crowd=st.lists(st.tuples(who, st.integers(0, 2), st.booleans()), min_size=2, max_size=6))
    def queue_up(self, crowd: list[tuple[int, int, bool]]) -> None:
        for who, guests, online in crowd:
            self.enrol(who, guests, online, may_wait=True)

    @rule(who=who, guests=st.integers(0, 3), online=st.booleans(), may_wait=st.booleans())
    def enrol(self, who: int, guests: int, online: bool, may_wait: bool) -> None:
        wish = Wish("enrolled", 1 + guests, online and self.mode == "hybrid")
        room = self.room[wish.online]

        def ask() -> None:
            self.fresh().enrol(self.people[who], uuid.uuid4(), guests=guests, is_online=online, may_wait=may_wait)

        if who in self.notes:
            return ask()  # the second wish changes nothing
        is_full = not self.fits(wish) and not may_wait and not self.says_yes
        is_too_many = guests > 2 or (room is not None and wish.seats > room)
        if who in self.away or who in self.refused or is_too_many or is_full:
            with pytest.raises(ValidationError):
                ask()
            return None
        ask()
        if self.says_yes:
            wish.state = "asked"
        elif not self.fits(wish):
            self.queue(wish)
        self.notes[who] = wish
        return None

    @precondition(lambda self: self.notes)
    @rule(pick=who, yes=st.sampled_from([True, True, False]))
    def answer(self, pick: int, yes: bool) -> None:
        who = self.one_of(pick, "asked") if self.some("asked") else self.one_of(pick)
        wish, row = self.notes[who], self.row(who)
        for _twice in range(2):
            row.approve() if yes else row.decline()
        if wish.state == "asked" and not yes:
            self.refused.add(who)
            del self.notes[who]
        elif wish.state == "asked" and self.fits(wish):
            wish.state = "enrolled"
        elif wish.state == "asked":
            self.queue(wish)

    @precondition(lambda self: self.notes)
    @rule(pick=who, of_held=st.booleans())
    def cancel(self, pick: int, of_held: bool) -> None:
        who = self.one_of(pick, *HELD) if of_held and self.some(*HELD) else self.one_of(pick)
        row = self.row(who)
        row.cancel()
        row.cancel()
        self.leave(who)

    @precondition(lambda self: self.some("offered"))
    @rule(pick=who)
    def accept(self, pick: int) -> None:
        who = self.one_of(pick, "offered")
        row = self.row(who)
        row.accept()
        row.accept()
        self.notes[who].state = "enrolled"

    @precondition(lambda self: self.some("offered"))
    @rule(pick=who)
    def lapse(self, pick: int) -> None:
        who = self.one_of(pick, "offered")
        late = timezone.now() - timedelta(seconds=1)
        Registration.objects.filter(pk=self.row(who).pk).update(offer_until=late)
        assert Registration.lapse_due() == 1 and Registration.lapse_due() == 0
        self.leave(who)

    @rule(says_yes=st.booleans())
    def say_yes_to_each(self, says_yes: bool) -> None:
        page = self.fresh()
        page.needs_approval = self.says_yes = says_yes
        page.save()

    @rule(place=st.one_of(st.integers(1, 8), st.none()), online=st.one_of(st.integers(1, 8), st.none()))
    def change_room(self, place: int | None, online: int | None) -> None:
        page = self.fresh()
        page.capacity, page.online_capacity = place, online
        room = {False: place, True: online}
        if any(number is not None and number < self.taken(way) for way, number in room.items()):
            with pytest.raises(ValidationError):
                page.save()
            return
        page.save()
        self.room = room
        self.call_next()

    @rule(mode=st.sampled_from(MODES), fate=st.sampled_from(["", "move", "end"]), room=st.integers(1, 12))
    def change_mode(self, mode: str, fate: str, room: int) -> None:
        page = self.fresh()
        page.mode, page.fate = mode, fate
        page.capacity = page.online_capacity = room
        lost: list[int] = []
        if mode not in ("hybrid", self.mode):
            was_both = self.mode == "hybrid"
            lost = [who for who, one in self.notes.items() if not was_both or one.online != (mode == "online")]
        stay = {who: one for who, one in self.notes.items() if not (fate == "end" and who in lost)}
        way = {who: one.online if mode == self.mode else False for who, one in stay.items()}
        if mode == "hybrid" and self.mode == "online":
            way = dict.fromkeys(stay, True)
        held = {side: sum(one.seats for who, one in stay.items() if one.state in HELD and way[who] == side) for side in
                (False, True)}  # fmt: skip
        if (lost and not fate) or max(held.values()) > room:
            with pytest.raises(ValidationError):
                page.save()
            return
        page.save()
        page.save()  # once more tells and moves nobody
        if mode != self.mode:
            for who in self.notes:
                self.news[who] += 1
        self.notes, self.mode, self.room = stay, mode, {False: room, True: room}
        for who, one in stay.items():
            one.online = way[who]
        self.call_next()

    @precondition(lambda self: self.some("waiting") and len(self.away) < 3)
    @rule(who=who, is_host=st.booleans())
    def block(self, who: int, is_host: bool) -> None:
        pair: tuple[Member, Member] = (self.page.author, self.people[who])
        Block.put(*(pair if is_host else pair[::-1]))
        self.away.add(who)
        self.leave(who)

    @precondition(lambda self: self.notes)
    @rule(pick=who)
    def erase(self, pick: int) -> None:
        who = self.one_of(pick)
        privacy.erase(self.people[who])
        self.refused.discard(who)
        self.leave(who)

    @precondition(lambda self: self.notes)
    @rule()
    def heal(self) -> None:
        assert Seats.recount() == 0 and Registration.heal() == 0

    # What must hold after each step

    @invariant()
    def is_as_noted(self) -> None:
        if not hasattr(self, "notes"):
            return
        key = {person.pk: number for number, person in enumerate(self.people)}
        rows = list(Registration.objects.pending().filter(gathering=self.page))
        noted = {who: (one.state, one.seats, one.online) for who, one in self.notes.items()}
        assert {key[row.member_id]: (row.state, row.seats, row.is_online) for row in rows} == noted
        line = [who for who in self.line() if not self.notes[who].online]
        screen = [who for who in self.line() if self.notes[who].online]
        places = {key[row.member_id]: row.position for row in rows if row.state == "waiting"}
        assert places == {who: n for one in (line, screen) for n, who in enumerate(one, 1)}
        seats = Seats.objects.get(page=self.page)
        assert (seats.taken, seats.online_taken) == (self.taken(False), self.taken(True))
        for online, room in self.room.items():
            assert room is None or self.taken(online) <= room
        assert not [who for who in self.line() if self.fits(self.notes[who])]  # no seat is kept from whom it would fit

    @invariant()
    def everybody_hears_once(self) -> None:
        if not hasattr(self, "notes"):
            return
        key = {person.pk: number for number, person in enumerate(self.people)}
        told = Notice.objects.filter(member__in=self.people).order_by("pk").values_list("kind", "member")
        assert [key[one] for kind, one in told if kind == "seat_offered"] == self.offers
        changed = [key[one] for kind, one in told if kind == "gathering_changed"]
        assert {who: changed.count(who) for who in self.news} == self.news


def test_it_keeps_parties_and_ways_as_one_would_on_paper(db: None) -> None:
    run_state_machine_as_test(
        Parties,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
