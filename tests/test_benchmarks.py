"""The table of `make bench` is built, of true figures: on tiny data, and never by the clock."""

import json
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from wagtail.models import Page

from benchmarks import __main__ as bench
from benchmarks import encode, matching, quality, rounds, site, visits
from benchmarks.baselines import BASELINES
from benchmarks.table import Row, aligned
from community.gatherings.models import GatheringPage
from community.members.models import Member
from tests.factories import GatheringFactory, OpeningFactory, StoryFactory, TopicFactory
from tests.matching.planted import WordEncoder

EVAL = Path(__file__).parent / "matching/data/eval"


def test_a_row_says_how_much_better_than_the_peer_and_whether_the_budget_is_kept() -> None:
    slow = Row("p", "a time", 10, "ms", peer=25, most=9)
    good = Row("p", "a rate", 30, "/s", peer=10, is_more_better=True, least_ratio=2.5)
    assert (slow.ratio, slow.is_ok, good.ratio, good.is_ok) == (2.5, False, 3, True)
    assert Row("p", "nothing asked", 1).is_ok is None
    assert Row.from_json(json.loads(json.dumps(slow.as_json()))) == slow


def test_the_table_is_aligned() -> None:
    lines = aligned([Row("p", "short", 1.25, "ms", most=2), Row("p", "much longer", 12345, "ms", peer=1)]).splitlines()
    assert lines[1] == "-- p"
    assert lines[0].index("peer") == lines[3].index("1 ", lines[3].index("ms"))
    assert "≤ 2" in lines[2] and lines[2].endswith("yes")


def test_all_ways_to_score_agree() -> None:
    rows = matching.compare(30)
    assert [row.measured for row in rows if "recall" in row.name] == [1]
    assert all(row.is_ok for row in rows if "error" in row.name)
    crowd = matching.gather(30)
    exact = np.array([[matching.both_ways(matching.dot, crowd, a, b) for b in range(30)] for a in range(30)])
    assert np.abs(matching.gemm_both(matching.Laid.of(crowd)) - exact).max() < 1e-5
    assert matching.both_ways(matching.sklearn, crowd, 1, 2) == pytest.approx(exact[1, 2], abs=1e-6)


def test_recall_sees_a_wrong_order() -> None:
    exact = np.random.default_rng(1).random((3, 100))
    assert matching.recall(exact, exact) == 1
    assert matching.recall(-exact, exact) == 0


def test_encoding_is_compared_with_stock() -> None:
    words = WordEncoder()
    texts = encode.sample(encode.short_texts(), encode.SHORT, 0.02)
    speed = encode.speed("short", texts, words.encode, words.encode)
    cosine, same = encode.agreement(texts, words.encode, words.encode)
    assert speed.peer and speed.measured and speed.least_ratio
    assert cosine.is_ok and same.measured == 1
    assert not encode.agreement(texts, words.encode, lambda texts: -words.encode(texts))[0].is_ok
    assert len(encode.long_texts()) > 30


def test_quality_has_a_row_for_each_task_of_the_folder() -> None:
    rows = quality.rows(EVAL, WordEncoder())
    peers = [row for row in rows if row.peer is not None]
    assert len(peers) == 8 * len(BASELINES)
    assert all(0 <= row.measured <= 1 for row in peers)
    assert {row.name.split(", ")[1] for row in rows if row.name.startswith("R1")} == {
        "mutually shown", "exposure Gini", "busiest over mean", "never shown"
    }  # fmt: skip


@pytest.mark.django_db
def test_copied_pages_are_sound_and_can_be_visited(member: Member) -> None:
    topic = TopicFactory(slug="bees")
    for factory in (StoryFactory, GatheringFactory, OpeningFactory):
        original = factory(topics=[topic], author=member)
        assert site.multiply(type(original), 4) == 3
        assert type(original).objects.filter(topics=topic).count() == 4
    assert [seats.capacity for seats in (page.seats for page in GatheringPage.objects.all())] == [6] * 4
    assert not any(Page.find_problems())
    copy = GatheringPage.objects.order_by("path").last()
    assert copy and Client().get(f"/gatherings/{copy.slug}/").status_code == 200


@pytest.mark.django_db
def test_every_kind_of_page_gets_a_row_for_each_visitor(member: Member, stranger: Member) -> None:
    for factory in (StoryFactory, GatheringFactory, OpeningFactory):
        factory(author=member)
    rows = visits.measure(visits.stops(), [member, stranger], rounds=1)
    assert len(rows) == 2 * (8 * 2 + 4)
    assert all(row.measured > 0 for row in rows)


@pytest.mark.parametrize("given", ["0", "2", "many"])
def test_a_wrong_scale_is_one_line(given: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("SCALE", given)
    assert bench.main([]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_without_eval_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.delenv("EVAL", raising=False)
    monkeypatch.setenv("BENCH_JSON", str(tmp_path / "bench.json"))
    assert bench.main(["quality"]) == 0
    assert "EVAL was not given" in capsys.readouterr().out
    assert json.loads((tmp_path / "bench.json").read_text())["rows"] == []
    assert bench.main(["nonsense"]) == 2


@pytest.mark.parametrize("shape", rounds.SHAPES)
def test_a_round_is_held_against_scipy(shape: str) -> None:
    speed, gap, total = rounds.compare(shape, 60)
    assert speed.peer and speed.measured
    assert gap.is_ok and total.is_ok


def test_a_stable_round_is_measured_without_the_library_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*args: object) -> None:
        raise OSError

    monkeypatch.setattr(rounds, "library", missing)
    (row,) = rounds.stable(60)
    assert "could not be had" in row.name and row.peer is None


def test_a_rate_stands_beside_the_most_that_the_machine_can() -> None:
    limits = matching.Limits()
    gemm = 2.0 * 1024 * matching.WIDTH * 4096
    most = [10.0, 20.0]  # ms
    memory, products = limits.shares("x", 5.0, most, limits.memory.nbytes // 4, gemm / 8)
    assert memory.ratio == pytest.approx(0.5), "a quarter of the bytes in half of the time"
    assert products.ratio == pytest.approx(0.5), "an eighth of the work in a quarter of the time"
    assert products.peer == pytest.approx(gemm / 20 / 1e6)


def test_pgvector_finds_the_same_people() -> None:
    rows = matching.alone(400, 0.05)
    speed, same = (row for row in rows if "pgvector" in f"{row.name} {row.peer_name}")
    assert speed.peer and speed.measured and same.is_ok


def test_without_a_server_the_row_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RuntimeError("no such program")

    monkeypatch.setattr("tests.postgres.start", refuse)
    (row,) = (row for row in matching.alone(400, 0.05) if "pgvector" in row.name)
    assert "no such program" in row.name and row.peer is None
