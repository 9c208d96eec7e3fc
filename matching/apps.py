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
        """Queue a refresh, in the same transaction, whenever a profile changed."""
        from community.members.models import profile_changed

        profile_changed.connect(_follow, dispatch_uid="matching.follow")


def _follow(sender: Any, profile: Any, **kwargs: Any) -> None:
    from matching.tasks import follow_profile

    follow_profile.enqueue(profile.pk)
