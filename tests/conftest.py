"""What all tests share: a quick password hasher, plain static files, and a small fixed cast."""

from collections.abc import Iterator
from typing import Any

import factory
import hypothesis
import pytest
from django.test import Client

from community.members.models import Member
from tests import factories, moving

# A busy machine is no fault of the code under test. All else is as Hypothesis has it: with CI set it draws the same
# data each time, so that a red run tells of the change; whoever runs the suite elsewhere looks with new data.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def quick(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing slow and nothing shared: weak hashing, no manifest, media and vector files of one's own.

    Test processes share VAR_DIR and have each a database; in one community all processes see the same rows.
    """
    monkeypatch.setattr("matching.stores.exact._folder", lambda: tmp_path / "vectors")
    monkeypatch.setattr("matching.stores.passages._folder", lambda: tmp_path / "passages")
    monkeypatch.setattr("matching.models.unanswered._folder", lambda: tmp_path / "asked")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    glances = settings.CACHES["glances"] | {"LOCATION": tmp_path / "glances"}
    settings.CACHES = settings.CACHES | {"glances": glances}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def counted_anew() -> None:
    """Names and addresses of made rows begin with 0 in each test, whichever tests ran before in this process.

    Otherwise what a test reads depends on the order: "200" stands in member4200@example.org.
    """
    for made in vars(factories).values():
        if isinstance(made, type) and issubclass(made, factory.Factory):
            made.reset_sequence(0, force=True)


@pytest.fixture
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[moving.Clock]:
    """Monday, 2 March 2026, at six; it moves when a test says so, however long a busy machine takes."""
    with moving.stopped(monkeypatch) as clock:
        yield clock


@pytest.fixture
def member(db: None) -> Member:
    """An adult who is open to everything."""
    return factories.MemberFactory(name="Alma Field")


@pytest.fixture
def stranger(db: None) -> Member:
    """Another adult, open to everything, who knows nobody here."""
    return factories.MemberFactory(name="Bruno Stray")


@pytest.fixture
def minor(db: None) -> Member:
    """Somebody who has not said that they are 18 or older."""
    return factories.MemberFactory(name="Cleo Young", is_adult=False)


@pytest.fixture
def steward(db: None) -> Member:
    """Somebody who keeps the community."""
    return factories.MemberFactory(name="Stella Ward", is_steward=True)


@pytest.fixture
def as_member(member: Member) -> Client:
    """A browser in which the member is signed in."""
    return signed_in(member)


@pytest.fixture
def as_stranger(stranger: Member) -> Client:
    """A browser in which the stranger is signed in."""
    return signed_in(stranger)


@pytest.fixture
def as_steward(steward: Member) -> Client:
    """A browser in which the steward is signed in."""
    return signed_in(steward)


def signed_in(who: Member) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(who)
    return client
