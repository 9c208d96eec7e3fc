"""`manage.py erase_member EMAIL --yes`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models import Member
from community.trust.registry.erasing import StillHeld, erase, wipe_traces


class Command(BaseCommand):
    """Removes everything that is held on one person; this cannot be undone."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose, and a yes."""
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="really do it")

    def handle(self, *, email: str, yes: bool, **options: Any) -> None:
        """Find the person, ask for --yes, erase, wipe the traces."""
        member = Member.objects.filter(email=email.strip().lower()).first()
        if member is None:
            raise CommandError(f"nobody here has the address {email}. Check the spelling.")
        if not yes:
            raise CommandError("this cannot be undone. Export first if in doubt, then add --yes.")
        try:
            erase(member)
        except StillHeld as error:
            raise CommandError(f"nothing was erased: {error} Tell the makers of this software.") from error
        if not wipe_traces():
            raise CommandError("erased, but the database was busy: run `manage.py reconcile` to wipe the traces.")
        self.stderr.write("Erased. Backups made before today still hold this person; they go after 35 days.")
