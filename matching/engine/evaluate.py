"""Ranks an evaluation folder through the production path and measures how good the rankings are.

A folder holds `<task>.queries.jsonl` and `<task>.candidates.jsonl` for each task, plain or gzipped. Of a
query only `qid`, `text`, `skills` and `wants` are read, of a candidate `id`, `text`, `skills` and `wants`:
never the answers. Candidates are sorted by what they say before anything is computed and equal scores are
ordered the same way, so neither ids nor the order of lines change a ranking.
"""

import gzip
import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log2
from pathlib import Path
from typing import Any, TypedDict

from .encode import Encodes
from .kinds import KINDS, LOOK_UP, MatchKind
from .people import PROFILE, Line, Person, Roster, Vector
from .pipeline import best_first, rank
from .text import normalise, sentences

TASKS: Mapping[str, MatchKind] = {
    "T1": KINDS["mentor"],
    "T1P": KINDS["mentor"],
    "T1O": KINDS["mentor"],
    "R1": KINDS["collaborator"],
    "T2": KINDS["collaborator"],
    "T3": LOOK_UP,
    "T3X": LOOK_UP,
    "T5": LOOK_UP,
}
"""The kind by which each task is ranked, by the part of its name before the first underscore."""

NAMES = frozenset({"T3", "T5"})
"""Tasks whose candidates are one short text each, not people with a profile."""

Row = Mapping[str, Any]
"""One line of a file."""


class RunRow(TypedDict):
    """One line of a run: a query and all candidate ids, best first."""

    qid: str
    ranking: list[str]


class EvaluationUnsound(Exception):
    """The evaluation folder cannot be read; the message says which file or line and what is wrong."""


def tasks_in(folder: Path) -> dict[str, Path]:
    """Return the query file of each task in the folder, by full task name, in order of name.

    Raises:
        EvaluationUnsound: there is no such folder, or it has no task that we know.
    """
    found = {path.name.split(".")[0]: path for path in sorted(folder.glob("*.queries.jsonl*"))}
    known = {name: path for name, path in found.items() if _short(name) in TASKS}
    if not known:
        names = ", ".join(TASKS)
        raise EvaluationUnsound(f"{folder} holds no <task>.queries.jsonl of a task we know ({names}).")
    return known


def rank_folder(folder: Path, encoder: Encodes, *, tasks: Collection[str] = ()) -> Iterator[RunRow]:
    """Yield one run row for each query of each task: every candidate, best first.

    Args:
        tasks: names to run, whole ("R1_skill_swap") or short ("R1"); empty for all.

    Raises:
        EvaluationUnsound: a file is missing or cannot be read, or a task is named that is not there.
    """
    known = tasks_in(folder)
    missing = [name for name in tasks if not any(name in (task, _short(task)) for task in known)]
    if missing:
        raise EvaluationUnsound(f"{folder} has no task {missing[0]}: choose from {', '.join(known)}.")
    for task, path in known.items():
        if not tasks or task in tasks or _short(task) in tasks:
            yield from rank_task(_short(task), read_rows(path), read_rows(_candidates_beside(path)), encoder)


def rank_task(task: str, queries: Sequence[Row], candidates: Sequence[Row], encoder: Encodes) -> Iterator[RunRow]:
    """Yield one run row for each query of one task, in the order of the queries.

    Args:
        task: short name, a key of `TASKS`.
    """
    kind = TASKS[task]
    ordered = sorted(candidates, key=_content)
    rows = [*ordered, *queries]
    vectors = _vectors(rows, encoder)
    if task in NAMES:
        people = [_named(row, row["id"], vectors) for row in ordered]
    else:
        people = [_person(row, row["id"], vectors) for row in ordered]
    roster = Roster(people)
    for query in queries:
        asker = _person(query, "", vectors) if task in ("R1", "T2") else _wish(query, vectors)
        order = best_first(rank(asker, roster, kind), roster)
        yield {"qid": query["qid"], "ranking": [str(roster.people[row].id) for row in order]}


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines, gzipped where its name ends in .gz.

    Raises:
        EvaluationUnsound: missing, not UTF-8, not gzip, or a line that is not an object with the texts
            that we need.
    """
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file if line.strip()]
    except (OSError, EOFError, UnicodeError, ValueError, zlib.error) as error:
        raise EvaluationUnsound(f"{path} cannot be read: {error}.") from error
    key = "qid" if ".queries." in path.name else "id"
    for number, row in enumerate(rows, 1):
        if not _is_sound(row, key):
            raise EvaluationUnsound(f"{path}, row {number}: needs `text` and `{key}`, both of them text.")
    return rows


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


def _short(task: str) -> str:
    return task.split("_")[0]


def _candidates_beside(queries: Path) -> Path:
    path = queries.with_name(queries.name.replace(".queries.", ".candidates."))
    other = path.with_suffix("") if path.suffix == ".gz" else path.with_name(path.name + ".gz")
    return path if path.exists() or not other.exists() else other


def _is_sound(row: object, key: str) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not isinstance(row.get(key), str):
        return False
    lists = [row.get("skills", []), row.get("wants", [])]
    return all(isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in lists)


def _content(row: Row) -> tuple[str, list[str], list[str], str]:
    # The id comes last: it decides only between candidates that say the very same.
    return (row["text"], sorted(row.get("skills", [])), sorted(row.get("wants", [])), row["id"])


def _vectors(rows: Sequence[Row], encoder: Encodes) -> dict[str, Vector]:
    texts: set[str] = set()
    for row in rows:
        texts.update(normalise(text) for text in (row["text"], *row.get("skills", []), *row.get("wants", [])))
        texts.update(sentences(row["text"]))
    ordered = sorted(texts - {""})
    return dict(zip(ordered, encoder.encode(ordered), strict=True)) if ordered else {}


def _person(row: Row, name: str, vectors: Mapping[str, Vector]) -> Person:
    about = [(text, "sentence") for text in sentences(row["text"])]
    about.append((normalise(row["text"]), PROFILE))
    return Person(
        name,
        offers=_lines([(text, "skill") for text in row.get("skills", [])], vectors),
        needs=_lines([(text, "skill") for text in row.get("wants", [])], vectors),
        about=_lines(about, vectors),
    )


def _named(row: Row, name: str, vectors: Mapping[str, Vector]) -> Person:
    return Person(name, offers=_lines([(row["text"], "name")], vectors))


def _wish(row: Row, vectors: Mapping[str, Vector]) -> Person:
    return Person("", needs=_lines([(row["text"], "skill")], vectors))


def _lines(texts: Sequence[tuple[str, str]], vectors: Mapping[str, Vector]) -> tuple[Line, ...]:
    # In order of their text, so that the order in which a list was written decides nothing.
    ordered = sorted((normalise(text), kind) for text, kind in texts)
    return tuple(
        Line(number, text, kind=kind, vector=vectors[text]) for number, (text, kind) in enumerate(ordered) if text
    )
