"""Makes the shell known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    """Front page, navigation, settings, health, the demo community."""

    name = "home"
    label = "home"
    verbose_name = _("Home")

    def ready(self) -> None:
        """Pictures are cleaned from the first upload on."""
        from home import images  # noqa: F401
