"""Who might suit which opening: rows that pages read, with the lines that say why."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from community.members.models import Member, Statement
from community.openings.models import Application, OpeningKind, OpeningLine, OpeningPage


class PlacementSide(models.TextChoices):
    """For whom it was found."""

    PERSON = "person", "an opening for a person"
    OPENING = "opening", "a person for an opening"


class PlacementQuerySet(models.QuerySet["Placement"]):
    """Which of them still hold at this moment; consent, pauses, blocks and closed doors count from the next request."""

    def for_member(self, member: Any) -> "PlacementQuerySet":
        """Openings for somebody who may apply for them now."""
        if not getattr(member, "is_authenticated", False) or not member.is_adult or not member.profile.is_matched:
            return self.none()
        openings = OpeningPage.objects.visible_to(member).open().exclude(author=member)
        applied = Application.objects.of(member).values("opening")
        own = self.filter(side=PlacementSide.PERSON, member=member, opening__in=openings.values("pk"))
        return own.exclude(opening__in=applied)

    def for_poster(self, opening: OpeningPage, poster: Any) -> "PlacementQuerySet":
        """People for an opening of this poster: those whom they see, and who agree to be shown so."""
        if opening.author_id != getattr(poster, "pk", None) or not poster.is_adult:
            return self.none()
        consent = "mentor" if opening.kind == OpeningKind.GUEST_TEACHING else "apprentice"
        people = Member.objects.visible_to(poster).adults().exclude(pk=poster.pk)
        people = people.filter(profile__is_paused=False, profile__is_matched=True)
        people = people.annotate(open_text=Cast("profile__open_to", TextField()))
        people = people.filter(open_text__contains=f'"{consent}"')
        return self.filter(side=PlacementSide.OPENING, opening=opening, member__in=people.values("pk"))


class Placement(models.Model):
    """The machine says: this person and this opening might suit each other. Nobody has asked for anything yet."""

    side = models.CharField(max_length=8, choices=PlacementSide.choices)
    opening = models.ForeignKey(OpeningPage, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(
        default=list, help_text="Pairs of keys, line and statement; the words stand there alone."
    )
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = PlacementQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        ordering: ClassVar[list[str]] = ["-score", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["side", "opening", "member"], name="one_placement_a_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.side}: {self.member_id} and {self.opening_id}"

    @classmethod
    @transaction.atomic
    def replace(cls, old: Q, found: Iterable["Placement"]) -> int:
        """Put these in place of the old ones; whoever left meanwhile is passed over."""
        rows = list(found)
        cls.objects.filter(old).delete()
        members = Member.objects.filter(pk__in={row.member_id for row in rows})
        there = set(members.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        pages = set(OpeningPage.objects.filter(pk__in={row.opening_id for row in rows}).values_list("pk", flat=True))
        return len(cls.objects.bulk_create(r for r in rows if r.member_id in there and r.opening_id in pages))

    @classmethod
    def with_reasons(cls, rows: "Iterable[Placement]", viewer: Any) -> "list[Placement]":
        """Each with the pairs of lines that this viewer may read, in two queries for all of them."""
        shown = list(rows)
        pairs = [pair for row in shown for pair in row.reasons]
        lines = OpeningLine.objects.in_bulk({line for line, _statement in pairs})
        said = Statement.objects.visible_to(viewer).in_bulk({statement for _line, statement in pairs})
        for row in shown:
            row.words = [  # type: ignore[attr-defined]
                {"line": lines[line].text, "statement": said[statement].text}
                for line, statement in row.reasons
                if line in lines and statement in said
            ]
        return shown
