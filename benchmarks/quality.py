"""How good the rankings are, beside plain baselines computed in the same run.

DIR in `make bench EVAL=DIR`, or `python -m benchmarks.quality --data DIR [--encoder NAME]`, is an evaluation folder
(see tests/matching/data/eval/README.md for the format). One row a task, nDCG@10.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.table import Row, aligned
from matching.engine.encode import Encoder, Encodes, ModelUnsound
from matching.engine.evaluate import EvaluationUnsound, RunRow, quality, rank_folder, read_rows, tasks_in
from matching.engine.people import Matrix
from matching.engine.text import normalise

PART = "quality"


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


def whole_text_cosine(folder: Path, encoder: Encodes) -> Iterator[RunRow]:
    """Rank by the cosine of the whole wish with the whole profile: what a plain semantic search does."""
    for path in tasks_in(folder).values():
        queries = read_rows(path)
        candidates = read_rows(path.with_name(path.name.replace(".queries.", ".candidates.")))
        rows = encoder.encode([normalise(row["text"]) for row in candidates])
        for query in queries:
            wish = ", ".join(query.get("wants") or [query["text"]])
            scores = rows @ encoder.encode([normalise(wish)])[0]
            order = np.argsort(-scores, kind="stable")
            yield {"qid": query["qid"], "ranking": [candidates[row]["id"] for row in order]}


def rows(folder: Path, encoder: Encodes) -> list[Row]:
    """One row a task of the folder.

    Raises:
        EvaluationUnsound: the folder cannot be read.
        ModelUnsound: the language model cannot be loaded.
    """
    encoder = Remembering(encoder)
    ours = quality(folder, rank_folder(folder, encoder))
    plain = quality(folder, list(whole_text_cosine(folder, encoder)))
    peer = "whole-text cosine"
    return [
        Row(PART, f"nDCG@10, {task}", figure, peer=plain[task], peer_name=peer, is_more_better=True)
        for task, figure in ours.items()
    ]


def main() -> int:
    """Print the table; 1 where the folder or the model cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--encoder", default="")
    arguments = parser.parse_args()
    try:
        found = rows(arguments.data, Encoder(arguments.encoder))
    except (EvaluationUnsound, ModelUnsound) as error:
        print(error, file=sys.stderr)
        return 1
    print(aligned(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
