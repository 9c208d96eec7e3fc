"""sentence-transformers: the reference that every other runtime must agree with, and the loader of other models."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..people import Matrix
from .merge import merge
from .source import PACKAGE, Source, check_packaged
from .vectors import ModelUnsound

BATCH = 32
"""Texts encoded at once; they come sorted by length, so a batch wastes little padding."""


class Reference:
    """A sentence-transformers model, loaded when this is made (seconds, 500 MB).

    Args:
        source: which model.
        folder: where it lies merged with its adapter already; None merges it once more, for this process.
        batch: texts encoded at once (≥ 1).

    Raises:
        ModelUnsound: it cannot be loaded, or is not the expected one.
    """

    about = "sentence-transformers"

    def __init__(self, source: Source, folder: Path | None = None, *, batch: int = BATCH) -> None:
        with _merged(source, folder) as place:
            self.model = load(place, source)
        self.batch = batch

    def read(self, texts: Sequence[str]) -> Matrix:
        """See `Runtime`."""
        found = self.model.encode(
            list(texts),
            batch_size=self.batch,
            convert_to_numpy=True,
            normalize_embeddings=False,
            show_progress_bar=False,
        )
        return np.asarray(found, np.float32)


@contextmanager
def _merged(source: Source, folder: Path | None) -> Iterator[Path | None]:
    """Where to read the model from; None is the hub."""
    if folder is not None or source.adapter is None:
        if folder is None and not source.choice:
            check_packaged(source.folder or Path())
        yield folder or source.folder
        return
    with tempfile.TemporaryDirectory(prefix="scionwood-model-") as place:
        merge(source, Path(place))
        yield Path(place)


def load(folder: Path | None, source: Source) -> Any:
    """Return the SentenceTransformer of a folder; without one that of the hub name that was chosen.

    Raises:
        ModelUnsound: it could not be loaded; the message says why.
    """
    if folder is not None:
        # Set before the first import: huggingface_hub reads them once.
        os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # Loading takes a second: a progress bar in every log helps nobody.
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        return SentenceTransformer(str(folder or source.choice), device="cpu", local_files_only=folder is not None)
    except Exception as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise ModelUnsound(
            f"The language model {source.choice or PACKAGE} could not be loaded ({why}). "
            "Install the locked requirements again, or let ENCODER name a sentence-transformers folder."
        ) from error
