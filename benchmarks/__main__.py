"""`make bench`: speed and quality beside the peers in one run, as one table.

    EVAL=DIR         an evaluation folder; without it the quality part says so and the rest runs
    BENCH_JSON=FILE  the same as JSON
    SCALE=0.02…1     less of everything, for a quick look; every number of rows stands in its name

`python -m benchmarks PART …` runs only these parts. Each runs in a process of its own, on one core. A budget that
is not kept says NO and fails nothing: times on a strange machine prove nothing by themselves.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.table import Row, aligned

PARTS = ("pages", "ask", "pairs", "matching", "rounds", "encode", "quality")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
NOTE = (
    "CPU times are medians on one core; ratio: how many times better than the peer, above 1 is better.\n"
    "* not measured in this run: bakerydemo with 2,000 pages, and sentence-transformers with its model loaded."
)


class CouldNot(Exception):
    """The message says what is wrong and what to do."""


def main(arguments: list[str]) -> int:
    """Run the parts, print the table; 1 where a part could not be measured, 2 for wrong arguments."""
    try:
        if arguments[:1] == ["--rows"]:
            print(json.dumps([row.as_json() for row in measure(arguments[1])]))
            return 0
        if unknown := [name for name in arguments if name not in PARTS]:
            print(f"There is no part {unknown[0]!r}: choose from {', '.join(PARTS)}.", file=sys.stderr)
            return 2
        return run(arguments or list(PARTS), scale(), os.environ.get("BENCH_JSON", ""))
    except CouldNot as trouble:
        print(trouble, file=sys.stderr)
        return 1


def scale() -> float:
    """How much of everything.

    Raises:
        CouldNot: SCALE is no number between 0.01 and 1.
    """
    given = os.environ.get("SCALE") or "1"
    try:
        wanted = float(given)
    except ValueError:
        wanted = 0.0
    if not 0.01 <= wanted <= 1:
        raise CouldNot(f"SCALE={given} is not a number between 0.01 and 1. Leave it out to measure everything.")
    return wanted


def measure(part: str) -> list[Row]:
    """The rows of one part, measured in this process.

    Raises:
        CouldNot: with the reason.
    """
    if part == "quality":
        from benchmarks import quality
        from matching.engine.encode import Encoder, ModelUnsound
        from matching.engine.evaluate import EvaluationUnsound

        try:
            return quality.rows(Path(os.environ["EVAL"]), Encoder(), Encoder(adapter=Path("none")))
        except (EvaluationUnsound, ModelUnsound) as error:
            raise CouldNot(str(error)) from error
    if part in ("pages", "ask", "pairs"):
        from benchmarks import ask, pages, pairs

        try:
            return {"pages": pages, "ask": ask, "pairs": pairs}[part].rows(scale())
        except pages.CouldNot as error:
            raise CouldNot(str(error)) from error
    if part == "matching":
        from benchmarks import matching

        return matching.rows(scale())
    if part == "rounds":
        from benchmarks import rounds

        return rounds.rows(scale())
    from benchmarks import encode

    return encode.rows(scale())


def run(parts: list[str], size: float, file: str) -> int:
    """Measure, print, write the JSON file where one is named; 1 where a part failed."""
    rows: list[Row] = []
    notes, failed = [NOTE], 0
    load = os.getloadavg()[0]
    for part in parts:
        if part == "quality" and not os.environ.get("EVAL"):
            notes.append("quality: EVAL was not given. `make bench EVAL=DIR` measures the rankings of that folder.")
            continue
        print(f"{part} …", file=sys.stderr, flush=True)
        try:
            rows += apart(part)
        except CouldNot as trouble:
            failed += 1
            notes.append(f"{part}: could not be measured. {trouble}")
    heading = f"SCALE={size:g}, {os.cpu_count()} cores, load {load:.1f} before and {os.getloadavg()[0]:.1f} after"
    print("\n".join([heading, "", aligned(rows), "", *notes]))
    if file:
        write(file, {"scale": size, "cores": os.cpu_count(), "load": load, "at": time.time(), "notes": notes}, rows)
    return 1 if failed else 0


def apart(part: str) -> list[Row]:
    """Measure one part in a fresh process on one core.

    Raises:
        CouldNot: with the last line that the process said.
    """
    command = [sys.executable, "-m", "benchmarks", "--rows", part]
    done = subprocess.run(command, env=os.environ | ONE_CORE, text=True, capture_output=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise CouldNot(lines[-1] if lines else f"It stopped with {done.returncode}.")
    return [Row.from_json(row) for row in json.loads(done.stdout)]


def write(file: str, about: dict[str, Any], rows: list[Row]) -> None:
    """Write the table as JSON.

    Raises:
        CouldNot: the file cannot be written.
    """
    try:
        Path(file).write_text(json.dumps(about | {"rows": [row.as_json() for row in rows]}, indent=1), encoding="utf-8")
    except OSError as error:
        raise CouldNot(f"BENCH_JSON={file} cannot be written ({error.strerror}). Name another file.") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
