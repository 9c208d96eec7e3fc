"""Who belongs to a circle, who asks to, and who was asked."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member


class Standing(models.TextChoices):
    """How somebody stands to a circle."""

    INVITED = "invited", _("Invited")
    ASKED = "asked", _("Waits for an answer")
    IN = "in", _("Belongs to it")
    DECLINED = "declined", _("The answer was no")
    LEFT = "left", _("Has left")
    TAKEN_OUT = "taken-out", _("Was taken out")


KNOWING = (Standing.IN, Standing.INVITED, Standing.ASKED)  # who knows of a closed circle


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Whose place in which circle somebody may know of."""

    def inside(self) -> "MembershipQuerySet":
        """Those who belong to it now; nobody who has left the community, nobody under 18."""
        return self.filter(state=Standing.IN, member__is_active=True, member__is_adult=True)

    def led(self) -> "MembershipQuerySet":
        """Those who lead."""
        return self.inside().filter(is_facilitator=True)

    def of(self, member: Any) -> "MembershipQuerySet":
        """One's own, however they stand."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()

    def unblocked_for(self, viewer: Any) -> "MembershipQuerySet":
        """Leave out whom this viewer keeps away, and who keep this viewer away."""
        blocked = Block.objects.filter(blocker=viewer, blocked=OuterRef("member"))
        blockers = Block.objects.filter(blocker=OuterRef("member"), blocked=viewer)
        return self.exclude(Exists(blocked)).exclude(Exists(blockers))

    def visible_to(self, viewer: Any) -> "MembershipQuerySet":
        """Names are for those who belong to the same circle; whoever leads it knows who asks and who was asked."""
        if not getattr(viewer, "is_authenticated", False):
            return self.none()
        same = Membership.objects.inside().filter(circle=OuterRef("circle"), member=viewer)
        shown = Q(state=Standing.IN, member__is_active=True, member__is_adult=True) & Q(Exists(same))
        asking = Q(state__in=(Standing.ASKED, Standing.INVITED), member__is_active=True, member__is_adult=True)
        shown |= asking & Q(Exists(same.filter(is_facilitator=True)))
        return self.filter(Q(member=viewer) | Q(pk__in=self.filter(shown).unblocked_for(viewer).values("pk")))

    def with_people(self, viewer: Any) -> "MembershipQuerySet":
        """With the members, and whether this viewer finds a page of each."""
        pages = Member.objects.visible_to(viewer).filter(pk=OuterRef("member"))
        return self.select_related("member").annotate(is_found=Exists(pages))

    def editable_by(self, member: Any) -> "MembershipQuerySet":
        """One's own."""
        return self.of(member)


class Membership(models.Model):
    """How one member stands to one circle: invited, asking, inside, gone."""

    circle = models.ForeignKey("circles.Circle", on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="circle_memberships")
    state = models.CharField(max_length=9, choices=Standing.choices)
    is_facilitator = models.BooleanField(default=False)
    word = models.TextField(
        _("a few words about you"), blank=True, validators=[MaxLengthValidator(1000)],
        help_text=_("What you do, and what you hope for. Whoever leads the circle reads it."),
    )  # fmt: skip
    answer = models.CharField(
        _("a kind word with it"), max_length=500, blank=True,
        help_text=_("For example: we are full until summer; the evening group in Tolver has room."),
    )  # fmt: skip
    created_at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("place in a circle")
        verbose_name_plural = _("places in circles")
        ordering: ClassVar[list[str]] = ["-is_facilitator", "joined_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["circle", "member"], name="one_place_a_circle"),
            models.CheckConstraint(
                condition=Q(is_facilitator=False) | Q(state=Standing.IN), name="only_who_is_inside_leads"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in circle {self.circle_id}: {self.state}"

    @property
    def is_inside(self) -> bool:
        """Whether they belong to it now."""
        return self.state == Standing.IN

    is_found: bool = False

    @property
    def url(self) -> str:
        """The address of the member's page, where whoever asked finds one."""
        return self.member.get_absolute_url() if self.is_found else ""
