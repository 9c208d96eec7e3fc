"""What a mail about a circle says of it, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.circles.models import Circle

register = template.Library()
ADDRESS = re.compile(r"^/circles/([-\w]+)/")


@register.simple_tag
def circle_of(notice: Any) -> Circle | None:
    """The circle that a notice is about, for its mail, where its reader still finds it; None on the site."""
    found = ADDRESS.match(notice.url) if notice.is_mail else None
    return Circle.objects.visible_to(notice.member).filter(slug=found[1]).first() if found else None
