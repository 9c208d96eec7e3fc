"""Remembers that the database is ready, so that the second `make run` need not ask Django, which takes seconds.

What is remembered holds only while everything that `manage.py prepare` would look at is as it was: migrations,
packages, address, and the database file itself. In doubt the answer is no, and prepare looks again.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAST_WORDS = "Scionwood at "  # from here on prepare says what is worth repeating: the address and who can sign in


def recall(environment: Mapping[str, str]) -> str:
    """What prepare said last, if it would find nothing to do now; else nothing."""
    try:
        note = json.loads(note_of(environment).read_text())
        if note["state"] == state(environment):
            return str(note["words"])
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error):
        pass
    return ""


def remember(environment: Mapping[str, str], said: str) -> None:
    """Keep the last words of prepare with the state it left; another database than our own is not remembered."""
    place = said.find(LAST_WORDS)
    try:
        note = {"state": state(environment), "words": said[place:]}
        if place >= 0 and note["state"]:
            note_of(environment).write_text(json.dumps(note))
    except (OSError, sqlite3.Error):
        pass  # nothing is lost: prepare looks again next time


def note_of(environment: Mapping[str, str]) -> Path:
    return Path(environment["VAR_DIR"]) / "prepared.json"


def state(environment: Mapping[str, str]) -> list[object]:
    """Everything on which the answer depends; empty where it cannot be seen from here."""
    if environment.get("DATABASE_URL"):
        return []
    known = hashlib.sha256()
    for name in ("DEBUG", "DEMO", "ENCODER", "LANGUAGES", "SITE_URL", "VAR_DIR"):
        known.update(f"{name}={environment.get(name, '')}\n".encode())
    known.update((ROOT / "requirements.lock").read_bytes())
    for file in sorted(ROOT.glob("*/migrations/*.py")) + sorted(ROOT.glob("*/*/migrations/*.py")):
        known.update(f"{file}\n".encode() + file.read_bytes())
    for file in ROOT.glob("matching/engine/weights/encoder.npz"):  # other weights: a model to make ready
        known.update(file.read_bytes())
    for note in sorted(Path(environment["VAR_DIR"]).glob("models/*/prepared.json")):
        known.update(note.read_bytes())
    database = (Path(environment["VAR_DIR"]) / "scionwood.sqlite3").resolve()
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=1)) as rows:
        steps = rows.execute("SELECT count(*), max(id) FROM django_migrations").fetchone()
        people = rows.execute("SELECT EXISTS (SELECT 1 FROM members_member)").fetchone()
        tables = rows.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return [known.hexdigest(), *steps, *tables, *people]
