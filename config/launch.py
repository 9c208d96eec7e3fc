"""Starts the community on this computer: `make run` calls it once the environment is there.

One look at what could go wrong (port, disk, folder), then the database, then the three processes of the
Procfile, which start together and stop together.
"""

import contextlib
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from config import prepared

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
ROOM_NEEDED = 200 * 1024**2  # bytes: a database that cannot grow loses what people type


class Trouble(Exception):
    """Something that the person at the keyboard can put right: one line, what is wrong and what to do."""


def main() -> int:
    """Check, prepare, run, and say how it ended."""
    try:
        port = port_asked_for(os.environ.get("PORT") or "8000")
        require_free(port)
        environment = environment_for(port, os.environ)
    except Trouble as trouble:
        print(f"Scionwood cannot start: {trouble}", file=sys.stderr)
        return 1
    try:
        return prepare(environment) or run_together(port, environment)
    except KeyboardInterrupt:
        print("\nStopped. make run goes on from here.", file=sys.stderr)
        return 130


def port_asked_for(text: str) -> int:
    """The port as a number that a person may use."""
    if not text.isdecimal() or not 1024 <= int(text) <= 65535:
        raise Trouble(f"PORT={text} is not a port. Use a number from 1024 to 65535, for example PORT=8001.")
    return int(text)


def require_free(port: int) -> None:
    """Stop when somebody else listens on the port, and name one that is free."""
    if not is_free(port):
        free = next((p for p in range(port + 1, min(port + 200, 65536)) if is_free(p)), 0)
        way_on = f", or start on another one: make run PORT={free}" if free else ""
        raise Trouble(f"port {port} is in use, perhaps by an earlier make run that is still open. Stop that{way_on}")


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # as the web server does it: a port whose last connection is just closing counts as free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def environment_for(port: int, given: Mapping[str, str]) -> dict[str, str]:
    """What the processes are told: what was given stays, the rest is made for trying things out at home."""
    folder = Path(given.get("VAR_DIR") or ROOT / "var").absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        secret = given.get("SECRET_KEY") or secret_kept_in(folder)
    except OSError as error:
        raise Trouble(
            f"the folder {folder} cannot be used ({error.strerror}). Make it writable, or name another one: "
            "make run VAR_DIR=/a/folder"
        ) from error
    if free < ROOM_NEEDED:
        raise Trouble(
            f"{folder} has {free / 1024**2:.0f} MB of free disk space, too little to keep what people write. "
            "Make room, or name a folder on another disk: make run VAR_DIR=/a/folder"
        )
    return {
        **given,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}",
        "PORT": str(port),
        "VAR_DIR": str(folder),
        "SECRET_KEY": secret,
        "DEBUG": given.get("DEBUG") or "1",
        "SITE_URL": given.get("SITE_URL") or f"http://{HOST}:{port}",
        "PYTHONUNBUFFERED": "1",
    }


def secret_kept_in(folder: Path) -> str:
    """The key of this installation: made once, readable by its owner only."""
    file = folder / "secret-key"
    if not file.exists():
        draft = folder / f"secret-key.{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(50))
        draft.replace(file)  # whole or not at all
    return file.read_text().strip()


def prepare(environment: Mapping[str, str]) -> int:
    """Bring the database up to date, or see that it is; 0 when all is well."""
    words = prepared.recall(environment)
    if words:
        say(words)
        return 0
    command = [sys.executable, "manage.py", "prepare"]
    said = ""
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        # piece by piece and not line by line: a question to the first steward ends without a line break
        while process.stdout and (piece := os.read(process.stdout.fileno(), 4096)):
            said += piece.decode(errors="replace")
            say(piece.decode(errors="replace"))
    if process.returncode:
        return process.returncode if process.returncode > 0 else 1
    prepared.remember(environment, said)
    return 0


def run_together(port: int, environment: Mapping[str, str]) -> int:
    """Web server, worker and clock under one roof, until Ctrl-C; 0 when a person stopped them."""
    command = [sys.executable, "-m", "honcho", "start", "--procfile", "Procfile", "--env", os.devnull]
    stopped_by: list[int] = []
    together = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=ROOT,
        env=environment,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a closed window would kill honcho before it can stop the others
    )

    def stop(number: int, frame: FrameType | None) -> None:
        stopped_by.append(number)
        together.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    threading.Thread(target=say_when_ready, args=(port, together), daemon=True).start()
    threading.Thread(target=stop_when_window_closes, daemon=True).start()
    for line in together.stdout or ():
        say(line)
    code = together.wait()
    if stopped_by:
        say("Scionwood has stopped. Nothing is lost: make run goes on where you left.\n")
        return 0
    say("Scionwood has stopped, because one of its three parts did: the lines above say which and why.\n")
    return code if code > 0 else 1


def say(line: str) -> None:
    """Print, even when the window is gone: honcho itself would stumble there and leave its processes behind."""
    with contextlib.suppress(OSError):
        print(line, end="", flush=True)


def stop_when_window_closes() -> None:
    """Notice a closed window even where nobody passes its signal on, as in `ssh -t host make run`."""
    if sys.stdin is not None and sys.stdin.isatty():
        window = select.poll()
        window.register(sys.stdin, 0)
        if any(event & select.POLLHUP for _, event in window.poll()):
            os.kill(os.getpid(), signal.SIGHUP)


def say_when_ready(port: int, together: "subprocess.Popen[str]") -> None:
    """Say so when the first page can be opened."""
    address = f"http://{HOST}:{port}/"
    for _ in range(600):
        if together.poll() is not None:
            return
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(address, timeout=30).close()
            except urllib.error.HTTPError:
                pass  # an answer all the same; what is wrong stands in the log
            say(f"\n  Scionwood is open at {address}   Ctrl-C stops it.\n\n")
            return
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
