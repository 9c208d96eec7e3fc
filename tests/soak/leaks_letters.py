"""What the leak matrix plants for somebody without e-mail: a question and a seat, which their helper alone reads."""

from typing import Any

from community.connections.models import Connection
from community.members.models import Member
from community.notices.models import Letter, Notice, NoticeKind
from tests import factories


def plant(world: Any) -> None:
    """The member helps; the mentor asks the person something that only the two and the helper read."""
    member, mentor = world.people["member"], world.people["mentor"]
    helped = Member.objects.get(name="Helped Person", helper=member)
    asked = Connection.objects.create(
        asker=mentor,
        asked=helped,
        kind="peer",
        message=f"May I see how {world.secret('askhelped', 'member', 'mentor')}?",
    )
    Notice.send(helped, NoticeKind.CONNECTION_PROPOSED, asked.get_absolute_url(), actor=mentor)
    factories.GatheringFactory(author=mentor, exact_place=world.secret("helpgate", "member", "mentor", "editor")).enrol(
        helped
    )
    printed = Notice.send(helped, NoticeKind.CIRCLE_JOINED, "/circles/")
    letter = Letter.put(helped, member, {printed.pk})
    world.own["letter"] = {"handle": [helped.handle, member.handle], "pk": [letter.pk if letter else 0]}
