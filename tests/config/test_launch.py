"""`make run` once the environment is there: port, folder, key, and three processes that live and die together."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from config import launch, prepared
from config.launch import Trouble
from tests.browser.stand import free_port
from tests.proportions import ROOT

STUB_MANAGE = """
import os, sys, time
open(f"{sys.argv[1]}.pid", "w").write(str(os.getpid()))
if sys.argv[1] == "prepare":
    print("Scionwood at home")
elif sys.argv[1] == os.environ.get("DIES"):
    while not os.path.exists("clock.pid"):  # die only when there is somebody to be stopped
        time.sleep(0.05)
    sys.exit(3)
else:
    time.sleep(600)
"""
STUB_WSGI = """
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"open"]
"""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_it_names_a_free_port_when_this_one_is_in_use(taken: int) -> None:
    with pytest.raises(Trouble, match=rf"port {taken} is in use.*make run PORT=(\d+)") as trouble:
        launch.require_free(taken)
    assert launch.is_free(int(str(trouble.value).rpartition("=")[2]))


@pytest.mark.parametrize("text", ["abc", "80", "70000", "-1", "8000.5"])
def test_it_refuses_what_is_no_port(text: str) -> None:
    with pytest.raises(Trouble, match="is not a port"):
        launch.port_asked_for(text)


def test_it_keeps_the_key_between_starts_and_from_others(tmp_path: Path) -> None:
    first = launch.environment_for(8000, {"VAR_DIR": str(tmp_path / "a b")})["SECRET_KEY"]
    second = launch.environment_for(8000, {"VAR_DIR": str(tmp_path / "a b")})["SECRET_KEY"]
    assert first == second and len(first) >= 50
    assert (tmp_path / "a b" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_it_leaves_what_was_given(tmp_path: Path) -> None:
    given = {"VAR_DIR": str(tmp_path), "SECRET_KEY": "mine", "DEBUG": "0", "SITE_URL": "https://a.example"}
    assert given.items() <= launch.environment_for(8000, given).items()


def test_it_says_so_when_the_folder_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Trouble, match="cannot be used"):
        launch.environment_for(8000, {"VAR_DIR": str(tmp_path / "file")})


def test_it_says_so_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "ROOM_NEEDED", 2**62)
    with pytest.raises(Trouble, match="free disk space"):
        launch.environment_for(8000, {"VAR_DIR": str(tmp_path)})


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """A prepared site, as far as the memory of it goes."""
    with closing(sqlite3.connect(tmp_path / "scionwood.sqlite3")) as database:
        database.executescript(
            "CREATE TABLE django_migrations (id INTEGER); CREATE TABLE members_member (id INTEGER);"
            "INSERT INTO django_migrations VALUES (1); INSERT INTO members_member VALUES (1);"
        )
    surroundings = {"VAR_DIR": str(tmp_path), "SITE_URL": "http://127.0.0.1:8000"}
    prepared.remember(surroundings, "Database: 200 steps\nScionwood at http://127.0.0.1:8000/\n")
    return surroundings


def test_it_repeats_the_last_words_of_a_prepared_site(site: dict[str, str]) -> None:
    assert prepared.recall(site) == "Scionwood at http://127.0.0.1:8000/\n"


@pytest.mark.parametrize(
    "change",
    [
        {"SITE_URL": "http://127.0.0.1:8001"},
        {"DATABASE_URL": "postgres://somewhere"},
        {"DEMO": "0"},
        {"ENCODER": "elsewhere"},
    ],
    ids=str,
)
def test_it_looks_again_when_something_else_is_asked(site: dict[str, str], change: dict[str, str]) -> None:
    assert prepared.recall(site | change) == ""


@pytest.mark.parametrize("sql", ["DELETE FROM members_member", "INSERT INTO django_migrations VALUES (2)"])
def test_it_looks_again_when_the_database_is_another(site: dict[str, str], sql: str) -> None:
    with closing(sqlite3.connect(Path(site["VAR_DIR"]) / "scionwood.sqlite3")) as database:
        database.execute(sql)
        database.commit()
    assert prepared.recall(site) == ""


def test_it_looks_again_when_the_model_that_was_made_ready_is_gone(site: dict[str, str]) -> None:
    ready = Path(site["VAR_DIR"]) / "models" / "a-model" / "prepared.json"
    ready.parent.mkdir(parents=True)
    ready.write_text("{}")
    prepared.remember(site, "Scionwood at http://127.0.0.1:8000/\n")
    assert prepared.recall(site)
    ready.unlink()
    assert prepared.recall(site) == ""


def test_it_looks_again_when_the_database_is_gone(site: dict[str, str]) -> None:
    (Path(site["VAR_DIR"]) / "scionwood.sqlite3").unlink()
    assert prepared.recall(site) == ""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with a space in its name, the real launcher, and stubs for what it starts."""
    folder = tmp_path / "my house"
    (folder / "config").mkdir(parents=True)
    for name in ("config/__init__.py", "config/launch.py", "config/prepared.py", "Procfile"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "requirements.lock", folder)
    (folder / "Procfile").write_text((ROOT / "Procfile").read_text().replace("sleep 5; ", ""))
    (folder / "manage.py").write_text(STUB_MANAGE)
    (folder / "config" / "wsgi.py").write_text(STUB_WSGI)
    return folder


def start(house: Path, **extra: str) -> "subprocess.Popen[str]":
    """The launcher on a free port, in a process group of its own."""
    port = free_port()
    given = {k: v for k, v in os.environ.items() if k not in {"VAR_DIR", "DATABASE_URL"}}
    return subprocess.Popen(
        [sys.executable, "-m", "config.launch"],
        cwd=house,
        env={**given, "PORT": str(port), **extra},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def is_alive(process_id: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process_id}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_it_stops_everything_together(house: Path, number: signal.Signals) -> None:
    together = start(house)
    assert together.stdout is not None
    for line in together.stdout:
        if "is open at" in line:
            break
    files = [house / f"{name}.pid" for name in ("db_worker", "clock")]
    while not all(file.exists() and file.read_text() for file in files):
        assert together.poll() is None
        time.sleep(0.05)
    os.killpg(together.pid, number)
    said, _ = together.communicate(timeout=120)
    assert together.returncode == 0 and "Scionwood has stopped" in said
    time.sleep(0.2)
    assert not [file.stem for file in files if is_alive(int(file.read_text()))]


def test_it_stops_the_others_when_one_part_dies(house: Path) -> None:
    together = start(house, DIES="db_worker")
    said, _ = together.communicate(timeout=120)
    assert together.returncode == 3 and "one of its three parts did" in said
    assert not is_alive(int((house / "clock.pid").read_text()))
