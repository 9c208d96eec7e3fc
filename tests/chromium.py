"""Finds the browser of the browser tests; the address of a browser may be given in CHROMIUM."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
)
HOW_TO_GET_ONE = (
    "The browser tests need Chromium or Chrome, and none was found. Get one (Debian, Ubuntu: sudo apt install "
    "chromium; macOS: brew install --cask google-chrome) or name one: make test CHROMIUM=/path/to/chrome"
)
# No sandbox: in containers and as root Chromium has none to offer. Nothing but our own pages is opened.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--no-first-run", "--no-default-browser-check",
)  # fmt: skip


def find() -> str | None:
    """The path of a browser, or None: first what CHROMIUM names, then the usual names and places."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in (*found, *PLACES) if path and Path(path).exists()), None)


def require() -> str:
    """The path of a browser, or one line on how to get one and exit 1."""
    browser = find()
    if browser is None:
        named = os.environ.get("CHROMIUM")
        sys.exit(f"CHROMIUM={named} is not a program that can be started." if named else HOW_TO_GET_ONE)
    return browser
