"""What the frame of every page needs to know."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from community.notices.models import Notice
from home.models import SiteSettings


def shell(request: HttpRequest) -> dict[str, Any]:
    """The community's own settings and the reader's unread notices, each fetched only where a template asks."""

    def unread() -> int:
        return Notice.objects.visible_to(request.user).unread().count() if hasattr(request, "user") else 0

    return {
        "site_settings": SimpleLazyObject(lambda: SiteSettings.for_request(request)),
        "unread_notices": SimpleLazyObject(unread),
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
