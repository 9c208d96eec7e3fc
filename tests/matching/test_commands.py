"""The commands on suggestions: exact JSON, and one clear line for what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from community.members.models import Member, Visibility
from tests.matching.planted import WordEncoder

EVAL = Path(__file__).parent / "data" / "eval"


def printed(capsys: Any, *args: str) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    call_command(*args)
    return json.loads(capsys.readouterr().out)


def test_refresh_says_what_it_did(learner: Member, grafter: Member, capsys: Any) -> None:
    done = printed(capsys, "refresh_matches", "--all", "--json")
    assert set(done) == {"embedded", "deleted", "members", "suggestions", "seconds"}
    assert (done["embedded"], done["members"]) == (4, 2)
    assert printed(capsys, "refresh_matches", "--json")["embedded"] == 0


def test_suggest_lists_people_with_reasons(learner: Member, grafter: Member, capsys: Any) -> None:
    call_command("refresh_matches")
    found = printed(capsys, "suggest", learner.email, "--kind", "mentor", "--json")
    (row,) = found.pop("suggestions")
    assert found == {"member": learner.email, "kind": "mentor"}
    assert set(row) == {"member", "name", "probability", "distance_km", "reasons"}
    assert (row["member"], row["distance_km"]) == (grafter.email, None)
    assert 0 < row["probability"] < 1
    assert [(r["need"], r["offer"]) for r in row["reasons"]] == [
        ("learn to graft apple trees", "graft old apple trees")
    ]


def test_suggest_keeps_private_places_out(learner: Member, grafter: Member, capsys: Any) -> None:
    for who, lat in ((learner, 50.1), (grafter, 50.3)):
        who.profile.move_to(lat, -8.0)
        who.profile.save()
    call_command("refresh_matches")
    args = ("suggest", learner.email, "--kind", "mentor", "--json")
    assert printed(capsys, *args)["suggestions"][0]["distance_km"] > 0
    grafter.profile.place_visibility = Visibility.MATCHING
    grafter.profile.save()
    assert printed(capsys, *args)["suggestions"][0]["distance_km"] is None


def test_suggest_says_who_is_unknown(db: None) -> None:
    with pytest.raises(CommandError, match="no member with the address"):
        call_command("suggest", "nobody@example.org", "--kind", "mentor")


def test_rank_eval_ranks_every_candidate(tmp_path: Path, encoder: WordEncoder, db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr("matching.management.commands.rank_eval.encoder", lambda: encoder)
    out = tmp_path / "run.jsonl"
    call_command("rank_eval", "--data", str(EVAL), "--run", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert rows
    assert all(row["qid"] and len(row["ranking"]) == len(set(row["ranking"])) for row in rows)


def test_rank_eval_changes_nothing_where_it_fails(tmp_path: Path, db: None) -> None:
    out = tmp_path / "run.jsonl"
    out.write_text("old")
    with pytest.raises(CommandError):
        call_command("rank_eval", "--data", str(tmp_path / "nowhere"), "--run", str(out))
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run.jsonl"]
