"""Makes trust known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrustConfig(AppConfig):
    """Reports, moderation, export and erasure, audit."""

    name = "community.trust"
    label = "trust"
    verbose_name = _("Trust")
