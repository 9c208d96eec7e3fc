"""What a mail about a gathering says of it, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.gatherings.models import GatheringPage, Registration

register = template.Library()
ADDRESS = re.compile(r"^/gatherings/([-\w]+)/")


@register.simple_tag
def gathering_of(notice: Any) -> GatheringPage | None:
    """The gathering that a notice is about, for its mail; None on the site, where the page itself says it."""
    found = ADDRESS.match(notice.url) if notice.is_mail else None
    return GatheringPage.objects.filter(slug=found[1]).first() if found else None


@register.simple_tag
def seat_of(notice: Any, page: GatheringPage | None) -> Registration | None:
    """Where the member to whom a mail goes stands in this gathering now; None on the site."""
    own = Registration.objects.of(notice.member).filter(gathering=page).order_by("-created_at", "-pk")
    return own.first() if page else None
