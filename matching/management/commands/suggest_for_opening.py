"""Prints who might fit an opening, with reasons."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.openings.models import OpeningPage
from matching import refresh
from matching.engine.encode import ModelUnsound


class Command(BaseCommand):
    """`suggest_for_opening SLUG [--limit 10] --json`."""

    help = "List people for one opening, best first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which opening, how many."""
        parser.add_argument("slug")
        parser.add_argument("--limit", type=int, default=10)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score now, by the rules that hold now."""
        page = OpeningPage.objects.live().filter(slug=options["slug"]).first()
        if page is None:
            raise CommandError(f"There is no opening called {options['slug']}. Look at /openings/ for the names.")
        try:
            found = refresh.suggestions_for_opening(page, options["limit"])
        except ModelUnsound as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"opening": page.slug, "suggestions": found}))
            return
        for row in found:
            self.stdout.write(f"{row['name']} <{row['member']}>")
