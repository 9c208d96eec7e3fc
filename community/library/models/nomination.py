"""The most useful failure of the year: members nominate a story, and the stewards name one. No person is counted."""

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member


def failures() -> Any:
    """Stories of what failed; by name, since a story knows that it was named."""
    return apps.get_model("library", "CaseStudyPage").objects.filter(outcome="failure")  # type: ignore[attr-defined]


class NominationQuerySet(models.QuerySet["Nomination"]):
    """Whose nominations."""

    def visible_to(self, member: Any) -> "NominationQuerySet":
        """One's own on stories that one sees; for stewards all of them, without those of people they do not meet."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        shown = self.filter(page__in=failures().visible_to(member).values("pk"))
        return shown.exclude(member__in=Block.around(member)) if member.is_steward else shown.filter(member=member)

    def editable_by(self, member: Any) -> "NominationQuerySet":
        """One's own, also where the story is not shown any more."""
        return self.filter(member=member.pk) if getattr(member, "is_authenticated", False) else self.none()

    def counting(self, year: int) -> "NominationQuerySet":
        """Those of a year that count: of somebody who is still here, and does not stand across a block to its teller.

        Who told a story in confidence is not known, and changes nothing here.
        """
        rows = self.filter(year=year, member__is_active=True)
        for one, other in (("member", "page__casestudypage__author"), ("page__casestudypage__author", "member")):
            rows = rows.exclude(Exists(Block.objects.filter(blocker=OuterRef(one), blocked=OuterRef(other))))
        return rows


class Nomination(models.Model):
    """A member says which failure helped most this year, and why. Only stewards read it, without a name."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField(editable=False)
    why = models.CharField(
        _("why was it useful, in a sentence?"), max_length=300, validators=[MaxLengthValidator(300)],
        help_text=_("Write of what it taught, and not of who may have told it."),
    )  # fmt: skip

    objects: ClassVar[Any] = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = _("nomination")
        verbose_name_plural = _("nominations")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "year"], name="one_nomination_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year}: {self.page_id}"

    # Verbs

    @classmethod
    def why_not(cls, member: Member, page: Any) -> str:
        """Why this member cannot nominate this story; empty where nothing is in the way."""
        if page.outcome != "failure":
            return str(_("This one did not fail. Nominate a story of something that did."))
        if page.author_id == member.pk:
            return str(_("You told this yourself. Nominate a story that you have learned from."))
        return ""

    @classmethod
    @transaction.atomic
    def put(cls, page: Any, member: Member, why: str) -> "Nomination":
        """Nominate it for this year; each member has one voice, which moves here from where it was. Nobody is told."""
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if reason := cls.why_not(member, page):
            raise ValidationError(reason)
        year = timezone.localdate().year
        one = cls.objects.filter(member=member, year=year).first() or cls(member=member, year=year)
        one.page_id, one.why = page.pk, " ".join(why.split())
        one.full_clean()
        one.save()
        return one

    def take_back(self) -> None:
        """Whoever said it takes it back; nothing of it is left."""
        type(self).objects.filter(pk=self.pk).delete()


class UsefulFailure(models.Model):
    """The most useful failure of one year, as the stewards have named it: a mark on a story, and on nobody."""

    year = models.PositiveSmallIntegerField(unique=True)
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = models.Manager()

    FEWEST: ClassVar[int] = 3  # below it a number would be about who nominated, not about the story

    class Meta:
        verbose_name = _("most useful failure of the year")
        verbose_name_plural = _("most useful failures of the year")
        ordering: ClassVar[list[str]] = ["-year"]

    def __str__(self) -> str:
        return f"{self.year}: {self.page_id}"

    # Verbs

    @classmethod
    @transaction.atomic
    def name(cls, page: Any, year: int, by: Member) -> "UsefulFailure":
        """Name the story of this year, or of the one before; named again, the mark moves. Nobody is told."""
        if not cls.of_choice(by, year).filter(pk=page.pk).exists():
            raise ValidationError(_("This story cannot be named just now. Choose one of the list."))
        said = {"page_id": page.pk, "named_by": by, "named_at": timezone.now()}
        return cls.objects.update_or_create(year=year, defaults=said)[0]  # type: ignore[no-any-return]

    @classmethod
    def unname(cls, year: int, by: Member) -> None:
        """Take the mark away again; it being gone already is fine."""
        if by.is_steward and year in cls.years():
            cls.objects.filter(year=year).delete()

    # Queries

    @staticmethod
    def years() -> list[int]:
        """Of which years one can be named: of this, and of the last, since a winter is long enough to think."""
        year = timezone.localdate().year
        return [year, year - 1]

    @classmethod
    def of_choice(cls, steward: Any, year: int) -> Any:
        """The stories that enough members have nominated, most of them first; none of the steward's own."""
        if not getattr(steward, "is_steward", False) or year not in cls.years():
            return failures().none()
        of_page = Nomination.objects.counting(year).filter(page=OuterRef("pk")).order_by().values("page")
        number = Subquery(of_page.annotate(number=Count("pk")).values("number"), output_field=models.IntegerField())
        stories = failures().visible_to(steward).exclude(author=steward).annotate(nominated=number)
        return stories.filter(nominated__gte=cls.FEWEST).order_by("-nominated", "title", "pk")

    @classmethod
    def of_story(cls) -> Subquery:
        """In which year a story was named, last; for the query that fetches it, in whatever language it is told."""
        named = cls.objects.filter(page__translation_key=OuterRef("translation_key")).order_by("-year")
        return Subquery(named.values("year")[:1])
