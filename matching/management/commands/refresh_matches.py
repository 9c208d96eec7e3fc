"""Brings vectors and suggestions up to date."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from matching import placing, refresh
from matching.engine.encode import ModelUnsound
from matching.models import Gap


class Command(BaseCommand):
    """`refresh_matches [--all] [--json]`."""

    help = "Embed what changed, drop what is gone, rewrite suggestions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which part, and in which form."""
        parser.add_argument("--all", action="store_true", help="rewrite everything, not only what changed")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refresh, and say what was done."""
        try:
            outcome = refresh.refresh(embed_all=options["all"], tell=refresh.to_stderr)
            placing.place()
            Gap.count()
        except ModelUnsound as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome))
        else:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in outcome.items()))
