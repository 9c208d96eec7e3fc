"""What is done by the clock."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from community.gatherings.models import GatheringPage
from community.members.models import Draft, Member
from home.management.commands import clock
from tests.factories import GatheringFactory, StoryFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keep_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction around a test would end with its connection."""
    monkeypatch.setattr(clock, "close_old_connections", lambda: None)


def test_it_publishes_what_is_due(wall_clock: Clock) -> None:
    story = StoryFactory()
    story.unpublish()
    story.go_live_at = timezone.now() + timedelta(hours=1)
    story.save_revision().publish()
    story.refresh_from_db()
    assert not story.live
    wall_clock.forward(hours=2)
    call_command("clock", "--once", stdout=StringIO())
    story.refresh_from_db()
    assert story.live


def test_a_page_that_is_refused_keeps_no_other_back(wall_clock: Clock, member: Member) -> None:
    gathering, story, old = GatheringFactory(mode="online"), StoryFactory(), StoryFactory()
    gathering.save_revision().publish()  # out already: what is scheduled is a later wording
    soon = timezone.now() + timedelta(hours=1)
    gathering = GatheringPage.objects.get(pk=gathering.pk)
    gathering.mode, gathering.go_live_at = "on-site", soon
    gathering.save_revision().publish()
    story.unpublish()
    story.go_live_at = soon + timedelta(microseconds=1)
    story.save_revision().publish()
    type(old).objects.filter(pk=old.pk).update(expire_at=soon)
    GatheringPage.objects.get(pk=gathering.pk).enrol(member)  # for a screen, after that was written
    wall_clock.forward(hours=2)
    for _round in range(2):
        assert clock.publish_due() in {"2 pages put out or taken down", ""}
    assert [type(one).objects.get(pk=one.pk).live for one in (gathering, story, old)] == [True, True, False]
    assert GatheringPage.objects.get(pk=gathering.pk).mode == "online"


def test_it_forgets_old_drafts_and_says_so() -> None:
    draft = Draft.objects.create(form="apply", data={"text": ["…"]})
    Draft.objects.filter(pk=draft.pk).update(updated_at=timezone.now() - timedelta(days=20))
    said = StringIO()
    call_command("clock", "--once", stdout=said)
    assert not Draft.objects.exists()
    assert "drafts: 1 old drafts forgotten" in said.getvalue()


def test_a_job_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def broken() -> str:
        raise OSError("no space left")

    monkeypatch.setattr(
        clock,
        "jobs",
        lambda: [clock.Job("broken", 60, broken), clock.Job("good", 60, lambda: done.append("x") or "did")],
    )
    said = StringIO()
    call_command("clock", "--once", stdout=said)
    assert done == ["x"]
    assert said.getvalue() == "good: did\n"


def test_it_knows_what_is_to_be_done() -> None:
    assert {job.name for job in clock.jobs()} == {
        "publish", "reconcile", "suggestions", "learning", "asked", "questions", "desk", "still true", "followed",
        "seats", "openings", "reminders", "connections", "sessions", "tasks", "drafts",
    }  # fmt: skip
