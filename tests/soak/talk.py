"""Block against send: whoever is kept away writes nothing any more, however close the two are to each other."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from django.core.exceptions import ValidationError

from community.connections.models import Connection, ConnectionKind, ConnectionState, Message
from community.members.models import Block, Member
from tests import factories
from tests.browser.stand import PATIENCE
from tests.soak.seats import Crowd

Write = Callable[[Connection, Member], Any]
WRITERS = 4  # at once, beside the one block


@dataclass
class Tally:
    """What came of all rounds together."""

    rounds: int = 0
    written: int = 0  # before the block: both orders have to happen
    late: int = 0
    standing: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What must not be; empty after a good run."""
        counted = {"wrote after a block": self.late, "left the two together": self.standing}
        found = [f"{count} of {self.rounds} rounds {what}" for what, count in counted.items() if count]
        return found + ([f"{len(self.errors)} errors, the first: {self.errors[0]}"] if self.errors else [])


def properly(pair: Connection, by: Member) -> Any:
    """Write as the product does."""
    return Message.write(pair, by, "Are you there?")


def carelessly(pair: Connection, by: Member) -> Any:
    """The negative control: look first, write later, and hope that nobody came between."""
    if not Connection.objects.visible_to(by).accepted().filter(pk=pair.pk).exists():
        raise ValidationError("parted")
    time.sleep(1)  # long enough for the other to look, on any machine
    return Message.objects.create(connection=pair, writer=by, text="Are you there?")


def race(crowd: Crowd, rounds: int, write: Write = properly) -> Tally:
    """Let one of two keep the other away while both write; counts what was written after the block stood.

    In every other round the block comes when the first has written, so that both orders happen on any machine.
    """
    tally = Tally()
    for number in range(rounds):
        one, other = crowd.alone(factories.MemberFactory), crowd.alone(factories.MemberFactory)
        pair = crowd.alone(lambda one=one, other=other: Connection.agree(one, other, ConnectionKind.PEER))

        wrote = Event()

        def send(by: Member, pair: Connection = pair, wrote: Event = wrote) -> Any:
            try:
                return write(Connection.objects.with_people().get(pk=pair.pk), by)
            finally:
                wrote.set()

        def block(one: Member = one, other: Member = other, wrote: Event | None = wrote if number % 2 else None) -> Any:
            if wrote:
                wrote.wait(PATIENCE)
            return Block.put(one, other)

        acts: list[Callable[[], Any]] = [lambda by=by: send(by) for by in (one, other) * (WRITERS // 2)]
        acts.insert(number % (WRITERS + 1), block)
        ends = crowd.rush(acts)
        crowd.alone(lambda pair=pair, tally=tally: count(pair, tally))
        tally.errors += [
            repr(end) for end in ends if isinstance(end, Exception) and not isinstance(end, ValidationError)
        ]
        tally.rounds += 1
    return tally


def count(pair: Connection, tally: Tally) -> None:
    """What stands now: both times are taken while the two are locked, so they stand in the order of what happened."""
    row = Connection.objects.get(pk=pair.pk)
    tally.standing += row.state != ConnectionState.ENDED
    rows = Message.objects.filter(connection=row)
    tally.written += rows.count()
    tally.late += rows.filter(created_at__gt=row.ended_at).exists() if row.ended_at else 0
