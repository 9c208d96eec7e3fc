"""What a mail about a circle says of it, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.circles.models import Circle

register = template.Library()
ADDRESS = re.compile(r"^/circles/([-\w]+)/")
LEFT = re.compile(r"^/circles/\?circle=(\d{1,18})$")


@register.simple_tag
def circle_left(notice: Any) -> Circle | None:
    """The circle that somebody does not belong to any more: they knew it, so its name may stand there."""
    found = LEFT.match(notice.url)
    places = notice.member.circle_memberships.filter(circle=int(found[1])).select_related("circle") if found else ()
    return next((place.circle for place in places), None)


@register.simple_tag
def circle_of(notice: Any) -> Circle | None:
    """The circle that a notice is about, for its mail, where its reader still finds it; None on the site."""
    found = ADDRESS.match(notice.url) if notice.is_mail else None
    return Circle.objects.visible_to(notice.member).filter(slug=found[1]).first() if found else None
