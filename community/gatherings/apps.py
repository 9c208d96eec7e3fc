"""Makes the gatherings known."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


def _part(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Whoever keeps somebody away keeps no seat in what they hold; people know nothing of gatherings."""
    from community.gatherings.models import Registration

    if created and not kwargs.get("raw"):
        Registration.part(instance.blocker_id, instance.blocked_id)


class GatheringsConfig(AppConfig):
    """Workshops, visits, meetings."""

    name = "community.gatherings"
    label = "gatherings"
    verbose_name = _("Gatherings")

    def ready(self) -> None:
        """Hear of blocks: a seat that one of the two holds with the other is free at once, in the same transaction."""
        from community.members.models import Block

        post_save.connect(_part, sender=Block, dispatch_uid="gatherings.part")
