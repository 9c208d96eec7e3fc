"""Somebody who tries an experiment along with the one who thought of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind


class CoTesterQuerySet(models.QuerySet["CoTester"]):
    """Who is known to try along, and to whom."""

    def visible_to(self, member: Any) -> "CoTesterQuerySet":
        """By name: oneself, and for the author of the experiment everybody whom no block keeps away."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.standing().unblocked_for(member).filter(Q(member=member) | Q(log__author=member))

    def editable_by(self, member: Any) -> "CoTesterQuerySet":
        """One's own, also where the page is gone by now."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()

    def standing(self) -> "CoTesterQuerySet":
        """Adults who still have an account; nobody else is named or counted.

        The number is the same for every reader: if it fell by one for whoever blocks somebody, blocking would tell
        who is among them.
        """
        return self.filter(member__is_active=True, member__is_adult=True)

    def unblocked_for(self, member: Any) -> "CoTesterQuerySet":
        """Leave out whom this member keeps away, and who keep this member away."""
        if not getattr(member, "is_authenticated", False):
            return self
        return self.exclude(member__in=Block.around(member))


class CoTester(models.Model):
    """A member who tries the same under their own conditions; the author knows who, others know how many."""

    log = models.ForeignKey("library.LogPage", on_delete=models.CASCADE, related_name="testers")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(
        _("where and under which conditions"), max_length=300, blank=True,
        help_text=_("“Heavy clay, 200 m up, two beds.” Only the person who began it reads this."),
    )  # fmt: skip
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = CoTesterQuerySet.as_manager()

    class Meta:
        verbose_name = _("co-tester")
        verbose_name_plural = _("co-testers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["log", "member"], name="one_co_tester_a_log"),
        ]

    def __str__(self) -> str:
        return f"co-tester of {self.log_id}"

    @classmethod
    @transaction.atomic
    def join(cls, log: Any, member: Member, note: str = "") -> "CoTester":
        """I try it, too. The author hears of it; joining again changes the note and nothing else.

        Raises ValidationError, with words for the member, where nobody can join.
        """
        Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
        if why := log.why_not(member):
            raise ValidationError(why)
        tester, is_new = cls.objects.get_or_create(log=log, member=member, defaults={"note": note.strip()})
        if is_new:
            Notice.send(log.author, NoticeKind.CO_TESTER_JOINED, log.get_url() or "/experiments/", actor=member)
        elif tester.note != note.strip():
            tester.note = note.strip()
            tester.save(update_fields=["note"])
        return tester

    @classmethod
    def leave(cls, log: Any, member: Member) -> None:
        """I do not try it after all; nothing is left, and nobody is told."""
        cls.objects.editable_by(member).filter(log=log).delete()
