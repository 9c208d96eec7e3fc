"""`make soak`: the long trust runs, one line a goal with its negative control.

ONLY=name runs one of them; SCALE (0.02 to 1, default 1) says how much of the full number.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import environment as _environment  # noqa: F401 - before Django reads its settings

Goal = tuple[bool, str, bool, str]  # met, figures, the control failed as it should, how


def main() -> int:
    """Run what was asked for, print one line each, and fail if a goal or a control failed."""
    import django

    django.setup()
    scale = wanted_scale()
    only = os.environ.get("ONLY", "")
    if only and only not in GOALS:
        sys.exit(f"ONLY={only} is not known. Known: {', '.join(GOALS)}.")
    is_good = True
    for name in [only] if only else GOALS:
        begun = time.monotonic()
        met, figures, control, how = GOALS[name](scale)
        is_good = is_good and met and control
        print(
            f"{name:<12} {'met' if met else 'NOT MET':<8} {figures}; control "
            f"{'found' if control else 'NOT FOUND'}: {how}; {time.monotonic() - begun:.0f} s",
            flush=True,
        )
    return 0 if is_good else 1


def wanted_scale() -> float:
    """How much of the full number is run."""
    try:
        scale = float(os.environ.get("SCALE") or 1)
    except ValueError:
        scale = 0
    if not 0 < scale <= 1:
        sys.exit(f"SCALE={os.environ['SCALE']} is not understood. Use a number from 0.02 to 1.")
    return scale


@contextmanager
def test_database() -> Iterator[None]:
    """An empty database of our own, in memory, with the quick settings of the tests."""
    from django.test.utils import override_settings, setup_databases, setup_test_environment, teardown_databases

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    from django.conf import settings

    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES=settings.STORAGES | {"staticfiles": plain},
    ):
        setup_test_environment()
        kept = setup_databases(0, False)
        try:
            yield
        finally:
            teardown_databases(kept, 0)


def kill(scale: float) -> Goal:
    """100 kills of the web server under write load."""
    from tests.soak import kill as run

    with tempfile.TemporaryDirectory(prefix="sw-k-") as folder:
        tally = run.run(Path(folder), max(2, round(100 * scale)))
        figures = (
            f"{tally.kills} kills, {len(tally.acknowledged)} acknowledged writes, {tally.lost} lost, "
            f"{tally.twice} twice, integrity {tally.broken or 'ok'}, restart at most {max(tally.restarts):.1f} s"
        )
        return tally.is_clean, figures, run.lose_one(Path(folder), tally), "one row taken away is missed"


def last_seat(scale: float) -> Goal:
    """1,000 races of 50 people for the last seats."""
    from tests import factories
    from tests.soak import seats

    with test_database(), tempfile.TemporaryDirectory(prefix="sw-s-") as folder:
        members = [factories.MemberFactory() for _ in range(50)]
        factories.GatheringFactory()
        with seats.on_disk(Path(folder)), seats.Crowd() as crowd:

            def make() -> Any:
                return factories.GatheringFactory(capacity=3)

            tally = seats.race(crowd, make, members, max(3, round(1000 * scale)))
            careless = seats.race(crowd, make, members, 5, seats.carelessly)
    problems = "; ".join(tally.problems) or "0 oversold, 0 unfilled, 0 errors"
    figures = f"{max(3, round(1000 * scale))} races of 50: {problems}"
    return not tally.problems, figures, bool(careless.problems), "looking first and writing later oversells"


def two_doors(scale: float) -> Goal:
    """1,000 races of 50 browsers for the last seats, at two server processes."""
    from tests import factories
    from tests.soak import doors, seats

    rounds = max(20, round(1000 * scale))
    folder = tempfile.TemporaryDirectory(prefix="sw-d-")
    with test_database(), folder as name, seats.on_disk(Path(name)), seats.Crowd() as crowd:
        members = [crowd.alone(factories.MemberFactory) for _ in range(50)]

        def make() -> Any:
            return factories.GatheringFactory(capacity=3)

        with doors.Doors(Path(name)) as open_doors:
            answers = doors.storm(crowd, open_doors, make, members, rounds)
        with doors.Doors(Path(name), "careless") as open_doors:
            careless = doors.storm(crowd, open_doors, make, members, 5)
    problems = "; ".join(answers.problems) or "0 oversold, 0 unfilled, 0 answers 5xx"
    figures = f"{rounds} races of 50 at {len(answers.processes)} processes: {problems}; slowest {answers.slowest:.1f} s"
    return not answers.problems, figures, bool(careless.tally.oversold), "without lock and counter it oversells"


def leak_matrix(scale: float) -> Goal:
    """Every address, role and method; at full scale at least 20,000 probes."""
    import logging

    from django.db import transaction

    from community.members.models import Profile
    from tests.soak import leaks

    logging.disable(logging.CRITICAL)
    roles = ["anonymous", *sorted(leaks.SIGNED_IN)]
    methods = leaks.METHODS if scale >= 0.5 else ("get", "post")
    with test_database(), transaction.atomic():
        world = leaks.build()
        tally = leaks.run(world, roles, methods, share=max(1, round(1 / scale)))
        honest, Profile.shown = Profile.shown, lambda self, field, viewer: getattr(self, field)  # type: ignore[method-assign,assignment]
        planted = leaks.run(world, ["stranger"], ("get",), share=10**6)
        Profile.shown = honest  # type: ignore[method-assign]
        transaction.set_rollback(True)
    for line in [*sorted(tally.leaks)[:20], *sorted(tally.faults)[:20], *tally.untouched[:20]]:
        print(f"  {line}", file=sys.stderr)
    figures = (
        f"{tally.probes} probes, {len(tally.leaks)} leaks, {len(tally.faults)} faults, "
        f"{len(tally.untouched)} patterns not touched, {len(tally.seen)} of {len(world.allowed)} private words met "
        "by those who may read them"
    )
    return tally.is_clean, figures, bool(planted.leaks), "a profile that shows what it should keep is found"


def year(scale: float) -> Goal:
    """A year of 200 members with silent mentors, vanishing learners, and kills of clock, worker and web."""
    import logging

    import pytest
    from django.db import transaction

    from community.connections.models import Connection
    from tests import moving
    from tests.soak import year as simulated

    logging.disable(logging.CRITICAL)
    members, days = max(30, round(200 * scale)), max(40, round(365 * scale))
    with test_database():
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch, moving.stopped(patch) as wall:
            with simulated.begun(wall, patch, members) as run:
                run.live(days)
                run.drain()
            counts, met = run.counts, not (run.wrong or run.unsent or run.unknown)
            met = met and run.repeated <= max(1, len(run.sent) // 100)
            transaction.set_rollback(True)
        with transaction.atomic(), pytest.MonkeyPatch.context() as patch, moving.stopped(patch) as wall:
            patch.setattr(Connection, "nudge_due", classmethod(lambda cls, numbers: 0))
            with simulated.begun(wall, patch, 30) as careless:
                careless.live(40)
            transaction.set_rollback(True)
    for line in run.wrong[:20]:
        print(f"  {line}", file=sys.stderr)
    figures = ", ".join(f"{name}: {number}" for name, number in counts.items())
    return met, figures, bool(careless.wrong), "without nudges quiet pairs are found"


def talk(scale: float) -> Goal:
    """1,000 blocks while both of two write to each other."""
    from tests.soak import seats
    from tests.soak import talk as run

    with (
        test_database(),
        tempfile.TemporaryDirectory(prefix="sw-t-") as folder,
        seats.on_disk(Path(folder)),
        seats.Crowd() as crowd,
    ):
        tally = run.race(crowd, max(3, round(1000 * scale)))
        careless = run.race(crowd, 10, run.carelessly)
    problems = "; ".join(tally.problems) or "nothing written after a block, 0 errors"
    figures = f"{tally.rounds} blocks against {tally.rounds * run.WRITERS} messages, {tally.written} before: {problems}"
    return not tally.problems, figures, careless.late > 0, "writing without a lock comes too late"


def answers(scale: float) -> Goal:
    """1,000 times two mentors for one learner, and 1,000 times a yes against taking back."""
    from community.connections.models import ConnectionState
    from tests.soak import answers as run
    from tests.soak import seats

    rounds = max(3, round(1000 * scale))
    with (
        test_database(),
        tempfile.TemporaryDirectory(prefix="sw-a-") as folder,
        seats.on_disk(Path(folder)),
        seats.Crowd() as crowd,
    ):
        mentors, back = run.two_mentors(crowd, rounds), run.yes_or_back(crowd, rounds)
        careless = run.two_mentors(crowd, 10, run.carelessly(ConnectionState.ACCEPTED))
    found = [*mentors.problems, *back.problems]
    problems = "; ".join(found) or "each as one order would have left it, 0 errors"
    figures = f"{rounds} times two mentors at once, {rounds} times yes against taking back: {problems}"
    return not found, figures, careless.both > 0, "looking first and writing later gives two mentors"


GOALS: dict[str, Callable[[float], Goal]] = {
    "kill": kill,
    "last_seat": last_seat,
    "two_doors": two_doors,
    "answers": answers,
    "talk": talk,
    "leak_matrix": leak_matrix,
    "year": year,
}

if __name__ == "__main__":
    sys.exit(main())
