"""Any verb by anybody, in any order, with time passing: limits hold, and nobody learns one thing from two at a time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from community.connections.models import Connection, ConnectionKind, ConnectionState, Wait
from community.members.models import Member, Profile
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
S = ConnectionState
ONE = st.integers(0, 3)


class Village(RuleBasedStateMachine):
    """Four learners, four mentors with one place each, two skills, and a clock."""

    wall: Clock
    mentors: list[Member]
    learners: list[Member]

    def teardown(self) -> None:
        """The next village begins without connections."""
        Connection.objects.all().delete()
        Wait.objects.all().delete()
        Profile.objects.filter(member__in=self.mentors).update(capacity=1)

    def attempt(self, verb: Any, *args: Any, **kwargs: Any) -> None:
        """Do it; a refusal in words is fine, and changes nothing."""
        try:
            with transaction.atomic():
                verb(*args, **kwargs)
        except ValidationError:
            pass

    def row(self, states: list[str], number: int) -> Any:
        """One of the connections in these states."""
        rows = list(Connection.objects.filter(state__in=states).with_people().order_by("pk"))
        return rows[number % len(rows)] if rows else None

    @rule(learner=ONE, mentor=ONE, skill=st.sampled_from(["", "graft", "mend"]), teaches=st.booleans(), then=ONE)
    def ask(self, learner: int, mentor: int, skill: str, teaches: bool, then: int) -> None:
        """Either asks the other, and a learner names somebody who is next."""
        one, other = self.learners[learner], self.mentors[mentor]
        asker, asked = (other, one) if teaches else (one, other)
        self.attempt(Connection.propose, asker, asked, ConnectionKind.MENTORSHIP, WORDS, other, skill=skill)
        if row := Connection.objects.filter(asker=asker, asked=asked, state=S.PROPOSED).first():
            self.attempt(row.name_next, asker, self.mentors[then])

    @rule(number=st.integers(0, 9), how=st.sampled_from(["accept", "decline", "postpone", "withdraw", "ask_again"]))
    def answer(self, number: int, how: str) -> None:
        """Somebody answers, puts off, takes back or brings back."""
        if (row := self.row([S.PROPOSED, S.POSTPONED], number)) is None:
            return
        if how == "postpone":
            self.attempt(row.postpone, row.asked, timezone.localdate() + timedelta(days=3))
        else:
            self.attempt(getattr(row, how), row.asker if how in {"withdraw", "ask_again"} else row.asked)

    @rule(number=st.integers(0, 9), how=st.sampled_from(["end", "change", "rest", "act"]), is_asker=st.booleans())
    def go_on_or_end(self, number: int, how: str, is_asker: bool) -> None:
        """Two under way end it, change, rest or do something."""
        if (row := self.row([S.ACCEPTED, S.AGREED], number)) is None:
            return
        own = row.asker if is_asker else row.asked
        verbs = {
            "end": lambda: row.end(own, "time"), "change": lambda: row.change_mentor(own),
            "rest": lambda: row.carry_on(own, 4), "act": lambda: row.touch(own),
        }  # fmt: skip
        self.attempt(verbs[how])

    @rule(learner=ONE, mentor=ONE)
    def wait(self, learner: int, mentor: int) -> None:
        """Somebody waits for a mentor."""
        self.attempt(Wait.join, self.learners[learner], self.mentors[mentor])

    @rule(mentor=ONE)
    def make_room(self, mentor: int) -> None:
        """A mentor takes on one more."""
        Profile.objects.filter(member=self.mentors[mentor]).update(capacity=2)

    @rule(days=st.integers(1, 8))
    def pass_time(self, days: int) -> None:
        """Days pass, with the clock of the product running."""
        for _day in range(days):
            self.wall.forward(days=1)
            self.tick()

    def tick(self) -> None:
        """What the clock does."""
        Connection.keep_time()
        Wait.keep_time()
        now = timezone.now()
        assert not Connection.objects.filter(state=S.PROPOSED, moved_at__lte=now - timedelta(days=7)).exists()
        assert not [one for one in Connection.quiet(now - timedelta(days=7)) if not one.nudges]

    @invariant()
    def limits_hold(self) -> None:
        """Nobody has more than they may, at any moment."""
        under_way = Connection.objects.accepted()
        pairs = under_way.values("mentor", "mentor__profile__capacity").annotate(n=Count("pk")).order_by()
        assert all(row["n"] <= row["mentor__profile__capacity"] for row in pairs)
        learned = [(row.learner, row.skill_key) for row in under_way.with_people() if row.skill_key]
        assert len(learned) == len(set(learned))
        waiting = Connection.objects.filter(state=S.PROPOSED).values("asker").annotate(n=Count("pk")).order_by()
        assert all(row["n"] <= 5 for row in waiting)
        offers = Wait.objects.open_offers(timezone.now()).values("mentor").annotate(n=Count("pk")).order_by()
        assert all(row["n"] <= 2 for row in offers)


def test_limits_hold_whatever_anybody_does(wall_clock: Clock) -> None:
    class Here(Village):
        """The village of this test."""

        wall = wall_clock
        mentors = [MemberFactory() for _one in range(4)]
        learners = [MemberFactory() for _one in range(4)]

    quick = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Here, settings=quick)


def test_it_would_notice_if_one_thing_were_taught_twice(wall_clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "pairs_for", classmethod(lambda cls, learner, key: cls.objects.none()))
    monkeypatch.setattr(Connection, "_overtake_others", lambda self: 0)

    class Here(Village):
        """The village of this test."""

        wall = wall_clock
        mentors = [MemberFactory() for _one in range(4)]
        learners = [MemberFactory() for _one in range(4)]

    village = Here()
    for mentor in range(2):
        village.ask(learner=0, mentor=mentor, skill="graft", teaches=False, then=3)
        village.answer(number=0, how="accept")
    with pytest.raises(AssertionError):
        village.limits_hold()
