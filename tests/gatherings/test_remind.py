"""Reminders, and the one click that gives a seat back."""

import re
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from community.gatherings.models import GatheringPage, Registration, Session
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.notices.tasks import mail_notice
from community.trust.models import Audit, AuditVerb
from home.management.commands import clock
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db


def told(member: Member, kind: str = "gathering_reminder") -> int:
    return int(Notice.objects.filter(member=member, kind=kind).count())


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Let the clock stand there."""
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def seat(member: Member) -> Registration:
    """The member's seat in a gathering in a week."""
    return GatheringFactory(capacity=1).enrol(member)


def test_it_reminds_twice_before_and_never_again(
    seat: Registration, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = seat.gathering.starts_at
    for moment, number in (
        (starts - timedelta(days=2, minutes=1), 0), (starts - timedelta(days=2), 1), (starts - timedelta(hours=4), 1),
        (starts - timedelta(hours=3), 2), (starts - timedelta(minutes=1), 2), (starts + timedelta(minutes=1), 2),
    ):  # fmt: skip
        at(monkeypatch, moment)
        Registration.remind_due()
        Registration.remind_due()
        assert told(member) == number, moment


def test_one_seat_that_fails_keeps_no_other_from_being_reminded(
    seat: Registration, member: Member, stranger: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    GatheringFactory(starts_at=seat.gathering.starts_at).enrol(stranger)
    at(monkeypatch, seat.gathering.starts_at - timedelta(days=1))
    say = Registration._say

    def fail(self: Registration, *args: Any) -> bool:
        if self.pk == seat.pk:
            raise ValueError
        return say(self, *args)

    with monkeypatch.context() as broken:
        broken.setattr(Registration, "_say", fail)
        assert Registration.remind_due() == 1 and (told(member), told(stranger)) == (0, 1)
    assert Registration.remind_due() == 1 and (told(member), told(stranger)) == (1, 1)


def test_it_reminds_nobody_who_has_just_enrolled_or_only_waits(member: Member, stranger: Member) -> None:
    gathering = GatheringFactory(capacity=1, starts_at=timezone.now() + timedelta(hours=30))
    gathering.enrol(member)
    gathering.enrol(stranger, may_wait=True)
    assert Registration.remind_due() == 0


def test_it_catches_up_with_one_reminder_after_a_pause(
    seat: Registration, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, seat.gathering.starts_at - timedelta(hours=1))
    assert Registration.remind_due() == 1 and Registration.remind_due() == 0


def test_it_reminds_of_nothing_that_was_called_off(
    seat: Registration, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat.gathering.call_off()
    at(monkeypatch, seat.gathering.starts_at - timedelta(hours=1))
    assert Registration.remind_due() == 0


def test_it_reminds_again_of_a_later_day(seat: Registration, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    page = GatheringPage.objects.get(pk=seat.gathering_id)
    at(monkeypatch, page.starts_at - timedelta(hours=1))
    Registration.remind_due()
    page.starts_at, page.ends_at = page.starts_at + timedelta(days=30), page.ends_at + timedelta(days=30)
    page.save()
    assert told(member, "gathering_changed") == 1
    at(monkeypatch, page.starts_at - timedelta(days=1))
    assert Registration.remind_due() == 1


def test_the_clock_reminds(seat: Registration, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "close_old_connections", lambda: None)
    monkeypatch.setattr(clock, "jobs", lambda: [clock.Job("reminders", 60, clock.remind_guests)])
    GatheringPage.objects.update(starts_at=timezone.now() + timedelta(hours=2))
    Registration.objects.update(created_at=timezone.now() - timedelta(days=5))
    said = StringIO()
    call_command("clock", "--once", stdout=said)
    assert told(member) == 1 and "1 people told" in said.getvalue()


def test_the_mail_says_what_when_and_where_without_the_exact_place(
    seat: Registration, member: Member, mailoutbox: Any
) -> None:
    notice = Notice.send(member, "gathering_reminder", seat.not_coming_url)
    mail_notice.func(notice.pk)
    text = " ".join(mailoutbox[0].body.split())  # what begins in the evening and ends after midnight takes two lines
    page = GatheringPage.objects.get()
    assert page.title in text and page.when in text and "Tolver" in text and "zq47qz" not in text
    assert f"http://testserver{seat.not_coming_url}" in text
    assert page.title not in "".join(Notice.objects.get(pk=notice.pk).lines)


def test_it_gives_the_seat_back_by_one_click_without_a_login(
    seat: Registration, client: Client, stranger: Member
) -> None:
    seat.gathering.enrol(stranger, may_wait=True)
    url = seat.not_coming_url
    for _look in range(3):
        page = client.get(url)
        assert (
            "I cannot come" in page.text and "zq47qz" not in page.text and "no-store" in page.headers["Cache-Control"]
        )
    seat.refresh_from_db()
    assert seat.is_open
    assert client.post(url).status_code == client.post(url).status_code == 302
    seat.refresh_from_db()
    assert seat.state == "cancelled" and "You have no seat here" in client.get(url).text
    assert Registration.objects.get(member=stranger).state == "offered"


def test_the_old_link_does_nothing_to_a_new_seat(seat: Registration, member: Member, client: Client) -> None:
    url = seat.not_coming_url
    client.post(url)
    again = seat.gathering.enrol(member)
    client.post(url)
    again.refresh_from_db()
    assert again.is_open and again.not_coming_url != url


def test_it_is_for_this_person_and_this_gathering_only(
    seat: Registration, as_stranger: Client, client: Client, member: Member
) -> None:
    other = GatheringFactory().enrol(MemberFactory())
    token = seat.not_coming_url.split("/")[-2]
    forged = [
        f"/gatherings/{other.gathering.slug}/not-coming/{token}/",
        seat.not_coming_url.replace(f"{seat.pk}-", f"{other.pk}-"),
        re.sub(r".{6}/$", "AAAAAA/", seat.not_coming_url),
        f"/gatherings/{seat.gathering.slug}/not-coming/{'x' * 3000}/",
        f"/gatherings/{seat.gathering.slug}/not-coming/%00/",
    ]
    for url in forged:
        assert client.post(url).status_code == 404, url
    assert as_stranger.post(seat.not_coming_url).status_code == 404
    seat.refresh_from_db()
    assert seat.is_open


def test_it_lives_until_the_start_and_not_longer(
    seat: Registration, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, seat.gathering.starts_at + timedelta(seconds=1))
    client.post(seat.not_coming_url)
    seat.refresh_from_db()
    assert seat.is_open


def test_it_says_nothing_to_somebody_kept_away_or_gone(seat: Registration, client: Client, member: Member) -> None:
    Block.put(seat.gathering.author, member)
    assert seat.gathering.title not in client.get(seat.not_coming_url).text
    Member.objects.filter(pk=member.pk).update(is_active=False)
    assert client.get(seat.not_coming_url).status_code == 404


def test_the_helper_may_click_for_somebody_without_a_mail_address(member: Member) -> None:
    helped = member.help("Old Tom", is_adult=True)
    seat = GatheringFactory().enrol(helped)
    assert signed_in(member).post(seat.not_coming_url).status_code == 302
    seat.refresh_from_db()
    assert seat.state == "cancelled"
    (act,) = Audit.objects.filter(member=helped)
    assert (act.actor, act.verb, act.reason) == (member, AuditVerb.ACT_FOR, "gave a seat back")


def test_a_link_of_whoever_helped_before_opens_nothing(member: Member, client: Client) -> None:
    helped = member.help("Old Tom", is_adult=True)
    seat = GatheringFactory().enrol(helped)
    url = seat.not_coming_url
    Member.objects.filter(pk=helped.pk).update(helper=MemberFactory())
    assert client.get(url).status_code == client.post(url).status_code == 404
    seat.refresh_from_db()
    assert seat.is_open and not Audit.objects.filter(member=helped)
    assert client.get(type(seat).objects.get(pk=seat.pk).not_coming_url).status_code == 200


def test_it_forgets_what_was_answered_three_months_after_the_end(member: Member, stranger: Member) -> None:
    old, new = GatheringFactory(host_questions="Why?"), GatheringFactory(host_questions="Why?")
    for page in (old, new):
        page.enrol(member, answers=["I am ill"])
    GatheringPage.objects.filter(pk=old.pk).update(ends_at=timezone.now() - timedelta(days=92))
    assert Registration.forget_answers() == 1 and Registration.forget_answers() == 0
    assert list(Registration.objects.order_by("pk").values_list("answers", flat=True)) == [[], [["Why?", "I am ill"]]]


def test_two_clocks_at_once_say_it_once(seat: Registration, member: Member) -> None:
    other = Registration.objects.get(pk=seat.pk)
    said = [one._say(1, NoticeKind.GATHERING_REMINDER, "/x/") for one in (seat, other)]
    assert said == [True, False] and told(member) == 1


def test_it_reminds_of_each_date_of_a_series(member: Member, monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    start = timezone.now() + timedelta(days=7)
    gathering = GatheringFactory()
    days = [start, start + timedelta(days=7), start + timedelta(days=8)]
    gathering.sessions = [Session(starts_at=day, ends_at=day + timedelta(hours=2)) for day in days]
    gathering.save_revision().publish()
    seat = gathering.enrol(member)
    for moment, number in (
        (days[0] - timedelta(hours=40), 1), (days[0] - timedelta(hours=2), 2), (days[0] + timedelta(hours=1), 2),
        (days[1] - timedelta(hours=40), 3), (days[1] - timedelta(hours=2), 4),
        # a day apart, one reminder is enough
        (days[2] - timedelta(hours=20), 4), (days[2] - timedelta(hours=2), 5), (days[2] + timedelta(hours=1), 5),
    ):  # fmt: skip
        at(monkeypatch, moment)
        Registration.remind_due()
        Registration.remind_due()
        assert told(member) == number, moment
    at(monkeypatch, days[1] + timedelta(hours=5))
    assert "I cannot come" in client.get(seat.not_coming_url).text
    client.post(seat.not_coming_url)
    seat.refresh_from_db()
    assert seat.state == "cancelled"


def test_a_running_series_can_be_called_off(member: Member, as_member: Client) -> None:
    now, gathering = timezone.now(), GatheringFactory(author=member)
    days = [now - timedelta(days=1), now + timedelta(days=6)]
    gathering.sessions = [Session(starts_at=day, ends_at=day + timedelta(hours=2)) for day in days]
    gathering.save_revision().publish()
    url = f"/gatherings/{gathering.slug}/"
    assert "call-off" in as_member.get(f"{url}guests/").text
    assert "Yes, call it off" in as_member.get(f"{url}call-off/").text
    as_member.post(f"{url}call-off/")
    assert "nothing to call off" in as_member.get(f"{url}call-off/").text
