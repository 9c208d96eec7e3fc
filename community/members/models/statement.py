"""One offer or one need, in the person's own words."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from community.members.models.amount import MONTH_CHOICES, Rhythm, in_words, months_between, one_unit
from community.members.models.profile import Profile, Visibility
from community.members.models.skill import Skill


class StatementSide(models.TextChoices):
    """Whether a statement gives or asks."""

    OFFER = "offer", _("I can offer")
    NEED = "need", _("I look for")


class StatementKind(models.TextChoices):
    """What kind of thing is offered or needed."""

    SKILL = "skill", _("A skill")
    MACHINE = "machine", _("A machine or tool")
    SPACE = "space", _("A space")
    MATERIAL = "material", _("A material or by-product")


# How well somebody can do it, as a page says it of them; the form asks the same in the first person.
STANDING = {
    0: _("has only heard of it"),
    1: _("is beginning"),
    2: _("can do it with help"),
    3: _("can do it alone"),
    4: _("knows it through and through"),
}


class StatementQuerySet(models.QuerySet["Statement"]):
    """Which statements somebody may read."""

    def visible_to(self, viewer: Any) -> "StatementQuerySet":
        """One's own, and what people whom one may see have chosen to show."""
        if not getattr(viewer, "is_authenticated", False):
            return self.none()
        people = get_user_model().objects.visible_to(viewer)
        return self.filter(
            models.Q(profile__member=viewer)
            | models.Q(visibility=Visibility.MEMBERS, profile__member__in=people.values("pk"))
        )

    def editable_by(self, member: Any) -> "StatementQuerySet":
        """One's own, and those of people whom one helps."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.filter(models.Q(profile__member=member) | models.Q(profile__member__helper=member))

    def offers(self) -> "StatementQuerySet":
        """What is offered."""
        return self.filter(side=StatementSide.OFFER)

    def needs(self) -> "StatementQuerySet":
        """What is looked for."""
        return self.filter(side=StatementSide.NEED)


class Statement(models.Model):
    """One thing that a person can give, or looks for, in one line of their own words."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="statements")
    side = models.CharField(_("side"), max_length=5, choices=StatementSide.choices)
    text = models.CharField(_("in one line"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=StatementKind.choices, default=StatementKind.SKILL)
    skill = models.ForeignKey(
        Skill, verbose_name=_("skill in the vocabulary"), null=True, blank=True, on_delete=models.SET_NULL
    )
    level = models.PositiveSmallIntegerField(_("level, 0–4"), null=True, blank=True, validators=[MaxValueValidator(4)])
    years = models.PositiveSmallIntegerField(_("years"), null=True, blank=True, validators=[MaxValueValidator(90)])
    can_teach = models.BooleanField(_("I can teach this"), default=True)
    quantity = models.DecimalField(_("how much"), max_digits=9, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("of what unit"), max_length=20, blank=True)
    every = models.PositiveSmallIntegerField(_("how often"), choices=Rhythm.choices, null=True, blank=True)
    from_month = models.PositiveSmallIntegerField(_("from"), choices=MONTH_CHOICES, null=True, blank=True)
    to_month = models.PositiveSmallIntegerField(_("until"), choices=MONTH_CHOICES, null=True, blank=True)
    visibility = models.CharField(
        _("who may use it"), max_length=8, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        ordering: ClassVar[list[str]] = ["side", "position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["profile", "side", "text"], name="one_statement_a_text"),
        ]

    MOST = 40  # lines on one side; more would be a catalogue, not a person
    OF_THINGS = ("quantity", "unit", "every", "from_month", "to_month")  # what a skill does not have

    def __str__(self) -> str:
        return self.text

    @classmethod
    def by_side(cls, statements: Iterable["Statement"]) -> dict[str, Any]:
        """Offers and needs apart, as pages show them; nobody is glad to teach what they look for."""
        sides: dict[str, Any] = {"offers": [], "needs": []}
        for one in statements:
            if one.side == StatementSide.NEED:
                one.can_teach = False  # for the page only, this is not saved
            sides["needs" if one.side == StatementSide.NEED else "offers"].append(one)
        return sides

    def clean(self) -> None:
        """One line, with words in it."""
        self.text = " ".join(self.text.split())
        if not any(c.isalpha() for c in self.text):
            raise ValidationError({"text": _("Write it in words.")})
        twins = Statement.objects.filter(profile_id=self.profile_id, side=self.side).exclude(pk=self.pk)
        if self.profile_id and twins.filter(text=self.text).exists():
            raise ValidationError({"text": _("This line is in your list already.")})
        if self.profile_id and self._state.adding and twins.count() >= self.MOST:
            raise ValidationError(_("There are %(n)s lines already. Take one away first.") % {"n": self.MOST})
        self._clean_amount()

    def _clean_amount(self) -> None:
        """How much, how often and when: of things alone, and each part with what it needs."""
        self.unit = one_unit(self.unit)
        filled = [name for name in self.OF_THINGS if getattr(self, name) not in (None, "")]
        if filled and self.kind == StatementKind.SKILL:
            raise ValidationError(
                {filled[0]: _("This is for a machine, a space or a material. Choose one of them, or leave this empty.")}
            )
        if self.quantity is not None and not self.quantity > 0:
            raise ValidationError({"quantity": _("Write a number above nothing, or leave it empty.")})
        if self.unit and self.quantity is None:
            raise ValidationError({"quantity": _("Say how many, too. About is good enough.")})
        if (self.from_month is None) != (self.to_month is None):
            missing = "to_month" if self.to_month is None else "from_month"
            raise ValidationError({missing: _("Give both months, or none. For one month, choose it twice.")})

    @property
    def standing(self) -> str:
        """How well and how long they have done it, in words; empty where nothing was said."""
        words = [str(STANDING[self.level])] if self.level in STANDING else []
        if self.years:
            words.append(ngettext("%(n)s year", "%(n)s years", self.years) % {"n": self.years})
        return ", ".join(words)

    @property
    def months(self) -> list[int]:
        """In which months of the year (1 to 12), in their order; empty: nobody said, or all year."""
        return months_between(self.from_month, self.to_month)

    @property
    def amount(self) -> str:
        """How much, how often and when, in words; empty where nothing was said."""
        return in_words(self.quantity, self.unit, self.every, self.months)

    # Mutators

    @transaction.atomic
    def put(self) -> None:
        """Add this line to the person's list, or change it, and let the matching know."""
        self.clean()
        if self._state.adding:
            others = Statement.objects.filter(profile=self.profile, side=self.side)
            self.position = (others.aggregate(last=models.Max("position"))["last"] or 0) + 1
        self.save()
        self.profile.touch()

    @transaction.atomic
    def take_away(self) -> None:
        """Take this line off the person's list."""
        self.delete()
        self.profile.touch()
