"""Lists of people as CSV files: reading them in, and writing them out so that they go in again unchanged."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.members.models.erasure import Erasure
from community.members.models.member import Member
from community.members.models.profile import Visibility
from community.members.models.roster_row import SIDES, Refusal, RosterRow, join

REQUIRED = ("email", "name")
COLUMNS = (
    *REQUIRED, "place", "lat", "lon", "languages", "roles", "offers", "needs", "about", "capacity", "open_to",
    "stops_in_years",
)  # fmt: skip
OPTIONAL = ("adult",)
MOST_BYTES = 50_000_000
# What a spreadsheet would take for a formula; a quote before it makes it text again. A text that begins with such
# a quote by itself gets one more, so that taking one away always gives back what was written.
FORMULA = re.compile(r"'*[=+\-@\t\r]")


class RosterError(Exception):
    """The file as a whole cannot be read; nothing was changed."""

    def __init__(self, why: str, line: int = 1, column: str = "") -> None:
        super().__init__(why)
        self.why, self.line, self.column = why, line, column


def guard(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """What was meant by a guarded cell."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


@contextmanager
def long_fields() -> Iterator[None]:
    """Let the reader take any field; how long a text may be is said for each column."""
    before = csv.field_size_limit(MOST_BYTES)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read(content: bytes) -> list[tuple[int, list[str], list[str]]]:
    """The lines of a file, each as line number, header and cells; raises RosterError where it cannot be read."""
    if len(content) > MOST_BYTES:
        raise RosterError(_("The file is larger than 50 MB. Split it."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        why = _("The file is not UTF-8 (line %(line)s). Save it as “CSV UTF-8” and try again.") % {"line": line}
        raise RosterError(why, line) from error
    reader, rows, line = csv.reader(io.StringIO(text, newline=""), strict=True), [], 1
    try:
        with long_fields():
            header = _header(next(reader, []))
            line = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    rows.append((line, header, cells))
                line = reader.line_num + 1
    except csv.Error as error:
        why = _("From line %(line)s on the file is not readable as CSV: a quotation mark is missing or too many.")
        raise RosterError(why % {"line": line}, line) from error
    return rows


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    for column in REQUIRED:
        if column not in header:
            why = _("The column “%(column)s” is missing in the first line. Columns are separated by commas.")
            raise RosterError(why % {"column": column}, 1, column)
    for column in header:
        if column and header.count(column) > 1:
            raise RosterError(_("The column “%(column)s” is there twice.") % {"column": column}, 1, column)
    return header


@dataclass
class RosterImport:
    """What became of each line of a file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    @classmethod
    def take(cls, content: bytes, *, is_dry_run: bool = False) -> "RosterImport":
        """Take the good lines of a file and say what is wrong with the others; a dry run changes nothing."""
        rows, result = read(content), cls()
        if rows:
            result.unknown_columns = [one for one in rows[0][1] if one and one not in {*COLUMNS, *OPTIONAL}]
        known = _known_people(rows)
        seen: dict[str, tuple[int, list[str]]] = {}
        with transaction.atomic():
            for line, header, cells in rows:
                try:
                    with transaction.atomic():
                        result._take_row(line, header, cells, known, seen)
                except Refusal as refusal:
                    result._reject(line, refusal.column, refusal.why)
                except ValidationError as error:
                    column, messages = next(iter(error.message_dict.items()))
                    result._reject(line, column, messages[0])
                except IntegrityError:
                    result._reject(line, "email", _("Somebody changed this person at the same moment. Try again."))
            if is_dry_run:
                transaction.set_rollback(True)
        return result

    def _take_row(
        self, line: int, header: list[str], cells: list[str], known: dict[str, Member],
        seen: dict[str, tuple[int, list[str]]],
    ) -> None:  # fmt: skip
        if len(cells) != len(header):
            why = _("This line has %(n)s cells, the first line has %(m)s. Put texts with commas into quotation marks.")
            raise Refusal("", why % {"n": len(cells), "m": len(header)})
        row = RosterRow.parse({column: unguard(cell) for column, cell in zip(header, cells, strict=True)})
        if row.email in seen:
            first, same = seen[row.email]
            if same != cells:
                why = _("This address stands in line %(line)s already, with something else. Keep one of the two.")
                raise Refusal("email", why % {"line": first})
            self.unchanged += 1
            return
        member = known.get(row.email)
        if member is None and Erasure.covers(row.email):
            raise Refusal("email", _("The owner of this address asked to be forgotten. Leave the line out."))
        if member is not None and not member.is_active:
            raise Refusal("email", _("This account is closed. A steward can open it again."))
        if member is None:
            Member.check_name(row.name)
            row.create()
            self.created += 1
        elif row.update(member):
            self.updated += 1
        else:
            self.unchanged += 1
        seen[row.email] = (line, cells)

    def _reject(self, line: int, column: str, why: str) -> None:
        self.rejected.append({"line": line, "column": column, "why": why})

    @property
    def as_json(self) -> dict[str, Any]:
        """The result as the command's JSON says it."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
        }


def _known_people(rows: list[tuple[int, list[str], list[str]]]) -> dict[str, Member]:
    """Everyone whom the file may be about, fetched at once."""
    known: dict[str, Member] = {}
    emails = [
        unguard(cells[header.index("email")]).strip().lower()
        for _line, header, cells in rows
        if len(cells) > header.index("email")
    ]
    for start in range(0, len(emails), 500):
        people = Member.objects.filter(email__in=emails[start : start + 500]).select_related("profile")
        known |= {member.email: member for member in people.prefetch_related("profile__statements")}
    return known


def write(members: Iterable[Member]) -> str:
    """People as a file: what they show to members, and their plan to stop, which goes in again as `only me`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for member in members:
        writer.writerow([guard(cell) for cell in _cells(member)])
    return out.getvalue()


def _cells(member: Member) -> list[str]:
    profile = member.profile
    shown = {
        name: getattr(profile, name) if getattr(profile, f"{name}_visibility") == Visibility.MEMBERS else None
        for name in ("place", "languages", "about")
    }
    lines = [one for one in profile.statements.all() if one.visibility == Visibility.MEMBERS]
    cells: dict[str, Any] = {
        "email": member.email,
        "name": member.name,
        "lat": profile.cell_lat if shown["place"] is not None else None,
        "lon": profile.cell_lon if shown["place"] is not None else None,
        "roles": join(profile.roles),
        "capacity": profile.capacity,
        "open_to": join(profile.open_to),
        "stops_in_years": profile.stops_in_years,
        "place": shown["place"],
        "languages": join(shown["languages"] or []),
        "about": shown["about"],
    }
    for column, side in SIDES.items():
        cells[column] = join([one.text for one in lines if one.side == side])
    return ["" if cells[column] is None else str(cells[column]) for column in COLUMNS]


def exportable() -> Any:
    """Who stands in an exported list: adults with an address; nobody under 18, nobody who has left."""
    return (
        Member.objects.adults()
        .filter(email__isnull=False)
        .select_related("profile")
        .prefetch_related("profile__statements")
        .order_by("pk")
    )
