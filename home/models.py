"""The shell: the front page, plain pages, and what a community says of itself."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    """What a community says of itself on every page: its name, a notice, and a person to call."""

    name = models.CharField(_("name of the community"), max_length=80, default="Scionwood")
    tagline = models.CharField(_("in one line"), max_length=160, blank=True)
    notice = models.CharField(_("notice on every page"), max_length=300, blank=True)
    contact_name = models.CharField(_("who helps"), max_length=80, blank=True)
    contact_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    contact_email = models.EmailField(_("e-mail"), blank=True)

    panels: ClassVar[list[Any]] = [
        FieldPanel(name) for name in ("name", "tagline", "notice", "contact_name", "contact_phone", "contact_email")
    ]

    class Meta:
        verbose_name = _("the community")
