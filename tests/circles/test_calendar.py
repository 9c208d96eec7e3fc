"""A circle in calendar programs: what those inside read, and that everybody else reads nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.circles.models import Circle
from community.gatherings.models import CalendarKey, Session
from community.members.models import Block, Member
from home.logs import plain
from tests.conftest import signed_in
from tests.factories import CircleFactory, GatheringFactory, MemberFactory
from tests.gatherings.test_calendar import feed_of, get

pytestmark = pytest.mark.django_db
NASTY = "Hedges; a, b\\c\r\nBEGIN:VEVENT"


@pytest.fixture
def leader(db: None) -> Member:
    """Who leads the circle."""
    return MemberFactory(name="Lena Leads")


@pytest.fixture
def circle(leader: Member, member: Member) -> Circle:
    """A circle of the leader and the member."""
    return CircleFactory(by=leader, people=[member], name="Hedge layers")


def address(client: Client, circle: Circle) -> str:
    """The secret address of whoever is signed in, read from the circle's page."""
    feed_of(client)
    page = client.get(f"{circle.get_absolute_url()}calendar/")
    assert page.headers["Referrer-Policy"] == "strict-origin" and "no-store" in page.headers["Cache-Control"]
    url = str(page.context["url"])
    assert url in page.text
    return url[url.index("/circles/") :]


def test_it_tells_the_next_meeting_and_what_is_kept_inside(
    circle: Circle, leader: Member, member: Member, as_member: Client, client: Client
) -> None:
    kept, mine, _other = (
        GatheringFactory(author=leader, title=title) for title in ("Kept there", "My seat", "Elsewhere")
    )
    circle.keep(leader, kept)
    circle.keep(leader, mine)
    mine.enrol(member)
    circle.plan(leader, timezone.localdate() + timedelta(days=9), NASTY)
    assert f"{circle.get_absolute_url()}calendar/" in as_member.get(circle.get_absolute_url()).text
    url = address(as_member, circle)
    answer = client.get(url)
    found = {str(one["SUMMARY"]): one for one in get(client, url)}
    assert set(found) == {"Hedge layers meets", "Kept there", "My seat"}
    assert found["Hedge layers meets"].decoded("DTSTART") == circle.next_on and not answer.cookies
    assert "zq47qz" in found["My seat"]["LOCATION"] and "zq47qz" not in found["Kept there"].to_ical().decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert len(get(as_member, f"{circle.get_absolute_url()}calendar.ics")) == 3


def test_the_meeting_keeps_its_name_and_counts_its_days(circle: Circle, leader: Member, as_member: Client) -> None:
    url, today = address(as_member, circle), timezone.localdate()
    assert get(Client(), url) == []
    names, editions = set(), []
    for days, agenda in ((9, "One"), (9, "One"), (10, "One"), (11, "One")):
        circle.plan(leader, today + timedelta(days=days), agenda)
        (entry,) = get(Client(), url)
        names.add(str(entry["UID"]))
        editions.append(entry["SEQUENCE"])
    assert len(names) == 1 and editions == [1, 1, 2, 3]
    assert circle.slug not in names.pop() and circle.group.name not in entry["UID"]
    circle.end(leader, "Good-bye.")
    assert get(Client(), url) == []


def test_whatever_changes_in_its_entry_makes_it_a_newer_one(
    circle: Circle, leader: Member, as_member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, day, seen = address(as_member, circle), timezone.localdate() + timedelta(days=9), []
    changes: tuple[tuple[Any, bool], ...] = (
        (lambda: circle.plan(leader, day, "One"), True),
        (lambda: circle.plan(leader, day, " One "), False),
        (lambda: circle.plan(leader, day, "Two"), True),
        (lambda: circle.revise(leader, place="Barn"), True),
        (lambda: circle.revise(leader, place="Barn", purpose="Another word for it", size=9), False),
        (lambda: circle.revise(leader, name="Hedge  menders"), True),
        (lambda: circle.revise(leader, name="Hedge menders"), False),
    )
    later = timezone.now()
    for change, is_newer in changes:
        later += timedelta(minutes=1)
        monkeypatch.setattr(timezone, "now", lambda now=later: now)
        change()
        (entry,) = get(Client(), url)
        seen.append((entry["SEQUENCE"], entry.decoded("DTSTAMP")))
        assert entry.decoded("LAST-MODIFIED") == entry.decoded("DTSTAMP")
        if is_newer:
            assert seen[-1][1] == later.replace(microsecond=0) and seen[-1] > max(seen[:-1], default=(0, later))
        else:
            assert seen[-1] == seen[-2]


def test_it_shuts_at_once_for_whoever_leaves_or_renews(
    circle: Circle, leader: Member, member: Member, as_member: Client, client: Client
) -> None:
    first = address(as_member, circle)
    second = address(as_member, circle)
    assert client.get(first).status_code == 404 and client.get(second).status_code == 200
    as_member.post("/gatherings/mine/calendar/", {"do": "revoke"})
    assert client.get(second).status_code == 404
    third = address(as_member, circle)
    circle.leave(member)
    assert client.get(third).status_code == 404
    assert as_member.get(f"{circle.get_absolute_url()}calendar.ics").status_code == 404


@pytest.mark.parametrize("how", ["taken out", "blocked", "young", "closed"])
def test_it_shuts_for_whoever_may_know_of_it_no_more(
    how: str, circle: Circle, leader: Member, member: Member, as_member: Client, client: Client
) -> None:
    url = address(as_member, circle)
    if how == "taken out":
        circle.take_out(leader, member)
    elif how == "blocked":
        Block.put(leader, member)
    else:
        Member.objects.filter(pk=member.pk).update(**{"is_adult": False} if how == "young" else {"is_active": False})
    assert client.get(url).status_code == 404


def test_nobody_outside_reads_it(circle: Circle, as_stranger: Client, as_member: Client, client: Client) -> None:
    below = circle.get_absolute_url()
    feed_of(as_stranger)
    for path in ("calendar/", "calendar.ics"):
        assert as_stranger.get(f"{below}{path}").status_code == 404
        assert client.get(f"{below}{path}").status_code == 302
    outside = CalendarKey.objects.get()
    assert client.get(f"{below}mine/{outside.token}.ics").status_code == 404
    url = address(as_member, circle)
    token = url.rpartition("/")[2].removesuffix(".ics")
    for wrong in (outside.key.hex, "x" * 5000, "%00", "%ED%A0%80", f"{token}x"):
        assert client.get(f"{below}mine/{wrong}.ics").status_code == 404, wrong
    assert client.post(url).status_code == 405
    assert token not in plain(f"Not Found: {url}") and f"{below}mine/….ics" in plain(f"Not Found: {url}")


def test_it_hides_what_a_block_hides(circle: Circle, leader: Member, as_member: Client, member: Member) -> None:
    third = MemberFactory()
    circle.join(third)
    circle.keep(third, GatheringFactory(author=third, title="Of the third"))
    url = address(as_member, circle)
    assert len(get(Client(), url)) == 1
    Block.put(third, member)
    assert get(Client(), url) == []


def test_it_asks_as_often_for_20_as_for_10(
    circle: Circle, leader: Member, as_member: Client, django_assert_max_num_queries: Any
) -> None:
    url, counts = address(as_member, circle), []
    for number in (10, 20):
        for _one in range(10):
            page = GatheringFactory(author=leader)
            page.sessions.add(Session(starts_at=page.starts_at, ends_at=page.ends_at))
            page.save()
            circle.keep(leader, page)
        Client().get(url)
        with django_assert_max_num_queries(12) as asked:
            assert len(get(Client(), url)) == number
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_page_that_leads_to_it_is_for_those_inside_alone(circle: Circle) -> None:
    assert "my calendar" not in signed_in(MemberFactory()).get(circle.get_absolute_url()).text
