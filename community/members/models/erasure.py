"""Whom we have forgotten, kept only as far as is needed to stay forgetful."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone


class Erasure(models.Model):
    """A person asked to be forgotten: a keyed hash of the address, so that no import or restore brings them back."""

    email_hash = models.CharField(max_length=64, unique=True)
    member_key = models.BigIntegerField(help_text="The number the account had, for re-applying after a restore.")
    erased_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"erased on {self.erased_at:%Y-%m-%d}"

    @staticmethod
    def hash_of(email: str) -> str:
        """The keyed hash under which an address is remembered; useless without the site's secret key."""
        normal = email.strip().lower().encode()
        return hashlib.blake2b(normal, key=settings.SECRET_KEY.encode()[:64], digest_size=32).hexdigest()

    @classmethod
    def covers(cls, email: str) -> bool:
        """Whether the owner of this address asked to be forgotten."""
        return cls.objects.filter(email_hash=cls.hash_of(email)).exists()
