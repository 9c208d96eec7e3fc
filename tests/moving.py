"""The clock on the wall, moved: what the product asks for the time is answered with another one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone


class Likeness(type):
    """Real days and hours pass for moved ones, wherever somebody looks at the type."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, datetime)


class Clock:
    """A time that only moves when it is told to."""

    def __init__(self, begin: datetime) -> None:
        self.now = begin

    def forward(self, **by: float) -> datetime:
        """Let time pass: days, hours, minutes."""
        self.now += timedelta(**by)
        return self.now


@contextmanager
def stopped(monkeypatch: pytest.MonkeyPatch, begin: datetime | None = None) -> Iterator[Clock]:
    """Let `timezone.now`, also where a field has it as its default, and signatures go by a clock of our own.

    The function stays the same and looks up `datetime` in its module: so defaults that were bound long ago move, too.
    """
    clock = Clock(begin or datetime(2026, 3, 2, 6, 0, tzinfo=UTC))

    class Moved(datetime, metaclass=Likeness):
        """The day and the hour by our clock."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return clock.now.astimezone(tz) if tz else clock.now.replace(tzinfo=None)

    class Ticks:
        """The seconds by our clock, for signatures."""

        @staticmethod
        def time() -> float:
            return clock.now.timestamp()

    with monkeypatch.context() as patch:
        patch.setattr(timezone, "datetime", Moved)
        patch.setattr(signing, "time", Ticks)
        yield clock
