"""How it was, at once and three months later."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.gatherings import privacy
from community.gatherings.models import Feedback, GatheringPage, Registration
from community.members.models import Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db


def ended(gathering: GatheringPage, ago: timedelta) -> GatheringPage:
    """Let it be over since so long."""
    now = timezone.now()
    GatheringPage.objects.filter(pk=gathering.pk).update(starts_at=now - ago - timedelta(hours=3), ends_at=now - ago)
    return GatheringPage.objects.get(pk=gathering.pk)


@pytest.fixture
def attended(member: Member) -> GatheringPage:
    """A gathering at which the member was, and which has just ended."""
    gathering: GatheringPage = GatheringFactory(capacity=None)
    gathering.enrol(member)
    return ended(gathering, timedelta(minutes=1))


def form(**said: Any) -> dict[str, Any]:
    return {"form_key": str(uuid.uuid4()), **said}


def test_it_asks_once_after_the_end_and_once_three_months_later(attended: GatheringPage, member: Member) -> None:
    kinds = Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True)
    assert Registration.remind_due() == 1 and Registration.remind_due() == 0
    ended(attended, timedelta(days=92))
    assert Registration.remind_due() == 1 and Registration.remind_due() == 0
    assert list(kinds) == ["gathering_feedback", "gathering_later"]
    assert set(Notice.objects.filter(member=member).values_list("url", flat=True)) == {
        f"/gatherings/{attended.slug}/feedback/"
    }


def test_it_asks_nobody_who_did_not_come(attended: GatheringPage, as_member: Client) -> None:
    Registration.objects.update(came=False)
    assert Registration.remind_due() == 0
    url = f"/gatherings/{attended.slug}/feedback/"
    assert "Only people who were there" in as_member.get(url).text
    assert as_member.post(url, form(score="5")).status_code == 403 and not Feedback.objects.exists()


def test_it_takes_one_answer_each_and_lets_it_be_changed(attended: GatheringPage, as_member: Client) -> None:
    url = f"/gatherings/{attended.slug}/feedback/"
    assert "changed anything" not in as_member.get(url).text
    for score in ("4", "2"):
        assert as_member.post(url, form(score=score, word="Good tea", changed="yes")).status_code == 302
    one = Feedback.objects.get()
    assert (one.score, one.word, one.has_changed) == (2, "Good tea", None)
    assert "Good tea" in as_member.get(url).text


@pytest.mark.parametrize("score", ["", "0", "6", "x", "9" * 40, "-1"])
def test_it_refuses_other_numbers(attended: GatheringPage, as_member: Client, score: str) -> None:
    answer = as_member.post(f"/gatherings/{attended.slug}/feedback/", form(score=score, word="Kept words"))
    assert answer.status_code == 200 and "Kept words" in answer.text and not Feedback.objects.exists()


def test_it_is_for_those_who_were_there(attended: GatheringPage, as_stranger: Client, client: Client) -> None:
    url = f"/gatherings/{attended.slug}/feedback/"
    assert as_stranger.post(url, form(score="1")).status_code == 403
    assert client.get(url).status_code == 302
    coming = GatheringFactory()
    seat = coming.enrol(MemberFactory())
    assert "not over yet" in signed_in(seat.member).get(f"/gatherings/{coming.slug}/feedback/").text


def test_it_asks_later_what_has_changed_and_leads_to_a_story(attended: GatheringPage, as_member: Client) -> None:
    ended(attended, timedelta(days=91))
    url = f"/gatherings/{attended.slug}/feedback/"
    assert "Did you change anything?" in as_member.get(url).text
    answer = as_member.post(url, form(score="5", changed="yes"), follow=True)
    assert 'href="/stories/tell/"' in answer.text and Feedback.objects.get().has_changed


def test_the_host_reads_sums_of_three_and_never_who(attended: GatheringPage, member: Member) -> None:
    host, url = signed_in(attended.author), f"/gatherings/{attended.slug}/guests/"
    GatheringPage.objects.filter(pk=attended.pk).update(starts_at=timezone.now() + timedelta(days=1))
    guests = [member] + [MemberFactory() for _one in range(4)]
    for guest in guests[1:]:
        attended.enrol(guest)
    page = ended(attended, timedelta(minutes=5))
    words = ["Zeal", "Apples", "Mud", "Nothing"]
    for number, guest in enumerate(guests[:2]):
        Feedback.give(page, guest, score=5, word=words[number])
    assert "Zeal" not in host.get(url).text and "of 5 on average" not in host.get(url).text
    Feedback.give(page, guests[2], score=2, word=words[2])
    shown = host.get(url).text
    assert "3 people said how it was: 4.0 of 5" in shown
    assert shown.index("Apples") < shown.index("Mud") < shown.index("Zeal")
    Feedback.give(page, guests[3], score=1, word=words[3])
    assert host.get(url).text.count("Nothing") == 0 and "4.0 of 5" in host.get(url).text


def test_it_is_given_out_and_forgotten(attended: GatheringPage, member: Member) -> None:
    Feedback.give(attended, member, score=4, word="Good tea")
    assert privacy.export(member)["feedback"][0]["word"] == "Good tea"
    privacy.erase(member)
    assert not Feedback.objects.exists()
