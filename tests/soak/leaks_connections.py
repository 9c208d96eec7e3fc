"""What the leak matrix plants around connections: a question that can be answered out of a mail."""

from typing import Any

from community.connections.models import Connection, ConnectionKind, MailLink


def plant(world: Any) -> None:
    """A question that is answered out of a mail: whoever has the link reads it, unless somebody else is signed in."""
    word = world.secret("linkword", "host", "mentor", "anonymous")
    host, mentor = world.people["host"], world.people["mentor"]
    row = Connection.propose(host, mentor, ConnectionKind.PEER, f"How do you do {word} in a wet summer?")
    tokens = [url.rstrip("/").rpartition("/")[2] for url in MailLink.of(row).values()]
    world.own.setdefault("connections:", {})["token"] = [*tokens, "x"]
    world.numbers["connections:"].append(row.pk)
