"""How a story or an experiment went on over the years or the weeks: a line with marks, and the same in words."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.library.models.drawing import WIDTH
from community.library.models.rollup import Tally

EDGE, MOST = 24, 8  # of the drawing, and marks of a story: each has room for its year
TRIED = {"success": "worked", "mixed": "partly", "failure": "failed"}  # an outcome by the name of its colour


@dataclass(frozen=True)
class Mark:
    """One thing that happened: where it stands on the line, how it is drawn, and what is said of it."""

    when: str
    kind: str
    words: str = ""
    number: int = 0
    x: int = 0


@dataclass
class Course:
    """The marks in their order, from left to right."""

    marks: list[Mark] = field(default_factory=list)
    words: str = ""
    width: int = WIDTH
    height: int = 78
    line: int = 34
    foot: int = 66

    @classmethod
    def of_story(cls, story: Any) -> "Course | None":
        """When it was, the years in which others tried it, and what its teller said later; None for a single mark.

        The marks stand at equal distances, since each bears its year. `story.tries` are those that the reader sees.
        """
        rows: list[tuple[int, int, Mark]] = []
        if story.year:
            kind = TRIED.get(story.outcome, "spot")
            rows.append((story.year, 0, Mark(str(story.year), kind, str(story.get_outcome_display()))))
        tried = sorted(story.tries.by_year.items())
        if len(tried) > MOST:
            early = tried[: 1 - MOST]
            tried = [(early[-1][0], together([tally for _year, tally in early])), *tried[1 - MOST :]]
        for number, (year, tally) in enumerate(tried):
            is_many = not number and len(story.tries.by_year) > MOST
            rows.append((year, 1, Mark(f"–{year}" if is_many else str(year), "tries", in_words(tally), tally.total)))
        if story.standing and story.standing_on:
            said = Mark(str(story.standing_on.year), "said", str(story.get_standing_display()))
            rows.append((story.standing_on.year, 2, said))
        marks = [mark for _year, _order, mark in sorted(rows, key=lambda row: row[:2])]
        if len(marks) < 2:
            return None
        step = (WIDTH - 2 * EDGE) / (len(marks) - 1)
        return cls([Mark(m.when, m.kind, m.words, m.number, round(EDGE + n * step)) for n, m in enumerate(marks)])

    @classmethod
    def of_log(cls, log: Any, notes: list[Any]) -> "Course | None":
        """From the first day to the last that is known, each note where its day is; None before the first note."""
        if not notes:
            return None
        first = min(log.starts_on, notes[0].day)
        last = log.finished_on or max(notes[-1].day, min(log.ends_on or date.min, timezone.localdate()))
        last = max(last, first)
        days = max((last - first).days, 1)

        def at(day: date) -> int:
            return round(EDGE + (min(day, last) - first).days * (WIDTH - 2 * EDGE) / days)

        marks = [Mark(short(note.day), "last" if note.is_last else "note", x=at(note.day)) for note in notes]
        ends = [Mark(short(first), "end", x=EDGE), Mark(short(last), "end", x=WIDTH - EDGE)]
        said = ngettext(
            "From %(first)s to %(last)s: one note.", "From %(first)s to %(last)s: %(n)s notes.", len(notes)
        ) % {"first": short(first), "last": short(last), "n": len(notes)}  # fmt: skip
        return cls([ends[0], *marks, ends[1]], said)


def short(day: date) -> str:
    """A day as it stands below the line."""
    return date_format(day, "j M Y")


def together(tallies: list[Tally]) -> Tally:
    """The tries of several years as one."""
    return Tally(*(sum(getattr(one, name) for one in tallies) for name in ("worked", "partly", "failed")))


def in_words(tally: Tally) -> str:
    """What came of the tries of one year, without what nobody told."""
    said = (
        (tally.worked, _("%(n)s worked")), (tally.partly, _("%(n)s worked in part")), (tally.failed, _("%(n)s failed"))
    )  # fmt: skip
    return ", ".join(words % {"n": number} for number, words in said if number)
