"""What people asked and found nothing about, without the people.

A page writes nothing into the database because somebody looked at it, so a question without an answer becomes one
line of a file: its words, and in which of 64 parts of the community its asker is. The part comes from a keyed hash of
question and member, so it differs from question to question, and as many members share it as the community has
members divided by 64. The clock reads the file, keeps which parts have asked (of the question a keyed hash only), and
throws the file away. Five parts are at least five people: only then are the words kept and shown to stewards. The key
is drawn anew every 30 days, and everything that was counted with the old one is forgotten. Visitors who are not
signed in cannot be told apart and count as one person.
"""

import fcntl
import hmac
import json
import os
import secrets
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from matching.engine.ask import wanted
from matching.engine.text import normalise

LONGEST = 300  # characters of a question that are kept
ENOUGH = 5  # people
PARTS = 64
KEPT = timedelta(days=30)
MOST_BYTES = 1_000_000  # of the file, until the clock has read it


class UnansweredQuerySet(models.QuerySet["Unanswered"]):
    """Which questions somebody may read."""

    def visible_to(self, member: Any) -> "UnansweredQuerySet":
        """Stewards read what nobody has dealt with yet; everybody else nothing."""
        if not getattr(member, "is_authenticated", False) or not member.is_steward:
            return self.none()
        return self.filter(settled_on=None)


class Unanswered(models.Model):
    """A question that at least five people asked, and to which nothing here was an answer."""

    words = models.CharField(max_length=LONGEST, unique=True, help_text="Its stems in order: the same question.")
    text = models.CharField(max_length=LONGEST)
    people = models.PositiveSmallIntegerField(help_text="At least so many asked.")
    first_on = models.DateField()
    last_on = models.DateField()
    settled_on = models.DateField(null=True, blank=True)

    objects: ClassVar[Any] = UnansweredQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-people", "-last_on", "pk"]

    def __str__(self) -> str:
        return self.text

    # Mutators

    @classmethod
    def note(cls, text: str, member: Any) -> None:
        """Remember in a file that this was asked in vain; a full disk or a full file costs the note, not the page."""
        question = normalise(text)[:LONGEST]
        if not (words := same(question)):
            return
        try:
            part = part_of(bytes.fromhex(_read()["salt"]), words, member)
            _append(json.dumps({"text": question, "part": part}))
        except (OSError, KeyError, ValueError):
            return

    @classmethod
    def gather(cls) -> int:
        """Count what was asked since the last time; returns how many questions are now known to be asked by enough."""
        known = _read()
        if not known or date.fromisoformat(known["since"]) <= timezone.localdate() - KEPT:
            known = {"salt": secrets.token_hex(32), "since": timezone.localdate().isoformat(), "marks": {}}
            _take()
            _write(known)
            return 0
        salt, found = bytes.fromhex(known["salt"]), 0
        for line in _take():
            words = same(line["text"])
            key = hmac.digest(salt, words.encode(), "sha256").hex()[:32]
            known["marks"][key] = known["marks"].get(key, 0) | 1 << line["part"]
            if (people := int(known["marks"][key]).bit_count()) >= ENOUGH:
                found += cls._keep(words, line["text"], people)
        _write(known)
        return found

    @classmethod
    @transaction.atomic
    def _keep(cls, words: str, text: str, people: int) -> bool:
        today = timezone.localdate()
        row, is_new = cls.objects.get_or_create(
            words=words, defaults={"text": text, "people": people, "first_on": today, "last_on": today}
        )
        if not is_new:
            cls.objects.filter(pk=row.pk).update(people=max(people, row.people), last_on=today)
        return is_new

    def settle(self) -> None:
        """Somebody has seen to it: it leaves the list for good."""
        type(self).objects.filter(pk=self.pk, settled_on=None).update(settled_on=timezone.localdate())


def same(question: str) -> str:
    """What two questions have in common that are one: their telling stems, in order."""
    return " ".join(sorted(wanted(question)))[:LONGEST]


def part_of(salt: bytes, words: str, member: Any) -> int:
    """In which part of the community somebody is, for one question; all visitors are in the same."""
    who = str(member.pk) if getattr(member, "is_authenticated", False) else "a visitor"
    return int.from_bytes(hmac.digest(salt, f"{words}\n{who}".encode(), "sha256")[:8]) % PARTS


# --- The files --------------------------------------------------------------------------------------------------


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "asked"


def _append(line: str) -> None:
    with (_folder() / "lines").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the clock may be taking the file away
        if file.tell() < MOST_BYTES:
            file.write(f"{line}\n")


def _take() -> list[dict[str, Any]]:
    """All lines that were written, and an empty file in their place; a line cut off by a crash is passed over."""
    try:
        with (_folder() / "lines").open("r+", encoding="utf-8", errors="replace") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = file.read().splitlines()
            file.truncate(0)
    except FileNotFoundError:
        return []
    return [line for line in map(_parsed, lines) if line]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
        return {"text": str(told["text"])[:LONGEST], "part": int(told["part"]) % PARTS}
    except (ValueError, KeyError, TypeError):
        return None


def _read() -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads((_folder() / "marks.json").read_text(encoding="utf-8"))
        return known if {"salt", "since", "marks"} <= known.keys() else {}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(known: dict[str, Any]) -> None:
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=_folder())  # for its owner's eyes only
    with os.fdopen(number, "w", encoding="utf-8") as file:
        json.dump(known, file)
    os.replace(name, _folder() / "marks.json")
