"""What a mail about a question says, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.connections.models import Connection, MailLink

register = template.Library()
ADDRESS = re.compile(r"^/connections/(\d{1,18})/")


@register.simple_tag
def answer_links(notice: Any) -> dict[str, str]:
    """Yes and no by one click, for the mail alone: on the site the page itself is where one answers."""
    found = ADDRESS.match(notice.url) if notice.is_mail else None
    asked = (
        Connection.objects.filter(pk=int(found[1]), asked=notice.member_id).select_related("asked") if found else None
    )
    row = asked.first() if asked is not None else None
    return MailLink.of(row) if row else {}
