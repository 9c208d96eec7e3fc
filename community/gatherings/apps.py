"""Makes the gatherings known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GatheringsConfig(AppConfig):
    """Workshops, visits, meetings."""

    name = "community.gatherings"
    label = "gatherings"
    verbose_name = _("Gatherings")
