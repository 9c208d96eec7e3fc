"""Keeping somebody away: two-way, at once, and not announced."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _


class Block(models.Model):
    """One member keeps another away; from then on neither meets the other anywhere here."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks_received")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="one_block_a_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} keeps {self.blocked_id} away"

    @classmethod
    def put(cls, blocker: AbstractBaseUser, blocked: AbstractBaseUser) -> "Block":
        """Keep somebody away; doing it twice changes nothing."""
        if blocker.pk == blocked.pk:
            raise ValidationError(_("You cannot block yourself."))
        with transaction.atomic():
            block, is_new = cls.objects.get_or_create(blocker=blocker, blocked=blocked)
            if is_new:
                block.blocker.profile.touch()
        return block

    @classmethod
    def lift(cls, blocker: AbstractBaseUser, blocked: AbstractBaseUser) -> None:
        """Stop keeping somebody away."""
        with transaction.atomic():
            if block := cls.objects.filter(blocker=blocker, blocked=blocked).first():
                block.delete()
                block.blocker.profile.touch()

    @classmethod
    def around(cls, member: Any) -> RawSQL:
        """The keys of all whom this member keeps away or who keep this member away, for `field__in=…`.

        Nearly every query asks this, and some three times: so it is written in SQL, which Django has to compile from
        no QuerySet.
        """
        kept_away = "SELECT blocked_id FROM members_block WHERE blocker_id = %s"
        keep_away = "SELECT blocker_id FROM members_block WHERE blocked_id = %s"
        return RawSQL(" UNION ALL ".join((kept_away, keep_away)), (member.pk, member.pk))  # noqa: S611  only values vary

    @classmethod
    def stands_between(cls, one: AbstractBaseUser, other: AbstractBaseUser) -> bool:
        """Whether either keeps the other away."""
        return cls.objects.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)).exists()
