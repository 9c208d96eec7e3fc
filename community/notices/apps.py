"""Makes the notices known, and lets those who follow something hear of new pages."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """What happened to a member, on the site and by mail."""

    name = "community.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """Hear of every page that comes out, since pages are published in many ways, by the clock as well; and of
        blocks, since people know nothing of notices."""
        from wagtail.signals import page_published

        from community.members.models import Block

        page_published.connect(_published, dispatch_uid="notices.published")
        post_save.connect(_part, sender=Block, dispatch_uid="notices.part")


def _part(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    from community.notices.models import Notice

    if created and not kwargs.get("raw"):
        Notice.part(instance.blocker_id, instance.blocked_id)


def _published(sender: Any, instance: Any, **kwargs: Any) -> None:
    from community.notices.models import Follow
    from community.topics.models import EntryPage

    # Whatever came out before is not new when it comes out again.
    if isinstance(instance, EntryPage) and instance.first_published_at == instance.last_published_at:
        Follow.page_is_new(instance)
