"""Make the first account: the operator, who is also the first steward."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from community.members.models import Member


class Command(BaseCommand):
    """Asks for what it was not told; running it again for the same address gives that account the same rights."""

    help = "Make the first steward: an account that may do everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What may be told beforehand; a password never stands on the command line, where others could read it."""
        parser.add_argument("--email")
        parser.add_argument("--name")
        parser.add_argument("--password-from-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, check, make."""
        try:
            email = (options["email"] or self._ask("E-mail address: ")).strip().lower()
            validate_email(email)
            known = Member.objects.filter(email=email).first()
            name = options["name"] or (known.name if known else self._ask("Name: "))
            validate_password(password := self._password(options), Member(email=email, name=name))
            member = self._make(known, email, name, password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stderr.write(f"{member.name} ({member.email}) is a steward and may do everything. Sign in on the site.")

    @transaction.atomic
    def _make(self, known: Member | None, email: str, name: str, password: str) -> Member:
        if known is None:
            member = Member.objects.create_superuser(email, name, password)
        else:
            member = known
            member.is_superuser = member.is_staff = member.is_steward = member.is_active = True
            member.set_password(password)
            member.save()
        member.say_adult()
        EmailAddress.objects.filter(user=member).exclude(email=email).update(primary=False)
        EmailAddress.objects.update_or_create(user=member, email=email, defaults={"verified": True, "primary": True})
        return member

    def _ask(self, question: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Say it on the command line: --email ADDRESS --name NAME --password-from-stdin.")
        return input(question)

    def _password(self, options: dict[str, Any]) -> str:
        if options["password_from_stdin"]:
            return sys.stdin.readline().rstrip("\r\n")
        if not sys.stdin.isatty():
            raise CommandError("No password: add --password-from-stdin and send it on standard input.")
        password = getpass.getpass("Password (15 characters or more): ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("The two passwords differ. Start again.")
        return password
