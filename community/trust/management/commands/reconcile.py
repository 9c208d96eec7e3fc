"""`manage.py reconcile [--json]`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from community.trust.registry.healing import reconcile


class Command(BaseCommand):
    """Heals what a crash left; safe at any time, and `clock` and each worker do it by themselves."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For people or for programs."""
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, as_json: bool, **options: Any) -> None:
        """Heal, and say how much of what."""
        healed = reconcile()
        if as_json:
            self.stdout.write(json.dumps(healed))
        else:
            self.stderr.write(", ".join(f"{name}: {count}" for name, count in healed.items()))
