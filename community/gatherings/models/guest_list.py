"""The list of those who come: the same rows for a spreadsheet and for paper."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from community.gatherings.models.registration import Registration
from community.members.models.roster_file import guard
from community.topics.models.typeset import typeset

# In a narrow column a long word is broken, rather than printed over the next one.
LONG = re.compile(r"(\S{16})(?=\S{8})")


@dataclass(frozen=True)
class GuestList:
    """Who comes, who waits and who asks, one in a line, with what each said to the host."""

    gathering: Any
    head: list[str]
    rows: list[list[str]]
    people: int  # who have a seat, with those whom they bring

    @classmethod
    def of(cls, gathering: Any, guests: Iterable[Registration], *, questions: list[str]) -> "GuestList":
        """The lines of these guests, in their order; answers only to the questions that the reader may see."""
        known = list(guests)
        head = [_("Name"), _("State"), _("Guests"), _("How"), _("Since"), _("Was there"), *questions]
        rows = [cls.line(gathering, one, questions) for one in known]
        return cls(gathering, head, rows, sum(one.seats for one in known if one.is_open))

    @staticmethod
    def line(gathering: Any, one: Registration, questions: list[str]) -> list[str]:
        """One guest."""
        said: dict[str, str] = dict(one.answers)
        was_there = {None: "", True: _("yes"), False: _("no")}[one.came]
        how = _("online") if one.is_online or gathering.is_online else _("at the place")
        day = timezone.localdate(one.created_at).isoformat()
        cells = [one.member.name, one.get_state_display(), one.guests, how, day, was_there]
        return [str(cell) for cell in [*cells, *(said.get(question, "") for question in questions)]]

    def as_csv(self) -> str:
        """For a spreadsheet; nothing in it is taken for a formula."""
        text = StringIO()
        csv.writer(text).writerows([guard(cell) for cell in row] for row in [self.head, *self.rows])
        return f"\ufeff{text.getvalue()}"

    def as_pdf(self) -> bytes:
        """On paper, marked for reading aloud; words go to the typesetter as data. Raises ValidationError."""
        number = ngettext("%(n)s person has a seat", "%(n)s people have a seat", self.people) % {"n": self.people}
        today = {"day": date_format(timezone.localdate(), "j F Y")}
        data = {
            "title": _("Who comes: %(title)s") % {"title": self.gathering.title},
            "lang": (get_language() or "en").partition("-")[0], "when": self.gathering.when, "number": number,
            "head": self.head, "rows": [[LONG.sub("\\1\u200b", cell) for cell in row] for row in self.rows],
            "nobody": _("Nobody has taken a seat yet."),
            "printed": _("Printed on %(day)s. These names are for the host alone: burn the paper afterwards.")
            % today,
        }  # fmt: skip
        return typeset("gatherings/guests.html", "guests.typ", data)
