"""`manage.py demo [--seed N] [--members N]`."""

import logging
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from home.demo import build


class Command(BaseCommand):
    """Builds the demo community; what is there already stays as it is."""

    help = "Builds the demo community (only with DEBUG on); a second time changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many people, and which ones."""
        parser.add_argument("--seed", type=int, default=build.SEED, help="another number makes other extra people")
        parser.add_argument("--members", type=int, help="more people than are written, for load tests")

    def handle(self, *, seed: int, members: int | None, **options: Any) -> None:
        """Build, and say how long it took."""
        for talker in ("wagtail", "sentence_transformers"):  # one names each page, the other its folders
            logging.getLogger(talker).setLevel(logging.WARNING)
        began = time.monotonic()
        try:
            new = build.build(seed, members, say=lambda line: self.stdout.write(f"  {line}"))
        except build.NotForReal as error:
            raise CommandError(str(error)) from error
        done = f"{new} people and pages are new" if new else "it was there already"
        self.stdout.write(f"The demo community stands: {done} ({time.monotonic() - began:.0f} s).")
