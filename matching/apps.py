"""Makes the matching known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    """Who and what should meet."""

    name = "matching"
    label = "matching"
    verbose_name = _("Matching")
