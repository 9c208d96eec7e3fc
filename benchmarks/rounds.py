"""One cohort at once: the engine beside SciPy's exact assignment, and stable rounds beside the `matching` library.

Learners have one place, mentors two to four, in all .75 places a learner. "Clustered" scores are the harmonic mean of
two cosines; in "the same few" everybody wants the same mentors, the case in which a thin graph alone is wrong.
SciPy gets one column a place, its best form for this. The library is imported as `matching`, like our own package, so
it lives in a virtual environment of its own under VAR_DIR and hears of its task by a file.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.matching import unit
from benchmarks.table import Row
from benchmarks.timing import round_robin
from matching.engine.assign import EXACT, Aim, Assignment, assign

PART = "rounds"
LEARNERS, STABLE_LEARNERS = 10_000, 500
LARGE = 5_000
"""Learners from which the ratio counts: below, both take a moment, and ours mostly the same moment."""

REPEATS = 5
LEAST_RATIO, MOST_MEGABYTES = 2.0, 350.0
LIBRARY = "matching==1.4.3"

Scores = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


def rows(scale: float) -> list[Row]:
    """The rows of both data sets, of memory, and of stable rounds."""
    learners = max(40, round(LEARNERS * scale))
    found = [row for shape in SHAPES for row in compare(shape, learners)]
    return found + memory(learners) + stable(max(40, round(STABLE_LEARNERS * scale)))


def compare(shape: str, learners: int) -> list[Row]:
    """CPU time beside SciPy, and the proof that the answer is the best."""
    scores, places = gather(shape, learners)
    own = np.ones(learners, np.int64)
    here, there = round_robin([partial(assign, scores, own, places), partial(scipy, scores, places)], REPEATS)
    found, best = assign(scores, own, places), scipy(scores, places)
    name = f"{learners:,} learners × {len(places):,} mentors, {shape}"
    return [
        Row(PART, f"{name}: best total", here, "ms", peer=there, peer_name="scipy, slot columns",
            least_ratio=LEAST_RATIO if learners >= LARGE else None),
        Row(PART, f"{name}: gap as a share of the total", found.gap / found.total, most=EXACT),
        Row(PART, f"{name}: total as a share of scipy's", found.total / best, least=1 - EXACT),
    ]  # fmt: skip


def clustered(learners: int, mentors: int, rng: np.random.Generator) -> Scores:
    """Everybody has a trade; two cosines, one each way, joined by their harmonic mean."""
    centres = rng.standard_normal((40, 64))

    def some(count: int) -> npt.NDArray[np.float32]:
        return unit(centres[rng.integers(0, 40, count)] + rng.standard_normal((count, 64)))

    there = np.maximum(some(learners) @ some(mentors).T, 0)
    back = np.maximum(some(learners) @ some(mentors).T, 0)
    total = there + back
    return np.divide(2 * there * back, total, out=np.zeros_like(total), where=total > 0)


def the_same_few(learners: int, mentors: int, rng: np.random.Generator) -> Scores:
    """How good a mentor is counts for .7, what suits the learner for .3."""
    fame = rng.beta(2, 5, mentors).astype(np.float32)
    return np.float32(0.7) * fame + np.float32(0.3) * rng.random((learners, mentors), dtype=np.float32)


SHAPES: dict[str, Callable[[int, int, np.random.Generator], Scores]] = {
    "clustered": clustered,
    "the same few": the_same_few,
}


def gather(shape: str, learners: int, seed: int = 1) -> tuple[Scores, Places]:
    """Scores and the mentors' places; the same arguments give the same."""
    rng = np.random.default_rng(seed)
    mentors = max(2, learners // 4)
    return np.ascontiguousarray(SHAPES[shape](learners, mentors, rng)), rng.integers(2, 5, mentors)


def scipy(scores: Scores, places: Places) -> float:
    """The best total by SciPy, with one column a place."""
    from scipy.optimize import linear_sum_assignment  # only this peer needs it

    slots = np.repeat(np.arange(len(places)), places)
    at, to = linear_sum_assignment(scores[:, slots], maximize=True)
    return float(scores[at, slots[to]].sum(dtype=np.float64))


# --- Memory -----------------------------------------------------------------------------------------------------


def memory(learners: int) -> list[Row]:
    """How much more memory each way takes at its peak than the scores themselves, each in a process of its own."""
    own, peer = (_peak(way, learners) for way in ("own", "scipy"))
    return [
        Row(PART, f"{learners:,} learners: memory beyond the scores", own, "MB", peer=peer,
            peer_name="scipy, slot columns", most=MOST_MEGABYTES),
    ]  # fmt: skip


def _peak(way: str, learners: int) -> float:
    command = [sys.executable, "-m", "benchmarks.rounds", way, str(learners)]
    done = subprocess.run(command, text=True, capture_output=True, check=True)
    return float(done.stdout)


def growth(way: str, learners: int) -> float:
    """Peak memory of one run in MB beyond what the process held before; code is loaded and warmed first."""
    ways: dict[str, Callable[[Scores, Places], object]] = {
        "own": lambda scores, places: assign(scores, np.ones(len(scores), np.int64), places),
        "scipy": scipy,
    }
    ways[way](*gather("clustered", 60))
    scores, places = gather("clustered", learners)
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before = _status("VmRSS")
    ways[way](scores, places)
    return (_status("VmHWM") - before) / 1024


def _status(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{field}:")))


# --- Stable -----------------------------------------------------------------------------------------------------


def stable(learners: int) -> list[Row]:
    """Stable rounds beside the library's, on the same directional scores: learners ask."""
    scores, places = gather("clustered", learners)
    back = np.ascontiguousarray(gather("clustered", learners, seed=2)[0])
    own = np.ones(learners, np.int64)

    def here() -> Assignment:
        return assign(scores, own, places, Aim.STABLE, back=back)

    (ours,) = round_robin([here], REPEATS)
    name = f"{learners:,} learners × {len(places):,} mentors: stable"
    try:
        theirs = library(scores, back, places)
    except (OSError, subprocess.SubprocessError) as trouble:
        return [Row(PART, f"{name} (the library could not be had: {type(trouble).__name__})", ours, "ms")]
    found = here()
    return [
        Row(PART, name, ours, "ms", peer=theirs["ms"], peer_name="matching, hospital-resident"),
        Row(PART, f"{name}, blocking pairs", found.blocking_pairs, most=0),
        Row(PART, f"{name}, same pairs as the library", float(found.pairs.tolist() == theirs["pairs"]), least=1),
    ]


def library(scores: Scores, back: Scores, places: Places) -> dict[str, object]:
    """What the library finds, and its CPU time in ms.

    Raises:
        OSError, SubprocessError: its virtual environment could not be made, or it failed.
    """
    home = Path(os.environ.get("VAR_DIR", "var")).absolute() / "bench-matching"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, capture_output=True)
        install = [str(python), "-m", "pip", "install", "-q", LIBRARY]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.npz"
        np.savez(task, scores=scores, back=back, places=places)
        script = Path(__file__).with_name("rounds_peer.py")
        # -I: neither this folder nor the project is searched, or our own package would be imported.
        command = [str(python), "-I", str(script), str(task), str(REPEATS)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(growth(sys.argv[1], int(sys.argv[2])))
