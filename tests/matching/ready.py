"""The packaged model, made ready once for a whole run of the tests: it takes ten seconds."""

import os
from functools import lru_cache
from pathlib import Path

from matching.engine.encode import Encoder


@lru_cache(maxsize=1)
def models() -> Path:
    """The folder in which it lies; parallel runs share it, and the first one makes it."""
    folder = Path(os.environ["SCIONWOOD_TEST_DIR"]) / "models"
    Encoder(models=folder).prepare()
    return folder
