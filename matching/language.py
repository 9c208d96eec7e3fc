"""The community's language model: whole in the worker and the commands, small in a web process."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from matching.engine.encode import ONNX, Encoder, ModelUnsound, Prepared, find

__all__ = ["ModelUnsound", "encoder", "models", "prepare", "query_encoder", "ready"]

MOST_THREADS = 4  # more cores than this gain little on texts as short as ours


def models() -> Path:
    """Where models are made ready for this machine."""
    return Path(settings.VAR_DIR) / "models"


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """For worker and commands; nothing is loaded before the first text."""
    return Encoder(settings.ENCODER, models=models(), threads=min(MOST_THREADS, os.cpu_count() or 1))


@lru_cache(maxsize=1)
def query_encoder() -> Encoder:
    """For a question that somebody typed, in a web process: never loads torch, and makes nothing ready itself.

    Until `prepare` or the worker has made the model ready, and for models that only sentence-transformers can run,
    encoding raises ModelUnsound: the question is then answered by its words.
    """
    return Encoder(settings.ENCODER, models=models(), runtime=ONNX, can_build=False)


def ready() -> Prepared | None:
    """The model as it was made ready, or None where that has not been done yet."""
    return find(encoder().source, models())


def prepare(tell: Callable[[str], None]) -> None:
    """Make the model ready where it is not.

    Raises:
        ModelUnsound: it is damaged, or there is no room for it.
    """
    encoder().prepare(tell)
