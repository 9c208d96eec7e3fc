"""The clock: CPU time of this process, all threads together, so that a busy machine disturbs little."""

import statistics
from collections.abc import Callable, Sequence
from time import process_time

Way = Callable[[], object]
"""One way to do the thing that is measured."""


def round_robin(ways: Sequence[Way], repeats: int) -> list[float]:
    """The median CPU time of each way in ms, after a warm-up, taken in turns: a noisy minute hits all of them."""
    for way in ways:
        way()
    times = [[timed(way) for way in ways] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def timed(way: Way) -> float:
    """CPU time of one call in ms."""
    began = process_time()
    way()
    return (process_time() - began) * 1000
