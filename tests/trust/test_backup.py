"""Backup and restore: the same rows and files again, nobody who left comes back, and a bad file changes nothing."""

import hashlib
import json
import sqlite3
import tarfile
from pathlib import Path

import pytest

from tests.trust.test_erase import PLANT, files_with, manage

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with people, pictures and mail in it."""
    folder = tmp_path_factory.mktemp("site")
    for command in (["migrate", "-v0"], ["createcachetable"]):
        assert manage(folder, *command).returncode == 0
    planted = manage(folder, "shell", "-v0", code=PLANT)
    assert planted.returncode == 0, planted.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def saved(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of that site."""
    file = tmp_path_factory.mktemp("backups") / "one.tar.gz"
    done = manage(first, "backup", str(file))
    assert done.returncode == 0, done.stderr[-2000:]
    return file


def digest(rows: list[tuple[object, ...]]) -> str:
    return hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()


def table_hashes(folder: Path) -> dict[str, str]:
    """A hash of all rows of each table."""
    with sqlite3.connect(folder / "scionwood.sqlite3") as database:
        names = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table' AND rootpage > 0")
        ]
        return {
            name: hashlib.sha256(
                repr(sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))).encode()
            ).hexdigest()
            for name in names
        }


def media_hashes(folder: Path) -> dict[str, str]:
    return {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in (folder / "media").rglob("*")
        if f.is_file()
    }


def test_it_brings_back_every_row_and_every_file(first: Path, saved: Path, tmp_path: Path) -> None:
    done = manage(tmp_path, "restore", str(saved))
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(table_hashes(first)) > 40
    assert table_hashes(tmp_path) == table_hashes(first)
    assert media_hashes(tmp_path) == media_hashes(first) != {}
    assert not list(tmp_path.glob("restore-*"))


def test_it_names_each_part_with_its_hash(saved: Path) -> None:
    with tarfile.open(saved) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        assert set(tar.getnames()) == {*manifest["parts"], "manifest.json"}
    assert saved.stat().st_mode & 0o077 == 0


def test_it_forgets_again_whom_the_site_has_forgotten_since(saved: Path, tmp_path: Path) -> None:
    assert manage(tmp_path, "restore", str(saved)).returncode == 0
    assert files_with(tmp_path, b"CANARY")
    (tmp_path / "mail").mkdir(exist_ok=True)
    assert manage(tmp_path, "erase_member", "canarymail@example.org", "--yes").returncode == 0
    again = manage(tmp_path, "restore", str(saved))
    assert again.returncode == 0 and "1 people who had left" in again.stderr, again.stderr[-2000:]
    assert files_with(tmp_path, b"CANARY") == []
    # The journal alone is enough: the same on a machine on which only it was left.
    (tmp_path / "scionwood.sqlite3").unlink()
    assert manage(tmp_path, "restore", str(saved)).returncode == 0
    assert files_with(tmp_path, b"CANARY") == []


@pytest.mark.parametrize("spoil", ["cut", "foreign", "flipped", "missing", "climbing"])
def test_it_refuses_a_bad_file_and_changes_nothing(spoil: str, saved: Path, tmp_path: Path) -> None:
    folder, bad = tmp_path / "site", tmp_path / "bad.tar.gz"
    assert manage(folder, "restore", str(saved)).returncode == 0
    before = table_hashes(folder), media_hashes(folder)
    whole = saved.read_bytes()
    if spoil == "cut":
        bad.write_bytes(whole[: len(whole) // 2])
    elif spoil == "foreign":
        bad.write_bytes(b"This is a letter, not a backup.\n" * 100)
    elif spoil == "flipped":
        middle = len(whole) // 2
        bad.write_bytes(whole[:middle] + bytes([whole[middle] ^ 0x55]) + whole[middle + 1 :])
    elif spoil == "climbing":
        with tarfile.open(bad, "w:gz") as tar:
            tar.add(saved, "media/../../escaped")
    done = manage(folder, "restore", str(bad))
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert (table_hashes(folder), media_hashes(folder)) == before
    assert not (tmp_path / "escaped").exists()


def test_it_says_where_it_cannot_write(first: Path, tmp_path: Path) -> None:
    done = manage(first, "backup", str(tmp_path / "nowhere" / "file.tar.gz"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr and len(done.stderr.strip().splitlines()) == 1
