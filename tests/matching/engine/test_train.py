"""Making the shipped weights again, from a small planted valley of trades."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from matching.engine import fuse
from matching.engine.encode import Encoder, apply
from matching.engine.evaluate import EvaluationUnsound
from matching.engine.train import data, encoder, fusion, wording
from matching.engine.train.pairs import RELATIONS, Pairs

from .planted import WordEncoder

CRAFTS = [
    "bread",
    "cheese",
    "cider",
    "rope",
    "wool",
    "oak",
    "slate",
    "reed",
    "clay",
    "iron",
    "glass",
    "leather",
    "honey",
    "barley",
    "nets",
    "boats",
]
DEEDS = ["make", "mend", "sort", "store", "sell", "carry"]
FRENCH = {"bread": "pain", "cheese": "fromage", "wool": "laine", "oak": "chêne"}


def write(folder: Path) -> Path:
    """Trades that each work one stuff; what they can do is said of that stuff, in two wordings."""
    skills = [
        {"id": f"{craft}-{deed}", "label": f"{deed} {craft}", "alts": [f"{deed} good {craft}", f"{deed} {craft}"],
         "desc": f"They {deed} {craft} by hand. It takes care."}
        for craft in CRAFTS for deed in DEEDS
    ]  # fmt: skip
    trades = [
        {"id": f"{craft}{number}", "text": f"{craft} {role}. {craft} {role}s work with {craft} all day.",
         "isco": f"7{place:02d}{number}", "alts": [f"{craft} {role}", f"{craft} hand", f"{craft} {role} of the valley"],
         "rel": [[f"{craft}-{deed}", 2 if count < 4 else 1] for count, deed in enumerate(DEEDS)]}
        for place, craft in enumerate(CRAFTS) for number, role in enumerate(("worker", "master", "keeper"))
    ]  # fmt: skip
    french = [
        {"id": f"{craft}{number}", "names": [f"maître {word}/maîtresse {word}"], "desc": f"On travaille {word}."}
        for craft, word in FRENCH.items() for number in range(3)
    ]  # fmt: skip
    for name, rows in (("esco_skills", skills), ("esco_occupations", trades), ("esco_occupations_fr", french)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def valley(tmp_path: Path) -> data.Corpus:
    return data.read(write(tmp_path))


def test_it_reads_names_skills_and_foreign_names(valley: data.Corpus) -> None:
    one = next(one for one in valley.occupations if one.id == "bread0")
    assert (one.label, one.is_local, len(one.essential), len(one.optional)) == ("bread worker", True, 4, 2)
    assert one.foreign == ("maître pain", "maîtresse pain")
    assert valley.skills["bread-make"].about == "They make bread by hand."
    assert "bread worker" not in one.names


def test_what_is_kept_back_is_never_seen(valley: data.Corpus) -> None:
    seen, kept = data.split(valley)
    assert kept.occupations and kept.skills
    assert {one.id for one in seen.occupations}.isdisjoint(one.id for one in kept.occupations)
    assert seen.skills.keys().isdisjoint(kept.skills)
    assert all(one.skills <= seen.skills.keys() for one in seen.occupations)
    assert data.split(valley)[1].skills.keys() == kept.skills.keys()


def test_it_learns_what_foreign_words_mean(valley: data.Corpus) -> None:
    found = wording.meanings(valley)
    assert {word: found.get(word) for word in FRENCH.values()} == {word: craft for craft, word in FRENCH.items()}


def test_a_word_of_every_text_says_less_than_a_rare_one(valley: data.Corpus) -> None:
    idf = wording.learn(valley)["idf"]
    assert idf["cider"] > idf["care"]


@pytest.mark.parametrize("relation", RELATIONS)
def test_no_pair_is_held_against_itself_or_a_known_one(valley: data.Corpus, relation: str) -> None:
    batch = RELATIONS[relation][1](Pairs(valley, seed=3, size=24))
    assert len(batch.left) == len(batch.right) == 24
    assert batch.known.shape == (24, 24)
    assert not batch.known.diagonal().any()
    for row in range(24):
        for column in range(24):
            if (
                row != column
                and batch.right[row] == batch.right[column]
                and relation in ("other names", "descriptions")
            ):
                assert batch.known[row, column]


def test_a_wish_is_never_held_against_another_trade_that_has_the_skill(valley: data.Corpus) -> None:
    pairs = Pairs(valley, seed=5, size=24)
    batch = RELATIONS["wishes"][1](pairs)
    crafts = [next(craft for craft in CRAFTS if craft in text) for text in batch.right]
    wanted = [next(craft for craft in CRAFTS if craft in text) for text in batch.left]
    same = np.array([[a == b for b in crafts] for a in wanted])
    np.fill_diagonal(same, False)
    assert (batch.known == same).all(), "every trade of a stuff has all its skills"


def test_the_same_seed_draws_the_same_batches(valley: data.Corpus) -> None:
    one, other = Pairs(valley, seed=7, size=12), Pairs(valley, seed=7, size=12)
    assert [one.draw()[1].left for _ in range(4)] == [other.draw()[1].left for _ in range(4)]


def test_a_difference_of_low_rank_survives_the_shrinking(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    change = (random.standard_normal((96, 4)) @ random.standard_normal((4, 64)) / 100).astype(np.float32)
    base = {"w": random.standard_normal((96, 64)).astype(np.float32), "v": np.ones(8, np.float32), "same": np.ones(3)}
    entries = encoder.shrink({"w": change, "v": np.full(8, 0.5, np.float32), "same": np.zeros(3, np.float32)},
                             encoder.Recipe(rank=4))  # fmt: skip
    encoder.write(entries, {"base_sha256": "x"}, tmp_path / "a.npz")
    merged = apply(base, tmp_path / "a.npz")
    assert np.abs(merged["w"] - base["w"] - change).max() < 0.02 * np.abs(change).max()
    assert np.allclose(merged["v"], 1.5)
    assert not any(name.startswith("same") for name in entries)


def test_it_learns_weights_that_the_engine_reads(valley: data.Corpus) -> None:
    found = fusion.learn(valley, WordEncoder())
    assert set(fuse.read(found)) == set(fuse.shipped())
    assert found["kinds"]["ask"]["auc"] > 0.9
    assert found["provenance"]["encoder"] == WordEncoder.name


def test_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationUnsound, match="holds no esco_skills"):
        data.read(tmp_path)
    write(tmp_path)
    (tmp_path / "esco_skills.jsonl").write_text('{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(EvaluationUnsound, match="label"):
        data.read(tmp_path)


@pytest.mark.parametrize("command", ["train_fusion", "train_encoder"])
def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path, command: str) -> None:
    out = tmp_path / "out.json"
    out.write_text("before", encoding="utf-8")
    with pytest.raises(CommandError, match="esco_"):
        call_command(command, data=tmp_path / "nowhere", out=out)
    assert out.read_text(encoding="utf-8") == "before"


@pytest.mark.model
def test_a_short_training_makes_a_difference_that_can_be_used(tmp_path: Path, capsys: Any) -> None:
    write(tmp_path)
    call_command("train_encoder", data=tmp_path, out=tmp_path / "made", steps=3)
    about = json.loads(capsys.readouterr().out)
    assert about["recipe"]["runs"] == [[3, 1.0]]
    assert "ESCO" in about["statement"]
    texts = ["make bread", "mend nets"]
    before = Encoder(adapter=tmp_path / "none").encode(texts)
    after = Encoder(adapter=tmp_path / "made" / "encoder.npz").encode(texts)
    assert not np.array_equal(before, after)
    assert (before * after).sum(axis=1).min() > 0.9, "three small steps lead nowhere far"


@pytest.mark.model
def test_what_ships_learns_from_the_trades_that_the_fusion_needed_kept_back(tmp_path: Path, capsys: Any) -> None:
    write(tmp_path)
    known = len(data.read(tmp_path).occupations)
    call_command("train_encoder", data=tmp_path, out=tmp_path / "part", steps=1)
    assert json.loads(capsys.readouterr().out)["trades"] < known
    call_command("train_encoder", data=tmp_path, out=tmp_path / "whole", steps=1, whole=True)
    assert json.loads(capsys.readouterr().out)["trades"] == known


@pytest.mark.model
def test_the_table_of_trades_is_made_again_and_the_weights_stay(tmp_path: Path) -> None:
    write(tmp_path)
    out = tmp_path / "fusion.json"
    out.write_text("before", encoding="utf-8")
    call_command("train_fusion", data=tmp_path, out=out, table=True)
    assert out.read_text(encoding="utf-8") == "before"
    with np.load(tmp_path / "trades.npz", allow_pickle=False) as table:
        assert len(table["trades"]) == len(data.read(tmp_path).occupations)
