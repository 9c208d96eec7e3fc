"""What two people agree on, in writing: each text stays as it was signed, and a change is a new one that both sign."""

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection, on_side
from community.connections.models.steps import ConnectionState
from community.members.models import Member
from community.notices.models import Notice, NoticeKind

TERMS = ("goals", "rhythm", "until", "cycles", "visits", "otherwise")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Texts that people agreed on, the newest first."""

    def visible_to(self, member: Any) -> "AgreementQuerySet":
        """Those of one's own connections, the old ones, too; none across a block."""
        return self.filter(connection__in=Connection.objects.visible_to(member).values("pk"))

    def editable_by(self, member: Any) -> "AgreementQuerySet":
        """Those that one of the two can still sign: a text itself is never edited."""
        open_ones = Connection.objects.visible_to(member).accepted()
        return self.filter(connection__in=open_ones.values("pk"))

    def to_sign_by(self, member: Any) -> "AgreementQuerySet":
        """The newest texts of pairs under way that wait for this member's signature."""
        newer = Agreement.objects.filter(connection=OuterRef("connection"), number__gt=OuterRef("number"))
        mine = on_side("connection__asker", member) & Q(asker_signed_at=None)
        mine |= on_side("connection__asked", member) & Q(asked_signed_at=None)
        return self.editable_by(member).filter(mine).exclude(Exists(newer))

    def update(self, **fields: Any) -> int:
        """Signatures are put in; words are not changed by anybody."""
        if not fields.keys() <= {"asker_signed_at", "asked_signed_at", "writer"}:
            raise ValidationError(_("What is written down stays as it is. Write a new version."))
        return super().update(**fields)


class Agreement(models.Model):
    """What the two want, how often they meet, until when, and what happens if it does not work out."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="agreements")
    number = models.PositiveSmallIntegerField()
    goals = models.TextField(
        _("what we want to reach"), validators=[MinLengthValidator(10), MaxLengthValidator(2000)],
        help_text=_("One to three things, so that both of you can see later whether you got there."),
    )  # fmt: skip
    rhythm = models.CharField(
        _("how often, and how"), max_length=200,
        help_text=_("For example: every second Thursday for two hours, by telephone in between."),
    )  # fmt: skip
    until = models.DateField(_("until when"))
    cycles = models.PositiveSmallIntegerField(
        _("how many seasons it takes"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("Where something must be seen through a whole year, or more than once. Else leave it empty."),
    )  # fmt: skip
    visits = models.CharField(
        _("who visits whom"), max_length=200, blank=True,
        help_text=_("On a farm or in a workshop one visit each way is the least. Else leave it empty."),
    )  # fmt: skip
    otherwise = models.TextField(
        _("what we do if it does not work out"), validators=[MinLengthValidator(10), MaxLengthValidator(1000)],
        help_text=_("For example: we say so within two weeks, and each of us may end it without giving a reason."),
    )  # fmt: skip
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    asker_signed_at = models.DateTimeField(null=True, blank=True)
    asked_signed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = AgreementQuerySet.as_manager()

    MOST: ClassVar[int] = 50  # versions; more would be a game
    LONGEST: ClassVar[timedelta] = timedelta(days=5 * 366)

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering: ClassVar[list[str]] = ["-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["connection", "number"], name="one_agreement_a_number"),
        ]

    def __str__(self) -> str:
        return f"agreement {self.connection_id}.{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once; a trigger in the database holds the same for whoever comes another way."""
        if not self._state.adding:
            raise ValidationError(_("What is written down stays as it is. Write a new version."))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The page on which both sign."""
        return f"{reverse('connections:agreement', args=[self.connection_id])}?text={self.number}"

    # Verbs

    @classmethod
    def write(cls, connection: Connection, by: Member, version: int | None = None, **terms: Any) -> "Agreement":
        """Write down what one proposes to agree on, and sign it; it holds when the other has signed, too.

        What was signed before holds until then. The same text written twice is one.
        """
        connection.require_no_contact(str(terms.get(name) or "") for name in TERMS)
        with transaction.atomic():
            row = connection.locked(by)
            last = cls.objects.filter(connection=row).first()
            if last and last._says(terms) and (last.is_signed or last.signed_at(row.side_of(by))):
                return last
            row.require_under_way()
            row._require_fresh(version)
            text = cls(connection=row, number=last.number + 1 if last else 1, writer=row.side_of(by), **terms)
            setattr(text, text._mark_of(by), text.written_at)
            text.clean_fields()
            text.clean()
            text.save()
            row.touch(by, is_news=True)
            if other := row.other(by):
                Notice.send(other, NoticeKind.AGREEMENT_WRITTEN, text.get_absolute_url(), actor=row.side_of(by))
        connection.refresh_from_db()
        return text

    def sign(self, by: Member, version: int | None = None) -> None:
        """Agree to this very text; signed by both it holds. Only the newest can be signed; twice signs once."""
        with transaction.atomic():
            row = self.connection.locked(by)
            self.refresh_from_db()
            mark = self._mark_of(by)
            if getattr(self, mark) is None:
                row.require_under_way()
                row._require_fresh(version)
                if type(self).objects.filter(connection=row, number__gt=self.number).exists():
                    raise ValidationError(_("There is a newer text. Look at that one."))
                self._sign_as(mark, row, by)
        self.refresh_from_db()

    def _sign_as(self, mark: str, row: Connection, by: Member) -> None:
        type(self).objects.filter(pk=self.pk, **{mark: None}).update(**{mark: timezone.now()})
        self.refresh_from_db()
        if row.state == ConnectionState.ACCEPTED and self.is_signed:
            row._step("agree", by)
        else:
            row.touch(by, is_news=True)
        if other := row.other(by):
            Notice.send(other, NoticeKind.AGREEMENT_SIGNED, self.get_absolute_url(), actor=row.side_of(by))

    def clean(self) -> None:
        """It ends one day, and not only when everybody has forgotten it."""
        today = timezone.localdate()
        if not today < self.until <= today + self.LONGEST:
            raise ValidationError({"until": _("Choose a day after today, within five years.")})
        if self.number > self.MOST:
            raise ValidationError(_("That is enough versions. Talk about it first."))

    # Queries

    def _mark_of(self, by: Any) -> str:
        return "asker_signed_at" if self.connection.side_of(by) == self.connection.asker else "asked_signed_at"

    def _says(self, terms: dict[str, Any]) -> bool:
        blank = type(self)()
        return all(getattr(self, name) == terms.get(name, getattr(blank, name)) for name in TERMS)

    def signed_at(self, who: Any) -> Any:
        """When this one of the two signed it."""
        return getattr(self, self._mark_of(who))

    @property
    def is_signed(self) -> bool:
        """Whether both have signed it: then it holds until they sign another."""
        return self.asker_signed_at is not None and self.asked_signed_at is not None
