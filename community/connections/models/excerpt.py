"""What stewards may read of a thread: a message that one of the two reported, and the three before it."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from community.connections.models.thread import Message, thread_of
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import Audit, AuditVerb, Report


class ExcerptQuerySet(models.QuerySet["Excerpt"]):
    """Who may read it, and for how long."""

    def editable_by(self, steward: Any) -> "ExcerptQuerySet":
        """Stewards whom the report waits for: neither of the two, nor after it is answered."""
        if not (getattr(steward, "is_steward", False) and steward.is_active):
            return self.none()
        return self.filter(report__in=Report.objects.editable_by(steward).open().order_by().values("pk"))

    def visible_to(self, steward: Any) -> "ExcerptQuerySet":
        """The same, once this very steward has said on record that they read it."""
        rows = self.editable_by(steward)
        said = Audit.objects.filter(actor=steward.pk, verb=AuditVerb.READ, report__excerpt__isnull=False)
        return rows.filter(report__in=said.values("report"))


class Excerpt(models.Model):
    """One of the two has reported a message; whoever of the stewards reads it is on record, and both sides know."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="excerpt")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="excerpts")
    opened_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ExcerptQuerySet.as_manager()

    BEFORE: ClassVar[int] = 3

    class Meta:
        verbose_name = "reported message"
        verbose_name_plural = "reported messages"

    def __str__(self) -> str:
        return f"excerpt {self.pk}"

    # Verbs

    @classmethod
    @transaction.atomic
    def report_to_stewards(cls, message: Message, by: Member, reason: str, text: str = "") -> "Excerpt":
        """Report what the other wrote; the same report twice is one. Nobody is told before a steward reads it."""
        connection = message.connection
        is_other = connection.side_of(by) not in {None, message.writer}
        if not is_other or not Message.objects.visible_to(by).filter(pk=message.pk).exists():
            raise ValidationError(_("This is not for you to do."))
        report = Report.make(by, message.get_absolute_url(), reason, text)
        excerpt: Excerpt = cls.objects.get_or_create(report=report, defaults={"message": message})[0]
        return excerpt

    @transaction.atomic
    def open(self, by: Member) -> None:
        """A steward reads it: on record each, and both sides are told the first time. Twice does it once."""
        if not type(self).objects.editable_by(by).filter(pk=self.pk).exists():
            raise ValidationError(_("Another steward must do this."))
        Report.objects.select_for_update(of=("self",)).get(pk=self.report_id)
        if not Audit.objects.filter(actor=by, verb=AuditVerb.READ, report=self.report).exists():
            Audit.record(by, AuditVerb.READ, self.report, gettext_noop("It was reported."))
        if type(self).objects.filter(pk=self.pk, opened_at=None).update(opened_at=timezone.now()):
            connection = self.message.connection
            for side in (connection.asker, connection.asked):
                if side is not None:
                    Notice.send(side, NoticeKind.MESSAGE_REPORTED, thread_of(connection.pk))
        self.refresh_from_db()

    # Queries

    def messages(self) -> list[Message]:
        """The reported message and at most three before it that had reached the other side, the oldest first."""
        told = Message.objects.filter(connection=self.message.connection_id, pk__lte=self.message_id).delivered()
        rows = told.select_related("writer", "enclosure").defer("enclosure__data").order_by("-pk")
        return list(rows[: self.BEFORE + 1])[::-1]
