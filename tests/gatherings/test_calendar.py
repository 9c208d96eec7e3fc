"""Gatherings in calendar programs: what they read, what changes, and what nobody else learns."""

from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from community.gatherings.models import CalendarKey, GatheringPage, Session
from community.members.models import Block, Member
from home.logs import plain
from home.tree import plant
from tests.conftest import signed_in
from tests.factories import GatheringFactory

pytestmark = pytest.mark.django_db
NASTY = 'A; "b", c\\d\r\nSTATUS:CANCELLED\nATTENDEE:mailto:x@a.org\x85BEGIN:VALARM\u2028END:VEVENT äöü🌱' + 60 * "é"


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    """The site with its pages, which every page of ours needs."""
    plant()


def entries(content: bytes) -> list[Any]:
    """What another program reads; a second one must find the file valid."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    assert all(line.decode() is not None for line in lines)  # no letter is cut in two
    vobject.readOne(content.decode()).validate(raiseException=True)
    found = icalendar.Calendar.from_ical(content)
    assert not [error for one in found.walk() for error in one.errors]
    return found.walk("VEVENT")


def get(client: Client, url: str) -> list[Any]:
    """What stands at that address."""
    answer = client.get(url)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return entries(answer.content)


def only(client: Client, gathering: GatheringPage) -> Any:
    """The one entry of a gathering."""
    (entry,) = get(client, f"/gatherings/{gathering.slug}/event.ics")
    return entry


def change(gathering: GatheringPage, **fields: Any) -> None:
    """As an editor changes it."""
    page = GatheringPage.objects.get(pk=gathering.pk)
    for name, value in fields.items():
        setattr(page, name, value)
    page.save_revision().publish()


def test_it_lets_no_words_begin_a_line_of_their_own(client: Client) -> None:
    gathering = GatheringFactory(title="Nasty", summary=NASTY[:240], place=NASTY[:80])
    GatheringPage.objects.filter(pk=gathering.pk).update(title=NASTY)
    entry = only(client, gathering)
    assert "STATUS:CANCELLED" in entry["SUMMARY"] and entry["STATUS"] == "CONFIRMED"
    assert "ATTENDEE" not in entry and not entry.walk("VALARM")
    assert entry["SUMMARY"].startswith('A; "b", c\\d\nSTATUS') and "äöü🌱" in entry["SUMMARY"]
    assert len(get(client, "/gatherings/calendar.ics")) == 1


def test_it_keeps_the_name_and_counts_the_editions(client: Client) -> None:
    gathering = GatheringFactory()
    first = only(client, gathering)
    assert first["SEQUENCE"] == 0 and str(gathering.pk) != first["UID"] and "@" not in first["UID"]
    later = gathering.starts_at + timedelta(days=1)
    steps = [
        ({"summary": "Other words."}, 0),
        ({"starts_at": later, "ends_at": later + timedelta(hours=3)}, 1),
        ({"place": "Netherfold"}, 2),
        ({"exact_place": "Another gate"}, 3),
        ({"zone": "Europe/Dublin"}, 4),
        ({"is_cancelled": True}, 5),
        ({"is_cancelled": True}, 5),
    ]
    for fields, edition in steps:
        change(gathering, **fields)
        entry = only(client, gathering)
        assert (entry["SEQUENCE"], entry["UID"]) == (edition, first["UID"]), fields
    assert entry["STATUS"] == "CANCELLED" and entry["LOCATION"] == "Netherfold"
    # The stale form of another editor does not count back.
    stale = GatheringPage.objects.get(pk=gathering.pk)
    stale.sequence = 0
    stale.save()
    assert only(client, gathering)["SEQUENCE"] == 5


def test_it_tells_search_engines_from_when_it_was_moved(client: Client) -> None:
    gathering = GatheringFactory()
    was = gathering.starts_at
    change(gathering, starts_at=was + timedelta(days=1), ends_at=gathering.ends_at + timedelta(days=1))
    data = client.get(f"/gatherings/{gathering.slug}/").context["structured_data"]
    assert data["eventStatus"] == "https://schema.org/EventRescheduled"
    assert datetime.fromisoformat(data["previousStartDate"]) == was
    change(gathering, is_cancelled=True)
    data = client.get(f"/gatherings/{gathering.slug}/").context["structured_data"]
    assert data["eventStatus"] == "https://schema.org/EventCancelled"


def test_it_writes_each_date_of_a_series_by_its_own_name(client: Client) -> None:
    gathering = GatheringFactory(title="Dry stone, three days")
    starts = [gathering.starts_at + timedelta(weeks=n) for n in (2, 0, 1)]
    for n, at in enumerate(starts):
        gathering.sessions.add(Session(starts_at=at, ends_at=at + timedelta(hours=2), subject=f"Part {n}"))
    gathering.save_revision().publish()
    gathering.refresh_from_db()
    assert (gathering.starts_at, gathering.ends_at) == (starts[1], starts[0] + timedelta(hours=2))
    found = get(client, f"/gatherings/{gathering.slug}/event.ics")
    assert [one["SUMMARY"] for one in found] == [f"Dry stone, three days: Part {n}" for n in (1, 2, 0)]
    assert len({one["UID"] for one in found}) == 3
    page = client.get(f"/gatherings/{gathering.slug}/")
    assert len(page.context["structured_data"]["subEvent"]) == 3 and "Part 2" in page.text
    change(gathering, summary="Other words.")
    again = get(client, f"/gatherings/{gathering.slug}/event.ics")
    assert [one["UID"] for one in again] == [one["UID"] for one in found]
    assert {one["SEQUENCE"] for one in again} == {found[0]["SEQUENCE"]}
    moved = GatheringPage.objects.get(pk=gathering.pk)
    session = moved.sessions.get(subject="Part 2")
    session.ends_at += timedelta(hours=1)
    moved.sessions.add(session)
    moved.save_revision().publish()
    third = get(client, f"/gatherings/{gathering.slug}/event.ics")
    assert {one["UID"] for one in third} == {one["UID"] for one in found}
    assert {one["SEQUENCE"] for one in third} == {found[0]["SEQUENCE"] + 1}


def test_it_tells_everybody_what_is_public_and_nobody_the_gate(
    client: Client, as_member: Client, member: Member
) -> None:
    assert get(client, "/gatherings/calendar.ics") == [] if GatheringFactory().unpublish() else True
    gathering = GatheringFactory(title="Open day")
    GatheringFactory(title="Over", starts_at=timezone.now() - timedelta(days=9))
    for url in ("/gatherings/calendar.ics", f"/gatherings/{gathering.slug}/event.ics"):
        for who in (client, as_member):
            assert [one["SUMMARY"] for one in get(who, url)] == ["Open day"]
            assert b"zq47qz" not in who.get(url).content and b"secret-room" not in who.get(url).content
    assert "public" in client.get("/gatherings/calendar.ics").headers["Cache-Control"]
    gathering.enrol(member)
    own = as_member.get(f"/gatherings/{gathering.slug}/event.ics")
    assert b"zq47qz" in own.content and own.headers["Cache-Control"] == "no-store, private"
    assert b"zq47qz" not in as_member.get("/gatherings/calendar.ics").content
    Block.put(member, gathering.author)
    assert get(as_member, "/gatherings/calendar.ics") == []
    assert as_member.get(f"/gatherings/{gathering.slug}/event.ics").status_code == 404


def feed_of(client: Client) -> str:
    """Make a secret address as the member does, and read it from the page."""
    assert client.post("/gatherings/mine/calendar/", {"do": "renew"}).status_code == 302
    page = client.get("/gatherings/mine/calendar/")
    assert page.headers["Referrer-Policy"] == "strict-origin" and "no-store" in page.headers["Cache-Control"]
    url = str(page.context["url"])
    assert url in page.text
    return url[url.index("/gatherings/") :]


def test_it_gives_one_s_own_calendar_by_a_secret_address(client: Client, as_member: Client, member: Member) -> None:
    with_seat, _without = GatheringFactory(title="With a seat"), GatheringFactory(title="Without")
    hosted = GatheringFactory(title="Hosted", author=member)
    seat = with_seat.enrol(member)
    url = feed_of(as_member)
    assert {one["SUMMARY"] for one in get(client, url)} == {"With a seat", "Hosted"}
    answer = client.get(url)
    assert b"zq47qz" in answer.content
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store, private" and not answer.cookies
    change(with_seat, is_cancelled=True)
    assert {one["SUMMARY"]: one["STATUS"] for one in get(client, url)}["With a seat"] == "CANCELLED"
    seat.cancel()
    hosted.unpublish()
    assert get(client, url) == []


def test_it_shuts_a_secret_address_at_once(client: Client, as_member: Client, member: Member) -> None:
    first = feed_of(as_member)
    second = feed_of(as_member)
    assert first != second
    assert client.get(first).status_code == 404 and client.get(second).status_code == 200
    as_member.post("/gatherings/mine/calendar/", {"do": "revoke"})
    assert client.get(second).status_code == 404
    third = feed_of(as_member)
    Member.objects.filter(pk=member.pk).update(is_active=False)
    assert client.get(third).status_code == 404


def test_it_opens_to_no_made_up_address(client: Client, as_member: Client, member: Member) -> None:
    url = feed_of(as_member)
    key = CalendarKey.objects.get(member=member)
    for token in (key.key.hex, str(key.pk), f"{key.key.hex}.x", "x" * 5000, "%00", "%ED%A0%80", ".", f"{key.token}x"):
        assert client.get(f"/gatherings/mine/{token}.ics").status_code == 404, token
    assert client.post(url).status_code == 405
    assert client.get("/gatherings/mine/calendar/").status_code == 302  # to the login
    assert key.token not in plain(f"Not Found: {url}")


def test_it_leaves_out_what_is_shut_and_whom_a_block_hides(client: Client, as_member: Client, member: Member) -> None:
    gathering = GatheringFactory()
    gathering.enrol(member)
    url = feed_of(as_member)
    shut = GatheringFactory(title="Shut")
    shut.enrol(member)
    assert {one["SUMMARY"] for one in get(client, url)} == {gathering.title, "Shut"}
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.GROUPS)
    assert {one["SUMMARY"] for one in get(client, url)} == {gathering.title}
    Block.put(gathering.author, member)
    assert get(client, url) == []


@pytest.mark.parametrize("who", ["client", "mine"])
def test_it_asks_the_database_as_often_for_20_as_for_10(
    who: str, client: Client, as_member: Client, member: Member, django_assert_max_num_queries: Any
) -> None:
    url = feed_of(as_member) if who == "mine" else "/gatherings/calendar.ics"
    counts = []
    for _round in range(2):
        for _one in range(10):
            page = GatheringFactory()
            page.sessions.add(Session(starts_at=page.starts_at, ends_at=page.ends_at))
            page.save()
            page.enrol(member)
        client.get(url)
        with django_assert_max_num_queries(12) as asked:
            assert len(get(client, url)) == 10 * (_round + 1)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_it_exports_that_there_is_an_address_and_erases_it(as_member: Client, member: Member) -> None:
    from community.gatherings.privacy import erase, export

    url = feed_of(as_member)
    told = export(member)
    assert len(told["calendar_address"]) == 1 and url.rpartition("/")[2] not in str(told)
    hosted = GatheringFactory(author=member)
    erase(member)
    assert not CalendarKey.objects.exists()
    hosted.refresh_from_db()
    assert (hosted.is_cancelled, hosted.sequence) == (True, 1)


def test_it_is_linked_from_the_page(as_member: Client) -> None:
    gathering = GatheringFactory()
    page = as_member.get(f"/gatherings/{gathering.slug}/").text
    assert f'href="/gatherings/{gathering.slug}/event.ics"' in page and 'href="/gatherings/mine/calendar/"' in page
    assert "/gatherings/calendar.ics" in as_member.get("/gatherings/mine/calendar/").text


def test_it_keeps_the_typed_hour_when_the_zone_is_changed() -> None:
    from tests.factories import MemberFactory
    from tests.gatherings.test_edit import form_of

    gathering = GatheringFactory(starts_at=datetime.fromisoformat("2031-07-01T08:00Z"))
    client = signed_in(MemberFactory(is_superuser=True, is_staff=True))
    url = f"/cms/pages/{gathering.pk}/edit/"
    page = client.post(url, form_of(client, url) | {"zone": "America/New_York", "action-publish": "1"})
    assert page.status_code == 302, page.context["form"].errors
    gathering.refresh_from_db()
    assert gathering.starts_at == datetime.fromisoformat("2031-07-01T13:00Z")
    assert (gathering.starts_wall, gathering.sequence) == ("2031-07-01 09:00", 1)
