"""What the leak matrix plants around openings: letters, files, words that are held, plans, and what nobody has read."""

import uuid
from typing import Any

from community.connections.models import LearningPlan
from community.openings.models import OpeningPage, Posting, Word
from community.topics.models import CleanFile
from community.trust.models import Safeguarding
from tests import factories

FRAME = "I would like to learn this very much."


def plant(world: Any) -> None:
    """An application of somebody under 18, one that was agreed, one that waits for a guardian, an unread opening."""
    host, member, minor = (world.people[role] for role in ("host", "member", "minor"))
    opening = OpeningPage.objects.get(slug=world.words["slug"][1])
    factories.MemberFactory(name="Guard Person", is_steward=True).groups.add(Safeguarding.group())
    guardian = (f"Gwen {world.secret('guardname', 'minor')}", f"{world.secret('guardmail', 'minor')}@example.org")
    file = CleanFile.of(world.secret("paper", "minor", "host").encode(), "txt")
    young = opening.apply(
        minor, f"{FRAME} {world.secret('letter', 'minor', 'host')}", uuid.uuid4(), guardian=guardian,
        papers={"life": file},
    )  # fmt: skip
    young.hear_guardian(True)
    young.say(host, f"Bring {world.secret('held', 'host')}.")
    agreed = opening.apply(member, f"{FRAME} {world.secret('adult', 'member', 'host')}", uuid.uuid4())
    agreed.offer(host, words=f"Come {world.secret('offered', 'member', 'host')}.")
    agreed.accept(member)
    plan = LearningPlan.objects.get(connection=agreed.connection)
    plan.keep(host, world.secret("goal", "member", "host"), {}, f"mend {world.secret('planned', 'member', 'host')}")
    # The two may reach each other by now.
    mail = next(word for word in world.allowed if word.startswith("zqmail"))
    world.allowed[mail] |= {"host"}
    waits = factories.OpeningFactory(author=host).apply(
        minor, f"{FRAME} {world.secret('waitsfor', 'minor')}", uuid.uuid4(), guardian=guardian
    )
    # A guardian's link shows who asks and what for, and nothing that was written.
    linked = factories.OpeningFactory(author=host).apply(
        factories.MemberFactory(name="Linked Person", is_adult=False), f"{FRAME} {world.secret('behind')}",
        uuid.uuid4(), guardian=(f"Gil {world.secret('linkname')}", f"{world.secret('linkmail')}@example.org"),
    )  # fmt: skip
    token = linked.guardian_url.rstrip("/").rsplit("/", 1)[-1]
    unread = OpeningPage.post(
        world.people["stranger"],
        {"title": f"Offer {world.secret('unread', 'stranger', 'steward')}", "summary": "In short.", "text": "<p>x</p>"},
        [f"mend {world.secret('unreadline', 'stranger', 'steward')}"],
    )
    Posting.objects.filter(opening=unread).update(note=world.secret("judged", "stranger", "steward"))
    papers = [paper.key for paper in young.papers.all()]
    applications = [young.pk, agreed.pk, waits.pk]
    world.own["openings:"] = {
        "slug": [opening.slug, unread.slug], "pk": applications, "key": papers, "token": [token, "x"],
    }  # fmt: skip
    world.own["openings_steward:"] = {"pk": [unread.pk, *Word.objects.values_list("pk", flat=True)]}
    world.own["connections:"] = {"line": list(plan.skills.values_list("pk", flat=True))}
    world.numbers["connections:"].append(agreed.connection_id)
