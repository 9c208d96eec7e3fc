"""The last seat: many people want it at the same moment, nobody gets one too many, and none stays empty."""

import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, connections

from community.gatherings.models import GatheringPage, Registration, Seats
from community.members.models import Member
from tests import factories
from tests.browser.stand import PATIENCE

WORKERS = 40  # threads, each with a connection of its own; the PostgreSQL of the tests takes fifty
Call = Callable[[], Any]


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Threads need a database file: where the tests keep SQLite in memory, let new connections use a copy on disk.

    They wait longer for each other there than a site does: forty threads share one interpreter, and how long they take
    is the machine's affair.
    """
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    connection.ensure_connection()
    with sqlite3.connect(folder / "race.sqlite3") as copy:
        connection.connection.backup(copy)
    copy.close()
    database = connections.settings["default"]
    as_it_was = database | {"OPTIONS": dict(database["OPTIONS"])}
    database["NAME"] = str(folder / "race.sqlite3")
    database["OPTIONS"]["init_command"] += f" PRAGMA busy_timeout={PATIENCE * 1000};"
    try:
        yield
    finally:
        database |= as_it_was


class Crowd:
    """People who all act at the same moment, each over a database connection of their own."""

    def __enter__(self) -> "Crowd":
        self.pool = ThreadPoolExecutor(WORKERS)
        return self

    def __exit__(self, *_error: object) -> None:
        self._everybody(connections.close_all)
        self.pool.shutdown()

    def _everybody(self, work: Call) -> None:
        start = Barrier(WORKERS)

        def together() -> None:
            start.wait(PATIENCE)
            work()

        for done in [self.pool.submit(together) for _one in range(WORKERS)]:
            done.result()

    def alone(self, work: Call) -> Any:
        """Do one thing in the database of the crowd, while nobody else does anything."""
        return self.pool.submit(work).result()

    def rush(self, calls: Sequence[Call]) -> list[Any]:
        """Do all of this at once; gives what each came to, or the exception that it ended in."""
        waiting: SimpleQueue[tuple[int, Call]] = SimpleQueue()
        ends: list[Any] = [None] * len(calls)
        for place in enumerate(calls):
            waiting.put(place)

        def work() -> None:
            connection.ensure_connection()
            while True:
                try:
                    number, call = waiting.get_nowait()
                except Empty:
                    return
                try:
                    ends[number] = call()
                except Exception as error:
                    ends[number] = error

        self._everybody(work)
        return ends


@dataclass
class Tally:
    """What came of all rounds together."""

    rounds: int = 0
    oversold: int = 0
    unfilled: int = 0
    miscounted: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """What must not be; empty after a good run."""
        counted = {"oversold": self.oversold, "unfilled": self.unfilled, "miscounted": self.miscounted}
        found = [f"{count} of {self.rounds} rounds {what}" for what, count in counted.items() if count]
        return found + ([f"{len(self.errors)} errors, the first: {self.errors[0]}"] if self.errors else [])


Enrol = Callable[[GatheringPage, Member], Any]


def properly(gathering: GatheringPage, member: Member) -> Any:
    """Take a seat as the product does."""
    return gathering.enrol(member, uuid.uuid4())


def carelessly(gathering: GatheringPage, member: Member) -> Any:
    """The negative control: look first, write later, and hope that nobody came between."""
    taken = Registration.objects.open().filter(gathering=gathering).count()
    if taken >= Seats.objects.get(page=gathering).capacity:
        raise ValidationError("full")
    time.sleep(0.2)
    return Registration.objects.create(gathering=gathering, member=member)


def race(
    crowd: Crowd, make: Callable[[], GatheringPage], members: list[Member], rounds: int, enrol: Enrol = properly
) -> Tally:
    """Let everybody want a seat at once, round after round; every other round somebody also gives a seat back."""
    tally = Tally()
    for number in range(rounds):
        play(crowd, crowd.alone(make), members, tally, enrol, is_restless=bool(number % 2) and enrol is properly)
    return tally


def play(
    crowd: Crowd, gathering: GatheringPage, members: list[Member], tally: Tally, enrol: Enrol, *, is_restless: bool
) -> None:
    """One round."""
    wishes: list[Call] = [lambda who=who: enrol(gathering, who) for who in members]  # type: ignore[misc]
    if is_restless:
        wishes[0] = crowd.alone(lambda: gathering.enrol(members[0])).cancel
    ends = crowd.rush(wishes)
    if is_restless:  # the seat may have come free after the last of the crowd was sent away: then the next one gets it
        ends += crowd.rush([lambda: enrol(gathering, members[0])])
    crowd.alone(lambda: settle(tally, gathering, len(members)))
    tally.errors += [repr(end) for end in ends if isinstance(end, Exception) and not is_refusal(end)]


def settle(tally: Tally, gathering: GatheringPage, wanted: int) -> None:
    """Count what a round has left in the database."""
    seats = Seats.objects.get(page=gathering)
    held = Registration.objects.open().filter(gathering=gathering).count()
    tally.rounds += 1
    tally.oversold += held > seats.capacity
    tally.unfilled += held < min(seats.capacity, wanted)
    tally.miscounted += held != seats.taken


def is_refusal(error: Exception) -> bool:
    """Whether somebody was told, in words, that there is no seat."""
    return isinstance(error, ValidationError)


def run(scale: float = 1.0) -> list[str]:
    """A thousand rounds of fifty people (times `scale`, at least twenty), then the negative control.

    Needs a set-up Django and a migrated database that may be filled. Gives what must not be; empty if all is well.
    """
    rounds = max(20, round(1000 * scale))
    with TemporaryDirectory() as folder, on_disk(Path(folder)), Crowd() as crowd:
        members = crowd.alone(lambda: [factories.MemberFactory() for _one in range(50)])
        capacities = cycle([1, 1, 3, 7])
        tally = race(crowd, lambda: factories.GatheringFactory(capacity=next(capacities)), members, rounds)
        control = race(crowd, lambda: factories.GatheringFactory(capacity=1), members, 5, carelessly)
    blind = [] if control.oversold else ["the negative control did not oversell: the race proves nothing"]
    return tally.problems + blind
