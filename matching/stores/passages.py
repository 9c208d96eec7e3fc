"""The vectors of passages as one file that every process maps into its memory: a copy that can be made again.

In a byte a number, which is enough to find the nearest few; these are then compared by the vectors of their rows.
Unlike the file of people's vectors it is written by the worker, the clock and the commands alone: whoever answers a
question reads the file that is there. A passage that the file does not know yet is found by its words; one that it
still knows but that is gone is passed over, since its row is.
"""

import os
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from matching.models import Passage
from matching.models.vector import microseconds

AT_ONCE = 2000  # rows fetched in one query
BLOCK = 1024  # vectors made whole numbers of again at a time


@dataclass(frozen=True, slots=True)
class Table:
    """All passages of pages that were read by one model, in order of page.

    Attributes:
        pages, keys: `[n]`, the page and the key of each passage.
        vectors: `[n, dim]` int8, mapped from the file; times `scales`, `[n]`, about what was read.
        by_key: `[n]`, the rows in order of their keys.
    """

    pages: np.ndarray
    keys: np.ndarray
    vectors: np.ndarray
    scales: np.ndarray
    by_key: np.ndarray

    def cosines(self, query: np.ndarray) -> np.ndarray:
        """Return about the cosine of each passage with a query, `[n]`, off by less than .01; -1 if they do not fit."""
        found = np.full(len(self.keys), -1.0, np.float32)
        if self.vectors.shape[1] == len(query):
            for start in range(0, len(found), BLOCK):
                found[start : start + BLOCK] = self.vectors[start : start + BLOCK].astype(np.float32) @ query
            found *= self.scales
        return found

    def rows_of(self, keys: np.ndarray) -> np.ndarray:
        """Return the row of each of these passages, `[len(keys)]`; -1 for those that the file does not know."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        places = np.searchsorted(self.keys, keys, sorter=self.by_key)
        rows = self.by_key[np.minimum(places, len(self.keys) - 1)]
        return np.where(self.keys[rows] == keys, rows, -1)


def load(model: str) -> Table | None:
    """The passages in the file, or None where there is none (yet)."""
    path = _path(model)
    try:
        about = path.stat()
    except OSError:
        return None
    return _mapped(path, about.st_ino, about.st_mtime_ns)


@lru_cache(maxsize=2)
def _mapped(path: Path, inode: int, written: int) -> Table | None:
    """A file as it was when it was opened; another one at the same place is another entry."""
    rows = _open(path)
    if rows is None:
        return None
    # Small columns are copied, so that no lookup jumps over the vectors.
    keys = np.array(rows["key"])
    return Table(np.array(rows["page"]), keys, rows["vector"], np.array(rows["scale"]), np.argsort(keys))


def publish(model: str) -> bool:
    """Write the file where it is not of the rows as they are now; what has not changed is taken from the old one."""
    path, stamp = _path(model), Passage.stamp(model)
    old = _open(path)
    if old is not None and _stamp(old) == stamp:
        return False
    _sweep(path)
    if not stamp[0]:
        path.unlink(missing_ok=True)
        return old is not None
    _write(_gather(model, old), path)
    return True


def _gather(model: str, old: np.ndarray | None) -> np.ndarray:
    rows = Passage.objects.filter(model=model, page__isnull=False).order_by("page", "number")
    listed = list(rows.values_list("pk", "page", "saved_at"))
    marked = [] if old is None else zip(old["key"].tolist(), old["saved_at"].tolist(), strict=True)
    at = {mark: place for place, mark in enumerate(marked)}
    marks = [(pk, microseconds(saved_at)) for pk, _page, saved_at in listed]
    missing = [pk for (pk, saved) in marks if (pk, saved) not in at]
    fresh: dict[int, tuple[float, np.ndarray]] = {}
    for start in range(0, len(missing), AT_ONCE):
        some = Passage.objects.filter(pk__in=missing[start : start + AT_ONCE]).values_list("pk", "data")
        fresh |= {pk: _rough(np.frombuffer(data or b"", "<f4")) for pk, data in some}
    width = len(next(iter(fresh.values()))[1]) if fresh else (0 if old is None else old["vector"].shape[1])
    table = np.zeros(len(listed), _row(width))
    for place, (mark, (pk, page, _saved)) in enumerate(zip(marks, listed, strict=True)):
        known = None if pk in fresh or old is None else old[at[mark]]
        scale, vector = fresh.get(pk, (0.0, None)) if known is None else (known["scale"], known["vector"])
        if vector is not None and len(vector) == width:
            table[place] = (page, pk, mark[1], scale, vector)
    return table


def _rough(vector: np.ndarray) -> tuple[float, np.ndarray]:
    scale = float(np.abs(vector).max(initial=0.0)) / 127
    return scale, np.round(vector / (scale or 1.0)).astype(np.int8)


def _write(table: np.ndarray, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, suffix=".part")  # for its owner's eyes only
    try:
        with os.fdopen(number, "wb") as file:
            np.save(file, table)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sweep(kept: Path) -> None:
    """Delete the files of other models, and what a crash left."""
    for path in _folder().glob("*"):
        if path != kept:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "passages"


def _path(model: str) -> Path:
    return _folder() / f"{sha256(model.encode()).hexdigest()[:16]}.npy"


def _row(width: int) -> np.dtype[Any]:
    numbers = [("page", "<i8"), ("key", "<i8"), ("saved_at", "<i8"), ("scale", "<f4")]
    return np.dtype([*numbers, ("vector", "i1", (width,))])


def _stamp(table: np.ndarray) -> tuple[int, int, int]:
    return len(table), int(table["key"].max(initial=0)), int(table["saved_at"].max(initial=0))


def _open(path: Path) -> np.ndarray | None:
    """The file as it is, or None where there is none that can be read, or one of an older shape."""
    try:
        rows: np.ndarray = np.load(path, mmap_mode="r").view(np.ndarray)
    except (OSError, ValueError, EOFError):
        return None
    return rows if rows.dtype.names == _row(0).names else None
