"""A community with many connections and notices, and visits to its pages. Runs where Django is set up.

They are written as rows: what the verbs do besides (limits, mails) makes no difference to a page that reads them.
"""

import gc
import json
import statistics
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice, permutations
from random import Random
from time import process_time

from django.utils import timezone

from benchmarks import site, visits
from benchmarks.table import Row
from community.circles.models import Circle
from community.connections.models import Connection, ConnectionKind, ConnectionState, Meeting, Message
from community.connections.models.watching import CallReason
from community.members.models import Member
from community.notices.models import Notice, NoticeKind

PART = "pairs"
QUERIES = 12
PAGE_MS, BOARD_MS = 40.0, 60.0
STATES = (
    [ConnectionState.PROPOSED] * 3 + [ConnectionState.ACCEPTED] * 8
    + [ConnectionState.ENDED] * 6 + [ConnectionState.DECLINED] * 3
)  # fmt: skip
KINDS = (NoticeKind.CONNECTION_PROPOSED, NoticeKind.CONNECTION_ACCEPTED, NoticeKind.MESSAGE_RECEIVED)
Visit = tuple[Member, str]


def build(connections: int, notices: int, people: int) -> None:
    """The demo community with so many people, connections and notices; three meetings and twelve messages a pair."""
    site.build_pages({"people": people, "casestudypage": 0, "gatheringpage": 0, "openingpage": 0})
    chance, now = Random(5), timezone.now()
    known = set(Connection.objects.values_list("asker", "asked"))
    free = [two for two in permutations(_grown(), 2) if (two[0].pk, two[1].pk) not in known]
    chosen = chance.sample(free, min(connections, len(free)))
    made = Connection.objects.bulk_create([_connection(chance, now, *two) for two in chosen], batch_size=500)
    met = [one for one in made if one.accepted_at]
    Meeting.objects.bulk_create(
        Meeting(connection=one, held_on=(now - timedelta(days=3 * n)).date(), minutes=60, writer=one.asker)
        for one in met
        for n in range(3)
    )
    Message.objects.bulk_create(
        Message(connection=one, writer=(one.asker, one.asked)[n % 2], text=f"Bring the saw on day {n}.", read_at=now)
        for one in met
        for n in range(12)
    )
    Notice.objects.bulk_create([_notice(chance, now, one) for one in chance.choices(made, k=notices)], batch_size=1000)
    print(f"{len(made)} connections, {notices} notices", file=sys.stderr)


def _grown() -> list[Member]:
    return list(Member.objects.filter(is_active=True, is_adult=True, is_steward=False).order_by("pk"))


def _connection(chance: Random, now: datetime, asker: Member, asked: Member) -> Connection:
    state = chance.choice(STATES)
    began = now - timedelta(days=chance.randrange(1, 300))
    said_yes = state in {ConnectionState.ACCEPTED, ConnectionState.ENDED}
    return Connection(
        kind=ConnectionKind.MENTORSHIP,
        state=state,
        asker=asker,
        asked=asked,
        mentor=asked,
        created_at=began,
        moved_at=began,
        accepted_at=began if said_yes else None,
        ended_at=now if state == ConnectionState.ENDED else None,
        skill=f"Graft tree {chance.randrange(10**6)}",
        goal="Ten trees of my own.",
        message="How do you keep the frost out of the lower orchard in May?",
        call_for=CallReason.SILENT if state == ConnectionState.ACCEPTED and chance.random() < 0.2 else "",
    )


def _notice(chance: Random, now: datetime, row: Connection) -> Notice:
    at = now - timedelta(minutes=chance.randrange(1, 300_000))
    return Notice(
        member=row.asked,
        actor=row.asker,
        kind=chance.choice(KINDS),
        url=f"{row.get_absolute_url()}?at={chance.randrange(10**9)}",
        created_at=at,
        read_at=at if chance.random() < 0.7 else None,
    )


def main(rounds: int) -> None:
    """Print the rows for the site in `VAR_DIR` as JSON, from so many requests a page."""
    rows = [row for name, stops, most in _stops() for row in _visited(name, stops, most, rounds)]
    print(json.dumps([row.as_json() for row in rows]))


def _stops() -> Iterator[tuple[str, list[Visit], float]]:
    """Name of a page, who looks at it where, and the budget in ms."""
    for path in ("/connections/", "/notices/", "/notices/preferences/", "/circles/", "/matches/circles/"):
        yield path, [(member, path) for member in _grown()[-12:]], PAGE_MS
    under_way = list(Connection.objects.accepted().select_related("asker").order_by("-pk")[:12])
    for part in ("", "thread/", "notes/", "meetings/", "agreement/write/", "close/"):
        seen = [(one.asker, f"{one.get_absolute_url()}{part}") for one in under_way if one.asker]
        yield f"/connections/*/{part}", seen, PAGE_MS
    led = [(circle.memberships.led().select_related("member").first(), circle) for circle in Circle.objects.all()]
    yield "/circles/*/", [(one.member, circle.get_absolute_url()) for one, circle in led if one], PAGE_MS
    steward = Member.objects.filter(is_steward=True, is_active=True).order_by("pk")[0]
    for path in ("", "waiting/", "circles/", "circles/found/", "failures/", "people/"):
        yield f"/steward/{path}", [(steward, f"/steward/{path}")], BOARD_MS


def _visited(name: str, stops: list[Visit], most: float, rounds: int) -> Iterator[Row]:
    """Five visits to warm up, five to count queries, the rest by the clock."""
    browsers = {who.pk: visits.browser(who) for who, _path in stops}
    turns = [(browsers[who.pk], path) for who, path in islice(cycle(stops), rounds + 10)]
    counts, times = [], []
    for number, (visit, path) in enumerate(turns):
        if number == 10:
            gc.collect()
        began = process_time()
        with visits.counted() as statements:
            visit(path)
        if number >= 10:
            times.append((process_time() - began) * 1000)
        elif number >= 5:
            counts.append(len(statements))
    yield Row(PART, f"{name}: CPU", statistics.median(times), "ms", most=most)
    yield Row(PART, f"{name}: SQL", max(counts), "queries", most=QUERIES)
