"""CPU time and database queries of the pages that people read, with production settings on a site of its own.

Every request is for another object and, signed in, from another member in turn: no cache can shine.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.table import Row

PAGES = {"casestudypage": 2000, "gatheringpage": 200, "openingpage": 200, "people": 200}
"""How many of each at SCALE=1."""

ROUNDS = 60
IN_DJANGO = ["-c", "import sys, django; django.setup(); exec(sys.argv[1])"]
"""What needs models is imported when Django is set up, and not before."""

UNUSED = ["wagtail*", "admin", "account*", "mfa*", "taggit"]
"""Files that no page visited here asks for; pressing those of the editors' rooms takes half a minute."""

ROOT = Path(__file__).resolve().parent.parent


class CouldNot(Exception):
    """A part could not be measured; the message is the last line that says why."""


def rows(scale: float) -> list[Row]:
    """Build the site, visit its pages.

    Raises:
        CouldNot: the site could not be built, or a page did not answer.
    """
    with tempfile.TemporaryDirectory(prefix="scionwood-bench-") as folder:
        building = environment(folder) | {"DEBUG": "1"}  # the demo community needs it
        serving = environment(folder) | {"DEBUG": "0"}
        pages = {kind: round(number * scale) for kind, number in PAGES.items()}
        rounds = max(10, round(ROUNDS * min(1, scale * 2)))
        run([*IN_DJANGO, f"from benchmarks import site; site.build_pages({pages!r})"], building)
        run(["manage.py", "collectstatic", "--noinput", *(f"--ignore={name}" for name in UNUSED)], serving)
        answer = run([*IN_DJANGO, f"from benchmarks import visits; visits.main({rounds})"], serving)
    return [Row.from_json(row) for row in json.loads(answer)]


def environment(folder: str) -> dict[str, str]:
    """A site as it would stand on the internet, in a folder that nobody keeps."""
    ours = {"DATABASE_URL", "EMAIL_URL", "REDIS_URL", "ENCODER", "ALLOWED_HOSTS", "PROXY_COUNT"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "only-for-the-benchmarks-" * 3,
        "SITE_URL": "https://scionwood.example.org",
        "ALLOWED_HOSTS": "scionwood.example.org",
        "VAR_DIR": folder,
    }


def run(command: list[str], surroundings: dict[str, str]) -> str:
    """Run Python in a process of its own; returns what it printed.

    Raises:
        CouldNot: with the last line that it said.
    """
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=surroundings, text=True, capture_output=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise CouldNot(lines[-1] if lines else f"It stopped with {done.returncode}.")
    return done.stdout
