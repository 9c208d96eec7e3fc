"""What somebody's page shows of what they passed on."""

from typing import Any

from django import template

from community.connections.models import PassedOn
from community.members.models import Member

register = template.Library()


@register.simple_tag
def passed_on_of(who: Member) -> dict[str, Any]:
    """Hours, the number of skills, and those that stand among their offers; empty where they do not want it shown."""
    whole = PassedOn.shown_of(who)
    return {"whole": whole, "names": whole.offered_by(who)} if whole else {}
