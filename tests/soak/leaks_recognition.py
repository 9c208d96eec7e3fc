"""What the leak matrix plants around recognition: sentences that stewards read, and nobody who said them."""

from typing import Any

from community.library.models import Nomination
from tests import factories


def plant(world: Any) -> None:
    """A failure that three nominate: each sees their own sentence, and stewards all three."""
    story = factories.StoryFactory(title="Cheese that blew", outcome="failure")
    for role in ("member", "mentor", "host"):
        Nomination.put(story, world.people[role], world.secret(f"why{role}", role, "steward"))
    world.own["library:"]["slug"].append(story.slug)
