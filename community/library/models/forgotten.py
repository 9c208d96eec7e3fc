"""What a restored backup must forget once more: a file outside the database with the numbers of stories and receipts.

The numbers are random and lead to nothing any more; the file says neither who nor when.
"""

from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

ACCEPTED, WITHDRAWN = "accepted", "withdrawn"


def journal() -> Path:
    """The file with one line for each story that was accepted and each receipt that was withdrawn."""
    return Path(settings.VAR_DIR) / "desk-forgotten.txt"


def note(what: str, key: UUID) -> None:
    """Write one line, once the transaction holds."""

    def write() -> None:
        with journal().open("a", encoding="ascii") as file:
            file.write(f"{what} {key}\n")

    transaction.on_commit(write)


def noted(what: str) -> set[UUID]:
    """The numbers of what was accepted, or withdrawn; a line that was cut off is passed over."""
    if not journal().exists():
        return set()
    lines = [line.split() for line in journal().read_text(encoding="ascii").splitlines()]
    return {UUID(line[1]) for line in lines if len(line) == 2 and line[0] == what and len(line[1]) == 36}
