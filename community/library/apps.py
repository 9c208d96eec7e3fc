"""Makes the library known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    """Stories of what was tried."""

    name = "community.library"
    label = "library"
    verbose_name = _("Library")
