"""Vectors compared by PostgreSQL with pgvector: exact, for communities whose vectors one process should not hold.

The rows are the same; a column that Django does not know holds a copy of the numbers in pgvector's own type, made by
the migration where the extension is to be had. Searches read every row that is allowed: no approximate index, since
those lose matches under hard filters.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from django.db import connection, transaction

from matching.models import Vector

Key = str
Found = list[tuple[Key, float]]

known = Vector.known
drop = Vector.drop


def is_available() -> bool:
    """Whether this database can search vectors."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_attribute WHERE attrelid = 'matching_vector'::regclass AND attname = 'embedding'"
        )
        return cursor.fetchone() is not None


def save(rows: Sequence[Vector]) -> None:
    """Store vectors; a row whose key is known takes the place of the old one."""
    with transaction.atomic():
        Vector.keep(rows)
        for model in sorted({row.model for row in rows}):
            _copy(model)


def load(model: str, profiles: Collection[int] | None = None) -> Mapping[Key, np.ndarray]:
    """Return vectors of one model by key, float32 `[dim]` each; of these profiles, or of everybody."""
    return Vector.read(model, profiles)


def search(model: str, queries: np.ndarray, k: int, allowed: Collection[Key] | None = None) -> list[Found]:
    """Return for each query the k vectors of a model with the highest cosine: key and cosine, best first.

    Args:
        queries: `[m, dim]` float32, each of length 1.
        allowed: keys among which is searched; None = all. Equal cosines go by key.
    """
    _copy(model)
    among = "" if allowed is None else "AND key = ANY(%s)"
    found: list[Found] = []
    with connection.cursor() as cursor:
        for query in queries:
            vector = _written(query)
            cursor.execute(
                f"SELECT key, -(embedding <#> %s::vector) FROM matching_vector WHERE model = %s {among} "  # noqa: S608
                'ORDER BY embedding <#> %s::vector, key COLLATE "C" LIMIT %s',
                [vector, model, *([] if allowed is None else [list(allowed)]), vector, max(0, k)],
            )
            found.append([(key, float(cosine)) for key, cosine in cursor.fetchall()])
    return found


def _copy(model: str) -> None:
    """Bring the copies up to date with what any store saved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, data, saved_at FROM matching_vector WHERE model = %s AND copied_at IS DISTINCT FROM saved_at",
            [model],
        )
        rows = [(_written(np.frombuffer(data, "<f4")), saved_at, pk) for pk, data, saved_at in cursor.fetchall()]
        if rows:
            cursor.executemany("UPDATE matching_vector SET embedding = %s::vector, copied_at = %s WHERE id = %s", rows)


def _written(vector: np.ndarray) -> str:
    return "[" + ",".join(map(repr, np.asarray(vector, float).tolist())) + "]"
