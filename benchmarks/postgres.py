"""The same search by PostgreSQL with pgvector: a throw-away server, the lines that the rules leave, every row read.

Only those lines are in the table, which spares pgvector the filter. What it costs is the CPU time of the server's own
process, read from the system; ours is counted in the same turns.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.engine.people import Matrix
from tests import postgres

NEAREST = 300
EXACT = """SELECT person, max(-(line <#> %s::vector)) AS cosine FROM lines
           GROUP BY person ORDER BY cosine DESC, person LIMIT %s"""


class NoServer(Exception):
    """The message says why."""


class Searches:
    """One server that holds lines; each call asks for the nearest people of every wish."""

    def __init__(self, cursor: Any, wishes: Matrix) -> None:
        self.cursor, self.wishes = cursor, [_written(wish) for wish in wishes]
        self.ms: list[float] = []
        cursor.execute("SELECT pg_backend_pid()")
        self._clock = _clock_of(int(cursor.fetchone()[0]))

    def __call__(self) -> list[list[int]]:
        """The nearest people of each wish, nearest first; notes what the server's process needed."""
        began, found = self._clock(), []
        for wish in self.wishes:
            self.cursor.execute(EXACT, [wish, NEAREST])
            found.append([person for person, _cosine in self.cursor.fetchall()])
        self.ms.append((self._clock() - began) * 1000)
        return found


@contextmanager
def holding(lines: Matrix, owners: npt.NDArray[np.integer], wishes: Matrix) -> Iterator[Searches]:
    """A server with these lines, one owner each, ready to be asked for what is near these wishes.

    Raises:
        NoServer: PostgreSQL, pgvector or the system's clock of processes is not there.
    """
    try:
        import psycopg

        url, stop = postgres.start()
    except (ImportError, OSError, RuntimeError) as error:
        raise NoServer(str(error)) from error
    try:
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION vector")
            cursor.execute(f"CREATE UNLOGGED TABLE lines (person integer, line vector({lines.shape[1]}))")
            with cursor.copy("COPY lines FROM STDIN") as copy:
                for owner, line in zip(owners.tolist(), lines, strict=True):
                    copy.write_row((owner, _written(line)))
            cursor.execute("ANALYZE lines")
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            yield Searches(cursor, wishes)
    except (psycopg.Error, OSError) as error:
        raise NoServer(str(error)) from error
    finally:
        stop()


def _clock_of(pid: int) -> Callable[[], float]:
    """What a process has used of a processor, in seconds."""
    ticks, file = os.sysconf("SC_CLK_TCK"), Path(f"/proc/{pid}/schedstat")

    def exact() -> float:
        return int(file.read_text().split()[0]) / 1e9

    def coarse() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    return exact if file.exists() else coarse


def _written(vector: Matrix) -> str:
    return "[" + ",".join(f"{value:.9g}" for value in vector.tolist()) + "]"
