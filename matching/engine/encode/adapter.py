"""The small difference that fits the packaged model to skills and trades: `matching/engine/weights/encoder.npz`.

Low-rank differences (Hu et al., "LoRA", ICLR 2022), both factors stored as int8 with one scale a column, so that a
few megabytes hold them. The file is plain numpy, is never unpickled, and carries its own provenance.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .vectors import ModelUnsound

ADAPTER = Path(__file__).parent.parent / "weights" / "encoder.npz"
"""The difference that is shipped; where it is absent, the packaged model is used as it is."""

META = "meta"
"""The entry that says in JSON what this is; `base_sha256` names the weights that it was trained on."""

Weights = dict[str, npt.NDArray[Any]]
"""Parameters by their name in the model's own file, as `model.safetensors` holds them."""


def apply(weights: Mapping[str, npt.NDArray[Any]], file: Path) -> Weights:
    """Return the weights with the differences of the file added, in float32; the other entries are the same objects.

    For a matrix NAME `[out, in]` the difference is `(a * sa) @ (b * sb[:, None])` with int8 `NAME|a` `[out, r]` and
    `NAME|b` `[r, in]` and float32 `NAME|sa`, `NAME|sb` `[r]`; for a vector NAME it is float16 `NAME|d`.

    Raises:
        ModelUnsound: the file is damaged, has an unknown entry, a wrong shape or type, or a number that is not finite.
    """
    parts = read(file)
    changed = dict(weights)
    for name, difference in _differences(parts, file):
        if name not in weights or weights[name].shape != difference.shape:
            raise _unsound(file, f"{name} {list(difference.shape)} does not fit the packaged model")
        if not np.all(np.isfinite(difference)):
            raise _unsound(file, f"{name} holds numbers that are not finite")
        changed[name] = np.asarray(weights[name], np.float32) + difference
    return changed


def meta(file: Path, base: str) -> dict[str, Any]:
    """Return what the file says of itself.

    Args:
        file: the difference.
        base: SHA-256 of the weights that it is to be added to.

    Raises:
        ModelUnsound: the file is damaged, says nothing, or was made for other weights.
    """
    try:
        found = json.loads(str(read(file)[META]))
        made_for = found["base_sha256"]
    except (KeyError, TypeError, ValueError) as error:
        raise _unsound(file, f"its entry {META!r} has no JSON that names base_sha256") from error
    if made_for != base:
        raise _unsound(file, f"it was made for weights {str(made_for)[:12]}…, not for {base[:12]}…")
    return dict(found)


def read(file: Path) -> Weights:
    """Return all entries of the file.

    Raises:
        ModelUnsound: it cannot be read, or holds Python objects.
    """
    try:
        with np.load(file, allow_pickle=False) as entries:
            return {name: entries[name] for name in entries.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise _unsound(file, "it is damaged or no .npz file") from error


def _differences(parts: Weights, file: Path) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    """Each adapted parameter and what is added to it; every entry of the file must be used."""
    names = {key.rpartition("|")[0] for key in parts if key != META}
    for name in sorted(names):
        mine = {key.rpartition("|")[2]: part for key, part in parts.items() if key.rpartition("|")[0] == name}
        if set(mine) == {"d"} and mine["d"].ndim == 1 and mine["d"].dtype == np.float16:
            yield name, mine["d"].astype(np.float32)
        elif set(mine) == {"a", "b", "sa", "sb"} and _fit(mine):
            yield name, (mine["a"] * mine["sa"]) @ (mine["b"] * mine["sb"][:, None])
        else:
            raise _unsound(file, f"the entries of {name or 'no parameter'} have a wrong name, type or width")


def _fit(mine: Weights) -> bool:
    """Whether the four parts are int8 and float32 and of one rank."""
    types = mine["a"].dtype == mine["b"].dtype == np.int8 and mine["sa"].dtype == mine["sb"].dtype == np.float32
    if not types or mine["a"].ndim != 2 or mine["b"].ndim != 2:
        return False
    rank = mine["a"].shape[1]
    return mine["b"].shape[0] == rank and mine["sa"].shape == mine["sb"].shape == (rank,)


def _unsound(file: Path, why: str) -> ModelUnsound:
    return ModelUnsound(
        f"The adapter {file} cannot be used: {why}. Fetch the file again, or train it with train_encoder."
    )
