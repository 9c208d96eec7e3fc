"""Logs say what happened and where, never what somebody wrote."""

import logging
import re
from traceback import TracebackException
from types import TracebackType
from typing import Any

# A secret calendar, a click in a mail, what somebody's guardian is asked: whoever has the address has the thing.
SECRET = re.compile(
    r"(?<=/mine/)[^/\s]+(?=\.ics)|(?<=/not-coming/)[^/\s]+|(?<=/guardian/)[^/\s]+|(?<=/notices/off/)[^/\s]+"
    r"|(?<=/connections/answer/)[^/\s]+"
)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutText(logging.Filter):
    """Takes request objects and their values out of a record before it is written down."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, without the request that could carry private text, and addresses without their query."""
        if hasattr(record, "request"):
            record.request = None
        if isinstance(record.args, tuple):
            record.args = tuple(plain(value) for value in record.args)
        return True


def plain(value: Any) -> Any:
    """A value as it may stand in a log: addresses without query and secret parts, faults by their name alone."""
    if isinstance(value, str):
        return SECRET.sub("…", value.partition("?")[0])
    return type(value).__name__ if isinstance(value, BaseException) else value


class PlainLine(logging.Formatter):
    """Writes where a fault happened, line by line of the code, without its message, which may quote what was typed."""

    def formatException(self, ei: ExcInfo) -> str:
        """The traceback with the names of the faults only."""
        if ei[1] is None:
            return ""
        fault = TracebackException.from_exception(ei[1])
        silence(fault)
        return "".join(fault.format()).rstrip()


def silence(fault: TracebackException | None) -> None:
    """Take the message out of a fault, and out of those that led to it."""
    if fault is None:
        return
    fault._str = ""  # type: ignore[attr-defined]
    fault.__notes__ = None  # type: ignore[attr-defined]
    if issubclass(fault.exc_type or Exception, SyntaxError):
        fault.text = fault.msg = ""  # type: ignore[attr-defined]
    for other in (fault.__cause__, fault.__context__, *(getattr(fault, "exceptions", None) or [])):
        silence(other)
