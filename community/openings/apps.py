"""Makes the openings known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpeningsConfig(AppConfig):
    """Apprenticeships, placements, guest calls, advisory seats."""

    name = "community.openings"
    label = "openings"
    verbose_name = _("Openings")
