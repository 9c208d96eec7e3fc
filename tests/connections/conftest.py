"""What tests of connections share: a clock that is moved by hand."""

from collections.abc import Iterator

import pytest

from tests import moving


@pytest.fixture
def wall_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[moving.Clock]:
    """Monday, 2 March 2026, at six; it moves when a test says so."""
    with moving.stopped(monkeypatch) as clock:
        yield clock
