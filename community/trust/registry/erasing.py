"""Forgetting a person: every table, the journal that survives a restore, and the traces in the files."""

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from community.members.models import Erasure, Member
from community.trust.registry import declarations


class StillHeld(Exception):
    """Something of a person was left behind, so nothing was erased."""


def erase(member: Member) -> Erasure:
    """Forget this member everywhere, in one transaction, and remember only that they asked for it.

    The words are out of every table at once; `wipe_traces` takes them out of the database's free space, too.
    Raises StillHeld, with nothing changed, where an app leaves rows behind that it had declared.
    """
    key, address = member.pk, member.email or f"#{member.pk}"
    with transaction.atomic():
        for declaration in declarations():
            declaration.erase(member)
        for left in Member.objects.filter(pk=key):
            left.delete()
        require_nothing_left(key)
        erasure, _is_new = Erasure.objects.update_or_create(
            email_hash=Erasure.hash_of(address), defaults={"member_key": key, "erased_at": timezone.now()}
        )
        transaction.on_commit(lambda: write_down(erasure))
    return erasure


def require_nothing_left(key: int) -> None:
    """Make sure that no declared path leads to this person any more."""
    for declaration in declarations():
        for model, paths in declaration.holds.items():
            for path in paths:
                if model._default_manager.filter(**{path: key}).exists():
                    raise StillHeld(_("%(table)s still holds rows of this person.") % {"table": model._meta.label})


# --- The journal: outside the database, so that a restored database can be told what to forget again ---------


def journal() -> Path:
    """The file with one line an erasure: a keyed hash, a number and a time."""
    return Path(settings.VAR_DIR) / "erasures.jsonl"


def write_down(erasure: Erasure) -> None:
    """Append one erasure to the journal."""
    line = {
        "email_hash": erasure.email_hash,
        "member_key": erasure.member_key,
        "erased_at": erasure.erased_at.isoformat(),
    }
    with journal().open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def known_erasures(has_database: bool = True) -> list[Erasure]:
    """All erasures that the database or the journal knows, each once; a cut-off line is passed over."""
    rows = Erasure.objects.all() if has_database else []
    known = {(e.email_hash, e.member_key): e for e in [*_written_down(), *rows]}
    return list(known.values())


def _written_down() -> Iterator[Erasure]:
    if not journal().exists():
        return
    for line in journal().read_text(encoding="utf-8").splitlines():
        try:
            told = json.loads(line)
            told["erased_at"] = datetime.fromisoformat(told["erased_at"])
            yield Erasure(**told)
        except (ValueError, KeyError, TypeError):
            continue


def erase_again(erasures: list[Erasure], since: datetime) -> int:
    """After a restore: forget again whom we had forgotten since the backup was made; returns how many people."""
    count = 0
    for erasure in erasures:
        Erasure.objects.get_or_create(
            email_hash=erasure.email_hash,
            defaults={"member_key": erasure.member_key, "erased_at": erasure.erased_at},
        )
        if erasure.erased_at < since:
            continue  # older ones are not in the backup; their number may belong to somebody else by now
        for member in Member.objects.filter(pk=erasure.member_key):
            erase(member)
            count += 1
    return count


# --- Traces: what a deleted row leaves in the files of the database ------------------------------------------


def wiped_note() -> Path:
    """An empty file whose time says when the traces were wiped last."""
    return Path(settings.VAR_DIR) / "traces-wiped"


def left_note() -> Path:
    """An empty file that says, while it is there, that words were deleted which may not stay in free space."""
    return Path(settings.VAR_DIR) / "traces-left"


def leave_traces() -> None:
    """Words of somebody who stays were deleted for good: the next wiping takes them out of the files, too."""
    transaction.on_commit(lambda: left_note().touch())


def has_traces() -> bool:
    """Whether somebody was erased, or something was deleted for good, since the traces were wiped last."""
    newest = Erasure.objects.aggregate(newest=Max("erased_at"))["newest"]
    is_older = newest is not None and wiped_note().exists() and wiped_note().stat().st_mtime >= newest.timestamp()
    return left_note().exists() or (newest is not None and not is_older)


def wipe_traces() -> bool:
    """Rewrite the database's files so that erased words are not in their free space; False where it was busy."""
    if connection.in_atomic_block:
        return False
    started = time.time()
    left_note().unlink(missing_ok=True)  # before, so that what is deleted while we wipe is wiped the next time
    is_wiped = False
    try:
        is_wiped = _wipe()
    finally:
        if not is_wiped:
            left_note().touch()
    if is_wiped:
        wiped_note().touch()
        os.utime(wiped_note(), (started, started))
    return is_wiped


def _wipe() -> bool:
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        return True
    with connection.cursor() as cursor:
        for table in _search_tables():
            cursor.execute(f'INSERT INTO "{table}"("{table}") VALUES (%s)', ["optimize"])  # noqa: S608 - names from the database itself
        cursor.execute("VACUUM")
        for _attempt in range(50):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cursor.fetchone()[0] == 0:
                return True
            time.sleep(0.2)
    return False


def _search_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%%fts5%%'")
        return [name for (name,) in cursor.fetchall()]


@task()
def wipe_traces_later() -> bool:
    """Wipe the traces of an erasure in the background; doing it twice changes nothing."""
    return wipe_traces()
