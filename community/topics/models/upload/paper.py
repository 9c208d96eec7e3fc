"""Documents leave at the door who wrote them, when, and with what."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from community.topics.models.upload.file import PAGE_OR_PROGRAM, CleanFile, Refused, read

PLAIN = {"csv", "txt"}


def paper_without_traces(file: Any) -> CleanFile:
    """The same document as a new file without the notes that programs keep about its maker.

    Raises Refused where it is of no kind that can be cleaned, or not what its name says.
    """
    data = read(file)
    extension = Path(file.name or "").suffix.lower().removeprefix(".")
    if extension in PLAIN:
        return CleanFile.of(_only_text(data), extension)
    raise Refused(_("Documents of this kind are not taken. Send it as PDF."))


def _only_text(data: bytes) -> bytes:
    """Plain text has nothing to hide; what is no text, or a page that a browser would run, is refused."""
    if b"\0" in data or data.startswith((b"%PDF", b"PK")) or any(sign in data.lower() for sign in PAGE_OR_PROGRAM):
        raise Refused(_("This file is not the plain text that its name says. Save it as text and send it once more."))
    return data
