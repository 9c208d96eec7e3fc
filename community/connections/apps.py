"""Makes the connections known."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


def _part(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """What was open with somebody who is kept away ends at once; people know nothing of connections."""
    from community.connections.models import Connection

    if created and not kwargs.get("raw"):
        Connection.part(instance.blocker_id, instance.blocked_id)


class ConnectionsConfig(AppConfig):
    """Two people who agreed to meet."""

    name = "community.connections"
    label = "connections"
    verbose_name = _("Connections")

    def ready(self) -> None:
        """Hear of blocks: what the two have open ends in the same transaction, and room is free again."""
        from community.members.models import Block

        post_save.connect(_part, sender=Block, dispatch_uid="connections.part")
