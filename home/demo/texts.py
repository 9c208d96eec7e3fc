"""Reads the texts of the demo community."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.html import escape

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> dict[str, Any]:
    """One file of texts, for example `read("valley")`."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def stories() -> tuple[dict[str, Any], ...]:
    """All stories, in the order of their file names."""
    return tuple(read(f"stories/{file.stem}") for file in sorted((FOLDER / "stories").glob("*.toml")))


def as_html(text: str) -> str:
    """Paragraphs as rich text: an empty line parts them, two stars make words strong."""
    strong = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text.strip()), flags=re.S)
    return "".join(f"<p>{' '.join(part.split())}</p>" for part in re.split(r"\n\s*\n", strong) if part.strip())
