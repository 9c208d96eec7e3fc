"""What the host writes to those who come or wait."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.gatherings.models.contact import shown_to
from community.gatherings.models.registration import Registration
from community.gatherings.models.seats import RegistrationState, Seats
from community.members.models import Member
from community.notices.models import Notice, NoticeKind


class Audience(models.TextChoices):
    """To whom a host writes."""

    ALL = "all", _("To everybody who comes, waits or asks")
    COMING = "coming", _("To those who have a seat")
    WAITING = "waiting", _("To those who wait or ask")


class MessageQuerySet(models.QuerySet["Message"]):
    """Who reads what a host has written."""

    def visible_to(self, member: Any) -> "MessageQuerySet":
        """The host, and those for whom it was, as they stand now."""
        if not getattr(member, "is_authenticated", False):
            return self.none()
        own = Registration.objects.of(member).unblocked()
        coming, waiting = own.open(), own.pending().exclude(state=RegistrationState.ENROLLED)
        return self.filter(
            Q(gathering__author=member)
            | Q(gathering__in=coming.values("gathering"), audience__in=[Audience.ALL, Audience.COMING])
            | Q(gathering__in=waiting.values("gathering"), audience__in=[Audience.ALL, Audience.WAITING])
        )


class Message(models.Model):
    """A few words of the host to many at once, kept on a page of the gathering."""

    gathering = models.ForeignKey("gatherings.GatheringPage", on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    audience = models.CharField(_("to whom"), max_length=8, choices=Audience.choices, default=Audience.COMING)
    text = models.TextField(_("what you write"), validators=[MaxLengthValidator(2000)])
    key = models.UUIDField(default=uuid.uuid4)
    sent_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()
    wagtail_reference_index_ignore = True
    text_shown: str = ""  # as the reader of a page may see it
    MOST_A_DAY: ClassVar[int] = 3

    class Meta:
        verbose_name = _("message of a host")
        verbose_name_plural = _("messages of hosts")
        ordering: ClassVar[list[str]] = ["-sent_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["gathering", "key"], name="one_message_a_form"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def get_absolute_url(self) -> str:
        """Its place on the page with all messages."""
        return f"{reverse('gatherings:messages', args=[self.gathering.slug])}#message-{self.pk}"

    @classmethod
    @transaction.atomic
    def send(cls, gathering: Any, author: Member, text: str, audience: str, key: uuid.UUID) -> "Message":
        """Write to those who come, who wait, or both; the same form sent again sends nothing more."""
        Seats.hold(gathering.pk)  # so that two at once are counted, and nobody gets a seat in between unheard
        if earlier := cls.objects.filter(gathering=gathering, key=key).first():
            return earlier
        if gathering.author_id != author.pk:
            raise ValidationError(_("Only the host writes to those who come."))
        lately = cls.objects.filter(gathering=gathering, sent_at__gt=timezone.now() - timedelta(days=1))
        if lately.count() >= cls.MOST_A_DAY:
            raise ValidationError(
                _("You have written %(n)s times today. Write again tomorrow, or ring.") % {"n": cls.MOST_A_DAY}
            )
        message = cls(gathering=gathering, author=author, text=text, audience=audience, key=key)
        message.full_clean()
        message.save()
        for one in message.addressees().select_related("member"):
            Notice.send(one.member, NoticeKind.GATHERING_MESSAGE, message.get_absolute_url(), actor=author)
        return message

    def addressees(self) -> Any:
        """The registrations of those for whom it is."""
        known = Registration.objects.unblocked().filter(gathering=self.gathering, member__is_active=True)
        if self.audience == Audience.COMING:
            return known.open()
        pending = known.pending()
        return pending if self.audience == Audience.ALL else pending.exclude(state=RegistrationState.ENROLLED)

    def shown_to(self, reader: Any) -> str:
        """The text as this reader may see it; to the host it is shown whole."""
        return self.text if getattr(reader, "pk", None) == self.author_id else shown_to(reader, self.text)
