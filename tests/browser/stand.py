"""The site as a visitor meets it: a server of its own in production settings, over a database on disk."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from config.launch import is_free

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180  # seconds for which whoever needs a server, or another thread, waits for it


@dataclass
class Site:
    """Where the server listens, where its state lies, who has which session, and what stands where."""

    url: str
    folder: Path
    sessions: dict[str, str]
    places: dict[str, str]

    def mail_to(self, address: str) -> str:
        """The text of the latest mail to somebody."""
        folder = self.folder / "mail"
        for file in sorted(folder.iterdir() if folder.exists() else (), key=lambda f: f.stat().st_mtime, reverse=True):
            # one file may hold several mails, each ended by a line of dashes
            for part in reversed(file.read_bytes().split(b"\n" + b"-" * 79 + b"\n")):
                mail = message_from_bytes(part.lstrip())
                if address in str(mail["To"]):
                    body = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
                    return bytes(body.get_payload(decode=True) or b"").decode()
        raise AssertionError(f"no mail to {address}")

    def change(self, statement: str, *values: object) -> int:
        """Do something to the database behind the server's back; returns how many rows it met."""
        with sqlite3.connect(self.folder / "scionwood.sqlite3", timeout=20) as database:
            return database.execute(statement, values).rowcount

    def tick(self, job: str) -> None:
        """Let the clock do one of its jobs, in a process of its own."""
        words = ("shell", "-v0", "-c", f"from home.management.commands import clock; clock.{job}()")
        env = environment(self.folder, self.url, "0")
        done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]


def free_port() -> int:
    """A port where nobody listens, below those that the system hands to whoever connects to something meanwhile."""
    return next(port for port in random.sample(range(20_000, 30_000), 100) if is_free(port))


def environment(folder: Path, url: str, debug: str) -> dict[str, str]:
    """Production settings unless debug is on; nothing of the caller's own configuration."""
    kept = {k: v for k, v in os.environ.items() if k not in {"EMAIL_URL", "REDIS_URL", "ENCODER", "DATABASE_URL"}}
    return {
        **kept,
        "SECRET_KEY": "a key for the browser tests only, which never leaves them",
        "VAR_DIR": str(folder), "SITE_URL": url, "ALLOWED_HOSTS": "127.0.0.1", "DEBUG": debug,
        "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def fill(folder: Path, url: str) -> tuple[dict[str, str], dict[str, str]]:
    """Build the community, and the files with their hashed names as a real site has them."""
    out = folder / "filled.json"
    for module, debug in (("manage.py collectstatic --noinput -v0", "0"), ("-m tests.browser.fill", "1")):
        extra = [str(out)] if debug == "1" else []
        done = subprocess.run(
            [sys.executable, *module.split(), *extra], cwd=ROOT, env=environment(folder, url, debug),
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
    filled = json.loads(out.read_text())
    return filled["sessions"], filled["places"]


def serve(folder: Path, url: str) -> "subprocess.Popen[bytes]":
    """Start the web server and wait for its first answer."""
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", url.rsplit(":", 1)[1],
        "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "config.wsgi:application",
    ]  # fmt: skip
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(command, cwd=ROOT, env=environment(folder, url, "0"), stdout=log, stderr=log)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
            return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise AssertionError(f"the server did not start:\n{(folder / 'server.log').read_text()[-3000:]}")


def stop(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    """End the server and remove its state."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
    shutil.rmtree(folder, ignore_errors=True)
