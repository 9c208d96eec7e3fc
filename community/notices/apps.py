"""Makes the notices known, and lets those who follow something hear of new pages."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """What happened to a member, on the site and by mail."""

    name = "community.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Hear of every page that comes out, since pages are published in many ways, by the clock as well."""
        from wagtail.signals import page_published

        page_published.connect(_published, dispatch_uid="notices.published")


def _published(sender: Any, instance: Any, **kwargs: Any) -> None:
    from community.notices.models import Follow
    from community.topics.models import EntryPage

    # Whatever came out before is not new when it comes out again.
    if isinstance(instance, EntryPage) and instance.first_published_at == instance.last_published_at:
        Follow.page_is_new(instance)
