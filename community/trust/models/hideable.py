"""What a steward may take from a page and put back: the one place in which that is decided and written down."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Block, Member
from community.trust.models.report import Audit, AuditVerb


class HideableQuerySet(models.QuerySet[Any]):
    """Whose words pass a block, and who may open or hide them. `visible_to` is each kind's own."""

    def unblocked_for(self, member: Any) -> Self:
        """Leave out what people tell whom this member keeps away, or who keep this member away."""
        if not getattr(member, "is_authenticated", False):
            return self
        return self.exclude(member__in=Block.around(member))

    def visible_to(self, member: Any) -> Self:
        """Each kind says whose pages, states and blocks it asks."""
        raise NotImplementedError

    def editable_by(self, member: Any) -> Self:
        """One's own, also where the page is gone by now or a steward has hidden it."""
        return self.filter(member=member) if getattr(member, "is_authenticated", False) else self.none()

    def openable_by(self, member: Any) -> Self:
        """Each by itself: what one sees, one's own, and for a steward the hidden ones, too."""
        opened = Q(pk__in=self.visible_to(member).values("pk")) | Q(pk__in=self.editable_by(member).values("pk"))
        return self.filter(opened | self.model.HIDDEN if getattr(member, "is_steward", False) else opened)

    def hideable_by(self, member: Any) -> Self:
        """A steward may hide and show again what others told, never what they told themselves."""
        if not getattr(member, "is_steward", False):
            return self.none()
        return self.openable_by(member).exclude(member=member)


class Hideable(models.Model):
    """Something that a member told for others to read; a steward can hide it and show it, and must say why.

    A kind has a `member`; it says which rows are hidden (`HIDDEN`) and what changes when one is (`_turned`).
    """

    HIDDEN: ClassVar[Q]

    class Meta:
        abstract = True

    def hide(self, by: Member, reason: str) -> None:
        """A steward takes it from the page, with a reason that stays on record; whoever told it still sees it."""
        self._judge(by, AuditVerb.HIDE, reason)

    def show(self, by: Member, reason: str) -> None:
        """A steward puts it back."""
        self._judge(by, AuditVerb.SHOW, reason)

    def _judge(self, by: Member, verb: AuditVerb, reason: str) -> None:
        """Doing it twice changes nothing, and is written down once."""
        if not type(self)._default_manager.hideable_by(by).filter(pk=self.pk).exists():  # type: ignore[attr-defined]
            raise ValidationError(_("Another steward must decide this."))
        if not reason.strip():
            raise ValidationError(_("Say why."))
        is_hidden = verb == AuditVerb.HIDE
        with transaction.atomic():
            own = type(self)._default_manager.filter(pk=self.pk)
            if self._turn(own.exclude(self.HIDDEN) if is_hidden else own.filter(self.HIDDEN), is_hidden, reason):
                Audit.record(by, verb, self.member, reason)  # type: ignore[attr-defined]
        self.refresh_from_db()

    def _turn(self, rows: "models.QuerySet[Any]", is_hidden: bool, reason: str) -> int:
        """Hide these rows, or show them; returns how many there were."""
        raise NotImplementedError


class HiddenAt(Hideable):
    """A kind that is hidden by a date and needs no other state."""

    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)

    HIDDEN: ClassVar[Q] = ~Q(hidden_at=None)

    class Meta:
        abstract = True

    def _turn(self, rows: "models.QuerySet[Any]", is_hidden: bool, reason: str) -> int:
        return rows.update(hidden_at=timezone.now() if is_hidden else None)
