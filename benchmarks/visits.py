"""Visits pages as a browser would, and counts CPU time and database queries. Runs where Django is set up."""

import gc
import json
import resource
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from random import Random
from time import process_time
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks.table import Row
from community.gatherings.models import GatheringPage
from community.library.models import CaseStudyPage
from community.members.models import Member
from community.openings.models import OpeningPage

PART = "pages"
CPU_MS = {"front": 40.0, "detail": 25.0, "list": 40.0, "search": 60.0}
QUERIES = 12
RSS_MB = 340
HEAVY = ("torch", "sklearn", "scipy", "sentence_transformers", "transformers")

# bakerydemo (Wagtail's own demo site, commit 8e2b625) with 2,000 pages. Its queries do not depend on the machine;
# its CPU times do, so they stand in docs and not beside ours.
BAKERYDEMO_QUERIES = {"front": 43, "detail": 19, "list": 48, "search": 39}
SENTENCE_TRANSFORMERS_MB = 521

WORDS = ["barley", "hedge", "wool", "cider", "oak", "wall", "bees", "lime", "kiln", "dye", "cheese", "seed", "rope",
         "clay", "apprentice", "winter"]  # fmt: skip


@dataclass(frozen=True)
class Stop:
    """One kind of page, and all the addresses at which one like it stands."""

    name: str
    kind: str
    addresses: Sequence[str]
    is_for_members: bool = False


def main(rounds: int) -> None:
    """Print the rows for the site in `VAR_DIR` as JSON, from so many requests a page."""
    # Few visits a member: how many people one may look up in a day is limited.
    members = Member.objects.filter(email__endswith="@example.org", is_adult=True).order_by("pk")[:12]
    rows = measure(stops(), list(members), rounds) + [*process_rows()]
    print(json.dumps([row.as_json() for row in rows]))


def stops() -> list[Stop]:
    """All pages that are visited, each in every order and place where one like it can be found."""
    stories, gatherings, openings = (
        list(model.objects.live().order_by("pk").values_list("slug", flat=True))
        for model in (CaseStudyPage, GatheringPage, OpeningPage)
    )
    people = list(
        Member.objects.visible_to(Member.objects.filter(is_adult=True).first()).values_list("handle", flat=True)
    )
    of = f" of {len(stories):,}"
    return [
        Stop("front page", "front", ["/"]),
        Stop(f"list of stories{of}", "list", _pages_of("/stories/", stories, 12)),
        Stop(f"one story{of}", "detail", [f"/stories/{slug}/" for slug in stories]),
        Stop(f"search in stories{of}", "search", [f"/stories/?q={word}" for word in WORDS]),
        Stop("list of gatherings", "list", _pages_of("/gatherings/", gatherings, 12)),
        Stop(f"one gathering of {len(gatherings):,}", "detail", [f"/gatherings/{slug}/" for slug in gatherings]),
        Stop("list of openings", "list", _pages_of("/openings/", openings, 12)),
        Stop(f"one opening of {len(openings):,}", "detail", [f"/openings/{slug}/" for slug in openings]),
        Stop("list of people", "list", _pages_of("/people/", people, 20), is_for_members=True),
        Stop(f"one of {len(people):,} people", "detail", [f"/people/{one}/" for one in people], is_for_members=True),
        Stop("my matches", "list", ["/matches/"], is_for_members=True),
        Stop("my mentors", "list", ["/matches/mentor/"], is_for_members=True),
    ]  # fmt: skip


def _pages_of(address: str, entries: Sequence[Any], per_page: int) -> list[str]:
    return [f"{address}?page={number + 1}" for number in range(max(1, len(entries) // per_page))]


def measure(stops: Sequence[Stop], members: Sequence[Member], rounds: int) -> list[Row]:
    """Two rows a page and visitor: CPU time (median of `rounds` requests) and queries (most of five)."""
    rows: list[Row] = []
    visitors: dict[str, list[Callable[[str], None]]] = {
        "anonymous": [browser(None)],
        "signed in": [browser(member) for member in members],
    }
    for stop in stops:
        for who, browsers in visitors.items():
            if not (stop.is_for_members and who == "anonymous"):
                rows += _rows_of(stop, who, browsers, rounds)
    return rows


def browser(member: Member | None) -> Callable[[str], None]:
    """Something that fetches an address as one visitor, and complains where it gets no page."""
    client = Client(HTTP_ACCEPT_ENCODING="gzip", SERVER_NAME=settings.ALLOWED_HOSTS[0])
    if member:
        client.force_login(member)

    def visit(address: str) -> None:
        answer = client.get(address, secure=settings.IS_HTTPS)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}: there is no page to measure.")

    return visit


def _rows_of(stop: Stop, who: str, browsers: Sequence[Callable[[str], None]], rounds: int) -> Iterator[Row]:
    shuffled = Random(stop.name).sample(list(stop.addresses), len(stop.addresses))
    visits = list(islice(zip(cycle(browsers), cycle(shuffled), strict=False), rounds + 10))
    # Five to warm up (templates, the first use of a session), five to count, the rest by the clock.
    for visit, address in visits[:5]:
        visit(address)
    counts = []
    for visit, address in visits[5:10]:
        with counted() as statements:
            visit(address)
        counts.append(len(statements))
    times = []
    gc.collect()
    for visit, address in visits[10:]:
        began = process_time()
        visit(address)
        times.append((process_time() - began) * 1000)
    name = f"{stop.name}, {who}"
    yield Row(PART, f"{name}: CPU", statistics.median(times), "ms", most=CPU_MS[stop.kind])
    # bakerydemo has no people and no matches.
    peer = None if stop.is_for_members else BAKERYDEMO_QUERIES[stop.kind]
    asked = partial(Row, PART, f"{name}: SQL", max(counts), "queries", most=QUERIES)
    yield asked() if peer is None else asked(peer=peer, peer_name="bakerydemo*")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    asked: list[str] = []

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield asked


def process_rows() -> Iterator[Row]:
    """What all those visits have made of the process."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    yield Row(PART, "web process after all that: memory", size, "MB", peer=SENTENCE_TRANSFORMERS_MB,
              peer_name="sentence-transformers*", most=RSS_MB)  # fmt: skip
    found = [name for name in HEAVY if name in sys.modules]
    yield Row(PART, "web process: heavy libraries in it", len(found), " ".join(found), most=0)
