"""`manage.py export_member EMAIL DIR`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models import Member
from community.trust.registry.export import write_folder


class Command(BaseCommand):
    """Writes everything that is held on one person into a folder, in plain files."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and where to."""
        parser.add_argument("email")
        parser.add_argument("folder", type=Path, metavar="DIR")

    def handle(self, *, email: str, folder: Path, **options: Any) -> None:
        """Find the person, refuse a folder in which something lies, write."""
        member = Member.objects.filter(email=email.strip().lower()).first()
        if member is None:
            raise CommandError(f"nobody here has the address {email}. Check the spelling.")
        if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
            raise CommandError(f"{folder} is not an empty folder. Name a new one.")
        try:
            count = write_folder(member, folder)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written ({error.strerror}). Name another folder.") from error
        self.stderr.write(f"{count} files are in {folder}. Start with index.html.")
