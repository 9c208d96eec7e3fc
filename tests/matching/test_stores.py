"""Every vector store keeps the same promises: what goes in comes out, by key and model, and what is dropped is gone."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from django.db import connection

from community.members.models import Member
from matching import privacy
from matching.models import Vector
from matching.stores import STORES, current, exact, pgvector
from tests.factories import StatementFactory


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, db: None) -> ModuleType:
    """Each store in turn, where the database can have it."""
    if request.param == "pgvector" and connection.vendor != "postgresql":
        pytest.skip("pgvector needs PostgreSQL")
    return STORES[request.param]


@pytest.fixture
def files(db: None) -> Path:
    """The folder of vector files, empty."""
    folder = exact._folder()
    for file in folder.glob("*"):
        file.unlink()
    return folder


def row(member: Member, key: str, vector: np.ndarray, model: str = "m1", text_hash: str = "h1") -> Vector:
    """An unsaved vector of one member."""
    data = np.asarray(vector, "<f4").tobytes()
    return Vector(key=key, profile=member.profile, model=model, text_hash=text_hash, data=data)


def unit(seed: int, dim: int = 384) -> np.ndarray:
    """A vector of length 1."""
    vector = np.random.default_rng(seed).standard_normal(dim)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def test_it_gives_back_every_vector_bit_by_bit(store: ModuleType, member: Member) -> None:
    vectors = {f"k{number}": unit(number) for number in range(20)}
    store.save([row(member, key, vector) for key, vector in vectors.items()])
    found = store.load("m1")
    assert found.keys() == vectors.keys()
    assert all(np.array_equal(found[key], vector) for key, vector in vectors.items())


def test_it_keeps_one_vector_a_key(store: ModuleType, member: Member) -> None:
    store.save([row(member, "k", unit(1))])
    store.save([row(member, "k", unit(2), text_hash="h2")])
    assert np.array_equal(store.load("m1")["k"], unit(2))
    assert store.known() == {"k": ("m1", "h2")}


def test_it_never_mixes_models(store: ModuleType, member: Member) -> None:
    store.save([row(member, "old", unit(1), model="m0"), row(member, "new", unit(2))])
    assert store.load("m1").keys() == {"new"}


def test_it_loads_and_knows_some_profiles_alone(store: ModuleType, member: Member, stranger: Member) -> None:
    store.save([row(member, "mine", unit(1)), row(stranger, "theirs", unit(2))])
    assert store.load("m1", [member.profile.pk]).keys() == {"mine"}
    assert store.known([stranger.profile.pk]).keys() == {"theirs"}


def test_it_drops_many_and_says_how_many(store: ModuleType, member: Member) -> None:
    store.save([row(member, f"k{number}", unit(number)) for number in range(1200)])
    assert store.drop([f"k{number}" for number in range(1100)]) == 1100
    assert len(store.load("m1")) == 100


def test_it_forgets_with_the_line(store: ModuleType, member: Member) -> None:
    line = StatementFactory(profile=member.profile)
    vector = row(member, f"s{line.pk}", unit(1))
    vector.statement = line
    store.save([vector])
    line.delete()
    assert store.load("m1") == {}


# --- Search -------------------------------------------------------------------------------------------------------


def brute(vectors: dict[str, np.ndarray], query: np.ndarray, k: int) -> list[str]:
    """The k best keys, every pair compared; equals by key."""
    return sorted(vectors, key=lambda key: (-round(float(vectors[key] @ query), 5), key))[:k]


@pytest.mark.parametrize("k", [0, 1, 7, 500])
def test_it_finds_what_comparing_every_pair_finds(store: ModuleType, member: Member, k: int) -> None:
    vectors = {f"k{number}": unit(number) for number in range(60)}
    vectors |= {f"twin{number}": unit(3) for number in (9, 1, 5)}
    store.save([row(member, key, vector) for key, vector in vectors.items()])
    store.save([row(member, "elsewhere", unit(3), model="m0")])
    queries = np.array([unit(3), unit(70), -unit(4)])
    for allowed in (None, [], [f"k{number}" for number in range(0, 60, 3)] + ["twin5", "twin1", "nothing"]):
        shown = {key: vectors[key] for key in (vectors if allowed is None else allowed) if key in vectors}
        found = store.search("m1", queries, k, allowed)
        assert [[key for key, _ in one] for one in found] == [brute(shown, query, k) for query in queries]
        for one, query in zip(found, queries, strict=True):
            assert all(abs(cosine - float(vectors[key] @ query)) < 1e-5 for key, cosine in one)


def test_it_searches_what_is_there_now(store: ModuleType, member: Member) -> None:
    query = np.array([unit(1)])
    assert store.search("m1", query, 3) == [[]]
    store.save([row(member, "a", unit(1)), row(member, "b", unit(2))])
    assert store.search("m1", query, 1)[0][0][0] == "a"
    store.save([row(member, "b", unit(1)), row(member, "a", unit(2))])
    assert store.search("m1", query, 1)[0][0][0] == "b"
    store.drop(["b"])
    assert [key for key, _ in store.search("m1", query, 3)[0]] == ["a"]


def test_it_searches_what_another_store_saved(store: ModuleType, member: Member) -> None:
    exact.save([row(member, "a", unit(1))])
    assert store.search("m1", np.array([unit(1)]), 1)[0][0][0] == "a"
    exact.save([row(member, "a", unit(2))])
    assert store.search("m1", np.array([unit(2)]), 1)[0][0][1] == pytest.approx(1.0, abs=1e-6)


def test_it_takes_the_database_that_can_search(db: None) -> None:
    assert current() is (pgvector if connection.vendor == "postgresql" else exact)


# --- The file of the in-process store -----------------------------------------------------------------------------


def test_it_reads_the_numbers_from_the_database_once(
    files: Path, member: Member, django_assert_num_queries: Any
) -> None:
    exact.save([row(member, f"k{number}", unit(number)) for number in range(5)])
    exact.load("m1")
    (file,) = files.glob("*")
    made = file.stat()
    with django_assert_num_queries(1):
        assert len(exact.load("m1")) == 5
    assert file.stat().st_mtime_ns == made.st_mtime_ns
    assert (file.stat().st_mode & 0o777, files.stat().st_mode & 0o077) == (0o600, 0)


def test_it_makes_the_file_anew_with_what_changed(files: Path, member: Member) -> None:
    exact.save([row(member, f"k{number}", unit(number)) for number in range(5)])
    exact.load("m1")
    exact.save([row(member, "k1", unit(11))])
    exact.drop(["k3"])
    exact.save([row(member, "k9", unit(9))])
    found = exact.load("m1")
    assert {key: vector.tolist() for key, vector in found.items()} == {
        f"k{number}": unit(seed).tolist() for number, seed in ((0, 0), (1, 11), (2, 2), (4, 4), (9, 9))
    }
    assert len(list(files.glob("*"))) == 1


def test_it_keeps_no_file_with_the_vectors_of_somebody_who_left(
    files: Path, member: Member, stranger: Member, django_capture_on_commit_callbacks: Any
) -> None:
    secret = unit(7)
    exact.save([row(member, "mine", secret), row(stranger, "theirs", unit(8))])
    exact.load("m1")
    assert any(secret.tobytes() in file.read_bytes() for file in files.glob("*"))
    with django_capture_on_commit_callbacks(execute=True):
        privacy.erase(member)
    assert not any(secret.tobytes() in file.read_bytes() for file in files.glob("*"))
    assert exact.load("m1").keys() == {"theirs"}


def test_it_sweeps_away_stale_and_half_written_files(files: Path, member: Member) -> None:
    exact.save([row(member, "a", unit(1)), row(member, "b", unit(2), model="m2")])
    exact.load("m1")
    exact.load("m2")
    assert exact.sweep() == 0
    exact.drop(["b"])
    (files / "x.part").write_bytes(b"half")
    assert exact.sweep() == 2
    assert exact.load("m1").keys() == {"a"}


@pytest.mark.parametrize("bytes_", [b"", b"not numpy", None])
def test_it_does_without_a_file_that_is_broken(files: Path, member: Member, bytes_: bytes | None) -> None:
    exact.save([row(member, "a", unit(1))])
    exact.load("m1")
    (file,) = files.glob("*")
    file.write_bytes(file.read_bytes()[:-9] if bytes_ is None else bytes_)
    assert np.array_equal(exact.load("m1")["a"], unit(1))


def test_it_does_without_a_file_where_none_can_be_written(member: Member, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("in the way")
    settings.VAR_DIR = tmp_path
    exact.save([row(member, "a", unit(1))])
    assert np.array_equal(exact.load("m1")["a"], unit(1))
    assert exact.search("m1", np.array([unit(1)]), 1)[0][0][0] == "a"


def test_it_gives_back_vectors_of_different_widths(files: Path, member: Member) -> None:
    exact.save([row(member, "a", unit(1)), row(member, "b", unit(2, dim=8))])
    assert {key: len(vector) for key, vector in exact.load("m1").items()} == {"a": 384, "b": 8}
