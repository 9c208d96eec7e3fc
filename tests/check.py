"""`make check`: everything that can be said about the code without running the product."""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

APPS = ("config", "home", "community", "matching")
PYTHON = sys.executable
CHECKS: dict[str, list[str]] = {
    "types": [PYTHON, "-m", "mypy"],
    "linter": [PYTHON, "-m", "ruff", "check", "."],
    "formatter": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "templates": [PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"],
    "import contracts": [PYTHON, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
    "missing migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "system check": [PYTHON, "manage.py", "check", "--fail-level", "WARNING"],
    "deployment check": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}


def main() -> int:
    """Run all checks two at a time, show the output of those that fail, then the proportions."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings = environment(folder)
        with ThreadPoolExecutor(2) as pool:
            passed = list(pool.map(lambda name: run(name, surroundings), CHECKS))
    subprocess.run([PYTHON, "-m", "tests.proportions"])
    failed = passed.count(False)
    print(f"\n{len(passed) - failed} checks passed, {failed} failed")
    return 1 if failed else 0


def run(name: str, surroundings: dict[str, str]) -> bool:
    """One check: one line when all is well, its whole output when not."""
    begun = time.monotonic()
    done = subprocess.run(CHECKS[name], env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    well = done.returncode == 0
    line = f"{'ok    ' if well else 'FAILED'} {name:20}{time.monotonic() - begun:6.1f} s\n"
    print(line if well else line + done.stdout, end="", flush=True)
    return well


def environment(folder: str) -> dict[str, str]:
    """A site as it would stand on the internet, with a database that nobody keeps."""
    given = {
        "DEBUG": "0",
        "SECRET_KEY": "tXq7-only-for-the-checks-" * 3,
        "SITE_URL": "https://scionwood.example.org",
        "VAR_DIR": folder,
        "PYTHONPATH": ".",
    }
    ours = {"DATABASE_URL", "EMAIL_URL", "REDIS_URL", "ENCODER", "ALLOWED_HOSTS"}
    return {k: v for k, v in os.environ.items() if k not in ours} | given


if __name__ == "__main__":
    sys.exit(main())
