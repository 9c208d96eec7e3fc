"""Vectors as rows of any database, compared in this process: exact, and fast enough for one community.

The rows are the truth. Beside them lies one file a model in VAR_DIR/vectors, which every process maps into its
memory: so the numbers leave the database once, and are held once. A file says of itself which rows it was made of;
as soon as the rows are others it is made anew, from the old file and what changed. It takes the old one's place, so
that no older version is left, and a file that cannot be written is done without.
"""

import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from matching.models import Vector
from matching.models.vector import microseconds

Key = str
Found = list[tuple[Key, float]]

AT_ONCE = 500  # rows fetched in one query
BLOCK = 8192  # vectors compared at a time

save = Vector.keep
known = Vector.known
drop = Vector.drop


def load(model: str, profiles: Collection[int] | None = None) -> Mapping[Key, np.ndarray]:
    """Return vectors of one model by key, float32 `[dim]` each; of these profiles, or of everybody."""
    if profiles is not None:
        return Vector.read(model, profiles)
    table = _table(model)
    if table is None:
        return Vector.read(model)
    return dict(zip(_keys(table), table["vector"], strict=True))


def search(model: str, queries: np.ndarray, k: int, allowed: Collection[Key] | None = None) -> list[Found]:
    """Return for each query the k vectors of a model with the highest cosine: key and cosine, best first.

    Args:
        queries: `[m, dim]` float32, each of length 1.
        allowed: keys among which is searched; None = all. Equal cosines go by key.
    """
    table = _table(model)
    keys, vectors = (
        (_keys(table), table["vector"]) if table is not None else _sorted(Vector.read(model), queries.shape[1])
    )
    rows = np.arange(len(keys))
    if allowed is not None:
        wanted = set(allowed)
        rows = np.array([row for row, key in enumerate(keys) if key in wanted], np.intp)
    blocks = [vectors[rows[start : start + BLOCK]] @ queries.T for start in range(0, len(rows), BLOCK)]
    scores = np.concatenate([np.zeros((0, len(queries)), np.float32), *blocks])
    return [_best(keys, rows, column, k) for column in scores.T]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the vectors of some keys lie, so that a few of them can be looked at without reading all.

    Attributes:
        found: `[keys]`, whether there is such a vector.
        rows: `[keys]`, its row in `vectors`; of a key that is not there, any.
    """

    found: np.ndarray
    rows: np.ndarray
    vectors: np.ndarray

    def cosines(self, query: np.ndarray) -> np.ndarray:
        """Return the cosine of one query, `[dim]`, with each of them, `[keys]`; -1 where there is none."""
        scores = np.full(len(self.found), -1.0, np.float32)
        if self.found.any() and self.vectors.shape[1] == len(query):
            scores[self.found] = self.vectors[self.rows[self.found]] @ query
        return scores

    def vector(self, place: int) -> np.ndarray | None:
        """Return the vector of one key."""
        return np.array(self.vectors[self.rows[place]]) if self.found[place] else None


def places(model: str, keys: Sequence[Key]) -> Places:
    """Return where the vectors of these keys lie."""
    table = _table(model)
    if table is None:
        there, vectors = _sorted(Vector.read(model), 0)
        known = np.array([key.encode() for key in there], "S40")
    else:
        known, vectors = table["key"], table["vector"]
    wanted = np.array([key.encode() for key in keys], "S40")
    rows = np.searchsorted(known, wanted)
    rows[rows == len(known)] = 0
    return Places(known[rows] == wanted if len(known) else np.zeros(len(wanted), bool), rows, vectors)


def sweep() -> int:
    """Delete every file that holds anything else than the rows do now; returns how many there were."""
    current = set()
    for model in Vector.objects.order_by().values_list("model", flat=True).distinct():
        table = _open(_path(model))
        if table is not None and _stamp(table) == Vector.stamp(model):
            current.add(_path(model))
    stale = [path for path in _folder().glob("*") if path not in current]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _best(keys: Sequence[Key], rows: np.ndarray, scores: np.ndarray, k: int) -> Found:
    some = np.arange(len(scores))
    if 0 < k < len(scores):
        some = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
    # Keys lie in order, and a stable sort leaves equals in theirs.
    first = some[np.argsort(-scores[some], kind="stable")][: max(0, k)]
    return [(keys[rows[place]], float(scores[place])) for place in first]


def _sorted(vectors: Mapping[Key, np.ndarray], width: int) -> tuple[list[Key], np.ndarray]:
    keys = sorted(vectors)
    return keys, np.array([vectors[key] for key in keys], np.float32).reshape(-1, width)


# --- The file ---------------------------------------------------------------------------------------------------


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "vectors"


def _path(model: str) -> Path:
    return _folder() / f"{sha256(model.encode()).hexdigest()[:16]}.npy"


def _row(width: int) -> np.dtype[Any]:
    return np.dtype([("key", "S40"), ("pk", "<i8"), ("saved_at", "<i8"), ("vector", "<f4", (width,))])


def _keys(table: np.ndarray) -> list[Key]:
    return [key.decode() for key in table["key"].tolist()]


def _stamp(table: np.ndarray) -> tuple[int, int, int]:
    return len(table), int(table["pk"].max(initial=0)), int(table["saved_at"].max(initial=0))


def _open(path: Path) -> np.ndarray | None:
    """The rows of a file, mapped into memory; None where there is none, or one that cannot be read."""
    try:
        return np.load(path, mmap_mode="r").view(np.ndarray)  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError):
        return None


def _table(model: str) -> np.ndarray | None:
    """Everybody's vectors of one model, sorted by key; None where they cannot lie in one table, or in no file."""
    old = _open(_path(model))
    if old is not None and _stamp(old) == Vector.stamp(model):
        return old
    rows = _gather(model, old)
    if rows is None or not len(rows):
        return rows
    try:
        _publish(rows, _path(model))
    except OSError:
        return rows  # a full disk costs speed, not suggestions
    return _open(_path(model))


def _gather(model: str, old: np.ndarray | None) -> np.ndarray | None:
    """The rows as they are now: what the old file has of them from there, the rest from the database."""
    at = {} if old is None else {key: place for place, key in enumerate(_keys(old))}
    kept: dict[Key, int] = {}
    missing: list[int] = []
    rows = Vector.objects.filter(model=model).order_by("pk")
    for pk, key, saved_at in rows.values_list("pk", "key", "saved_at"):
        place = at.get(key)
        if old is not None and place is not None and old["pk"][place] == pk \
                and old["saved_at"][place] == microseconds(saved_at):  # fmt: skip
            kept[key] = place
        else:
            missing.append(pk)
    fresh = [
        (key.encode(), pk, microseconds(saved_at), np.frombuffer(data, "<f4"))
        for start in range(0, len(missing), AT_ONCE)
        for key, pk, saved_at, data in rows.filter(pk__in=missing[start : start + AT_ONCE]).values_list(
            "key", "pk", "saved_at", "data"
        )
    ]
    widths = {len(row[3]) for row in fresh} | ({old["vector"].shape[1]} if old is not None and kept else set())
    if len(widths) > 1:
        return None
    table = np.zeros(len(kept) + len(fresh), _row(*widths or (0,)))
    if old is not None and kept:
        table[: len(kept)] = old[list(kept.values())]
    for place, row in enumerate(fresh, len(kept)):
        table[place] = row
    return table[np.argsort(table["key"], kind="stable")]


def _publish(table: np.ndarray, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, suffix=".part")  # for its owner's eyes only
    try:
        with os.fdopen(number, "wb") as file:
            np.save(file, table)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
