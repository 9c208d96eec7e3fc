"""What a mail about a circle says of it, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.circles.models import Action, Circle

register = template.Library()
ADDRESS = re.compile(r"^/circles/([-\w]+)/")
LEFT = re.compile(r"^/circles/\?circle=(\d{1,18})$")
TASK = re.compile(r"^/circles/[-\w]+/\?task=(\d{1,18})$")


def named(pattern: re.Pattern[str], notices: list[Any]) -> set[str]:
    """What these addresses name, of those that are of this form."""
    return {found[1] for one in notices if (found := pattern.match(one.url))}


@register.simple_tag
def circle_left(notice: Any) -> Circle | None:
    """The circle that somebody does not belong to any more: they knew it, so its name may stand there.

    Whoever reads it for them did not know it, and is told the name only where they find it themselves.
    """
    found = LEFT.match(notice.url)
    if not found:
        return None
    places = notice.member.circle_memberships.filter(circle=int(found[1])).select_related("circle")
    if not notice.member.email:
        places = places.filter(circle__in=Circle.objects.visible_to(notice.member.helper).order_by().values("pk"))
    return next((place.circle for place in places), None)


@register.simple_tag
def circle_of(notice: Any) -> Circle | None:
    """The circle that a notice is about, for its mail, where all who read it still find it; None on the site."""

    def circles(notices: list[Any]) -> dict[str, Circle]:
        shown = Circle.objects.filter(slug__in=named(ADDRESS, notices))
        for reader in notice.readers:
            shown = shown.visible_to(reader)
        return {circle.slug: circle for circle in shown}

    found = ADDRESS.match(notice.url) if notice.is_mail else None
    return notice.about(("circles", notice.member_id), circles).get(found[1]) if found else None


@register.simple_tag
def task_of(notice: Any) -> Action | None:
    """What a member is to do, for its mail; only where all who read it belong to the circle. None on the site."""

    def tasks(notices: list[Any]) -> dict[int, Action]:
        own = Action.objects.filter(pk__in=map(int, named(TASK, notices)), doer=notice.member, done_at=None)
        for reader in notice.readers:
            own = own.visible_to(reader)
        return {action.pk: action for action in own}

    found = TASK.match(notice.url) if notice.is_mail else None
    return notice.about(("tasks", notice.member_id), tasks).get(int(found[1])) if found else None
