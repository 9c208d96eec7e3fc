"""The small leak matrix: every address of the product, asked by every role."""

from typing import Any

import pytest

from community.members.models import Profile
from tests.soak import leaks

pytestmark = pytest.mark.django_db
ROLES = ["anonymous", "stranger", "blocked", "minor", "steward", "host"]  # the others in `make soak`


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """404s are what is wanted here."""
    caplog.set_level("CRITICAL")


@pytest.mark.parametrize("role", ROLES)
def test_it_leaks_nothing_to(role: str, quiet: None) -> None:
    tally = leaks.run(leaks.build(), [role], ("get",), share=10**6)
    assert sorted(tally.leaks) == []
    assert sorted(tally.faults) == []
    assert tally.untouched == []
    assert tally.probes > 100


def test_it_leaks_nothing_by_other_methods(quiet: None) -> None:
    tally = leaks.run(leaks.build(), ["stranger"], ("post",), share=10**6)
    assert sorted(tally.leaks) == [] and sorted(tally.faults) == []


def test_the_editors_rooms_tell_nobody_else(quiet: None) -> None:
    tally = leaks.run(leaks.build(), ["anonymous", "stranger"], ("get",), share=12)
    assert sorted(tally.leaks) == [] and sorted(tally.faults) == []


def test_it_finds_a_planted_leak(quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a profile that shows what it should keep, and a page that breaks."""
    monkeypatch.setattr(Profile, "shown", lambda self, field, viewer: getattr(self, field))

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError

    monkeypatch.setattr("community.trust.views.Paginator", broken)
    world = leaks.build()
    tally = leaks.run(world, ["stranger"], ("get",), share=10**6, below="/people/")
    tally.faults |= leaks.run(world, ["steward"], ("get",), share=10**6, below="/steward/").faults
    assert any("zqaboutqz" in leak for leak in tally.leaks)
    assert any(fault.startswith("500 steward GET /steward/") for fault in tally.faults)
