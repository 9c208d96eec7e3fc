"""Prints whom a member might meet, with reasons."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models import Member
from matching import refresh
from matching.engine.encode import ModelUnsound
from matching.engine.kinds import KINDS


class Command(BaseCommand):
    """`suggest EMAIL --kind KIND [--limit 10] --json`."""

    help = "List suggestions of one kind for a member, best first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For whom, of which kind, how many."""
        parser.add_argument("email")
        parser.add_argument("--kind", required=True, choices=sorted(KINDS))
        parser.add_argument("--limit", type=int, default=10)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Score now, by the rules that hold now."""
        member = Member.objects.filter(email=options["email"].strip().lower()).first()
        if member is None:
            raise CommandError(f"There is no member with the address {options['email']}. Check the spelling.")
        try:
            found = refresh.suggestions(member, options["kind"], options["limit"])
        except ModelUnsound as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps({"member": member.email, "kind": options["kind"], "suggestions": found}))
            return
        for row in found:
            self.stdout.write(f"{row['name']} <{row['member']}>")
            for reason in row["reasons"]:
                self.stdout.write(f"    {reason['need']}  ←  {reason['offer']}  ({reason['strength']:.2f})")
