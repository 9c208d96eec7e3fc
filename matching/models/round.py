"""A round: many people who want to teach or to learn, brought together at once."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models import Connection
from community.members.models import Member
from matching.engine.assign import Aim
from matching.models.suggestion import Suggestion

AIM_WORDS = {
    Aim.TOTAL: _("The best pairs, all in all"),
    Aim.MOST: _("As many people as can be"),
    Aim.STABLE: _("Nobody has a reason to swap"),
}


class RoundState(models.TextChoices):
    """How far a round has come."""

    DRAFT = "draft", _("People enter")
    PREVIEWED = "previewed", _("Pairs are proposed")
    PUBLISHED = "published", _("Pairs are told")


class Side(models.TextChoices):
    """As what somebody takes part; as what they must have agreed to be shown stands in `CONSENT`."""

    MENTOR = "mentor", _("I can teach")
    LEARNER = "learner", _("I want to learn")


CONSENT: dict[str, str] = {Side.MENTOR: "mentor", Side.LEARNER: "apprentice"}


class RoundQuerySet(models.QuerySet["Round"]):
    """Which rounds somebody may see."""

    def visible_to(self, member: Any) -> "RoundQuerySet":
        """Adults see rounds that can be entered, and those they take part in; what is proposed only stewards see."""
        if not getattr(member, "is_authenticated", False) or not member.is_adult:
            return self.none()
        is_open = Q(closes_on__gte=timezone.localdate()) & ~Q(state=RoundState.PUBLISHED)
        return self.filter(is_open | Q(entries__member=member)).distinct()

    def editable_by(self, member: Any) -> "RoundQuerySet":
        """Stewards see and lead all of them."""
        return self.all() if getattr(member, "is_steward", False) else self.none()

    def counted(self) -> "RoundQuerySet":
        """With how many take part on each side."""
        sides = {f"{side}s": Count("entries", filter=Q(entries__side=side)) for side in Side}
        return self.annotate(**sides).order_by("-made_at", "-pk")  # counting forgets the order


class Round(models.Model):
    """Many people who want to teach or to learn are brought together at once, so that all of them fare best."""

    slug = models.SlugField(_("address"), max_length=60, unique=True, help_text=_("Letters, figures and hyphens."))
    title = models.CharField(_("title"), max_length=120)
    closes_on = models.DateField(_("can be entered until"))
    mode = models.CharField(
        _("what matters most"), max_length=24, default=Aim.TOTAL, choices=[(a.value, AIM_WORDS[a]) for a in Aim]
    )
    capacity = models.PositiveSmallIntegerField(
        _("learners a mentor"), default=1, validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text=_("Where somebody says nothing else."),
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=RoundState.choices, default=RoundState.DRAFT)
    outcome = models.JSONField(default=dict, help_text="Total, gap, optimal and blocking pairs of what is proposed.")
    made_at = models.DateTimeField(default=timezone.now)
    previewed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="rounds_published"
    )

    objects: ClassVar[Any] = RoundQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page on which members enter and leave."""
        return reverse("matching:round", args=[self.slug])

    # Mutators

    def enter(self, member: Member, side: str, capacity: int | None = None, by: Member | None = None) -> "Entry":
        """Take part; entering again changes for how many. A steward (`by`) may enter those who are open to it.

        Raises ValidationError where the round is over, or where the member has not agreed to be shown so.
        """
        with transaction.atomic():
            self._take_turn()
            profile = member.profile
            if not (member.is_active and member.is_adult and profile.is_matched and CONSENT[side] in profile.open_to):
                raise ValidationError(self._not_open(side, by))
            if by is None and self.closes_on and self.closes_on < timezone.localdate():
                raise ValidationError(_("Entries to this round have closed."))
            places = capacity or (self.capacity if side == Side.MENTOR else 1)
            if not 1 <= places <= 50:
                raise ValidationError(_("Say for how many people, from 1 to 50."))
            entry, _is_new = Entry.objects.update_or_create(
                round=self, member=member, side=side,
                defaults={"capacity": places}, create_defaults={"capacity": places, "entered_by": by},
            )  # fmt: skip
        return entry

    def leave(self, member: Member, side: str) -> None:
        """Take part no more; what was proposed goes with the entry. Leaving twice is leaving once."""
        with transaction.atomic():
            self._take_turn()
            Entry.objects.filter(round=self, member=member, side=side).delete()

    def fix(self, mentor: "Entry", learner: "Entry", is_locked: bool) -> None:
        """Say that two belong together, or that they must not; the later word counts."""
        with transaction.atomic():
            self._take_turn()
            if (mentor.round_id, learner.round_id) != (self.pk, self.pk) or mentor.member_id == learner.member_id:
                raise ValidationError(_("Choose two people of this round."))
            Fixed.objects.update_or_create(
                round=self, mentor=mentor, learner=learner, defaults={"is_locked": is_locked}
            )

    def withdraw(self, row: "Entry | Fixed") -> None:
        """Take an entry or a word on two people back."""
        with transaction.atomic():
            self._take_turn()
            row.delete()

    def propose(self, pairs: Iterable["Pair"], outcome: dict[str, Any]) -> None:
        """Put these pairs in place of what was proposed before."""
        with transaction.atomic():
            self._take_turn()
            self.pairs.all().delete()
            there = set(self.entries.values_list("pk", flat=True))  # who left while pairs were worked out has none
            Pair.objects.bulk_create(pair for pair in pairs if {pair.mentor_id, pair.learner_id} <= there)
            self.outcome, self.state, self.previewed_at = outcome, RoundState.PREVIEWED, timezone.now()
            self.save(update_fields=["outcome", "state", "previewed_at"])

    def close(self, kept: list["Pair"], by: Member | None) -> list[Connection]:
        """Introduce these pairs to each other and end the round; inside the transaction that chose them."""
        made = Connection.introduce([(pair.mentor.member, pair.learner.member) for pair in kept])
        Suggestion.were_asked(made)
        for pair, connection in zip(kept, made, strict=True):
            pair.connection = connection
        Pair.objects.bulk_update(kept, ["connection"])
        self.pairs.exclude(pk__in=[pair.pk for pair in kept]).delete()
        self.state, self.published_at, self.published_by = RoundState.PUBLISHED, timezone.now(), by
        self.save(update_fields=["state", "published_at", "published_by"])
        return made

    def _take_turn(self) -> None:
        """Wait for whoever changes this round just now, and refuse where it was published meanwhile."""
        self.state = type(self).objects.select_for_update().values_list("state", flat=True).get(pk=self.pk)
        if self.state == RoundState.PUBLISHED:
            raise ValidationError(_("This round is over: its pairs were told."))

    @staticmethod
    def _not_open(side: str, by: Member | None) -> Any:
        if by:
            return _("This person has not agreed to be shown so. Ask them to enter the round themselves.")
        if side == Side.MENTOR:
            return _("First say on your page, under “What I allow”, that you may be shown as a mentor.")
        return _("First say on your page, under “What I allow”, that you may be shown as a learner.")

    # Queries

    @property
    def is_over(self) -> bool:
        """Whether its pairs were told."""
        return self.state == RoundState.PUBLISHED

    @property
    def is_stale(self) -> bool:
        """Whether somebody entered after the pairs were proposed."""
        return bool(self.previewed_at and self.entries.filter(entered_at__gt=self.previewed_at).exists())


class Entry(models.Model):
    """Somebody takes part in a round, as who teaches or as who learns, for so many people."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="entries")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="round_entries")
    side = models.CharField(max_length=8, choices=Side.choices)
    capacity = models.PositiveSmallIntegerField(_("for how many people"), default=1)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The steward who added them; nobody where they entered themselves.",
    )  # fmt: skip
    entered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar[list[str]] = ["member__name", "member_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["round", "member", "side"], name="one_entry_a_side"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="an_entry_has_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.member} ({self.get_side_display()})"


class Fixed(models.Model):
    """Two people of a round who belong together whatever the scores say, or who must not be brought together."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="fixed")
    mentor = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    learner = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    is_locked = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["mentor", "learner"], name="one_word_on_a_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor_id} and {self.learner_id}"


class Pair(models.Model):
    """Two people whom a round would bring together, and after it was published the connection that came of it."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="pairs")
    mentor = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    learner = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    connection = models.OneToOneField(Connection, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["-score", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["mentor", "learner"], name="one_pair_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor_id} and {self.learner_id}"
