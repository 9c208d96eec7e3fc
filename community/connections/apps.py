"""Makes the connections known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    """Two people who agreed to meet."""

    name = "community.connections"
    label = "connections"
    verbose_name = _("Connections")
