"""Of gatherings: who waits, who asks, what a host writes and reads, what guests say of it, and what nobody has read."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.gatherings.models import Feedback, GatheringPage, Message
from tests import factories


def plant(world: Any) -> None:
    """A full one with a queue, one whose host says yes to each, one that is over, and one that nobody has read."""
    p = world.people
    gate = world.secret("waitgate", "host", "mentor")
    full = factories.GatheringFactory(author=p["host"], capacity=1, exact_place=gate, online_link="")
    seat = full.enrol(p["mentor"])
    for who in ("member", "minor"):
        full.enrol(p[who], may_wait=True)
    Message.send(full, p["host"], f"Park at {world.secret('hostcome', 'host', 'mentor')}.", "coming", uuid.uuid4())
    waits = world.secret("hostwait", "host", "member", "minor")
    Message.send(full, p["host"], f"Be patient, {waits}.", "waiting", uuid.uuid4())
    Message.send(
        full, p["host"], f"{world.secret('hostmail', 'host', 'mentor', 'member')}@example.org", "all", uuid.uuid4()
    )
    asks = factories.GatheringFactory(
        author=p["host"], needs_approval=True, host_questions="What do you grow?",
        exact_place=world.secret("askgate", "host"), online_link="",
    )  # fmt: skip
    asked = asks.enrol(p["member"], answers=[world.secret("enrolanswer", "host", "member")])
    refused = asks.enrol(p["mentor"], answers=["x"])
    refused.decline(f"Not this time, {world.secret('refused', 'mentor', 'host', 'steward')}.")
    world.own["gatherings:"] = {
        "slug": [world.words["slug"][0], full.slug, asks.slug, over(world).slug],
        "pk": [asked.pk],
        "token": [seat.not_coming_url.split("/")[-2]],
    }
    world.own["gatherings_steward:"] = {"pk": [posted(world).pk]}


def over(world: Any) -> GatheringPage:
    """A gathering that is over, of which three have said how it was: the host reads it, and nobody else."""
    now = timezone.now()
    gathering = factories.GatheringFactory(author=world.people["host"], exact_place="", online_link="")
    for who, name in (("member", "feeda"), ("mentor", "feedb"), ("stranger", "feedc")):
        gathering.enrol(world.people[who])
        world.secret(name, "host", "steward", who)
    GatheringPage.objects.filter(pk=gathering.pk).update(starts_at=now - timedelta(hours=5), ends_at=now)
    gathering.refresh_from_db()
    for who, name in (("member", "feeda"), ("mentor", "feedb"), ("stranger", "feedc")):
        Feedback.give(gathering, world.people[who], score=4, word=f"zq{name}qz")
    return gathering


def posted(world: Any) -> Any:
    """What the member has written and no steward has read."""
    day = timezone.now() + timedelta(days=20)
    return GatheringPage.post(
        world.people["member"],
        {
            "title": f"Walk {world.secret('posted', 'member', 'steward')}", "summary": "In short.", "text": "<p>x</p>",
            "place": "Tolver", "starts_at": day, "ends_at": day + timedelta(hours=2),
            "exact_place": world.secret("postgate", "member"),
        },
    )  # fmt: skip
