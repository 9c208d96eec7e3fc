"""What the machine says: who might meet whom, how likely it fits, and why."""

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F, Prefetch, Q, TextField, Window
from django.db.models.functions import Cast, RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models import STANDING, TEACHING, WISHES, Connection
from community.members.models import LANGUAGES, Member, SeasonName, Statement, Visibility, distance_band
from community.members.models.amount import listed
from matching.engine import complement
from matching.engine.kinds import KINDS
from matching.models.outcome import Outcome

# From which probability on a page says so: the words mean the same for every kind, since it is calibrated for each.
BANDS: tuple[tuple[float, Any], ...] = (
    (0.75, _("A very likely fit")),
    (0.5, _("A likely fit")),
    (0.1, _("Worth a look")),
    (0.0, _("A long shot")),
)

UNDER_WAY = STANDING  # whoever has something open with somebody is not suggested to them


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Whose suggestions, and which of them still hold at this moment."""

    def visible_to(self, member: Any) -> "SuggestionQuerySet":
        """A member's own suggestions of people who, right now, may be seen and agree to be suggested so.

        Rows are rewritten by the worker; consent, pauses and blocks count from the very next request.
        """
        if not getattr(member, "is_authenticated", False) or not member.is_adult or not member.profile.is_matched:
            return self.none()
        consented = Q()
        for name, kind in KINDS.items():
            consented |= Q(kind=name, open_text__contains=f'"{kind.consent}"')
        met = Connection.objects.filter(state__in=UNDER_WAY).filter(Q(asker=member) | Q(asked=member))
        return (
            self.filter(member=member, other__in=Member.objects.visible_to(member))
            .annotate(open_text=Cast("other__profile__open_to", TextField()))
            .filter(consented, other__profile__is_paused=False, other__profile__is_matched=True)
            .exclude(other__in=met.exclude(asked=None).values("asked"))
            .exclude(other__in=met.exclude(asker=None).values("asker"))
        )

    def with_reasons(self, member: Any) -> "SuggestionQuerySet":
        """Fetch what a page shows of each: the other person, and the reasons that may still be quoted."""
        shown = Visibility.MEMBERS
        reasons = (
            Reason.objects.select_related("need", "offer")
            .filter(Q(need__profile__member=member) | Q(need__visibility=shown))
            .filter(Q(offer__profile__member=member) | Q(offer__visibility=shown))
        )
        people = self.select_related("other__profile", "member__profile")
        return people.prefetch_related(Prefetch("reasons", reasons))


class Suggestion(models.Model):
    """The machine says: these two might meet. Nobody has agreed to anything yet."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="suggestions")
    kind = models.CharField(max_length=16, choices=[(name, name) for name in KINDS])
    other = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    probability = models.FloatField(null=True, help_text="Calibrated chance that the two fit, 0 to 1; null: unknown.")
    distance_km = models.FloatField(null=True)
    grounds = models.JSONField(null=True, help_text="What the chance rests on: relation, evidence, basis; no text.")
    made_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = SuggestionQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["-score", "other_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "kind", "other"], name="one_suggestion_a_pair_and_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.member_id}: {self.other_id}"

    @classmethod
    def replace(cls, members: Collection[int], found: Iterable["Suggestion"]) -> int:
        """Put these suggestions in place of all the members' old ones; dismissed ones stay dismissed.

        Each may carry its reasons, unsaved, in `found_reasons`. Returns how many are shown.
        """
        with transaction.atomic():
            cls._take_turns()
            own = cls.objects.filter(member__in=members)
            dismissed = set(own.exclude(dismissed_at=None).values_list("member", "kind", "other"))
            own.filter(dismissed_at=None).delete()
            fresh = [row for row in found if (row.member_id, row.kind, row.other_id) not in dismissed]
            cls.objects.bulk_create(fresh)
            Reason.attach(fresh)
        return len(fresh)

    @classmethod
    def replace_about(cls, other_id: int, found: Iterable["Suggestion"]) -> None:
        """Put these suggestions of one person in place of all that others had of that person."""
        with transaction.atomic():
            cls._take_turns()
            rows = cls.objects.filter(other=other_id)
            kept = set(rows.exclude(dismissed_at=None).values_list("member", "kind"))
            rows.filter(dismissed_at=None).delete()
            fresh = [row for row in found if (row.member_id, row.kind) not in kept]
            cls.objects.bulk_create(fresh)
            Reason.attach(fresh)

    @classmethod
    def first_of_each_kind(cls, rows: SuggestionQuerySet, count: int) -> SuggestionQuerySet:
        """The best few of every kind among these rows, in one query whatever the number of kinds."""
        place = Window(RowNumber(), partition_by=F("kind"), order_by=[F("score").desc(), F("other_id").asc()])
        ranked = rows.annotate(place=place).filter(place__lte=count)
        return cls.objects.filter(pk__in=list(ranked.values_list("pk", flat=True)))

    @classmethod
    def forget(cls, member_id: int) -> None:
        """Drop what is suggested to this person and of them; what was put aside stays so, in case they come back."""
        cls.objects.filter(Q(member=member_id) | Q(other=member_id), dismissed_at=None).delete()

    @classmethod
    def _take_turns(cls) -> None:
        """Two workers may write one pair from its two ends: the lock lets one finish before the other begins."""
        list(ContentType.objects.select_for_update().filter(app_label="matching", model="suggestion"))

    def dismiss(self) -> None:
        """The member does not want to see this again."""
        with transaction.atomic():
            if type(self).objects.filter(pk=self.pk, dismissed_at=None).update(dismissed_at=timezone.now()):
                Outcome.keep([(self, None)])

    def restore(self) -> None:
        """The member changed their mind."""
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(dismissed_at=None)
            Outcome.take_back(self)

    @classmethod
    def were_asked(cls, connections: Collection[Connection]) -> None:
        """Remember what the suggestions rested on by which people came to ask, or were brought together."""
        wanted = {(one.asker_id, one.asked_id, suggested_as(one)): one for one in connections}
        rows = cls.objects.filter(
            member__in={asker for asker, _asked, _kind in wanted}, other__in={asked for _asker, asked, _kind in wanted}
        )
        Outcome.keep((row, one) for row in rows if (one := wanted.get((row.member_id, row.other_id, row.kind))))

    @property
    def distance(self) -> str:
        """How far away, in a band, where both show where they are."""
        shows = self.other.profile.place_visibility == Visibility.MEMBERS
        return distance_band(self.distance_km) if shows else ""

    @property
    def band(self) -> str:
        """How likely it is that the two fit, in words; empty where nobody knows."""
        if self.probability is None:
            return ""
        return next((str(words) for least, words in BANDS if self.probability >= least), "")

    @property
    def shared_languages(self) -> list[str]:
        """The names of the languages that both speak and the other shows."""
        own, theirs = self.member.profile.languages, self.other.profile.shown("languages", self.member) or []
        return [LANGUAGES[code] for code in own if code in theirs and code in LANGUAGES]

    @property
    def shared_seasons(self) -> list[str]:
        """The seasons in which both have time, where the other shows theirs."""
        own, theirs = self.member.profile.seasons, self.other.profile.shown("seasons", self.member) or []
        return [str(SeasonName(season).label) for season in own if season in theirs and season in SeasonName.values]


def suggested_as(connection: Connection) -> str:
    """As which kind the asked was suggested to the asker, if at all."""
    if connection.kind in TEACHING:
        return "mentor" if connection.mentor_id == connection.asked_id else "apprentice"
    return WISHES[connection.kind]


class Reason(models.Model):
    """Why two people might meet: a need of one and the offer of the other that meets it, both in their own words."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="reasons")
    need = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+")
    offer = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+")
    strength = models.FloatField(_("how well they fit"))
    is_returned = models.BooleanField(default=False, help_text="The member's own offer meets the other's need.")
    shorts = models.JSONField(default=list, help_text="What falls short, where a thing is offered: engine codes.")
    share = models.FloatField(null=True, help_text="Offered amount over needed amount; null: cannot be said.")

    class Meta:
        ordering: ClassVar[list[str]] = ["is_returned", "-strength", "pk"]

    def __str__(self) -> str:
        return f"{self.need_id} met by {self.offer_id}"

    @classmethod
    def attach(cls, suggestions: Iterable[Suggestion]) -> None:
        """Save the reasons that fresh suggestions brought along; lines that were deleted meanwhile are left out."""
        rows = [(row, reason) for row in suggestions for reason in getattr(row, "found_reasons", ())]
        wanted = {pk for _row, reason in rows for pk in (reason.need.id, reason.offer.id)}
        there = set(Statement.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        Reason.objects.bulk_create(
            Reason(
                suggestion=row,
                need_id=reason.need.id,
                offer_id=reason.offer.id,
                strength=reason.strength,
                is_returned=reason.is_returned,
                **cls._shortness(reason),
            )
            for row, reason in rows
            if {reason.need.id, reason.offer.id} <= there
        )

    @staticmethod
    def _shortness(reason: Any) -> dict[str, Any]:
        """What the offer of a thing falls short of."""
        fit = complement.met(reason.need, reason.offer)
        return {"shorts": [str(code) for code in fit.shorts], "share": fit.share}

    @property
    def shortfalls(self) -> list[str]:
        """What falls short, in words that quote nothing but the two lines as they are now."""
        said = {
            "amount": self._amount_short(),
            "unit": _("the two amounts cannot be compared: ask"),
            "rhythm": _("less often than it is looked for"),
            "months": self._months_short(),
        }
        return [str(said[code]) for code in self.shorts if said.get(code)]

    def _amount_short(self) -> str:
        if self.share is None or self.need.quantity is None or self.offer.quantity is None:
            return ""
        parts = ((0.15, _("a small part")), (0.29, _("about a fifth")), (0.41, _("about a third")),
                 (0.6, _("about half")), (0.85, _("most")))  # fmt: skip
        part = next((words for limit, words in parts if self.share < limit), _("nearly all"))
        return _("%(part)s of the amount that is looked for") % {"part": part}

    def _months_short(self) -> str:
        both = sorted(set(self.need.months or range(1, 13)) & set(self.offer.months or range(1, 13)))
        return _("only in %(months)s") % {"months": listed(both)} if 0 < len(both) < 12 else ""
