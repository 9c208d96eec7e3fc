"""Kill the web server in the middle of writing, again and again: what it acknowledged is there, once."""

import http.client
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.browser import stand

PEOPLE, CLIENTS = 40, 4
TOKEN = "a" * 32  # the same word in the cookie and in the form: what a browser of one's own does
FILL = """
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("createcachetable")
from django.test import Client
from community.members.models import Member
keys = []
for n in range({people}):
    who = Member.objects.create_user(f"writer{n}@example.org", f"Writer {n}", is_adult=True)
    client = Client(); client.force_login(who); keys.append(client.session.session_key)
print(",".join(keys))
""".replace("{people}", str(PEOPLE))


@dataclass
class Tally:
    """What was acknowledged, and what the database says afterwards."""

    kills: int = 0
    acknowledged: set[str] = field(default_factory=set)
    lost: int = 0
    twice: int = 0
    broken: str = ""
    restarts: list[float] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or broken, and something was written at all."""
        return bool(self.acknowledged) and not (self.lost or self.twice or self.broken)


def run(folder: Path, kills: int) -> Tally:
    """Fill a site, then write and kill as often as asked."""
    url = f"http://127.0.0.1:{stand.free_port()}"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", FILL], cwd=stand.ROOT,
        env=stand.environment(folder, url, "1"), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    sessions = done.stdout.strip().split(",")
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, cwd=stand.ROOT, env=stand.environment(folder, url, "0"), check=True)
    tally = Tally()
    for _number in range(kills):
        one_kill(folder, url, sessions, tally)
    settle(folder, tally)
    return tally


def one_kill(folder: Path, url: str, sessions: list[str], tally: Tally) -> None:
    """Start, write with several clients at once, kill everything without a warning."""
    begun = time.monotonic()
    server = stand.serve(folder, url)
    tally.restarts.append(time.monotonic() - begun)
    with sqlite3.connect(folder / "scionwood.sqlite3", timeout=20) as database:
        database.execute("UPDATE trust_report SET state='done'")  # room for more of each writer
    clients = [
        threading.Thread(target=write, args=(url, sessions[number::CLIENTS], tally.acknowledged))
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(1 + (tally.kills % 7) / 10)
    for child in children(server.pid):
        os.kill(child, signal.SIGKILL)
    server.kill()
    server.wait()
    for client in clients:
        client.join()
    tally.kills += 1


def children(parent: int) -> list[int]:
    """The processes that this one has started."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True).stdout
    return [int(line) for line in found.split()]


def write(url: str, sessions: list[str], acknowledged: set[str]) -> None:
    """Send reports until the server is gone; note each that it said it has."""
    place = urlsplit(url)
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        while True:
            for session in sessions:
                word = uuid.uuid4().hex
                body = urlencode({"url": "/x/", "reason": "other", "text": word, "csrfmiddlewaretoken": TOKEN})
                line.request("POST", "/report/", body, {
                    "Content-Type": "application/x-www-form-urlencoded", "Origin": url,
                    "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
                })  # fmt: skip
                answer = line.getresponse()
                answer.read()
                if answer.status == 302:
                    acknowledged.add(word)
    except (OSError, http.client.HTTPException):
        return


def settle(folder: Path, tally: Tally) -> None:
    """Compare what was acknowledged with what is there, and let the database look at itself."""
    with sqlite3.connect(folder / "scionwood.sqlite3", timeout=20) as database:
        rows = [word for (word,) in database.execute("SELECT text FROM trust_report")]
        problems = [row for row in database.execute("PRAGMA integrity_check") if row != ("ok",)]
        problems += database.execute("PRAGMA foreign_key_check").fetchall()
    tally.lost = len(tally.acknowledged - set(rows))
    tally.twice = len(rows) - len(set(rows))
    tally.broken = str(problems[0]) if problems else ""


def lose_one(folder: Path, tally: Tally) -> bool:
    """The control: one acknowledged row is taken away behind the site's back; the comparison must see it."""
    word = next(iter(tally.acknowledged))
    with sqlite3.connect(folder / "scionwood.sqlite3", timeout=20) as database:
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute("DELETE FROM trust_report WHERE text=?", [word])
    settle(folder, tally)
    return tally.lost == 1
