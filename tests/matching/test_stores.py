"""Every vector store keeps the same promises: what goes in comes out, by key and model, and what is dropped is gone."""

from types import ModuleType

import numpy as np
import pytest

from community.members.models import Member
from matching.models import Vector
from matching.stores import STORES
from tests.factories import StatementFactory


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest, db: None) -> ModuleType:
    """Each store in turn."""
    return STORES[request.param]


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
