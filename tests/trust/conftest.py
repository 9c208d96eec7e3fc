"""Sites that several tests start from; each test works on its own copy."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.trust.sites import PLANT, manage


@pytest.fixture(scope="session")
def blank_site(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """A site with empty tables, copied from the database of the tests, which saves the time of building them."""
    folder = tmp_path_factory.mktemp("blank")
    with django_db_blocker.unblock():
        if connection.vendor != "sqlite":
            pytest.skip("copies a SQLite database")
        connection.ensure_connection()
        with sqlite3.connect(folder / "scionwood.sqlite3") as copy:
            connection.connection.backup(copy)
        copy.close()
    return folder


@pytest.fixture(scope="session")
def planted_site(blank_site: Path) -> Path:
    """A site with a person in every corner of it."""
    folder = blank_site.with_name("planted")
    folder.mkdir()
    (folder / "scionwood.sqlite3").write_bytes((blank_site / "scionwood.sqlite3").read_bytes())
    done = manage(folder, "shell", code=PLANT)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder
