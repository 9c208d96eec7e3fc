"""How good the rankings of an evaluation folder are, how evenly they spread attention, how true their chances."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, log2
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .evaluate import DEPTH, Row, RunRow, read_rows, tasks_in


def ndcg(ranking: Sequence[str], grades: Mapping[str, float], *, depth: int = 10) -> float:
    """Return nDCG at a depth, between 0 and 1: gain 2^grade - 1, discount log2(rank + 1).

    0 where nothing is graded.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation", TOIS 20(4), 2002; gain as in Burges et
    al., ICML 2005.
    """
    found = sum(_gain(grades.get(one, 0)) / log2(place + 2) for place, one in enumerate(ranking[:depth]))
    best = sorted(grades.values(), reverse=True)[:depth]
    ideal = sum(_gain(grade) / log2(place + 2) for place, grade in enumerate(best))
    return found / ideal if ideal else 0.0


def quality(folder: Path, run: Iterator[RunRow] | Sequence[RunRow]) -> dict[str, float]:
    """Return the mean nDCG@10 of each task of which the run has a query, by full task name.

    A query without a line counts as 0; the query's own member (`self`) is dropped from its ranking first.
    """
    rankings = {row["qid"]: row["ranking"] for row in run}
    figures: dict[str, float] = {}
    for task, path in tasks_in(folder).items():
        queries = read_rows(path)
        if any(query["qid"] in rankings for query in queries):
            figures[task] = sum(_ndcg_of(query, rankings) for query in queries) / len(queries)
    return figures


def _ndcg_of(query: Row, rankings: Mapping[str, list[str]]) -> float:
    others = [one for one in rankings.get(query["qid"], []) if one != query.get("self")]
    return ndcg(others, query.get("rel", {}))


def _gain(grade: float) -> float:
    return float(2.0**grade - 1.0)


def crowding(
    rankings: Iterable[Sequence[str]], candidates: Iterable[str], *, depth: int = DEPTH
) -> tuple[float, float, float]:
    """Return the Gini coefficient of exposure, the busiest candidate's load over the mean, the share never shown.

    Exposure is discounted by log2(rank + 1) (Singh and Joachims, "Fairness of exposure in rankings", KDD 2018).
    """
    exposure = dict.fromkeys(candidates, 0.0)
    load = dict.fromkeys(exposure, 0)
    for ranking in rankings:
        for place, one in enumerate(ranking[:depth]):
            exposure[one] += 1 / log2(place + 2)
            load[one] += 1
    loads = np.array(list(load.values()), float)
    if not loads.sum():
        return 0.0, 0.0, 1.0
    return gini(list(exposure.values())), float(loads.max() / loads.mean()), float((loads == 0).mean())


def gini(values: Sequence[float]) -> float:
    """Return the Gini coefficient of values ≥ 0: 0 = all the same, near 1 = one has all."""
    ordered = np.sort(np.asarray(values, float))
    if not len(ordered) or not ordered.sum():
        return 0.0
    places = 2 * np.arange(1, len(ordered) + 1) - len(ordered) - 1
    return float((places * ordered).sum() / (len(ordered) * ordered.sum()))


def mutual(shown: Mapping[str, Sequence[str]]) -> float:
    """Return the mean share of each one's list whose own list shows them, too.

    Args:
        shown: for each person whom they are shown.
    """
    lists = {one: set(others) for one, others in shown.items()}
    shares = [sum(one in lists.get(other, ()) for other in found) / max(1, len(found)) for one, found in lists.items()]
    return float(np.mean(shares)) if shares else 0.0


def calibration(chances: npt.ArrayLike, answers: npt.ArrayLike, *, bins: int = 10) -> tuple[float, float]:
    """Return the expected calibration error over bins of equal size, and the Brier score; both 0 to 1.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015; Brier, Monthly Weather Review 78, 1950.
    """
    said, true = np.asarray(chances, float), np.asarray(answers, float)
    order = np.argsort(said, kind="stable")
    error = sum(
        len(part) / len(said) * abs(said[part].mean() - true[part].mean())
        for part in np.array_split(order, min(bins, ceil(len(said) or 1)))
        if len(part)
    )
    return float(error), float(np.mean((said - true) ** 2)) if len(said) else 0.0


def heads(folder: Path, task: str, run: Sequence[RunRow], *, depth: int = DEPTH) -> list[tuple[Row, RunRow]]:
    """Return the queries of one task with their rows of the run, cut to the head and without the query's own member."""
    rows = {row["qid"]: row for row in run}
    found: list[tuple[Row, RunRow]] = []
    for query in read_rows(tasks_in(folder)[task]):
        row = rows.get(query["qid"])
        if row:
            kept = [pair for pair in zip(row["ranking"], row["prob"], strict=True) if pair[0] != query.get("self")][
                :depth
            ]
            head = RunRow(qid=row["qid"], ranking=[one for one, _p in kept], prob=[p for _one, p in kept])
            found.append((query, head))
    return found
