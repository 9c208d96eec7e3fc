"""Vectors as rows of any database, compared in-process: exact, and fast enough for one community."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from matching.models import Vector

Key = str


def save(rows: Sequence[Vector]) -> None:
    """Store vectors; a row whose key is known takes the place of the old one."""
    Vector.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["profile", "statement", "line", "model", "text_hash", "data"],
    )


def load(model: str, profiles: Collection[int] | None = None) -> Mapping[Key, np.ndarray]:
    """Return vectors of one model by key, float32 `[dim]` each; of these profiles, or of everybody."""
    rows = Vector.objects.filter(model=model)
    if profiles is not None:
        rows = rows.filter(profile__in=profiles)
    return {key: np.frombuffer(data, "<f4") for key, data in rows.values_list("key", "data")}


def known(profiles: Collection[int] | None = None) -> dict[Key, tuple[str, str]]:
    """Return which model and text hash each stored vector has, by key."""
    rows = Vector.objects.all() if profiles is None else Vector.objects.filter(profile__in=profiles)
    return {key: (model, text_hash) for key, model, text_hash in rows.values_list("key", "model", "text_hash")}


def drop(keys: Collection[Key]) -> int:
    """Forget these vectors; returns how many there were."""
    found = list(keys)
    return sum(
        Vector.objects.filter(key__in=found[start : start + 500]).delete()[0] for start in range(0, len(found), 500)
    )
