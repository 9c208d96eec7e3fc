"""Writes the two lock files again: `make lock`, after a change in pyproject.toml or to take newer versions.

Every file of every package is named by its hash, for all systems at once. torch is left out (tool.uv in
pyproject.toml says how): `config/environment.py` installs it first, by its own line. UPGRADE=1 takes the newest
versions that pyproject.toml allows; without it what is locked stays, unless it no longer fits.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}


def main() -> int:
    """Install the resolver, then resolve for the tests first and for the site from what came out."""
    pip = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "uv"]
    if subprocess.run(pip).returncode:
        print("pip could not install uv, which resolves the locks. Check the network.", file=sys.stderr)
        return 1
    newest = ["--upgrade"] if os.environ.get("UPGRADE") == "1" else []
    return compile_lock("requirements-dev.lock", "--group", "dev", *newest) or compile_lock(
        "requirements.lock", "--constraint", "requirements-dev.lock"
    )


def compile_lock(lock: str, *options: str) -> int:
    """One lock file; the site's may hold nothing that the tests do not run on."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--group", "torch-needs"]
    settings = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--quiet"]
    return subprocess.run(
        [*command, *settings, *options, "--output-file", lock], cwd=ROOT, env={**os.environ, **HEADER}
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
