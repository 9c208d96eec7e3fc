"""Ranks an evaluation folder through the production path.

A folder holds `<task>.queries.jsonl` and `<task>.candidates.jsonl` for each task, plain or gzipped. Of a
query only `qid`, `text`, `skills` and `wants` are read, of a candidate `id`, `text`, `skills` and `wants`:
never the answers. Candidates are sorted by what they say before anything is computed and equal scores are
ordered the same way, so neither ids nor the order of lines change a ranking.
"""

import gzip
import json
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from . import ask, fair
from .encode import Encodes
from .kinds import ASK, KINDS, LOOK_UP, MatchKind
from .people import PROFILE, Line, Person, Roster, Scores, Vector
from .pipeline import best_first, judge
from .text import normalise, sentences

TASKS: Mapping[str, MatchKind] = {
    "T1": KINDS["mentor"],
    "T1P": KINDS["mentor"],
    "T1O": KINDS["mentor"],
    "R1": KINDS["collaborator"],
    "T2": KINDS["collaborator"],
    "T3": LOOK_UP,
    "T3X": LOOK_UP,
    "T5": ASK,
}
"""The kind by which each task is ranked, by the part of its name before the first underscore."""

NAMES = frozenset({"T3", "T5"})
"""Tasks whose candidates are one short text each, not people with a profile."""

MEMBERS = frozenset({"R1", "T2"})
"""Tasks whose queries are people with a profile, each one of the candidates."""

COMMUNITIES = frozenset({"R1"})
"""Tasks that are one community: all its lists are made together."""

DEPTH = 10
"""How many of a list are counted as shown."""

Row = Mapping[str, Any]
"""One line of a file."""


class RunRow(TypedDict):
    """One line of a run: a query, all candidate ids, best first, and for each the chance that it fits."""

    qid: str
    ranking: list[str]
    prob: list[float]


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
    vectors = vectors_of([*ordered, *queries], encoder)
    roster = Roster((named if task in NAMES else person)(row, row["id"], vectors) for row in ordered)
    if task in COMMUNITIES and all(isinstance(query.get("self"), str) for query in queries):
        yield from _among_members(queries, roster, kind)
        return
    for query in queries:
        if kind is ASK:
            chances = _answers(query["text"], roster, vectors)
            yield _run_row(query["qid"], chances, chances, roster)
            continue
        asker = person(query, "", vectors) if task in MEMBERS else wish(query, vectors)
        found = judge(Roster([asker]), roster, kind)
        yield _run_row(query["qid"], found.scores[0], found.chances[0], roster)


def _among_members(queries: Sequence[Row], roster: Roster, kind: MatchKind) -> Iterator[RunRow]:
    """Rank members for each other, all lists at once: fairness is a matter between lists."""
    found = judge(roster, roster, kind)
    scores = found.scores.copy()
    np.fill_diagonal(scores, -1.0)
    rows = np.tile(np.arange(len(roster)), (len(roster), 1))
    np.fill_diagonal(rows, fair.NOBODY)
    shown = fair.spread(fair.Lists(rows, scores, len(roster)), DEPTH)
    for query in queries:
        (row,) = roster.positions([query["self"]])
        # Who is shown stands before all others; one's own place is last, and scorers leave it out.
        yield _run_row(query["qid"], scores[row] + 2.0 * shown[row], found.chances[row], roster)


def _answers(question: str, roster: Roster, vectors: Mapping[str, Vector]) -> Scores:
    """Judge titles as Ask judges passages."""
    texts = [[(line.text, line.vector) for line in title.offers] for title in roster]
    scores, _shares = ask.answers(question, vectors.get(normalise(question)), texts)
    return scores


def _run_row(qid: str, scores: Scores, chances: Scores, roster: Roster) -> RunRow:
    order = best_first(scores, roster)
    ranking = [str(roster.people[row].id) for row in order]
    return {"qid": qid, "ranking": ranking, "prob": [round(float(p), 6) for p in falling(chances[order])]}


def falling(chances: Scores) -> Scores:
    """Return the nearest sequence (least squares) that never rises, `[n]`.

    Source: pool adjacent violators (Ayer et al., Annals of Mathematical Statistics 26, 1955).
    """
    means: list[float] = []
    sizes: list[int] = []
    for chance in chances.tolist():
        mean, size = chance, 1
        while means and means[-1] < mean:
            size += sizes[-1]
            mean += (means.pop() - mean) * sizes.pop() / size
        means.append(mean)
        sizes.append(size)
    return np.repeat(np.asarray(means, float), sizes)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines, gzipped where its name ends in .gz.

    Raises:
        EvaluationUnsound: missing, not UTF-8, not gzip, or a line that is not an object with the texts
            that we need.
    """
    rows = read_lines(path)
    key = "qid" if ".queries." in path.name else "id"
    for number, row in enumerate(rows, 1):
        if not _is_sound(row, key):
            raise EvaluationUnsound(f"{path}, row {number}: needs `text` and `{key}`, both of them text.")
    return rows


def read_lines(path: Path | None) -> list[Any]:
    """Read a file of JSON lines, gzipped where its name ends in .gz; no file has no lines.

    Raises:
        EvaluationUnsound: missing, not UTF-8, not gzip, or a line that is not JSON.
    """
    if path is None:
        return []
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]
    except (OSError, EOFError, UnicodeError, ValueError, zlib.error) as error:
        raise EvaluationUnsound(f"{path} cannot be read: {error}.") from error


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


def vectors_of(rows: Sequence[Row], encoder: Encodes) -> dict[str, Vector]:
    """Return the vector of every text of these rows, and of every sentence of their main text."""
    texts: set[str] = set()
    for row in rows:
        texts.update(normalise(text) for text in (row["text"], *row.get("skills", []), *row.get("wants", [])))
        texts.update(sentences(row["text"]))
    ordered = sorted(texts - {""})
    return dict(zip(ordered, encoder.encode(ordered), strict=True)) if ordered else {}


def person(row: Row, name: str, vectors: Mapping[str, Vector]) -> Person:
    """Return somebody with a profile, their skills as offers and their wants as needs."""
    about = [(text, "sentence") for text in sentences(row["text"])]
    about.append((normalise(row["text"]), PROFILE))
    return Person(
        name,
        offers=_lines([(text, "skill") for text in row.get("skills", [])], vectors),
        needs=_lines([(text, "skill") for text in row.get("wants", [])], vectors),
        about=_lines(about, vectors),
    )


def named(row: Row, name: str, vectors: Mapping[str, Vector]) -> Person:
    """Return a name or a title as somebody whose one offer it is."""
    return Person(name, offers=_lines([(row["text"], "name")], vectors))


def wish(row: Row, vectors: Mapping[str, Vector]) -> Person:
    """Return one text as somebody whose one need it is."""
    return Person("", needs=_lines([(row["text"], "skill")], vectors))


def _lines(texts: Sequence[tuple[str, str]], vectors: Mapping[str, Vector]) -> tuple[Line, ...]:
    # In order of their text, so that the order in which a list was written decides nothing.
    ordered = sorted((normalise(text), kind) for text, kind in texts)
    return tuple(
        Line(number, text, kind=kind, vector=vectors[text]) for number, (text, kind) in enumerate(ordered) if text
    )
