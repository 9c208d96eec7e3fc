"""What Ask can find: the sentences of pages, and what people offer, as words and as vectors."""

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np
from django.db import connection, models
from django.db.models import Count, Max, Q
from django.utils import timezone

from community.members.models import Statement
from matching.models.vector import microseconds

LONGEST_TOKEN = 40


class Passage(models.Model):
    """A few sentences of a page, or one offer of a person, that may answer somebody's question."""

    page = models.ForeignKey("wagtailcore.Page", null=True, on_delete=models.CASCADE, related_name="+")
    statement = models.OneToOneField(Statement, null=True, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField(default=0, help_text="Its place in the page; 0 is the title.")
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    tokens = models.TextField(help_text="What words are looked up by; see matching.models.passage.token.")
    model = models.CharField(max_length=120, blank=True, help_text="Empty: not read by a model.")
    data = models.BinaryField(null=True, help_text="float32, little-endian, of length 1.")
    parts = models.BinaryField(null=True, help_text="Of several sentences: int8, 127 times the vector of each.")
    saved_at = models.DateTimeField(default=timezone.now, help_text="What copies are compared with.")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "number"], name="one_passage_a_place"),
            models.CheckConstraint(
                condition=Q(page=None) ^ Q(statement=None), name="passage_of_a_page_or_of_a_person"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.page_id or self.statement_id}.{self.number}"

    # Mutators

    @classmethod
    def replace_page(cls, page_id: int, rows: Sequence[Self]) -> None:
        """Make these the passages of a page; those that are the same stay as they are."""
        known = {row.number: row for row in cls.objects.filter(page=page_id)}
        fresh = [row for row in rows if row.number not in known]
        for row in rows:
            if old := known.get(row.number):
                row.pk = old.pk
                row.save(force_update=True)
        cls.objects.bulk_create(fresh)
        numbers = [row.number for row in rows]
        cls.objects.filter(page=page_id).exclude(number__in=numbers).delete()

    # Queries

    @classmethod
    def holding(cls, wanted: Sequence["Words"]) -> dict[int, np.ndarray]:
        """The keys of all passages that hold the tokens of each item, by its place in the list; one query for all.

        Only keys come back, never an order: an order by rarity would tell of pages that somebody may not see.
        """
        asked = [(place, words) for place, words in enumerate(wanted) if words]
        if not asked:
            return {}
        rows = (_in_postgresql if connection.vendor == "postgresql" else _in_sqlite)(asked)
        return {place: np.array(keys.split(","), np.int64) for place, keys in rows if keys}

    @classmethod
    def stamp(cls, model: str) -> tuple[int, int, int]:
        """Three numbers that change with every vector of a model that comes, changes or goes."""
        found = cls.objects.filter(model=model, page__isnull=False).aggregate(Count("pk"), Max("pk"), Max("saved_at"))
        newest = found["saved_at__max"]
        return found["pk__count"], found["pk__max"] or 0, microseconds(newest) if newest else 0

    @staticmethod
    def sentences(parts: bytes, width: int) -> np.ndarray:
        """About the vector of each sentence, `[sentences, width]`, as `parts` holds them."""
        return np.frombuffer(parts, np.int8).reshape(-1, width).astype(np.float32) / 127

    @property
    def vector(self) -> np.ndarray | None:
        """The vector of the whole passage, `[dim]`."""
        return None if self.data is None else np.frombuffer(self.data, "<f4")


# --- Words ------------------------------------------------------------------------------------------------------

Words = Sequence[Sequence[str]]
"""What to look for: any of these groups, of each all tokens. A token that ends in * stands for all that begin so."""
Asked = Sequence[tuple[int, Words]]


def token(mark: str, word: str) -> str:
    """A word as both databases keep it: plain small letters and digits behind a mark, whatever was typed.

    So no operator, quote or control character of a search language is ever passed on.
    """
    plain = word if word.isascii() and word.isalnum() else f"0{word.encode('utf-8', 'surrogatepass').hex()}"
    return f"{mark}{plain.lower()}"[:LONGEST_TOKEN]


def _in_sqlite(asked: Asked) -> list[tuple[int, str]]:
    one = "SELECT %s, group_concat(rowid) FROM matching_passage_words WHERE matching_passage_words MATCH %s"
    return _rows(one, [(place, _written(words, " AND ", " OR ", '"{}"', '"{}"*')) for place, words in asked])


def _in_postgresql(asked: Asked) -> list[tuple[int, str]]:
    one = (
        "SELECT %s::int, string_agg(id::text, ',') FROM matching_passage "
        "WHERE to_tsvector('simple'::regconfig, tokens) @@ to_tsquery('simple'::regconfig, %s)"
    )
    return _rows(one, [(place, _written(words, " & ", " | ", "{}", "{}:*")) for place, words in asked])


def _rows(one: str, written: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(written)), [value for pair in written for value in pair])
        return cursor.fetchall()


def _written(words: Words, both: str, either: str, whole: str, begun: str) -> str:
    groups = [
        both.join((begun if each.endswith("*") else whole).format(each.rstrip("*")) for each in group)
        for group in words
    ]
    return either.join(f"({group})" for group in groups)
