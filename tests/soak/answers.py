"""Two answers at the same moment: what stands is what one order or the other would have left, never both."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Member
from community.notices.models import Notice
from tests.factories import MemberFactory
from tests.soak.seats import Crowd

Answer = Callable[[Connection, Member], Any]
WORDS = "How do you keep the frost out of the lower orchard?"
TAKEN, BACK = ConnectionState.ACCEPTED, ConnectionState.WITHDRAWN


@dataclass
class Tally:
    """What came of all rounds together."""

    rounds: int = 0
    both: int = 0  # where only one of two answers may count
    neither: int = 0
    untold: int = 0  # the state is right, and what was told of it is not
    errors: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What must not be; empty after a good run."""
        counted = {"took both": self.both, "took neither": self.neither, "told something else": self.untold}
        found = [f"{count} of {self.rounds} rounds {what}" for what, count in counted.items() if count]
        return found + ([f"{len(self.errors)} errors, the first: {self.errors[0]}"] if self.errors else [])

    def count(self, ends: list[Any], states: list[str], *, told_rightly: bool) -> None:
        """One round: how the two answers ended, and what stands now."""
        self.rounds += 1
        taken = sum(not isinstance(end, Exception) for end in ends)
        self.both += taken > 1 or states.count(TAKEN) > 1
        self.neither += not taken
        self.untold += not told_rightly
        self.errors += [
            repr(end) for end in ends if isinstance(end, Exception) and not isinstance(end, ValidationError)
        ]


def accept(pair: Connection, by: Member) -> Any:
    """Say yes as the product does."""
    return pair.accept(by)


def withdraw(pair: Connection, by: Member) -> Any:
    """Take a question back as the product does."""
    return pair.withdraw(by)


def carelessly(state: ConnectionState) -> Answer:
    """The negative control: look first, write later, and hope that nobody came between."""

    def answer(pair: Connection, _by: Member) -> Any:
        open_ones = Connection.objects.filter(asker=pair.asker, state=TAKEN)
        if pair.state != ConnectionState.PROPOSED or open_ones.exists():
            raise ValidationError("answered")
        time.sleep(1)  # long enough for the other to look, on any machine
        return Connection.objects.filter(pk=pair.pk).update(state=state)

    return answer


def two_mentors(crowd: Crowd, rounds: int, say_yes: Answer = accept) -> Tally:
    """Two mentors take on one learner for one skill at once: one does, and the other's question is closed kindly."""
    tally = Tally()
    for number in range(rounds):
        learner, *mentors = (crowd.alone(MemberFactory) for _who in range(3))
        asked = [crowd.alone(lambda mentor=mentor: ask_for_a_skill(learner, mentor, number)) for mentor in mentors]  # noqa: B023
        ends = crowd.rush([lambda row=row, by=by: say_yes(row, by) for row, by in zip(asked, mentors, strict=True)])
        states = crowd.alone(lambda: sorted(Connection.objects.filter(asker=learner).values_list("state", flat=True)))  # noqa: B023
        tally.count(ends, states, told_rightly=states == [TAKEN, ConnectionState.OVERTAKEN])
    return tally


def ask_for_a_skill(learner: Member, mentor: Member, number: int) -> Connection:
    """The question whose first yes closes all others."""
    words = {"skill": f"graft apple trees {number}", "goal": "Ten trees."}
    asked: Connection = Connection.propose(learner, mentor, ConnectionKind.MENTORSHIP, WORDS, **words)
    return asked


def yes_or_back(crowd: Crowd, rounds: int, say_yes: Answer = accept, take_back: Answer = withdraw) -> Tally:
    """A question is answered with yes while it is taken back: it is one or the other, and the asker hears of a yes."""
    tally = Tally()
    for number in range(rounds):
        asker, asked = crowd.alone(MemberFactory), crowd.alone(MemberFactory)
        row = crowd.alone(lambda: Connection.propose(asker, asked, ConnectionKind.PEER, WORDS))  # noqa: B023
        mine, theirs = (crowd.alone(lambda: Connection.objects.with_people().get(pk=row.pk)) for _side in range(2))  # noqa: B023
        acts: list[Callable[[], Any]] = [
            lambda mine=mine, asker=asker: take_back(mine, asker),
            lambda theirs=theirs, asked=asked: say_yes(theirs, asked),
        ]
        ends = crowd.rush(acts if number % 2 else acts[::-1])
        state = crowd.alone(lambda: Connection.objects.get(pk=row.pk).state)  # noqa: B023
        heard = crowd.alone(lambda: Notice.objects.filter(member=asker).count())  # noqa: B023
        tally.count(ends, [state], told_rightly=state in {TAKEN, BACK} and heard == (state == TAKEN))
    return tally
