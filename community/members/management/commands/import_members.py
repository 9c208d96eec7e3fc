"""Read people in from a CSV file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.members.models.roster_file import RosterError, RosterImport


class Command(BaseCommand):
    """Creates or updates people by their e-mail address; nobody gets mail."""

    help = "Read people in from a CSV file (columns: see export_members); good lines are taken, bad ones named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """FILE, --dry-run, --json."""
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the file and say what became of it."""
        try:
            result = RosterImport.take(Path(options["file"]).read_bytes(), is_dry_run=options["dry_run"])
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read ({error.strerror}). Check the name.") from error
        except RosterError as error:
            result = RosterImport()
            result.rejected.append({"line": error.line, "column": error.column, "why": error.why})
            self._say(result, is_json=options["json"])
            raise CommandError(f"Nothing was changed. {error.why}") from error
        for column in result.unknown_columns:
            self.stderr.write(f"The column “{column}” is not known and was left out.")
        self._say(result, is_json=options["json"])
        if result.rejected:
            raise CommandError(f"{len(result.rejected)} lines were not taken. Mend them and import the file again.")

    def _say(self, result: RosterImport, *, is_json: bool) -> None:
        if is_json:
            self.stdout.write(json.dumps(result.as_json, ensure_ascii=False))
            return
        self.stdout.write(f"created {result.created}, updated {result.updated}, unchanged {result.unchanged}")
        for one in result.rejected:
            where = f"line {one['line']}" + (f", column {one['column']}" if one["column"] else "")
            self.stderr.write(f"{where}: {one['why']}")
