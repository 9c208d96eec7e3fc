"""How it ended, as each of the two sees it: a reason, how far one came, thanks, and words for the other's profile."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.steps import OVER, ClosingReason
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind


class Reached(models.IntegerChoices):
    """How far one came, in one's own eyes."""

    NOTHING = 1, _("1 – nowhere")
    LITTLE = 2, _("2 – a little")
    HALF = 3, _("3 – half of the way")
    MOST = 4, _("4 – most of the way")
    ALL = 5, _("5 – all of the way")


class NextStep(models.TextChoices):
    """What one does now."""

    STAY = "stay", _("We stay in touch without an agreement")
    AGAIN = "again", _("We begin anew with another goal")
    OTHER = "other", _("I look for somebody else")
    TEACH = "teach", _("I pass on what I have learned")
    REST = "rest", _("I take a rest")


class ClosingQuerySet(models.QuerySet["Closing"]):
    """Last words of connections."""

    def visible_to(self, member: Any) -> "ClosingQuerySet":
        """Those of one's own connections, both sides; none across a block."""
        return self.filter(connection__in=Connection.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "ClosingQuerySet":
        """Those about oneself: whether they are shown on one's profile is one's own choice, too."""
        about = Q(subject=member) | Q(subject__helper=member, subject__email=None)
        return self.visible_to(member).filter(about)

    def written_by(self, member: Any) -> "ClosingQuerySet":
        """One's own words: whether they may be shown at all is for whoever wrote them."""
        return self.visible_to(member).filter(Q(writer=member) | Q(writer__helper=member, writer__email=None))

    def shown_of(self, subject: Member, viewer: Any) -> "ClosingQuerySet":
        """What others say of somebody, to a reader who sees both; only where both want it, and no block is between."""
        seen = Member.objects.visible_to(viewer)
        shown = self.filter(subject=subject, is_offered=True, is_shown=True).exclude(testimonial="")
        for side, other in (("writer", "subject"), ("subject", "writer")):
            shown = shown.exclude(Exists(Block.objects.filter(blocker=OuterRef(side), blocked=OuterRef(other))))
        return shown.filter(subject__in=seen, writer__in=seen).select_related("writer").order_by("-closed_at", "-pk")


class Closing(models.Model):
    """What one of the two says at the end; the words for a profile are shown only if both of them want that."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="closings")
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(_("why it ends"), max_length=8, choices=ClosingReason.choices)
    reached = models.PositiveSmallIntegerField(
        _("how far you came"), null=True, blank=True, choices=Reached.choices, help_text=_("In your own eyes.")
    )
    thanks = models.TextField(
        _("thanks, and what you would say to the other"), blank=True, validators=[MaxLengthValidator(1000)],
        help_text=_("Only the other person reads this."),
    )  # fmt: skip
    testimonial = models.TextField(
        _("words for the other's profile"), blank=True, validators=[MaxLengthValidator(600)],
        help_text=_("What did you learn there? What should others know?"),
    )  # fmt: skip
    is_offered = models.BooleanField(
        _("these words may be shown on the other's profile, with my name"), default=False,
        help_text=_("They are shown only if the other person wants that, too."),
    )  # fmt: skip
    is_shown = models.BooleanField(default=False, help_text="The person whom it is about wants it shown.")
    is_named = models.BooleanField(
        _("my name may stand on the other's certificate"), default=False,
        help_text=_("They can print one of what they did with you. Without your yes it names nobody but them."),
    )  # fmt: skip
    next_step = models.CharField(_("what comes next for you"), max_length=8, blank=True, choices=NextStep.choices)
    closed_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("closing")
        verbose_name_plural = _("closings")
        ordering: ClassVar[list[str]] = ["closed_at", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "writer"], name="one_closing_a_side"),
        ]

    def __str__(self) -> str:
        return f"closing {self.connection_id} of {self.writer_id}"

    # Verbs

    @classmethod
    def close(
        cls, connection: Connection, by: Member, reason: str, version: int | None = None, **words: Any
    ) -> "Closing":
        """Close it with one's last words; or add one's own to what the other, or the clock, has closed.

        Each of the two does so once; sent twice it is done once.
        """
        texts = [str(words.get(name, "")).strip() for name in ("thanks", "testimonial")]
        connection.require_no_contact(texts)
        if reason == ClosingReason.OTHER and not texts[0]:
            raise ValidationError(_("Say the reason in a few words."))
        with transaction.atomic():
            row = connection.locked(by)
            own, other = row.side_of(by), row.other(by)
            if earlier := cls.objects.filter(connection=row, writer=own).first():
                if [reason, *texts] != [earlier.reason, earlier.thanks, earlier.testimonial]:
                    raise ValidationError(_("You have written your last words already, and they stand as they are."))
                return earlier
            if row.state in OVER and row.has_begun:
                row._require_fresh(version)
                row.touch(by, is_news=True)
            else:
                row.end(by, reason, version)
            closing = cls(connection=row, writer=own, subject=other, reason=reason, **words)
            closing.thanks, closing.testimonial = texts
            closing.clean_fields()
            closing.save()
            if other is not None:
                Notice.send(other, NoticeKind.CONNECTION_ENDED, row.get_absolute_url(), actor=own)
        connection.refresh_from_db()
        return closing

    def _require_writer(self, by: Member) -> None:
        row = self.connection.locked(by)
        if self.writer_id is None or row.side_of(by) != self.writer:
            raise ValidationError(_("This is not for you to do."))

    def let_name(self, by: Member, *, is_named: bool) -> None:
        """Let one's name stand on the other's certificate, or not any more; what is printed already is theirs."""
        with transaction.atomic():
            self._require_writer(by)
            type(self).objects.filter(pk=self.pk).update(is_named=is_named)
        self.refresh_from_db()

    def offer(self, by: Member, *, is_offered: bool) -> None:
        """Let one's words stand on the other's page, or not any more; the other then decides anew."""
        with transaction.atomic():
            self._require_writer(by)
            type(self).objects.filter(pk=self.pk).exclude(is_offered=is_offered).update(
                is_offered=is_offered, is_shown=False
            )
        self.refresh_from_db()

    def show(self, by: Member, *, is_shown: bool) -> None:
        """The person whom it is about wants it on their profile, or not any more."""
        with transaction.atomic():
            row = self.connection.locked(by)
            if self.subject_id is None or row.side_of(by) != self.subject or not self.is_offered:
                raise ValidationError(_("This is not for you to do."))
            type(self).objects.filter(pk=self.pk).update(is_shown=is_shown)
        self.refresh_from_db()
