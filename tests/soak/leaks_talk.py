"""What the leak matrix plants into threads: words, a file, private notes, what is held, reported, or blocked."""

from typing import Any

from community.connections.models import Connection, ConnectionKind, Excerpt, Message, Note
from community.members.models import Block
from community.topics.models import CleanFile
from tests import factories


def plant(world: Any) -> None:
    """A thread of two with a file; what each noted for themselves, which the other does not read."""
    member, mentor = world.people["member"], world.people["mentor"]
    pair = Connection.objects.accepted().get(asker=member, asked=mentor)
    both = ("member", "mentor")
    paper = CleanFile.of(f"%PDF-1.4 {world.secret('talkfile', *both)}".encode(), "pdf")
    first = Message.write(pair, member, f"Bring {world.secret('talkone', *both)}.", file=paper)
    rest = [Message.write(pair, mentor, f"Number {number} {world.secret(f'talk{word}', *both)}.")
            for number, word in enumerate(("two", "three", "four", "five", "six"))]  # fmt: skip
    notes = [Note.keep(pair, who, f"He {world.secret(f'note{role}', role)}.")
             for role, who in (("member", member), ("mentor", mentor))]  # fmt: skip
    world.own["connections:"] |= {
        "key": [first.enclosure.key],
        "note": [one.pk for one in notes],
        "message": [first.pk, rest[-1].pk],
    }
    visit(world, pair, first, *rest)
    world.addresses += [f"{pair.get_absolute_url()}notes/{one.pk}/" for one in notes]
    world.addresses.append(first.enclosure.get_absolute_url())
    plant_reported(world)
    plant_held(world)


def plant_reported(world: Any) -> None:
    """Reported, and not opened yet: no steward reads a word of it, though they find the report."""
    host, mentor = world.people["host"], world.people["mentor"]
    pair = Connection.agree(host, mentor, ConnectionKind.COLLABORATION)
    one = Message.write(pair, host, f"You {world.secret('talkrude', 'host', 'mentor')}.")
    Excerpt.report_to_stewards(one, mentor, "harassment", f"It {world.secret('talkreport', 'mentor', 'steward')}.")
    away = factories.MemberFactory()
    parted = Connection.agree(away, host, ConnectionKind.PEER)
    gone = Message.write(parted, host, f"Before {world.secret('talkblock')}.")
    Block.put(away, host)
    visit(world, pair, one)
    visit(world, parted, gone)


def plant_held(world: Any) -> None:
    """What an adult wrote to somebody under 18 and nobody of safeguarding has read; a steward of the rest does not."""
    host, minor = world.people["host"], world.people["minor"]
    pair = Connection.agree(minor, host, ConnectionKind.APPRENTICESHIP, mentor=host)
    one = Message.write(pair, host, f"Ring {world.secret('talkheld', 'host')}.")
    back = Message.write(pair, minor, f"I {world.secret('talkyoung', 'host', 'minor')}.")
    world.numbers["connections_steward:"] = [pair.pk, one.pk]
    visit(world, pair, one, back)


def visit(world: Any, pair: Connection, *said: Message) -> None:
    """Have these very addresses asked, whatever the matrix makes up besides."""
    home = pair.get_absolute_url()
    world.addresses += [f"{home}thread/", f"{home}thread/?page=2", f"{home}notes/"]
    for one in said:
        world.addresses += [one.get_absolute_url(), f"{one.get_absolute_url()}report/"]
