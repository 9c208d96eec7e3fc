"""What gatherings hold on a person: what they hosted, and where they had a seat."""

from typing import Any

from django.db.models import Model
from django.utils import timezone

from community.gatherings.models import (
    CalendarKey,
    Feedback,
    GatheringPage,
    Message,
    Posting,
    Recurrence,
    Registration,
)
from community.members.models import Member

HOLDS: dict[type[Model], str | tuple[str, ...]] = {
    GatheringPage: ("author", "owner"),
    Registration: "member",
    Message: "author",
    Posting: ("gathering__author", "answered_by"),
    Feedback: "member",
    CalendarKey: "member",
}


def export(member: Member) -> dict[str, list[dict[str, Any]]]:
    """The member's gatherings and seats."""
    pages = GatheringPage.objects.filter(author=member).order_by("pk")
    notes = dict(Posting.objects.filter(gathering__author=member).values_list("gathering", "note"))
    seats = Registration.objects.filter(member=member).select_related("gathering").order_by("pk")
    told = ("kind", "mode", "starts_at", "ends_at", "zone", "is_all_day", "capacity", "summary", "text", "bring")
    private = ("price", "place", "exact_place", "online_link", "is_cancelled")
    of_seat = ("state", "guests", "is_online", "answers", "shown_word", "came", "created_at", "cancelled_at")
    return {
        "gatherings": [
            {"title": page.title, "url": page.url, "a_steward_said": notes.get(page.pk, "")}
            | {name: getattr(page, name) for name in told + private}
            for page in pages
        ],
        "registrations": [
            {"gathering": one.gathering.title, "way_gone": one.way_gone}
            | {name: getattr(one, name) for name in of_seat}
            for one in seats
        ],
        "messages_as_host": [
            {"gathering": one.gathering.title, "audience": one.audience, "text": one.text, "sent_at": one.sent_at}
            for one in Message.objects.filter(author=member).select_related("gathering").order_by("pk")
        ],
        "feedback": [
            {"gathering": one.gathering.title, "score": one.score, "word": one.word, "made_at": one.made_at}
            | {"has_changed": one.has_changed}
            for one in Feedback.objects.filter(member=member).select_related("gathering").order_by("pk")
        ],
        # The address itself is a key to more than this file; the day on which it was made says that there is one.
        "calendar_address": [{"made_at": one.made_at} for one in CalendarKey.objects.filter(member=member)],
    }


def erase(member: Member) -> None:
    """Free and delete the member's seats; what they hosted stays without name and address, what is to come is off."""
    CalendarKey.revoke(member)
    Message.objects.filter(author=member).delete()
    Feedback.objects.filter(member=member).delete()
    for seat in Registration.objects.filter(member=member).order_by("gathering_id", "pk"):
        seat.remove()
    hosted = GatheringPage.objects.filter(author=member)
    # Nothing of theirs comes again: a page made later would invite people to nobody.
    Recurrence.objects.filter(gatherings__author=member).update(until=timezone.localdate())
    for page in hosted.filter(ends_at__gt=timezone.now()):  # of a running series the dates that are left, too
        page.call_off()  # whoever wanted to come hears of it
    for page in hosted:
        page.revisions.all().delete()  # they keep every earlier wording, and the exact place
    for page in hosted.filter(live=False, first_published_at=None):
        page.delete()  # nobody but the stewards has read it
    Posting.objects.filter(gathering__author=member).delete()
    Posting.objects.filter(answered_by=member).update(answered_by=None)
    hosted.update(author=None, exact_place="", online_link="")
    GatheringPage.objects.filter(owner=member).update(owner=None)
