"""People whom the machine found to want the same, for a steward to look at."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from community.members.models import Block, Member, Profile, Statement, Visibility
from community.notices.models import Notice, NoticeKind
from matching.engine.clusters import CONSENTS, SAID_BY
from matching.engine.text import surface


class FoundCircleQuerySet(models.QuerySet["FoundCircle"]):
    """Which of them somebody may see."""

    def visible_to(self, member: Any) -> "FoundCircleQuerySet":
        """A steward all; a member those to which they would belong, once a steward has told them.

        Whoever has closed themselves since is in none; one with fewer than three left is nothing any more.
        """
        if not getattr(member, "is_authenticated", False) or not member.is_adult:
            return self.none()
        real = FoundMember.objects.real().filter(circle=OuterRef("pk"))
        number = real.order_by().values("circle").annotate(number=Count("pk")).values("number")
        whole = self.annotate(people=models.Subquery(number)).filter(people__gte=FoundCircle.SMALLEST)
        if member.is_steward:
            return whole
        return whole.filter(Exists(real.filter(member=member))).exclude(told_at=None)


class FoundCircle(models.Model):
    """A few people who offer and look for the same things, and the words that say what."""

    words = models.JSONField(default=list)
    found_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = FoundCircleQuerySet.as_manager()
    SMALLEST: ClassVar[int] = 3
    people: int = 0
    said: tuple[str, ...] = ()  # of its words those that may still be quoted, once `quoted` has looked

    class Meta:
        ordering: ClassVar[list[str]] = ["-found_at", "pk"]

    def __str__(self) -> str:
        return f"found circle {self.pk}"

    @property
    def name(self) -> str:
        """What they have in common, in their own words."""
        return ", ".join(self.said)

    @classmethod
    def quoted(cls, rows: "Iterable[FoundCircle]") -> "list[FoundCircle]":
        """Those that can still be put in words: a word stands as long as enough of its people show it to members."""
        rows = list(rows)
        places = list(FoundMember.objects.real().filter(circle__in=rows).values_list("circle", "member"))
        shown = Statement.objects.filter(
            visibility=Visibility.MEMBERS, profile__member__in={member for _circle, member in places}
        )
        own: dict[int, set[str]] = defaultdict(set)
        for member, text in shown.values_list("profile__member", "text"):
            own[member].update(surface(text))
        numbers = Counter((circle, word) for circle, member in places for word in own[member])
        for row in rows:
            row.said = tuple(word for word in row.words if numbers[row.pk, word] >= SAID_BY)
        return [row for row in rows if row.said]

    @classmethod
    @transaction.atomic
    def replace(cls, groups: list[tuple[tuple[str, ...], list[int]]]) -> int:
        """What was found now, in place of what nobody was told of; returns how many are new."""
        cls.objects.filter(told_at=None).delete()
        known = [set(one.members.values_list("member", flat=True)) for one in cls.objects.all()]
        new = [(words, ids) for words, ids in groups if not any(len(set(ids) - old) <= 1 for old in known)]
        for words, ids in new:
            circle = cls.objects.create(words=list(words))
            FoundMember.objects.bulk_create([FoundMember(circle=circle, member_id=pk) for pk in ids])
        return len(new)

    @transaction.atomic
    def tell(self) -> None:
        """Those whom it is about hear of it. Twice does it once."""
        if FoundCircle.objects.filter(pk=self.pk, told_at=None).update(told_at=timezone.now()):
            for one in FoundMember.objects.real().filter(circle=self).select_related("member"):
                Notice.send(one.member, NoticeKind.CIRCLE_FITS, "/matches/circles/")

    def shown_to(self, viewer: Member) -> list[Member]:
        """The people, as far as this viewer finds them in the directory."""
        ids = FoundMember.objects.real().filter(circle=self).values("member")
        return list(Member.objects.visible_to(viewer).filter(pk__in=ids))


class FoundMemberQuerySet(models.QuerySet["FoundMember"]):
    """Who still wants to be found."""

    def real(self) -> "FoundMemberQuerySet":
        """Adults who use matching, want to meet their like now, and keep nobody of the circle away."""
        consented = Q()
        for consent in sorted(CONSENTS):
            consented |= Q(open_text__contains=f'"{consent}"')
        profiles = Profile.objects.alias(open_text=Cast("open_to", TextField())).filter(consented)
        open_now = profiles.filter(is_matched=True, is_paused=False)
        now = self.filter(member__is_active=True, member__is_adult=True, member__in=open_now.values("member"))
        mates = FoundMember.objects.filter(circle=OuterRef(OuterRef("circle"))).values("member")
        made = Block.objects.filter(blocker=OuterRef("member"), blocked__in=mates)
        return now.exclude(Exists(made))


class FoundMember(models.Model):
    """That the machine counts somebody among such a few."""

    circle = models.ForeignKey(FoundCircle, on_delete=models.CASCADE, related_name="members")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    objects: ClassVar[Any] = FoundMemberQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["circle", "member"], name="found_once_a_circle"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in found circle {self.circle_id}"
