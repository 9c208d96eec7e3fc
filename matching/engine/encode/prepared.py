"""A model made ready for this machine: merged, exported and compared with the reference once, then only opened.

It lies in a folder of its name. A note in it says what it was made with, what its files hash to, and which runtimes
agree with the reference. Making it needs torch; that happens in a process of its own, so the caller stays small.
"""

import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .source import Source, sha256
from .vectors import ModelUnsound

NOTE = "prepared.json"
"""Written last: a folder without it is not ready."""

FORM = 1
"""Changes when what is written changes, so that older folders are made again."""

NEEDED = ("onnx", "onnxruntime", "openvino", "sentence-transformers", "tokenizers", "torch", "transformers")
"""The packages whose versions may change the vectors."""

ROOT = Path(__file__).resolve().parents[3]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """The folder of a prepared model and what its note says.

    Attributes:
        folder: a sentence-transformers folder where an adapter was merged, with the exported graph in it.
        files: the SHA-256 of each file that matters.
        made_with: the versions of the packages that made it.
        max_tokens: where a text is cut.
        runtimes: why a runtime must not be used; empty where its vectors agree with the reference.
    """

    folder: Path
    files: dict[str, str]
    made_with: dict[str, str]
    max_tokens: int
    runtimes: dict[str, str]

    def check(self) -> None:
        """Make sure that the files are as they were written (a tenth of a second).

        Raises:
            ModelUnsound: one is missing or changed.
        """
        for name, expected in self.files.items():
            file = self.folder / name
            if not file.is_file() or sha256(file) != expected:
                raise ModelUnsound(f"{file} is damaged: run `python manage.py prepare`, which makes it again.")

    def is_current(self) -> bool:
        """Whether nothing has changed since it was made."""
        try:
            self.check()
        except ModelUnsound:
            return False
        return self.made_with == versions()


def find(source: Source, models: Path) -> Prepared | None:
    """Return the prepared model of this source, or None where there is none that we understand."""
    folder = models / source.name
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        if note["form"] != FORM:
            return None
        return Prepared(folder, note["files"], note["made_with"], int(note["max_tokens"]), note["runtimes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ensure(source: Source, models: Path, tell: Tell | None = None) -> Prepared:
    """Return the prepared model, made now (ten seconds) where it is missing, damaged or outdated.

    Raises:
        ModelUnsound: it could not be made; the message says why.
    """
    found = find(source, models)
    if found and found.is_current():
        return found
    if tell:
        tell(f"The language model {source.name} is made ready for this machine, once; it takes some ten seconds")
    choice = str(source.folder.resolve()) if source.choice and source.folder else source.choice
    arguments = [choice, str(source.difference.resolve()), str(models.resolve())]
    command = [sys.executable, "-m", f"{__package__}.build", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    found = find(source, models)
    if done.returncode or found is None:
        raise ModelUnsound(
            _last_line(done.stderr) or f"The language model could not be made ready ({done.returncode})."
        )
    return found


def versions() -> dict[str, str]:
    """Return the installed version of each package in `NEEDED`; empty where it is not installed."""
    return dict(zip(NEEDED, _versions(NEEDED), strict=True))


def _versions(packages: Iterable[str]) -> Iterable[str]:
    for package in packages:
        try:
            yield importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
