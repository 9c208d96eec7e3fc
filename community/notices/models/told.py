"""What is told together, in one mail or letter: the rows of which its texts speak are fetched once for all of it."""

from collections.abc import Callable
from typing import Any


class Told:
    """Some notices that are told together, and what was fetched for their texts."""

    def __init__(self, notices: list[Any]) -> None:
        self.notices = notices
        self._found: dict[Any, dict[Any, Any]] = {}

    @classmethod
    def together(cls, notices: list[Any]) -> None:
        """From now on these know of each other."""
        told = cls(notices)
        for notice in notices:
            notice.told_with = told

    def about(self, what: Any, fetch: Callable[[list[Any]], dict[Any, Any]]) -> dict[Any, Any]:
        """The rows of this sort of which these notices speak; fetched the first time that one of the texts asks."""
        if what not in self._found:
            self._found[what] = fetch(self.notices)
        return self._found[what]
