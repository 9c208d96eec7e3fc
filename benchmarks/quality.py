"""How good the rankings are, beside plain baselines computed in the same run.

DIR in `make bench EVAL=DIR`, or `python -m benchmarks.quality --data DIR [--encoder NAME]`, is an evaluation folder
(see tests/matching/data/eval/README.md for the format). One row a task and baseline, nDCG@10; then how evenly the
lists of a community are spread, and how true the probabilities are.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.baselines import BASELINES, Documents
from benchmarks.table import Row, aligned
from matching.engine.encode import Encoder, Encodes, ModelUnsound
from matching.engine.evaluate import EvaluationUnsound, RunRow, rank_folder, read_rows, tasks_in
from matching.engine.measure import calibration, crowding, heads, mutual, quality
from matching.engine.people import Matrix

PART = "quality"
MUST = {"T1": 0.62, "T1P": 0.73, "T1O": 0.42, "T2": 0.68, "T3": 0.675, "T5": 0.545, "T3X": 0.50, "R1": 0.80}
"""nDCG@10 that each task must reach on the dev part."""


class Remembering:
    """An encoder that encodes each text once, however many rankings ask for it."""

    def __init__(self, encoder: Encodes) -> None:
        self.encoder = encoder
        self.name = encoder.name
        self.known: dict[str, np.ndarray] = {}

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of the texts, `[len(texts), dim]`, from memory where they are known."""
        new = sorted(set(texts) - self.known.keys())
        if new:
            self.known.update(zip(new, self.encoder.encode(new), strict=True))
        return np.array([self.known[text] for text in texts], np.float32)


def baseline(folder: Path, score: Callable[[Documents, Sequence[str]], np.ndarray], plain: Encodes) -> Iterator[RunRow]:
    """Rank a folder by one baseline; where members look for each other, both directions are added."""
    for path in tasks_in(folder).values():
        queries, rows = read_rows(path), read_rows(_candidates(path))
        documents = Documents(rows, plain)
        place = {row["id"]: number for number, row in enumerate(rows)}
        back = _back(documents, rows, score) if any(row.get("wants") for row in rows) else None
        for query in queries:
            scores = score(documents, query.get("wants") or [query["text"]]).mean(axis=0)
            if back is not None and query.get("self") in place:
                scores = scores + back[:, place[query["self"]]]
            order = np.argsort(-scores, kind="stable")
            yield {"qid": query["qid"], "ranking": [rows[row]["id"] for row in order], "prob": []}


def _back(documents: Documents, rows: Sequence[Mapping[str, object]], score: Callable[..., np.ndarray]) -> np.ndarray:
    return np.array([score(documents, row.get("wants") or [row["text"]]).mean(axis=0) for row in rows])


def rows(folder: Path, encoder: Encodes, plain: Encodes | None = None) -> list[Row]:
    """The rows of the folder.

    Args:
        folder: what is ranked.
        encoder: what production uses.
        plain: the model of the baselines; the same where none is given.

    Raises:
        EvaluationUnsound: the folder cannot be read.
        ModelUnsound: the language model cannot be loaded.
    """
    encoder, plain = Remembering(encoder), Remembering(plain or encoder)
    run = list(rank_folder(folder, encoder))
    ours = quality(folder, run)
    found = []
    for name, score in BASELINES.items():
        theirs = quality(folder, list(baseline(folder, score, plain)))
        found += [
            Row(PART, f"nDCG@10, {task}", figure, peer=theirs[task], peer_name=name, is_more_better=True,
                least=MUST.get(task.split("_")[0]))
            for task, figure in ours.items()
        ]  # fmt: skip
    found.sort(key=lambda row: row.name)
    for task in ours:
        found += _beyond(folder, task, run)
    return found


def _beyond(folder: Path, task: str, run: Sequence[RunRow]) -> Iterator[Row]:
    """How evenly a community's lists are spread, and how true the chances of mentors are."""
    head = heads(folder, task, run)
    if task.startswith("R1"):
        everybody = [row["id"] for row in read_rows(_candidates(tasks_in(folder)[task]))]
        evenness, busiest, never = crowding([row["ranking"] for _query, row in head], everybody)
        shown = {query["self"]: row["ranking"] for query, row in head}
        yield Row(PART, f"{task}, mutually shown", mutual(shown), is_more_better=True, least=0.72)
        yield Row(PART, f"{task}, exposure Gini", evenness, most=0.20)
        yield Row(PART, f"{task}, busiest over mean", busiest, most=1.5)
        yield Row(PART, f"{task}, never shown", never, most=0)
    if task.startswith(("T1_", "T1P")):
        chances = [chance for _query, row in head for chance in row["prob"]]
        answers = [one in query.get("rel", {}) for query, row in head for one in row["ranking"]]
        error, brier = calibration(chances, answers)
        yield Row(PART, f"{task}, ECE of the first ten", error, most=0.05)
        yield Row(PART, f"{task}, Brier score of the first ten", brier, most=0.11)


def _candidates(queries: Path) -> Path:
    return queries.with_name(queries.name.replace(".queries.", ".candidates."))


def main() -> int:
    """Print the table; 1 where the folder or the model cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="")
    arguments = parser.parse_args()
    try:
        found = rows(arguments.data, Encoder(arguments.encoder), Encoder(adapter=Path("none")))
    except (EvaluationUnsound, ModelUnsound) as error:
        print(error, file=sys.stderr)
        return 1
    print(aligned(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
