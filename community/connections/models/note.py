"""Private notes: what one of the two keeps for themselves, on the pair or on one meeting. Nobody else reads them."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.meeting import Meeting
from community.members.models import Member


class NoteQuerySet(models.QuerySet["Note"]):
    """Whose notes."""

    def visible_to(self, member: Any) -> "NoteQuerySet":
        """One's own: not the other's, not those of whom one helps, and none for a steward or an operator."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        return self.filter(writer=member)

    def editable_by(self, member: Any) -> "NoteQuerySet":
        """One's own."""
        return self.visible_to(member)


class Note(models.Model):
    """What somebody notes for themselves about a pair that they belong to, or about one of its meetings."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="notes")
    meeting = models.ForeignKey(
        Meeting, verbose_name=_("about"), null=True, blank=True, on_delete=models.SET_NULL, related_name="notes",
        help_text=_("Nothing chosen: about the two of you."),
    )  # fmt: skip
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, help_text="Of the form that it was sent with.")
    text = models.TextField(_("your note"), validators=[MaxLengthValidator(4000)])
    written_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = NoteQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    MOST: ClassVar[int] = 500  # of one person on one pair

    class Meta:
        verbose_name = _("private note")
        verbose_name_plural = _("private notes")
        ordering: ClassVar[list[str]] = ["-written_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["writer", "key"], name="one_note_a_form"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"

    # Verbs

    @classmethod
    def keep(
        cls, connection: Connection, by: Member, text: str, meeting: Meeting | None = None, key: uuid.UUID | None = None
    ) -> "Note":
        """Keep a note for oneself, also when the two have parted; the same form sent twice keeps one."""
        key = key or uuid.uuid4()
        with transaction.atomic():
            row = connection.locked(by)
            if earlier := cls.objects.filter(writer=by, key=key).first():
                return earlier
            if not row.has_begun:
                raise ValidationError(_("This is not for you to do."))
            if cls.objects.filter(writer=by, connection=row).count() >= cls.MOST:
                raise ValidationError(_("You have very many notes here. Take one out before you add another."))
            note = cls(connection=row, writer=by, key=key, meeting=meeting, text=text.strip())
            note._check()
            note.save()
        return note

    def change(self, by: Member, text: str, meeting: Meeting | None = None) -> None:
        """Write it anew."""
        if by.pk != self.writer_id:
            raise ValidationError(_("This is not for you to do."))
        self.text, self.meeting, self.written_at = text.strip(), meeting, timezone.now()
        self._check()
        self.save()

    def drop(self, by: Member) -> None:
        """Take it out, for good; it being gone already is fine."""
        type(self).objects.editable_by(by).filter(pk=self.pk).delete()

    def _check(self) -> None:
        """Something is noted, about this pair and no other."""
        self.full_clean(exclude=["connection", "writer", "meeting"], validate_unique=False, validate_constraints=False)
        if self.meeting is not None and self.meeting.connection_id != self.connection_id:
            raise ValidationError(_("Choose one of your meetings with each other."))
