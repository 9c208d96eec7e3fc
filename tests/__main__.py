"""`make test`: the suite on SQLite with a real browser, then on PostgreSQL what does not need one.

`python -m tests [path …]`; DB=sqlite or DB=postgres runs one half only.
"""

import os
import subprocess
import sys

from tests import chromium

NOTHING_SELECTED = 5  # pytest's exit code
# Two processes for two cores; browser tests carry one group mark, so that one browser runs at a time.
PARALLEL = ("-n", "2", "--dist", "loadgroup")
HALVES = {
    "sqlite": (),
    "postgres": ("-m", "not browser and not sqlite_only"),
}


def main(paths: list[str]) -> int:
    """Run both halves even when the first fails: one look should show everything that is wrong."""
    asked = os.environ.get("DB", "")
    if asked not in {"", *HALVES}:
        sys.exit(f"DB={asked} is not known. Use DB=sqlite or DB=postgres, or leave it out for both.")
    browser = chromium.require() if asked != "postgres" else ""
    codes = [run(half, paths, browser) for half in ([asked] if asked else HALVES)]
    if set(codes) == {NOTHING_SELECTED}:
        print("No test was found there.", file=sys.stderr)
        return 1
    return 1 if set(codes) - {0, NOTHING_SELECTED} else 0


def run(half: str, paths: list[str], browser: str) -> int:
    """One pytest over one database."""
    print(f"\n=== {half}: {' '.join(paths) or 'the whole suite'}", flush=True)
    command = [sys.executable, "-m", "pytest", *PARALLEL, *HALVES[half], *paths]
    try:
        return subprocess.run(command, env={**os.environ, "DB": half, "CHROMIUM": browser}).returncode
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
