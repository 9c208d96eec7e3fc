"""The last seat over the wire: two server processes, fifty browsers at once, and a count of what they were told."""

import http.client
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import quote, urlencode, urlsplit

from django.db import connections
from django.test import Client

from community.gatherings.models import GatheringPage
from community.members.models import Member
from tests.browser.stand import PATIENCE, ROOT, free_port
from tests.soak.seats import Crowd, Tally, settle

TOKEN = "a" * 32  # the same word in the cookie and in the form: what a browser of one's own does
PROCESSES = 2


class Doors:
    """Two processes that serve one database."""

    def __init__(self, folder: Path, target: str = "application") -> None:
        self.url, self.folder, self.target = f"http://127.0.0.1:{free_port()}", folder, target

    def __enter__(self) -> "Doors":
        here = {"VAR_DIR": str(self.folder), "SITE_URL": self.url, "ALLOWED_HOSTS": "127.0.0.1", "DEBUG": "0"}
        surroundings = {**os.environ, **here, "DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
        collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(collect, cwd=ROOT, env=surroundings, check=True, capture_output=True)
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", self.url.rsplit(":", 1)[1], "--workers", str(PROCESSES), "--blocking-threads", "4", "--no-ws",
            "--log-level", "warning", f"tests.soak.doorway:{self.target}",
        ]  # fmt: skip
        with (self.folder / "doors.log").open("wb") as log:
            self.server = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        while self.server.poll() is None and time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=20).close()
                return self
            except OSError:
                time.sleep(0.2)
        self.__exit__()
        raise AssertionError((self.folder / "doors.log").read_text()[-3000:])

    def __exit__(self, *_error: object) -> None:
        self.server.terminate()
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()


def database_url() -> str:
    """The database of the running test, as a server outside reads it."""
    database = connections.settings["default"]
    if "sqlite" in database["ENGINE"]:
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@{quote(str(database['HOST']), safe='')}/{database['NAME']}"


@dataclass
class Answers:
    """What the crowd was told."""

    tally: Tally = field(default_factory=Tally)
    codes: Counter[int] = field(default_factory=Counter)
    processes: set[str] = field(default_factory=set)
    slowest: float = 0.0

    @property
    def problems(self) -> list[str]:
        """What must not be; empty after a good run."""
        broken = {code: number for code, number in self.codes.items() if code >= 500 or code == 0}
        found = self.tally.problems + ([f"answers {broken}"] if broken else [])
        return found + ([] if len(self.processes) >= PROCESSES else ["one process answered everything"])


def sessions_of(crowd: Crowd, members: list[Member]) -> list[str]:
    """A browser for each, signed in."""

    def sign_in(member: Member) -> str:
        client = Client()
        client.force_login(member)
        return str(client.session.session_key)

    return [crowd.alone(lambda one=one: sign_in(one)) for one in members]


def ask(url: str, path: str, session: str, start: Barrier, answers: Answers) -> None:
    """One browser: a line of its own to the server, and the form sent at the same moment as all others."""
    place = urlsplit(url)
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    body = urlencode({"key": uuid.uuid4(), "csrfmiddlewaretoken": TOKEN})
    head = {"Content-Type": "application/x-www-form-urlencoded", "Origin": url}
    start.wait(PATIENCE)
    begun = time.monotonic()
    try:
        line.request("POST", path, body, head | {"Cookie": f"sessionid={session}; csrftoken={TOKEN}"})
        answer = line.getresponse()
        answer.read()
        answers.codes[answer.status] += 1
        answers.processes.add(answer.getheader("X-Process", ""))
    except (OSError, http.client.HTTPException):
        answers.codes[0] += 1
    finally:
        line.close()
    answers.slowest = max(answers.slowest, time.monotonic() - begun)


def storm(crowd: Crowd, doors: Doors, make: Callable[[], GatheringPage], members: list[Member], rounds: int) -> Answers:
    """Everybody wants a seat at once, round after round."""
    answers, sessions = Answers(), sessions_of(crowd, members)
    for _number in range(rounds):
        gathering = crowd.alone(make)
        start = Barrier(len(sessions))
        path = f"/gatherings/{gathering.slug}/enrol/"
        browsers = [Thread(target=ask, args=(doors.url, path, one, start, answers)) for one in sessions]
        for browser in browsers:
            browser.start()
        for browser in browsers:
            browser.join()
        crowd.alone(lambda: settle(answers.tally, gathering, len(members)))  # noqa: B023 - done before the next round
    return answers
