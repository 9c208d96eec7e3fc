"""A model folder with the adapter's differences added to its weights, as sentence-transformers reads it."""

import shutil
from pathlib import Path

from .adapter import apply, meta
from .source import PACKAGED_SHA256, WEIGHTS, Source, check_packaged
from .vectors import ModelUnsound


def merge(source: Source, folder: Path) -> None:
    """Write the packaged model with its adapter into an empty folder (90 MB).

    Raises:
        ModelUnsound: the package or the adapter is damaged, or there is nothing to merge.
    """
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    if source.folder is None or source.adapter is None:
        raise ModelUnsound(f"The model {source.name} has no adapter to merge.")
    check_packaged(source.folder)
    meta(source.adapter, PACKAGED_SHA256)
    weights = source.folder / WEIGHTS
    shutil.copytree(
        source.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(WEIGHTS, "data_config.json")
    )
    with safe_open(weights, "numpy") as file:
        about = file.metadata()
    save_file(apply(load_file(weights), source.adapter), folder / WEIGHTS, metadata=about)
