"""Who took a playbook home: a place, a year, and somebody who says so."""

import uuid
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import HiddenAt, HideableQuerySet


class AdoptionQuerySet(HideableQuerySet):
    """Which adoptions somebody may see, change or hide."""

    def visible_to(self, member: Any) -> "AdoptionQuerySet":
        """Those of playbooks that this member may see, told by nobody who is kept away, and not hidden by a steward."""
        playbooks: Any = apps.get_model("library", "PlaybookPage")  # by name: a playbook knows who adopted it
        shown = playbooks.objects.visible_to(member).values("pk")
        return self.filter(playbook__in=shown, hidden_at=None).unblocked_for(member)


class Adoption(HiddenAt):
    """A community or place that has set up the same, as one of its people says."""

    playbook = models.ForeignKey("library.PlaybookPage", on_delete=models.CASCADE, related_name="adoptions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.UUIDField(
        null=True, default=uuid.uuid4, editable=False, help_text="The form that sent it; sent again, it does nothing."
    )
    place = models.CharField(
        _("who or where?"), max_length=120,
        help_text=_("The community or the place, as it shall be shown: “Netherfold growers' ring”."),
    )  # fmt: skip
    year = models.PositiveSmallIntegerField(_("since which year?"), validators=[MinValueValidator(1900)])
    note = models.TextField(
        _("what did you change, and how does it go?"), blank=True, max_length=600, validators=[MaxLengthValidator(600)]
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = AdoptionQuerySet.as_manager()

    MOST_ON_A_PAGE: ClassVar[int] = 5  # of one member: nobody speaks for more places than that
    MOST_A_DAY: ClassVar[int] = 10

    class Meta:
        verbose_name = _("adoption")
        verbose_name_plural = _("adoptions")
        ordering: ClassVar[list[str]] = ["year", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["member", "key"], name="one_adoption_a_form"),
        ]

    def __str__(self) -> str:
        return f"{self.year} of {self.playbook_id}"

    def clean(self) -> None:
        """Nobody has set up anything next year."""
        if self.year and self.year > timezone.localdate().year:
            raise ValidationError({"year": _("This year has not come yet.")})

    # Mutators

    @classmethod
    def why_not(cls, member: Member, playbook: Any) -> str:
        """Why this member cannot say so of another place; empty where nothing is in the way."""
        if not member.is_adult:
            return str(_("Under 18, please ask somebody older who belongs to it to say so."))
        own = cls.objects.filter(member=member)
        if own.filter(playbook=playbook).count() >= cls.MOST_ON_A_PAGE:
            return str(_("You have named %(n)s places here. Change one of them.") % {"n": cls.MOST_ON_A_PAGE})
        if own.filter(created_at__date=timezone.localdate()).count() >= cls.MOST_A_DAY:
            return str(_("You have named %(n)s places today. Please go on tomorrow.") % {"n": cls.MOST_A_DAY})
        return ""

    @transaction.atomic
    def put(self) -> "Adoption":
        """Say that a place has adopted it, or say it anew; the first time its author hears of it.

        Raises ValidationError where this member cannot say so.
        """
        member = Member.objects.select_for_update(of=("self",)).get(pk=self.member_id)
        is_new = self.pk is None
        if is_new:
            if earlier := type(self).objects.filter(member=member, key=self.key).first():
                return earlier
            if why := self.why_not(member, self.playbook):
                raise ValidationError(why)
        self.full_clean()
        self.save()
        author = self.playbook.author
        if is_new and author and author.is_active and author.pk != member.pk:
            Notice.send(author, NoticeKind.PLAYBOOK_ADOPTED, self.playbook.get_url() or "/playbooks/", actor=member)
        return self

    def take_away(self) -> None:
        """Whoever said it takes it back; nothing of it is left."""
        type(self).objects.filter(pk=self.pk).delete()

    # Properties

    @property
    def byline(self) -> str:
        """Who says so; nobody who has left is named."""
        if self.member and self.member.is_active and self.member.is_adult:
            return str(self.member.name)
        return ""
