"""What a mail about a gathering says of it, read from its row at the moment of sending."""

import re
from typing import Any

from django import template

from community.gatherings.models import GatheringPage, Registration

register = template.Library()
ADDRESS = re.compile(r"^/gatherings/([-\w]+)/")


def slug_of(notice: Any) -> str:
    """The word by which an address names a gathering; empty where it leads elsewhere."""
    found = ADDRESS.match(notice.url)
    return found[1] if found else ""


@register.simple_tag
def gathering_of(notice: Any) -> GatheringPage | None:
    """The gathering that a notice is about, for its mail; None on the site, where the page itself says it.

    Whoever reads for somebody without e-mail is told only of what they find themselves. The member is not asked that
    way: they hear of what is theirs, also when it was taken down.
    """
    member = notice.member

    def gatherings(notices: list[Any]) -> dict[str, GatheringPage]:
        shown = GatheringPage.objects.all() if member.email else GatheringPage.objects.visible_to(member.helper)
        pages = shown.filter(slug__in={slug_of(one) for one in notices} - {""})
        return {page.slug: page for page in reversed(pages)}  # of two in different languages the first

    what = ("gatherings", None if member.email else member.helper_id)
    found: dict[str, GatheringPage] = notice.about(what, gatherings) if notice.is_mail else {}
    return found.get(slug_of(notice))


@register.simple_tag
def seat_of(notice: Any, page: GatheringPage | None) -> Registration | None:
    """Where the member to whom a mail goes stands in this gathering now; None on the site."""
    found: dict[tuple[int, int], Registration] = notice.about("seats", seats) if page else {}
    return found.get((notice.member_id, page.pk)) if page else None


def seats(notices: list[Any]) -> dict[tuple[int, int], Registration]:
    """What these members have in these gatherings; of several the last one, which counts."""
    slugs = {slug_of(one) for one in notices} - {""}
    own = Registration.objects.filter(member__in={one.member_id for one in notices}, gathering__slug__in=slugs)
    return {(row.member_id, row.gathering_id): row for row in own.order_by("created_at", "pk")}
