"""The PostgreSQL of the tests leaves nothing behind, however the tests end."""

import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests import postgres
from tests.proportions import ROOT

ASK_AND_DIE = "import os; from tests import postgres; print(postgres.start()[0], flush=True); os._exit(9)"


def test_it_chooses_a_short_folder_without_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / "a folder with spaces"
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    folder = postgres.short_folder()
    assert " " not in str(folder) and len(str(folder)) <= postgres.LONGEST_FOLDER
    assert not list(long.iterdir())
    folder.rmdir()


@pytest.mark.sqlite_only
def test_it_ends_with_the_process_that_asked_for_it() -> None:
    died = subprocess.run([sys.executable, "-c", ASK_AND_DIE], cwd=ROOT, capture_output=True, text=True)
    folder = Path(unquote(urlsplit(died.stdout.strip()).hostname or ""))
    assert died.returncode == 9 and folder.name.startswith("pg-"), died.stderr
    for _ in range(1800):
        if not folder.exists():
            return
        time.sleep(0.1)
    pytest.fail(f"{folder} is still there")
