"""Somebody of the demo valley without e-mail, whom a neighbour helps: a question waits for her, on paper."""

from community.connections.models import Connection, ConnectionKind
from community.members.models import Member
from home.demo.people import places
from home.demo.texts import read


def keep() -> int:
    """Keep an account for each, with a question that waits. Counts the new ones."""
    number = 0
    for texts in read("helped")["helped"]:
        helper = Member.objects.get(handle=texts["helper"])
        if helper.helped.filter(name=texts["name"]).exists():
            continue
        person = helper.help(texts["name"], is_adult=True)
        profile = person.profile
        profile.trade, profile.place, profile.about = (texts[name] for name in ("trade", "place", "about"))
        profile.open_to, profile.is_matched = ["peer"], False
        where = places()[profile.place]
        profile.move_to(where["lat"], where["lon"])
        profile.save()
        asker = Member.objects.get(handle=texts["asker"])
        Connection.propose(asker, person, ConnectionKind.PEER, texts["message"].strip())
        number += 1
    return number
