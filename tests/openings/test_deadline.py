"""Answers always come: reminders, late answers, and what runs out."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.members.models import Member
from community.notices.models import Notice
from community.openings.models import Application, OpeningSettings
from home.management.commands.clock import jobs
from tests.conftest import signed_in
from tests.factories import OpeningFactory

pytestmark = pytest.mark.django_db
WORDS = "I have mended two field gates and would like to learn walls."


@pytest.fixture
def sent(member: Member) -> Application:
    """An application that waits for its poster."""
    return OpeningFactory().apply(member, WORDS)


def due_in(days: int) -> None:
    Application.objects.update(due_on=timezone.localdate() + timedelta(days=days))


def kinds(who: Member) -> list[str]:
    return sorted(Notice.objects.filter(member=who).values_list("kind", flat=True))


def test_both_see_the_same_day(sent: Application, member: Member) -> None:
    day = timezone.localdate() + timedelta(days=OpeningSettings.now().answer_days)
    assert sent.due_on == day
    for who in (member, sent.poster):
        assert f'datetime="{day.isoformat()}"' in signed_in(who).get(sent.get_absolute_url()).text


def test_the_poster_is_reminded_once_before_the_day(sent: Application) -> None:
    due_in(4)
    assert Application.keep_time() == 0
    due_in(3)
    assert Application.keep_time() == 1 and Application.keep_time() == 0
    assert kinds(sent.poster) == ["application_due", "application_received"]


def test_who_waits_in_vain_hears_it_and_everybody_sees_it(
    sent: Application, member: Member, client: Client, as_steward: Client
) -> None:
    url = f"/openings/{sent.opening.slug}/"
    due_in(0)
    assert "Slow to answer" not in client.get(url).text
    due_in(-1)
    Application.keep_time()
    assert Application.keep_time() == 0
    assert kinds(member) == ["application_late"]
    assert "Slow to answer" in client.get(url).text
    desk = as_steward.get("/steward/openings/").text
    assert sent.opening.title in desk and member.name not in desk and WORDS not in desk
    sent.shortlist(sent.poster)
    assert "Slow to answer" not in client.get(url).text
    assert sent.opening.title not in as_steward.get("/steward/openings/").text


def test_what_nobody_answers_runs_out_and_both_hear_it(sent: Application, member: Member) -> None:
    grace = OpeningSettings.now().grace_days
    due_in(-grace)
    Application.keep_time()
    sent.refresh_from_db()
    assert sent.state == "submitted"
    due_in(-grace - 1)
    Application.keep_time()
    sent.refresh_from_db()
    assert sent.state == "expired" and sent.due_on is None
    assert "application_expired" in kinds(member) and "application_expired" in kinds(sent.poster)
    before = Notice.objects.count()
    Application.keep_time()
    assert Notice.objects.count() == before
    assert sent.opening.apply(member, WORDS + " Again.").pk != sent.pk


def test_an_offer_that_is_not_taken_runs_out(sent: Application) -> None:
    sent.offer(sent.poster)
    due_in(3)
    assert Application.keep_time() == 1 and Application.keep_time() == 0
    assert "application_due" in kinds(sent.member) and "application_due" not in kinds(sent.poster)
    due_in(0)
    assert Application.keep_time() == 0
    due_in(-1)
    assert Application.keep_time() == 1
    sent.refresh_from_db()
    assert sent.state == "expired"


@pytest.mark.parametrize("late", ["shortlist", "withdraw", "delete"])
def test_what_somebody_answers_in_that_moment_does_not_run_out(
    sent: Application, stranger: Member, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    other = OpeningFactory().apply(stranger, WORDS)
    pair = {sent.pk: other, other.pk: sent}
    due_in(-OpeningSettings.now().grace_days - 1)
    Application.objects.update(reminded_on=timezone.localdate(), late_on=timezone.localdate())
    tell, ended = Application._tell, []

    def slowly(self: Application, *args: Any) -> None:
        tell(self, *args)
        if self.pk in pair and not ended:
            ended.append(self.pk)
            rival = Application.objects.get(pk=pair[self.pk].pk)
            {"shortlist": lambda: rival.shortlist(rival.poster), "withdraw": rival.withdraw, "delete": rival.delete}[
                late
            ]()

    monkeypatch.setattr(Application, "_tell", slowly)
    assert Application.keep_time() == 1
    rest = Application.objects.exclude(pk=ended[0]).values_list("state", flat=True)
    assert list(rest) == {"shortlist": ["shortlisted"], "withdraw": ["withdrawn"], "delete": []}[late]


def test_each_step_gives_a_new_day_and_a_new_reminder(sent: Application) -> None:
    due_in(1)
    Application.keep_time()
    sent.interview(sent.poster)
    assert sent.due_on > timezone.localdate() + timedelta(days=10) and sent.reminded_on is None
    due_in(1)
    assert Application.keep_time() == 1


def test_the_clock_does_it(sent: Application) -> None:
    due_in(1)
    (job,) = [job for job in jobs() if job.name == "openings"]
    assert "1 told of applications" in job.run() and job.run() == ""


def test_an_ended_one_is_left_alone(sent: Application, member: Member) -> None:
    sent.withdraw(member)
    Application.objects.update(due_on=timezone.localdate() - timedelta(days=90))
    assert Application.keep_time() == 0


def test_every_applicant_of_a_poster_who_leaves_hears_it(sent: Application, member: Member) -> None:
    from community.trust.registry.erasing import erase

    erase(sent.poster)
    assert kinds(member) == ["application_expired"]
    answer: Any = signed_in(member).get("/openings/applications/")
    assert answer.status_code == 200
