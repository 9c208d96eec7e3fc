"""Taking a whole copy of the database while the site runs, and putting one back in a single step."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

PART = "database"


class NoTool(Exception):
    """A program that this needs is not installed."""


def engine() -> str:
    """`sqlite` or `postgresql`."""
    return connection.vendor


def applied_migrations() -> list[str]:
    """The versions of all tables, as app.name."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def known_migrations() -> set[str]:
    """The versions that this code can work with, as app.name, replaced ones too."""
    loader = MigrationLoader(connection)
    replaced = {old for migration in loader.replacements.values() for old in migration.replaces}
    return {f"{app}.{name}" for app, name in {*loader.disk_migrations, *replaced}}


def dump(target: Path) -> None:
    """Write one consistent copy of the database; readers and writers go on meanwhile."""
    if engine() == "sqlite":
        with _plain(connection.settings_dict["NAME"]) as live, _plain(target) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        return
    _postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(source: Path) -> None:
    """Put a copy in place of the live database, in one transaction: all of it or nothing."""
    if engine() == "sqlite":
        connection.close()
        with _plain(source) as copy, _plain(connection.settings_dict["NAME"]) as live:
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise DatabaseError("the database in the backup is damaged")
            live.execute("PRAGMA journal_mode=WAL")
            copy.backup(live)
        return
    _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction",
              str(source))  # fmt: skip


class _plain:
    """A connection without Django around it, closed at the end."""

    def __init__(self, file: str | Path) -> None:
        self.connection = sqlite3.connect(file, timeout=60, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _postgres(tool: str, *arguments: str) -> None:
    if shutil.which(tool) is None:
        raise NoTool(f"{tool} is not installed. On Debian: sudo apt install postgresql-client.")
    wanted = connection.settings_dict
    environment = os.environ | {
        "PGHOST": str(wanted["HOST"] or ""), "PGPORT": str(wanted["PORT"] or ""),
        "PGUSER": str(wanted["USER"] or ""), "PGPASSWORD": str(wanted["PASSWORD"] or ""),
    }  # fmt: skip
    connection.close()
    environment = {name: value for name, value in environment.items() if value}
    done = subprocess.run(
        [tool, *arguments, f"--dbname={wanted['NAME']}"], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise DatabaseError(f"{tool} said: {(done.stderr.strip().splitlines() or ['nothing'])[-1]}")
