"""Makes the matching known, and lets it hear when a person changes."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    """Who should meet whom."""

    name = "matching"
    label = "matching"
    verbose_name = _("Matching")

    def ready(self) -> None:
        """Queue a refresh, in the same transaction, whenever a profile or a page changed; notice who asks whom."""
        from django.db.models.signals import post_delete, post_save
        from wagtail.models import Page
        from wagtail.signals import page_published, page_unpublished

        from community.connections.models import Connection
        from community.members.models import profile_changed
        from community.openings.models import OpeningPage

        profile_changed.connect(_follow, dispatch_uid="matching.follow")
        post_save.connect(_asked, sender=Connection, dispatch_uid="matching.asked")
        page_published.connect(_read, sender=OpeningPage, dispatch_uid="matching.read")
        page_unpublished.connect(_read, sender=OpeningPage, dispatch_uid="matching.unread")
        for signal in (page_published, page_unpublished):
            signal.connect(_read_page, dispatch_uid="matching.read_page")
        post_delete.connect(_read_page, sender=Page, dispatch_uid="matching.read_page")

    def heal(self) -> int:
        """Queue what a lost task missed, and forget vectors of texts that are gone."""
        from matching.tasks import heal

        return heal()


def _follow(sender: Any, profile: Any, **kwargs: Any) -> None:
    from matching.models import Placement, Suggestion, Vector
    from matching.tasks import follow_profile

    if not profile.is_matched:  # nothing waits for the worker: it is gone when the page comes back
        Vector.forget(profile.pk)
        Suggestion.forget(profile.member_id)
        Placement.objects.filter(member=profile.member_id).delete()
    follow_profile.enqueue(profile.pk)


def _asked(sender: Any, instance: Any, **kwargs: Any) -> None:
    from matching.models import Suggestion

    Suggestion.were_asked([instance])


def _read(sender: Any, **kwargs: Any) -> None:
    from matching.tasks import read_openings

    read_openings.enqueue()


def _read_page(sender: Any, instance: Any, **kwargs: Any) -> None:
    from matching.tasks import read_page

    read_page.enqueue(instance.pk)
