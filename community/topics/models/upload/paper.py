"""Documents leave at the door who wrote them, when, and with what."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from community.topics.models.upload.file import PAGE_OR_PROGRAM, CleanFile, Refused, is_two_things, read
from community.topics.models.upload.office import bare_office

OTHERS = (b"%PDF", b"PK\x03\x04", b"\xff\xd8\xff", b"GIF8", b"\x89PNG")


def paper_without_traces(file: Any) -> CleanFile:
    """The same document as a new file without the notes that programs keep about its maker.

    Raises Refused where it is of no kind that can be cleaned, or not what its name says.
    """
    data = read(file, settings.WAGTAILDOCS_MAX_UPLOAD_SIZE)
    extension = Path(file.name or "").suffix.lower().removeprefix(".")
    if extension not in CLEANED:
        kinds = ", ".join(CLEANED).upper()
        raise Refused(_("Files of this kind are not taken. Send one of these: %(kinds)s.") % {"kinds": kinds})
    return CleanFile.of(CLEANED[extension](data), extension)


def _text(data: bytes) -> bytes:
    """Plain text has nothing to hide; what is no text, or a page that a browser would run, is refused."""
    if b"\0" in data or data.startswith(OTHERS) or any(sign in data.lower() for sign in PAGE_OR_PROGRAM):
        raise Refused(_("This file is not the plain text that its name says. Save it as text and send it once more."))
    return data


def _pdf(data: bytes) -> bytes:
    """A PDF, and nothing else besides."""
    if not data.startswith(b"%PDF-"):
        raise Refused(_("This file is not the PDF that its name says. Save it as PDF and send it once more."))
    if is_two_things(data):
        raise Refused(_("This file is a PDF and something else as well, and is not taken. Print it to a new PDF."))
    from community.topics.models.upload.pdf import bare_pdf  # not loaded before somebody sends one

    return bare_pdf(data)


def _office(data: bytes) -> bytes:
    """An office file, and nothing before it."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(_("This file is locked with a password, or of an old kind. Save it anew without one, or as PDF."))
    if not data.startswith(b"PK\x03\x04"):
        raise Refused(_("This file is not what its name says. Save it anew and send it once more."))
    return bare_office(data)


CLEANED = {"csv": _text, "docx": _office, "odt": _office, "pdf": _pdf, "txt": _text, "xlsx": _office}
