"""Backup and restore: the same rows and files again, nobody who left comes back, and a bad file changes nothing."""

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest

from community.trust.management import archive
from tests.trust.sites import files_with, manage

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture(scope="module")
def saved(planted_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a site with people, pictures and mail in it."""
    file = tmp_path_factory.mktemp("backups") / "one.tar.gz"
    done = manage(planted_site, "backup", str(file))
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


def test_it_brings_back_every_row_and_every_file(planted_site: Path, saved: Path, tmp_path: Path) -> None:
    done = manage(tmp_path, "restore", str(saved))
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(table_hashes(planted_site)) > 40
    assert table_hashes(tmp_path) == table_hashes(planted_site)
    assert media_hashes(tmp_path) == media_hashes(planted_site) != {}
    assert not list(tmp_path.glob("restore-*"))


def test_it_names_each_part_with_its_hash(saved: Path) -> None:
    with tarfile.open(saved) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        assert set(tar.getnames()) == {*manifest["parts"], "manifest.json"}
    assert saved.stat().st_mode & 0o077 == 0


def test_it_forgets_again_whom_the_site_has_forgotten_since(planted_site: Path, saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(planted_site, folder)
    code = f"""
from django.core.management import call_command
call_command("erase_member", "canarymail@example.org", "--yes")
call_command("restore", {str(saved)!r})
"""
    again = manage(folder, "shell", code=code)
    assert again.returncode == 0 and "1 people who had left" in again.stderr, again.stderr[-2000:]
    assert files_with(folder, b"CANARY") == []
    # The journal alone is enough: the same on a machine on which only it was left.
    (folder / "scionwood.sqlite3").unlink()
    assert manage(folder, "restore", str(saved)).returncode == 0
    assert files_with(folder, b"CANARY") == []


def test_it_changes_nothing_where_the_file_is_cut_off(planted_site: Path, saved: Path, tmp_path: Path) -> None:
    folder, bad = tmp_path / "site", tmp_path / "bad.tar.gz"
    shutil.copytree(planted_site, folder)
    bad.write_bytes(saved.read_bytes()[:-2000])
    done = manage(folder, "restore", str(bad))
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert table_hashes(folder) == table_hashes(planted_site)
    assert media_hashes(folder) == media_hashes(planted_site)


@pytest.mark.parametrize("spoil", ["foreign", "flipped", "missing", "climbing", "incomplete", "later"])
def test_it_knows_a_bad_file(spoil: str, saved: Path, tmp_path: Path) -> None:
    bad, folder = tmp_path / "bad.tar.gz", tmp_path / "unpacked"
    whole = saved.read_bytes()
    if spoil == "foreign":
        bad.write_bytes(b"This is a letter, not a backup.\n" * 100)
    elif spoil == "flipped":
        middle = len(whole) // 2
        bad.write_bytes(whole[:middle] + bytes([whole[middle] ^ 0x55]) + whole[middle + 1 :])
    elif spoil == "climbing":
        with tarfile.open(bad, "w:gz") as tar:
            tar.add(saved, "media/../../escaped")
    elif spoil in {"incomplete", "later"}:
        repack(saved, bad, spoil)
    with pytest.raises(archive.Damaged):
        archive.unpack(bad, folder)
    assert not (tmp_path / "escaped").exists()


def repack(source: Path, target: Path, spoil: str) -> None:
    """The same backup without one upload, or as a later version of the site would have made it."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            content = old.extractfile(entry).read()  # type: ignore[union-attr]
            if spoil == "incomplete" and entry.name.startswith("media/"):
                continue
            if spoil == "later" and entry.name == archive.MANIFEST:
                content = content.replace(b'"migrations": [', b'"migrations": ["trust.9999_later",')
                entry.size = len(content)
            new.addfile(entry, io.BytesIO(content))


def test_it_unpacks_the_whole_file(saved: Path, tmp_path: Path) -> None:
    """The control for the bad ones: the same file, unspoilt, is taken."""
    assert archive.unpack(saved, tmp_path).parts


def test_it_says_where_it_cannot_write(planted_site: Path, tmp_path: Path) -> None:
    done = manage(planted_site, "backup", str(tmp_path / "nowhere" / "file.tar.gz"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr and len(done.stderr.strip().splitlines()) == 1
