"""Asks the network from the command line."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models import Member
from matching import ask as network


class Command(BaseCommand):
    """`ask "free text" [--as EMAIL] [--limit 10] --json`."""

    help = "Look for pages and people that help with a question, as far as a member or a visitor may see them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is asked, by whom, and how many answers of each sort."""
        parser.add_argument("text", metavar="TEXT")
        parser.add_argument("--as", dest="email", default="", metavar="EMAIL", help="else: a visitor without account")
        parser.add_argument("--limit", type=int, default=10)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and print what was found."""
        member = None
        if email := options["email"].strip().lower():
            member = Member.objects.filter(email=email, is_active=True).first()
            if member is None:
                raise CommandError(f"There is no active member with the address {email}. Check the spelling.")
        if options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.")
        found = network.ask(options["text"], member, options["limit"])
        if options["json"]:
            self.stdout.write(json.dumps({"query": options["text"]} | as_json(found)))
            return
        for answer in (*found.pages, *found.gatherings, *found.openings):
            self.stdout.write(f"{answer.page.title} ({answer.label})  {answer.page.url}")
            self.stdout.write(f"    {''.join(piece for piece, _is_asked in answer.sentence)}")
        for one in found.people:
            self.stdout.write(f"{one.member.name}: {'; '.join(one.lines)}")


def as_json(found: network.Answers) -> dict[str, list[dict[str, Any]]]:
    """What was found, in the form that docs promise to scripts."""

    def pages(answers: list[network.Answer]) -> list[dict[str, Any]]:
        return [{"title": a.page.title, "url": a.page.url, "type": a.type, "score": a.score} for a in answers]

    people = [{"member": one.member.handle, "name": one.member.name, "reasons": one.lines} for one in found.people]
    return {
        "pages": pages(found.pages),
        "people": people,
        "gatherings": pages(found.gatherings),
        "openings": pages(found.openings),
    }
