"""Works out the pairs of a round."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from matching import rounds
from matching.engine.encode import ModelUnsound
from matching.models import Round


class Command(BaseCommand):
    """`match_round SLUG [--dry-run] --json`."""

    help = "Work out who meets whom in a round, and propose it to the stewards."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which round, and whether only to look."""
        parser.add_argument("slug")
        parser.add_argument("--dry-run", action="store_true", help="print the pairs and change nothing")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Match by what holds now; nobody is told before a steward publishes."""
        found = Round.objects.filter(slug=options["slug"]).first()
        if found is None:
            raise CommandError(f"There is no round {options['slug']}. Stewards see all of them under /steward/rounds/.")
        try:
            outcome = rounds.dry_run(found) if options["dry_run"] else rounds.preview(found)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        except (ModelUnsound, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome))
            return
        for pair in outcome["pairs"]:
            self.stdout.write(f"{pair['learner']}  ←  {pair['mentor']}  ({pair['score']:.2f})")
        self.stdout.write(f"{len(outcome['pairs'])} pairs, {len(outcome['unmatched'])} without")
