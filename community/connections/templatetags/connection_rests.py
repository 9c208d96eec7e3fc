"""What a page says against silence, read where it is shown."""

from typing import Any

from django import template

from community.connections.models import RESTS, Connection, Wait

register = template.Library()


@register.simple_tag
def rests() -> tuple[tuple[int, Any], ...]:
    """After how many weeks two people may say that they go on."""
    return RESTS


@register.simple_tag
def waits_of(member: Any) -> list[Wait]:
    """The mentors for whom this member waits."""
    return list(Wait.objects.visible_to(member).pending().select_related("learner", "mentor"))


@register.simple_tag(takes_context=True)
def place_with(context: Any, mentor: Any) -> Any:
    """Why this reader cannot ask a mentor just now; empty where they can."""
    reader = context["request"].user
    is_mentor = reader.is_authenticated and "mentor" in mentor.profile.open_to
    return Connection.why_no_place(mentor, reader) if is_mentor else ""
