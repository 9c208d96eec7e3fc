"""What the machine knows: one vector for each text that it may read."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
from django.apps import apps
from django.db import models
from django.db.models import Count, Max
from django.utils import timezone

from community.members.models import Profile, Statement
from community.openings.models import OpeningLine


class Vector(models.Model):
    """One text of a member or an opening as the language model reads it: personal data, never leaves the host."""

    profile = models.ForeignKey(Profile, null=True, on_delete=models.CASCADE, related_name="vectors")
    statement = models.ForeignKey(Statement, null=True, on_delete=models.CASCADE, related_name="vectors")
    line = models.ForeignKey(OpeningLine, null=True, on_delete=models.CASCADE, related_name="vectors")
    key = models.CharField(max_length=40, unique=True, help_text="Which text of whom; see matching.roster.texts_of.")
    model = models.CharField(max_length=120)
    text_hash = models.CharField(max_length=64)
    data = models.BinaryField(help_text="float32, little-endian, of length 1.")
    saved_at = models.DateTimeField(default=timezone.now, db_index=True, help_text="What copies are compared with.")

    def __str__(self) -> str:
        return self.key

    @classmethod
    def keep(cls, rows: Sequence[Self]) -> None:
        """Store vectors; a row whose key is known takes the place of the old one."""
        cls.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["profile", "statement", "line", "model", "text_hash", "data", "saved_at"],
        )

    @classmethod
    def read(cls, model: str, profiles: Collection[int] | None = None) -> dict[str, np.ndarray]:
        """The numbers of one model by key, of these profiles or of everybody."""
        rows = cls.objects.filter(model=model)
        if profiles is not None:
            rows = rows.filter(profile__in=profiles)
        return {key: np.frombuffer(data, "<f4") for key, data in rows.values_list("key", "data")}

    @classmethod
    def known(cls, profiles: Collection[int] | None = None) -> dict[str, tuple[str, str]]:
        """Which model and text hash each vector has, by key."""
        rows = cls.objects.all() if profiles is None else cls.objects.filter(profile__in=profiles)
        return {key: (model, text_hash) for key, model, text_hash in rows.values_list("key", "model", "text_hash")}

    @classmethod
    def drop(cls, keys: Collection[str]) -> int:
        """Forget these vectors; returns how many there were."""
        found = list(keys)
        return sum(
            cls.objects.filter(key__in=found[start : start + 500]).delete()[0] for start in range(0, len(found), 500)
        )

    @classmethod
    def stamp(cls, model: str) -> tuple[int, int, int]:
        """Three numbers that change with every vector of a model that comes, changes or goes."""
        found = cls.objects.filter(model=model).aggregate(Count("pk"), Max("pk"), Max("saved_at"))
        newest = found["saved_at__max"]
        return found["pk__count"], found["pk__max"] or 0, microseconds(newest) if newest else 0

    @classmethod
    def forget(cls, profile_id: int) -> None:
        """Drop every vector of this person."""
        cls.objects.filter(profile=profile_id).delete()

    @classmethod
    def heal(cls) -> int:
        """Queue what a lost task missed; the app knows how, since that stands above the rows."""
        return int(apps.get_app_config("matching").heal())  # type: ignore[attr-defined]


def microseconds(moment: datetime) -> int:
    """A moment as a whole number, exact to the last digit that the database keeps."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
