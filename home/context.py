"""What the frame of every page needs to know."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

from community.connections.models import Message
from community.library.models import DeskStory
from community.notices.models import Notice
from community.trust.models import Safeguarding
from home.helping import people_waiting
from home.models import SiteSettings


def shell(request: HttpRequest) -> dict[str, Any]:
    """The community's own settings and the reader's unread notices, each fetched only where a template asks."""

    def frame() -> SiteSettings:
        # Nearly every page asks for both, so both come in one query.
        waiting = Notice.objects.visible_to(getattr(request, "user", None)).unread()
        number = waiting.order_by().values(one=Value(1)).annotate(number=Count("pk")).values("number")
        rows = SiteSettings.objects.filter(site=Site.find_for_request(request))
        found = rows.annotate(unread=Coalesce(Subquery(number), 0)).first()
        if found is None:
            found = SiteSettings.for_request(request)
            found.unread = waiting.count()
        return found

    site_settings = SimpleLazyObject(frame)
    return {
        "site_settings": site_settings,
        "unread_notices": SimpleLazyObject(lambda: site_settings.unread),
        "held_for_me": lambda: held_for(getattr(request, "user", None)),
        "letters_for_me": lambda: people_waiting(getattr(request, "user", None)).count(),
        "is_at_desk": SimpleLazyObject(lambda: DeskStory.is_desk(getattr(request, "user", None))),
        "site_languages": settings.LANGUAGES if len(settings.LANGUAGES) > 1 else [],
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }


def held_for(member: Any) -> str:
    """How many messages to people under 18 wait for this member of safeguarding; empty for everybody else."""
    return str(Message.objects.waiting_for(member).count()) if Safeguarding.includes(member) else ""
