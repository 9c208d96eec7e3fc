"""What one line of a list of people says, and what becomes of the person it names."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from community.members.models.cell import Cell
from community.members.models.member import Member
from community.members.models.name import clean_name
from community.members.models.profile import Profile, Visibility
from community.members.models.statement import Statement, StatementSide

LISTS = ("languages", "roles", "open_to")
SIDES = {"offers": StatementSide.OFFER, "needs": StatementSide.NEED}


class Refusal(Exception):
    """Why a line is not taken, and which column is to blame."""

    def __init__(self, column: str, why: Any) -> None:
        super().__init__(str(why))
        self.column, self.why = column, str(why)


def split(cell: str) -> list[str]:
    r"""The parts between semicolons; `\;` is a semicolon inside a part and `\\` a backslash."""
    parts, part, position = [], "", 0
    while position < len(cell):
        character = cell[position]
        if character == "\\" and cell[position + 1 : position + 2] in {";", "\\"}:
            position += 1
            part += cell[position]
        elif character == ";":
            parts.append(part)
            part = ""
        else:
            part += character
        position += 1
    parts = [" ".join(one.split()) for one in [*parts, part]]
    return list(dict.fromkeys(one for one in parts if one))


def join(parts: list[str]) -> str:
    """Parts with semicolons between them, so that `split` gives them back."""
    return ";".join(part.replace("\\", "\\\\").replace(";", "\\;") for part in parts)


@dataclass
class RosterRow:
    """One line, understood: only what its cells say; an empty cell says nothing."""

    email: str
    name: str
    is_adult: bool | None = None
    cell: Cell | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    lines: dict[StatementSide, list[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, cells: dict[str, str]) -> "RosterRow":
        """Understand a line, or raise Refusal with the column that is wrong."""
        for column, text in cells.items():
            if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
                raise Refusal(column, _("There is a character that cannot be stored. Type the text again."))
        row = cls(_email(cells["email"]), _name(cells["name"]), _adult(cells.get("adult")), _cell(cells))
        for column in LISTS:
            if words := [word.lower() for word in split(cells.get(column, ""))]:
                row.fields[column] = words
        for column in ("capacity", "stops_in_years"):
            if number := cells.get(column, "").strip():
                row.fields[column] = _number(column, number)
        if place := cells.get("place", "").strip():
            row.fields["place"] = place
        if about := cells.get("about", "").strip():
            row.fields["about"] = _about(about)
        for column, side in SIDES.items():
            if texts := split(cells.get(column, "")):
                row.lines[side] = [_statement(column, text) for text in texts]
                if len(texts) > Statement.MOST:
                    raise Refusal(column, _("More than %(n)s statements. Leave some out.") % {"n": Statement.MOST})
        row._check_fields()
        return row

    def _check_fields(self) -> None:
        """What is wrong with the profile's own fields, in the words of the profile."""
        profile = Profile(**self.fields)
        try:
            profile.clean()
            profile.clean_fields(exclude=[f.name for f in Profile._meta.fields if f.name not in self.fields])
        except ValidationError as error:
            column, messages = next(iter(error.message_dict.items()))
            raise Refusal(column, messages[0]) from error
        self.fields |= {column: getattr(profile, column) for column in LISTS if column in self.fields}

    # What becomes of it

    def create(self) -> Member:
        """Make the person; the account has no password and gets no mail."""
        member = Member(email=self.email, name=self.name, is_adult=bool(self.is_adult))
        member.adult_said_at = timezone.now() if self.is_adult else None
        member.set_unusable_password()
        member.save()
        self._write_profile(member.profile)
        Statement.objects.bulk_create(
            Statement(profile=member.profile, side=side, text=text, position=position)
            for side, texts in self.lines.items()
            for position, text in enumerate(texts)
        )
        member.profile.touch()
        return member

    def update(self, member: Member) -> bool:
        """Change the person to what the line says; returns whether anything changed.

        Whoever has logged in looks after their own page: only what is empty there is filled, and neither as what
        they are shown nor their answer on age is touched.
        """
        own = member.has_ever_logged_in
        has_new_account = not own and self._update_account(member)
        changed = self._write_profile(member.profile, only_empty=own)
        for side, texts in self.lines.items():
            lines = [one for one in member.profile.statements.all() if one.side == side]
            if not (own and lines):
                changed |= self._write_lines(member.profile, side, lines, texts)
        if changed:
            member.profile.touch()
        return changed or has_new_account

    def _update_account(self, member: Member) -> bool:
        """Name and age; somebody who has answered no keeps that answer until a steward changes it."""
        changed = []
        if self.name != member.name:
            Member.check_name(self.name, of=member)
            member.name = self.name
            changed.append("name")
        if self.is_adult is not None and self.is_adult != member.is_adult and not (
            self.is_adult and member.adult_said_at
        ):  # fmt: skip
            member.is_adult, member.adult_said_at = self.is_adult, timezone.now() if self.is_adult else None
            changed += ["is_adult", "adult_said_at"]
        if changed:
            member.save(update_fields=changed)
        if "is_adult" in changed:
            member.profile.touch()
        return bool(changed)

    def _write_profile(self, profile: Profile, *, only_empty: bool = False) -> bool:
        """Put the fields into the profile; the point is kept as its square only."""
        wanted = dict(self.fields)
        if self.cell:
            wanted |= {"cell_lat": self.cell.lat, "cell_lon": self.cell.lon}
        if only_empty:
            wanted = {n: v for n, v in wanted.items() if getattr(profile, n) in (None, "", []) and n != "open_to"}
        changed = [name for name, value in wanted.items() if _differs(getattr(profile, name), value)]
        for name in changed:
            setattr(profile, name, wanted[name])
        if changed:
            profile.save(update_fields=changed)
        return bool(changed)

    def _write_lines(self, profile: Profile, side: StatementSide, lines: list[Statement], texts: list[str]) -> bool:
        """Make the shown lines of one side these texts; unchanged ones keep what else they say, hidden ones stay."""
        hidden = {one.text for one in lines if one.visibility != Visibility.MEMBERS}
        shown = [one for one in lines if one.text not in hidden]
        texts = [text for text in texts if text not in hidden]
        if [one.text for one in shown] == texts:
            return False
        kept = {one.text: one for one in shown if one.text in texts}
        if gone := [one.pk for one in shown if one.text not in kept]:
            profile.statements.filter(pk__in=gone).delete()
        for one in kept.values():
            one.position = texts.index(one.text)
        Statement.objects.bulk_update(kept.values(), ["position"])
        Statement.objects.bulk_create(
            Statement(profile=profile, side=side, text=text, position=position)
            for position, text in enumerate(texts)
            if text not in kept
        )
        return True


def _differs(old: Any, new: Any) -> bool:
    """Whether a value is another one; white space at the ends is not."""
    return bool((old.strip() != new.strip()) if isinstance(old, str) else old != new)


def _email(cell: str) -> str:
    email = cell.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refusal("email", _("“%(email)s” is not an e-mail address.") % {"email": email[:80]}) from error
    if len(email) > 254:
        raise Refusal("email", _("This address is too long."))
    return email


def _name(cell: str) -> str:
    name = clean_name(cell)
    if not any(c.isalpha() for c in name):
        raise Refusal("name", _("Write the name in letters."))
    if len(name) > 100:
        raise Refusal("name", _("A name has 100 characters at most; this one has %(n)s.") % {"n": len(name)})
    return name


def _adult(cell: str | None) -> bool | None:
    """Without the column, whoever imports answers for it that these are adults."""
    if cell is None:
        return True
    word = cell.strip().lower()
    if word not in {"", "yes", "no"}:
        raise Refusal("adult", _("Write yes or no, or leave it empty."))
    return None if not word else word == "yes"


def _cell(cells: dict[str, str]) -> Cell | None:
    given = {column: cells.get(column, "").strip() for column in ("lat", "lon")}
    if not any(given.values()):
        return None
    numbers = {}
    for column, text in given.items():
        if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{0,20})?", text, re.ASCII):
            why = _("A point needs both numbers, written like 52.0339.") if not text else _(
                "“%(text)s” is not a number of degrees. Write it like 52.0339.") % {"text": text[:40]}  # fmt: skip
            raise Refusal(column, why)
        numbers[column] = float(text)
    try:
        return Cell.around(numbers["lat"], numbers["lon"])
    except ValueError as error:
        raise Refusal("lat" if abs(numbers["lat"]) > 90 else "lon", error) from error


def _number(column: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
        raise Refusal(column, _("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return int(text)


def _about(text: str) -> str:
    most = Profile._meta.get_field("about").max_length or 0
    if len(text) > most:
        raise Refusal("about", _("This text has %(n)s characters; %(most)s is the most. Shorten it.")
                      % {"n": len(text), "most": most})  # fmt: skip
    return text


def _statement(column: str, text: str) -> str:
    most = Statement._meta.get_field("text").max_length or 0
    if len(text) > most:
        raise Refusal(column, _("One statement has %(n)s characters; %(most)s is the most. Shorten it, or put “;” "
                                "between several.") % {"n": len(text), "most": most})  # fmt: skip
    if not any(c.isalpha() for c in text):
        raise Refusal(column, _("“%(text)s” has no words in it.") % {"text": text[:40]})
    return text
