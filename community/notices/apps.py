"""Makes the notices known."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """What happened to a member, on the site and by mail."""

    name = "community.notices"
    label = "notices"
    verbose_name = _("Notices")
