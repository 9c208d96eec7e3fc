"""Makes the shell known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    """Front page, navigation, settings, health, the demo community."""

    name = "home"
    label = "home"
    verbose_name = _("Home")
