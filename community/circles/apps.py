"""Makes the circles known."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


def _part(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Whoever keeps somebody away meets them in no circle that either leads; people know nothing of circles."""
    from community.circles.models import Circle

    if created and not kwargs.get("raw"):
        Circle.part(instance.blocker_id, instance.blocked_id)


class CirclesConfig(AppConfig):
    """A few people who meet again and again over the same work."""

    name = "community.circles"
    label = "circles"
    verbose_name = _("Circles")

    def ready(self) -> None:
        """Hear of blocks: the place that one of the two holds in the other's circle is free in the same transaction."""
        from community.members.models import Block

        post_save.connect(_part, sender=Block, dispatch_uid="circles.part")
