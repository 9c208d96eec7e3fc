"""What every upload is held against, and what a file is called that has passed."""

import re
import secrets
from io import BytesIO
from typing import Any, Self
from zipfile import is_zipfile

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

RANDOM_NAME = re.compile(r"(?:^|/)[0-9a-f]{24}\.[a-z]{3,4}$")
# What a browser would run if it were ever talked into reading a picture as a page.
PAGE_OR_PROGRAM = (b"<script", b"<html", b"<!doctype", b"<iframe", b"<?php")


class Refused(BadRequest):
    """Why a file is not taken, in words for whoever sent it."""


class CleanFile(ContentFile[bytes]):
    """A file that holds its content and nothing about its maker, under a random name."""

    @classmethod
    def of(cls, data: bytes, extension: str) -> Self:
        """Give clean content a name that tells nothing."""
        return cls(data, name=f"{secrets.token_hex(12)}.{extension}")


def is_clean(file: Any) -> bool:
    """Whether a file of a row, not yet written, has passed the door already; forms clean before rows do."""
    return isinstance(getattr(file, "file", None), CleanFile)


def read(file: Any, limit: int | None = None) -> bytes:
    """All bytes of an upload; refuses before reading where there are too many, or none."""
    limit = limit or settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE
    if file.size > limit:
        raise Refused(
            _("This file has %(size)s, and at most %(limit)s are taken. Make it smaller and send it once more.")
            % {"size": filesizeformat(file.size), "limit": filesizeformat(limit)}
        )
    if not file.size:
        raise Refused(_("This file is empty. Choose it once more."))
    file.seek(0)
    return bytes(file.read())


def is_two_things(data: bytes) -> bool:
    """Whether a picture or a PDF is an archive or a page as well, as files are that were built to deceive.

    What phones put behind a photo (a short film, a second picture) is neither.
    """
    small = data.lower()
    return any(sign in small for sign in PAGE_OR_PROGRAM) or _ends_as_archive(data)


def _ends_as_archive(data: bytes) -> bool:
    """Whether a reader of ZIP or JAR files, which looks at the end, would open this."""
    return is_zipfile(BytesIO(data))
