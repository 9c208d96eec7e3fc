"""Four months of a small community: nobody waits without an answer, nobody has too much, and no word is lost.

The whole year of two hundred people is `make soak ONLY=year`.
"""

from collections.abc import Iterator

import pytest

from community.connections.models import Connection, Wait
from tests.moving import Clock
from tests.soak import year as simulated
from tests.soak.year import Year

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(wall_clock: Clock, monkeypatch: pytest.MonkeyPatch, has_kills: bool) -> Iterator[Year]:
    """Thirty people; killed or not, as the test says."""
    with simulated.begun(wall_clock, monkeypatch, 30, has_kills=has_kills) as year:
        yield year


@pytest.mark.parametrize("has_kills", [False])
def test_everything_is_told_once(year: Year) -> None:
    year.live(60)
    year.drain()
    assert year.wrong == []
    assert (year.unsent, year.repeated, year.unknown) == (0, 0, 0)
    assert year.counts["requests"] > 100 and year.counts["lapsed"] and year.counts["released"], year.counts


@pytest.mark.parametrize("has_kills", [True])
def test_kills_lose_nothing(year: Year) -> None:
    year.danger = 4  # as many kills as in months
    year.live(40)
    year.drain()
    assert year.wrong == []
    assert (year.unsent, year.unknown) == (0, 0)
    assert year.repeated <= max(1, len(year.sent) // 100)
    assert sum(year.kills.values()) >= 10, year.counts


@pytest.mark.parametrize("has_kills", [False])
def test_it_would_notice_if_nobody_were_nudged(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "nudge_due", classmethod(lambda cls, numbers: 0))
    year.live(40)
    assert any("not nudged" in line for line in year.wrong)


@pytest.mark.parametrize("has_kills", [False])
def test_it_would_notice_if_questions_waited_for_ever(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "lapse_due", classmethod(lambda cls, numbers: 0))
    year.live(12)
    assert any("older than its window" in line for line in year.wrong)


@pytest.mark.parametrize("has_kills", [False])
def test_it_would_notice_if_rooms_were_only_looked_at(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "rooms_left", classmethod(lambda cls, mentor: 9))
    year.live(30)
    assert any("pairs of" in line for line in year.wrong)


@pytest.mark.parametrize("has_kills", [False])
@pytest.mark.parametrize(
    ("kind", "verb", "line"),
    [
        (Connection, "fade_due", "was never put away"),
        (Wait, "close_closed", "waits for somebody who takes nobody on"),
        (Connection, "say_gone", "nobody told"),
    ],
)
def test_it_would_notice_who_waits_in_vain(
    year: Year, monkeypatch: pytest.MonkeyPatch, kind: type, verb: str, line: str
) -> None:
    monkeypatch.setattr(kind, verb, classmethod(lambda cls, *args: 0))
    year.leaving = 0.5
    year.live(45)
    assert any(line in one for one in year.wrong)
