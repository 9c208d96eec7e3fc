"""Words that go with an application, either way; to somebody under 18 they go through safeguarding."""

from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.trust.models import Safeguarding, one_by_one


class WordQuerySet(models.QuerySet["Word"]):
    """Who may read what was said."""

    def visible_to(self, member: Any) -> "WordQuerySet":
        """What one said, and what reached one; safeguarding reads what is held, too."""
        applications: Any = apps.get_model("openings", "Application")  # by name: it knows its words
        seen = self.filter(application__in=applications.objects.visible_to(member).values("pk"))
        if Safeguarding.includes(member):
            return seen
        return seen.filter(Q(writer=member) | Q(held_at=None) | ~Q(released_at=None))

    def waiting(self) -> "WordQuerySet":
        """Held, and nobody has decided yet; who has waited longest comes first."""
        return self.exclude(held_at=None).filter(released_at=None, stopped_at=None).order_by("held_at", "pk")


class Word(models.Model):
    """A few words with a step of an application."""

    application = models.ForeignKey("openings.Application", on_delete=models.CASCADE, related_name="words")
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(_("a few words with it"), validators=[MaxLengthValidator(2000)])
    created_at = models.DateTimeField(default=timezone.now)
    held_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects: ClassVar[Any] = WordQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    MOST: ClassVar[int] = 60  # with one application

    class Meta:
        verbose_name = _("words with an application")
        verbose_name_plural = _("words with applications")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"word {self.pk}"

    @classmethod
    def say(cls, application: Any, writer: Member, text: str) -> "Word | None":
        """Keep what somebody says; None where nothing was said, or the same just now.

        Every word of an adult to somebody under 18 is held until safeguarding has read it. Somebody under 18 cannot
        say where they are reached: ValidationError tells them so.
        """
        text = text.strip()
        last = cls.objects.filter(application=application).order_by("-pk").first()
        if not text or (last and (last.writer_id, last.text) == (writer.pk, text)):
            return None
        if cls.objects.filter(application=application).count() >= cls.MOST:
            raise ValidationError(_("That is enough in writing. Meet, or let it go."))
        Safeguarding.require_no_contact(writer, text)
        is_held = writer.pk != application.member_id and not application.member.is_adult
        word = cls(application=application, writer=writer, text=text, held_at=timezone.now() if is_held else None)
        word.full_clean(exclude=["application", "writer"])
        word.save()
        if is_held:
            application.call_safeguard()
        return word

    @transaction.atomic
    def release(self, by: Member) -> None:
        """Safeguarding lets it through; the applicant hears that there is something to read. Twice does it once."""
        self._require_safeguard(by)
        self._let_through(by)

    @classmethod
    def let_through_grown(cls) -> int:
        """Nobody reads for an adult: what was held for somebody who is one by now reaches them. Counts words."""
        grown = cls.objects.waiting().filter(application__member__is_adult=True)
        grown = grown.select_related("application__member", "writer")
        return one_by_one(grown, lambda word: int(word._let_through(None)))

    @transaction.atomic
    def _let_through(self, by: Member | None) -> bool:
        is_new = bool(self._waiting().update(released_at=timezone.now(), decided_by=by))
        if is_new:
            application = self.application
            Notice.send(
                application.member, NoticeKind.APPLICATION_NEWS, application.get_absolute_url(), actor=self.writer
            )
        self.refresh_from_db()
        return is_new

    @transaction.atomic
    def stop(self, by: Member) -> None:
        """Safeguarding keeps it back for good. Twice does it once."""
        self._require_safeguard(by)
        self._waiting().update(stopped_at=timezone.now(), decided_by=by)
        self.refresh_from_db()

    def _waiting(self) -> WordQuerySet:
        return type(self).objects.waiting().filter(pk=self.pk).order_by()

    def _require_safeguard(self, by: Member) -> None:
        if not Safeguarding.includes(by) or by.pk == self.writer_id:
            raise ValidationError(_("Somebody else of safeguarding must decide on this."))

    @property
    def is_held(self) -> bool:
        """Whether nobody has decided on it yet."""
        return self.held_at is not None and self.released_at is None and self.stopped_at is None
