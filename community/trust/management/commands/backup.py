"""`manage.py backup FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from community.trust.management import archive
from community.trust.management.databases import NoTool


class Command(BaseCommand):
    """Writes one file with the database and all uploads; safe while the site runs."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options: Any) -> None:
        """Pack, and say what is in it."""
        try:
            manifest = archive.pack(file.absolute())
        except OSError as error:
            raise CommandError(f"{file} cannot be written ({error.strerror}). Name a file on another disk.") from error
        except (NoTool, DatabaseError) as error:
            raise CommandError(f"no backup was made: {error}") from error
        size = file.stat().st_size / 1024**2
        self.stderr.write(f"{file}: the database and {len(manifest.parts) - 1} uploads, {size:.1f} MB.")
