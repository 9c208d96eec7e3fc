"""What the leak matrix plants around connections: an answer out of a mail, and what two people wrote down."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.connections.models import Agreement, CheckIn, Closing, Connection, ConnectionKind, MailLink, Meeting


def plant(world: Any) -> None:
    """A question that is answered out of a mail: whoever has the link reads it, unless somebody else is signed in."""
    word = world.secret("linkword", "host", "mentor", "anonymous")
    host, mentor = world.people["host"], world.people["mentor"]
    row = Connection.propose(host, mentor, ConnectionKind.PEER, f"How do you do {word} in a wet summer?")
    tokens = [url.rstrip("/").rpartition("/")[2] for url in MailLink.of(row).values()]
    world.own.setdefault("connections:", {})["token"] = [*tokens, "x"]
    world.numbers["connections:"].append(row.pk)
    plant_papers(world)


def plant_papers(world: Any) -> None:
    """What two people wrote down: only they read it, and of last words others only what both wanted to be shown."""
    member, mentor = world.people["member"], world.people["mentor"]
    pair = Connection.objects.accepted().get(asker=member, asked=mentor)
    Connection.objects.filter(pk=pair.pk).update(accepted_at=timezone.now() - timedelta(days=40))
    both = ("member", "mentor")
    terms = {"rhythm": world.secret("rhythm", *both), "otherwise": f"We say {world.secret('otherwise', *both)}."}
    until = timezone.localdate() + timedelta(days=90)
    Agreement.write(pair, member, goals=f"Learn {world.secret('goals', *both)}.", until=until, **terms).sign(mentor)
    meeting = Meeting.note(pair, member, timezone.localdate(), 60, world.secret("nextstep", *both))
    CheckIn.ask_due()
    CheckIn.objects.get(connection=pair, member=mentor).say(mentor, 2, world.secret("checkword", *both))
    ended = Connection.agree(mentor, member, ConnectionKind.PEER)
    words = {"thanks": world.secret("lastthanks", *both), "is_offered": False}
    closing = Closing.close(ended, mentor, "reached", testimonial=world.secret("notoffered", *both), **words)
    own = {"meeting": [meeting.pk], "closing": [closing.pk]}
    world.own["connections:"] |= own
    world.numbers["connections:"].append(ended.pk)
