"""`manage.py restore FILE`."""

import shutil
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from community.members.models import Erasure
from community.trust.management import archive, databases
from community.trust.registry.erasing import erase_again, known_erasures, wipe_traces


class Command(BaseCommand):
    """Puts a backup in place of what is there, and forgets again whom the site has forgotten since."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What from."""
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file: Path, **options: Any) -> None:
        """Prove the file, swap, bring the tables up to date, erase again."""
        Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.VAR_DIR, prefix="restore-") as folder:
            try:
                manifest = archive.unpack(file, Path(folder))
                forgotten = self.forgotten()
                self.swap(Path(folder))
            except (archive.Damaged, databases.NoTool, DatabaseError, OSError) as error:
                raise CommandError(f"nothing was changed: {error}") from error
        call_command("migrate", interactive=False, verbosity=0)
        count = erase_again(forgotten, manifest.moment)
        wipe_traces()
        self.stderr.write(
            f"Restored as of {manifest.moment:%Y-%m-%d %H:%M} UTC. {count} people who had left since were erased again."
        )

    def forgotten(self) -> list[Erasure]:
        """Who was erased so far, as the live database and the journal know; an empty site knows only the journal."""
        has_table = Erasure._meta.db_table in connection.introspection.table_names()
        return known_erasures(has_database=has_table)

    def swap(self, folder: Path) -> None:
        """Uploads by renaming, the database in one transaction; if the second fails, the first is taken back."""
        media, new, old = Path(settings.MEDIA_ROOT), folder / "media", folder / "media-before"
        new.mkdir(exist_ok=True)
        media.mkdir(parents=True, exist_ok=True)
        media.rename(old)
        new.rename(media)
        try:
            databases.load(folder / databases.PART)
        except BaseException:
            shutil.rmtree(media)
            old.rename(media)
            raise
