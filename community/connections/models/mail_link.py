"""Yes or no by one click in a mail, without signing in: for one person, one question, one answer, once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.connections.models.connection import Connection
from community.connections.models.settings import ConnectionSettings
from community.connections.models.steps import ConnectionState
from community.members.models import Member


@dataclass(frozen=True)
class MailLink:
    """A link that answers a question; it works while the question stands as it stood when the mail was written.

    Looking at it changes nothing. What makes it single is the version of the connection, which every step raises.
    """

    connection: Connection
    purpose: str
    is_open: bool

    ACCEPT: ClassVar[str] = "accept"
    DECLINE: ClassVar[str] = "decline"
    SALT: ClassVar[str] = "connections.answer"

    @classmethod
    def url(cls, connection: Connection, purpose: str) -> str:
        """The whole address, as it stands in a mail."""
        bound = [connection.pk, connection.asked_id, cls._reads_mail(connection), purpose, connection.version]
        return f"{settings.SITE_URL}{reverse('connections:by_mail', args=[signing.dumps(bound, salt=cls.SALT)])}"

    @classmethod
    def of(cls, connection: Connection) -> dict[str, str]:
        """Both links of a question that waits; none where there is nothing to answer any more."""
        if connection.state != ConnectionState.PROPOSED or connection.asked is None:
            return {}
        return {purpose: cls.url(connection, purpose) for purpose in (cls.ACCEPT, cls.DECLINE)}

    @classmethod
    def read(cls, token: str, reader: Any) -> Self | None:
        """What a link is for; None where we did not make it, the two do not meet, or it is for somebody else."""
        bound, is_young = cls._unsigned(token)
        if bound is None or len(bound) != 5:
            return None
        key, asked_id, reader_id, purpose, version = bound
        rows = Connection.objects.filter(pk=key, asked=asked_id, asked__is_active=True).with_people()
        row: Connection | None = rows.first()
        if row is None or not Connection.objects.visible_to(row.asked).filter(pk=key).exists():
            return None
        if cls._reads_mail(row) != reader_id:
            return None
        if getattr(reader, "is_authenticated", False) and row.side_of(reader) != row.asked:
            return None
        is_open = is_young and row.state == ConnectionState.PROPOSED and row.version == version
        return cls(row, purpose, is_open)

    @staticmethod
    def _reads_mail(connection: Connection) -> int | None:
        """Who gets the mail: the asked, or whoever acts for them now; what a former helper still has opens nothing."""
        asked: Member = connection.asked  # type: ignore[assignment]
        return asked.pk if asked.email else asked.helper_id

    @classmethod
    def _unsigned(cls, token: str) -> tuple[list[Any] | None, bool]:
        """What was signed, and whether it is not too old; links of a site that allows fewer days now end earlier."""
        lives = timedelta(days=ConnectionSettings.now().link_days)
        try:
            return signing.loads(token, salt=cls.SALT, max_age=lives), True
        except signing.SignatureExpired:
            return signing.loads(token, salt=cls.SALT), False
        except signing.BadSignature:
            return None, False

    def answer(self, reason: str = "", words: str = "") -> None:
        """The click itself. Raises ValidationError where it was answered, taken back or changed meanwhile."""
        if not self.is_open:
            raise ValidationError(_("This link does not work any more."))
        asked: Member = self.connection.asked  # type: ignore[assignment]
        by = asked if asked.email or asked.helper is None else asked.helper  # who clicked: it is on record so
        if self.purpose == self.ACCEPT:
            self.connection.accept(by, words, version=self.connection.version)
        else:
            self.connection.decline(by, words, reason, version=self.connection.version)
