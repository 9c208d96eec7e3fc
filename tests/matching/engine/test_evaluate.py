"""Ranking an evaluation folder, on a small planted one."""

import gzip
import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matching.engine.encode import Encoder
from matching.engine.evaluate import (
    TASKS,
    EvaluationUnsound,
    RunRow,
    falling,
    rank_folder,
    read_rows,
    tasks_in,
)
from matching.engine.measure import ndcg, quality

from .planted import WordEncoder

PLANTED = Path(__file__).parents[1] / "data" / "eval"


def run(folder: Path = PLANTED, *tasks: str) -> list[RunRow]:
    return list(rank_folder(folder, WordEncoder(), tasks=tasks))


def copied(folder: Path, change: Callable[[str, list[dict[str, Any]]], list[dict[str, Any]]]) -> Path:
    """The planted folder again, with each file's rows changed."""
    for path in sorted(PLANTED.glob("*.jsonl")):
        rows = change(path.name, read_rows(path))
        (folder / path.name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_it_knows_every_task_of_the_format() -> None:
    assert {name.split("_")[0] for name in tasks_in(PLANTED)} == set(TASKS)


def test_it_ranks_every_candidate_for_every_query() -> None:
    rankings = {row["qid"]: row["ranking"] for row in run()}
    for path in tasks_in(PLANTED).values():
        everybody = sorted(row["id"] for row in read_rows(path.with_name(path.name.replace("queries", "candidates"))))
        for query in read_rows(path):
            assert sorted(rankings.pop(query["qid"])) == everybody
    assert not rankings


def test_it_finds_the_planted_answers() -> None:
    figures = quality(PLANTED, run())
    assert len(figures) == len(TASKS)
    assert min(figures.values()) > 0.8


@pytest.mark.model
def test_it_finds_the_planted_answers_with_the_real_model() -> None:
    figures = quality(PLANTED, rank_folder(PLANTED, Encoder()))
    assert min(figures.values()) > 0.8


def test_it_runs_single_tasks_by_long_or_short_name() -> None:
    assert run(PLANTED, "T5") == run(PLANTED, "T5_lesson_search")
    assert {row["qid"].split("-")[0] for row in run(PLANTED, "T5", "R1_skill_swap")} == {"T5", "R1"}


def test_it_gives_the_same_run_twice() -> None:
    assert run() == run()


def test_it_never_looks_at_the_answers(tmp_path: Path) -> None:
    def blind(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{key: row[key] for key in row if key not in ("rel", "ref", "kind")} for row in rows]

    assert run(copied(tmp_path, blind)) == run()


def test_it_does_not_care_about_the_order_of_lines_and_lists(tmp_path: Path) -> None:
    shuffler = random.Random(5)

    def mixed(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        shuffler.shuffle(rows)
        for row in rows:
            for key in {"skills", "wants"} & set(row):
                shuffler.shuffle(row[key])
        return rows

    def by_qid(rows: list[RunRow]) -> list[RunRow]:
        return sorted(rows, key=lambda row: row["qid"])

    assert by_qid(run(copied(tmp_path, mixed))) == by_qid(run())


def test_it_does_not_care_about_ids(tmp_path: Path) -> None:
    shuffler = random.Random(7)
    renamed: dict[str, str] = {}

    def disguised(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in rows:
            for key in ("id", "self"):
                if key in row:
                    row[key] = renamed.setdefault(row[key], f"{shuffler.getrandbits(64):x}")
        return rows

    found = {row["qid"]: row["ranking"] for row in run(copied(tmp_path, disguised))}
    assert found == {row["qid"]: [renamed[one] for one in row["ranking"]] for row in run()}


def test_it_gives_every_candidate_a_chance_that_never_rises() -> None:
    for row in run():
        assert len(row["prob"]) == len(row["ranking"])
        assert all(0 <= later <= earlier <= 1 for earlier, later in pairwise(row["prob"]))


@given(arrays(np.float64, st.integers(0, 12), elements=st.floats(0, 1)))
def test_the_nearest_falling_sequence_keeps_the_sum_and_a_falling_one_as_it_is(chances: np.ndarray) -> None:
    found = falling(chances)
    assert np.all(np.diff(found) <= 1e-12)
    assert np.isclose(found.sum(), chances.sum())
    assert np.allclose(falling(found), found)


def test_members_of_a_community_are_shown_about_equally_often() -> None:
    rows = run(PLANTED, "R1")
    first = [list(row["ranking"])[0] for row in rows]
    assert len(set(first)) > 1


def test_it_reads_gzipped_files_too(tmp_path: Path) -> None:
    for path in PLANTED.glob("T5*.jsonl"):
        (tmp_path / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert run(tmp_path) == run(PLANTED, "T5")


def test_it_says_which_folder_or_task_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationUnsound, match=r"holds no <task>\.queries\.jsonl"):
        run(tmp_path)
    with pytest.raises(EvaluationUnsound, match="has no task T9: choose from R1_skill_swap"):
        run(PLANTED, "T9")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe", "cannot be read"),
        (b"{", "cannot be read"),
        (b'{"qid": "a", "text": "b"}\n[1]\n', "row 2: needs"),
        (b'{"qid": "a"}\n', "row 1: needs"),
        (b'{"qid": 3, "text": "b"}\n', "row 1: needs"),
        (b'{"id": "a", "text": "b"}\n', "row 1: needs `text` and `qid`"),
        (b'{"qid": "a", "text": "b", "skills": "weave"}\n', "row 1: needs"),
    ],
)
def test_it_says_which_line_is_unsound(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "T5_x.queries.jsonl").write_bytes(content)
    (tmp_path / "T5_x.candidates.jsonl").write_text("")
    with pytest.raises(EvaluationUnsound, match=why):
        run(tmp_path)


def test_it_says_that_candidates_are_missing_or_not_gzip(tmp_path: Path) -> None:
    (tmp_path / "T5_x.queries.jsonl").write_text("")
    with pytest.raises(EvaluationUnsound, match=r"T5_x\.candidates\.jsonl cannot be read"):
        run(tmp_path)
    (tmp_path / "T5_x.candidates.jsonl.gz").write_bytes(b"plain")
    with pytest.raises(EvaluationUnsound, match=r"candidates\.jsonl\.gz cannot be read"):
        run(tmp_path)


def test_it_measures_as_the_books_say() -> None:
    # Gains 3, 1, 0 at ranks 1 to 3 are ideal; 1 before 3 is not.
    assert ndcg(["a", "b", "c"], {"a": 2, "b": 1}) == 1
    assert ndcg(["b", "a", "c"], {"a": 2, "b": 1}) == pytest.approx((1 + 3 * 0.63093) / (3 + 0.63093), abs=1e-4)
    assert ndcg(["c"], {"a": 2}) == 0
    assert ndcg(["a"], {}) == 0
    assert ndcg(["x"] * 10 + ["a"], {"a": 1}) == 0


def test_it_counts_a_query_without_a_line_as_nothing_and_drops_the_query_itself() -> None:
    queries = read_rows(PLANTED / "T2_collaborator.queries.jsonl")
    best: RunRow = {"qid": queries[0]["qid"], "ranking": [queries[0]["self"], *queries[0]["rel"]]}
    assert quality(PLANTED, [best]) == {"T2_collaborator": pytest.approx(1 / len(queries))}
