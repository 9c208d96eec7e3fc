"""Write people to a CSV file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models.roster_file import exportable, write


class Command(BaseCommand):
    """Writes adults with an e-mail address, with what they show to members, in the columns of import_members."""

    help = "Write people to a CSV file that import_members reads again unchanged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE."""
        parser.add_argument("file", metavar="FILE.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file as a whole or not at all; only its owner may read it."""
        path = Path(options["file"])
        if not path.name or path.is_dir():
            raise CommandError(f"“{options['file']}” is not the name of a file. Name one, for example people.csv.")
        part = path.with_name(f".{path.name}.part")
        try:
            part.unlink(missing_ok=True)
            with os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline=""
            ) as file:
                file.write(write(exportable()))
            part.replace(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be written ({error.strerror}). Choose another place.") from error
        self.stderr.write(f"written: {path}")
