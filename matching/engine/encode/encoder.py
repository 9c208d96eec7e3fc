"""The encoder that the product uses: it picks the quickest runtime whose vectors are those of the reference."""

import logging
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from ..lexicon import gloss
from ..people import Matrix
from .adapter import ADAPTER
from .prepared import Prepared, Tell, ensure, find
from .reference import Reference
from .runtimes import Graph, OnnxRuntime, OpenVino
from .source import WEIGHTS, Source
from .vectors import ModelUnsound, Runtime, encode_with

REFERENCE, OPENVINO, ONNX = "sentence-transformers", "openvino", "onnxruntime"
"""The names of the runtimes."""

QUICK: dict[str, Callable[[Path, int, int], Graph]] = {OPENVINO: OpenVino, ONNX: OnnxRuntime}
"""Those that read a prepared folder, the quickest first."""

_log = logging.getLogger(__name__)


class Encoder:
    """A language model, loaded on first use and never before.

    Args:
        choice: empty for the packaged default; a folder with a sentence-transformers model; or a hub name.
        models: the folder in which models are made ready; None uses sentence-transformers alone.
        runtime: `REFERENCE`, `OPENVINO` or `ONNX`; empty takes the quickest that agrees with the reference.
        can_build: whether a model that is not ready may be made ready now; else that is an error.
        threads: processor cores that may be used at once (≥ 1).
        adapter: the difference that is added to the packaged default.

    Raises:
        ModelUnsound: there is no runtime of that name.
    """

    def __init__(
        self,
        choice: str = "",
        *,
        models: Path | None = None,
        runtime: str = "",
        can_build: bool = True,
        threads: int = 1,
        adapter: Path = ADAPTER,
    ) -> None:
        if runtime not in ("", REFERENCE, *QUICK):
            raise ModelUnsound(f"There is no runtime {runtime!r}: choose from {', '.join([REFERENCE, *QUICK])}.")
        self.source = Source(choice.strip(), adapter)
        self.models, self.runtime, self.can_build, self.threads = models, runtime, can_build, threads

    @property
    def name(self) -> str:
        """The model's name as stored with vectors, known without loading it; see `Source.name`.

        Raises:
            ModelUnsound: the package or the chosen folder is missing.
        """
        return self.source.name

    @property
    def about(self) -> str:
        """What runs the model, and in which precision. Loads the model."""
        return self._running.about

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
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        # The packaged model reads English: what is foreign and known to the table of words is read to it in English.
        return encode_with(self._running.read, texts if self.source.choice else [gloss(text) for text in texts])

    def prepare(self, tell: Tell | None = None) -> None:
        """Make the model ready where it is not; what this cannot be done with is left to the reference.

        Raises:
            ModelUnsound: the model or its adapter is damaged, or there is no room.
        """
        if self.models and self.source.folder:
            ensure(self.source, self.models, tell)

    @cached_property
    def _running(self) -> Runtime:
        if self.runtime == REFERENCE or not self.models or not self.source.folder:
            if self.runtime in QUICK:
                raise ModelUnsound(f"The model {self.name} cannot be run by {self.runtime}: it has no prepared folder.")
            return Reference(self.source)
        ready = self._ready(self.models)
        for name in [self.runtime] if self.runtime else QUICK:
            try:
                return self._open(name, ready)
            except ModelUnsound as error:
                if self.runtime:
                    raise
                _log.warning("The language model is not run by %s: %s", name, error)
        return Reference(self.source, ready.folder if (ready.folder / WEIGHTS).is_file() else None)

    def _ready(self, models: Path) -> Prepared:
        if self.can_build:
            return ensure(self.source, models)
        found = find(self.source, models)
        if found is None:
            raise ModelUnsound(f"The language model {self.name} is not made ready: run `python manage.py prepare`.")
        found.check()
        return found

    def _open(self, name: str, ready: Prepared) -> Graph:
        if why := ready.runtimes.get(name, "it was not tried"):
            raise ModelUnsound(why)
        return QUICK[name](ready.folder, ready.max_tokens, self.threads)
