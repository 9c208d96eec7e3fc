"""What the leak matrix plants around recognition: sentences that stewards read, and a pair with a certificate."""

from typing import Any

from django.utils import timezone

from community.connections.models import Closing, Connection, ConnectionKind, Meeting
from community.library.models import Nomination
from community.members.models import Profile
from tests import factories


def plant(world: Any) -> None:
    """A failure that three nominate: each sees their own sentence, and stewards all three."""
    story = factories.StoryFactory(title="Cheese that blew", outcome="failure")
    for role in ("member", "mentor", "host"):
        Nomination.put(story, world.people[role], world.secret(f"why{role}", role, "steward"))
    world.own["library:"]["slug"].append(story.slug)
    plant_closed(world)


def plant_closed(world: Any) -> None:
    """Two who are through, and one of them shows the hours: no word of it is anybody else's."""
    host, mentor = world.people["host"], world.people["mentor"]
    pair = Connection.agree(host, mentor, ConnectionKind.MENTORSHIP, mentor=mentor)
    both = ("host", "mentor")
    Connection.objects.filter(pk=pair.pk).update(skill=f"Whet {world.secret('certskill', *both)}")
    Meeting.note(pair, host, timezone.localdate(), 600, world.secret("certstep", *both))
    Closing.close(pair, host, "reached", reached=5, thanks=world.secret("certthanks", *both), is_named=True)
    Closing.close(pair, mentor, "reached", reached=5, thanks=world.secret("certback", *both))
    Profile.objects.filter(member=mentor).update(shows_passed_on=True)
    world.words["handle"].append(mentor.handle)
    world.numbers["connections:"].append(pair.pk)
