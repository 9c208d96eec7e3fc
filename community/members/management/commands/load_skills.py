"""Put the shipped vocabulary of skills into the database."""

from typing import Any

from django.core.management.base import BaseCommand

from community.members.models import Skill


class Command(BaseCommand):
    """Adds the names that are missing; running it again changes nothing."""

    help = "Load the vocabulary of skills (preferred labels of ESCO)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it."""
        self.stderr.write(f"new skills: {Skill.load()}")
