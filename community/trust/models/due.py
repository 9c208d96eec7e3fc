"""What the clock does for each of many rows: one that fails stops none of the others."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

logger = logging.getLogger(__name__)


def one_by_one(rows: Iterable[Any], act: Callable[[Any], int]) -> int:
    """Do this for each row by itself; returns how many things were done.

    A row that raises is left as it was, written to the log by its number alone, and tried again the next time. Where
    the database itself is away there is no next row: that is raised.
    """
    number = 0
    for row in rows:
        try:
            with transaction.atomic():
                number += act(row)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            # No traceback with values and no text of the row: only which, where, and what kind of fault.
            name, key = type(row).__name__, getattr(row, "pk", row)
            logger.error("%s %s did not work and is tried again: %s", name, key, type(error).__name__)
    return number
