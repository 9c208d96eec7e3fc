"""Makes the taxonomy known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TopicsConfig(AppConfig):
    """Topics, seasons, and the page that all listed pages grow from."""

    name = "community.topics"
    label = "topics"
    verbose_name = _("Topics")
