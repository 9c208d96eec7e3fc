"""What the leak matrix plants in circles: a closed one with all that is written in it, and one that adults find."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.circles.models import Action, Circle, Membership, Minutes, Poll
from community.gatherings.models import CalendarKey
from tests import factories

ADULTS = ("member", "stranger", "steward", "editor", "host", "mentor")


def plant(world: Any) -> None:
    """The member leads, the mentor belongs to it; the stranger asks at the open door, and nobody else knows."""
    member, mentor, stranger = (world.people[role] for role in ("member", "mentor", "stranger"))
    today, inside = timezone.localdate(), ("member", "mentor")
    closed = Circle.found(
        member, name=f"Circle {world.secret('circle', *inside)}", door="closed",
        purpose=f"We mend {world.secret('purpose', *inside)}.", agenda=world.secret("agenda", *inside),
    )  # fmt: skip
    closed.invite(member, mentor)
    closed.join(mentor)
    minutes = Minutes.write(closed, member, today, f"We said {world.secret('minutes', *inside)}.")
    action = Action.give(closed, mentor, f"Mend {world.secret('todo', *inside)}", member)
    poll = Poll.put(
        closed, member, [f"Yes {world.secret('choice', *inside)}", "No"], shows_at_once=True,
        title=f"Who wants {world.secret('poll', *inside)}?", closes_on=today + timedelta(days=9),
    )  # fmt: skip
    poll.vote(mentor, [poll.choices.first().pk])
    question = closed.ask_inside(member, f"How is {world.secret('inquestion', *inside)} done?")
    question.answer(mentor, f"Like {world.secret('inanswer', *inside)}.")
    # The word stands in no address: where a page lies, its address may be known.
    story = factories.StoryFactory(author=member, title=f"Story {world.secret('kept', *inside)}", slug="kept-inside")
    closed.keep(member, story)
    asked = Circle.found(
        member, name=f"Circle {world.secret('found', *ADULTS)}", purpose="We lay hedges.",
        agenda=world.secret("openagenda", "member"),
    )  # fmt: skip
    asked.ask(stranger, f"I can {world.secret('askword', 'stranger', 'member')}.")
    places = list(Membership.objects.order_by("pk").values_list("pk", flat=True))
    world.own["circles:"] = {
        "slug": [closed.slug, asked.slug], "pk": [minutes.pk, action.pk, poll.pk], "place": places,
        "group": [closed.group_id], "page": [story.pk],
    }  # fmt: skip
    keys = [CalendarKey.renew(world.people[role]).token for role in ("stranger", "blocked", "minor")]
    world.own["circle_calendar"] = {"slug": [closed.slug, asked.slug], "token": keys}
    world.own["questions:"]["question"].append(question.pk)
    world.addresses.append(story.get_url() or "/")
