"""Makes the library known."""

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    """Stories of what was tried."""

    name = "community.library"
    label = "library"
    verbose_name = _("Library")

    def ready(self) -> None:
        """Hear when a collection comes out, in whatever way."""
        from wagtail.signals import page_published

        from community.library.models import CollectionPage

        page_published.connect(_published, sender=CollectionPage, dispatch_uid="library.published")


def _published(sender: Any, instance: Any, **kwargs: Any) -> None:
    instance.tell_what_is_new()
