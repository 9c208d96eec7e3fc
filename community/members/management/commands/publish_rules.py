"""Puts a new version of the community's rules in force."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models import Rules


class Command(BaseCommand):
    """`publish_rules FILE.txt`."""

    help = "Publish the community's rules from a text file; everybody is asked to accept the new version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the text is."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish, unless the text is the one in force."""
        try:
            text = options["file"].read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise CommandError(f"{options['file']} cannot be read as a UTF-8 text: {error}") from error
        if not text or "\x00" in text:
            raise CommandError(f"{options['file']} holds no text. Write the rules into it, in plain words.")
        self.stdout.write(f"Version {Rules.publish(text).version} is in force.")
