"""The secret address of one's own calendar."""

import uuid
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SIGNER = Signer(salt="gatherings.calendar", sep=".")


class CalendarKey(models.Model):
    """What lets a calendar program read what one member has a seat in, until the member takes it back.

    The row alone opens nothing: the address carries a signature that only the site can make.
    """

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_key")
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("secret calendar address")
        verbose_name_plural = _("secret calendar addresses")

    def __str__(self) -> str:
        return f"calendar of {self.member_id}"

    @classmethod
    def renew(cls, member: Any) -> "CalendarKey":
        """A new address; the one before stops working at once."""
        fresh: dict[str, Any] = {"key": uuid.uuid4(), "made_at": timezone.now()}
        return cls.objects.update_or_create(member=member, defaults=fresh)[0]

    @classmethod
    def revoke(cls, member: Any) -> None:
        """No address any more."""
        cls.objects.filter(member=member).delete()

    @classmethod
    def opened_by(cls, token: str) -> "CalendarKey | None":
        """Whose calendar an address opens; nobody's if it was made up, renewed or taken back, or the member is gone."""
        try:
            key = uuid.UUID(hex=SIGNER.unsign(token))
        except (BadSignature, ValueError):
            return None
        return cls.objects.select_related("member").filter(key=key, member__is_active=True).first()

    @property
    def token(self) -> str:
        """The secret part of the address: 122 random bits and a signature of 256."""
        return SIGNER.sign(self.key.hex)
