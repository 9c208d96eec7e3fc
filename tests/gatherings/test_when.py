"""Awkward instants: page, mail, calendar and API say the same, and what no clock can say is asked about in words."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.core.exceptions import ValidationError
from django.db.models import F
from django.test import Client
from django.utils import timezone

from community.gatherings.models import GatheringPage, Session
from community.gatherings.models.zones import WallTimeField
from community.notices.models import Notice, NoticeKind
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db
LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"  # Lord Howe's summer: 30 min

# Where, what is typed, and the instant that it is; worked out with `date`, not with the code that is tried here.
INSTANTS = [
    (LONDON, "2031-03-30 00:59", "2031-03-30 00:59"),
    (LONDON, "2031-03-30 02:00", "2031-03-30 01:00"),
    (LONDON, "2031-10-26 00:59", "2031-10-25 23:59"),
    (LONDON, "2031-10-26 01:30 first", "2031-10-26 00:30"),
    (LONDON, "2031-10-26 01:30 second", "2031-10-26 01:30"),
    (LONDON, "2031-10-26 02:00", "2031-10-26 02:00"),
    (NEW_YORK, "2031-03-09 01:59", "2031-03-09 06:59"),
    (NEW_YORK, "2031-03-09 03:00", "2031-03-09 07:00"),
    (NEW_YORK, "2031-11-02 00:59", "2031-11-02 04:59"),
    (NEW_YORK, "2031-11-02 01:30 first", "2031-11-02 05:30"),
    (NEW_YORK, "2031-11-02 01:30 second", "2031-11-02 06:30"),
    (NEW_YORK, "2031-11-02 02:00", "2031-11-02 07:00"),
    (LORD_HOWE, "2031-04-06 01:45 first", "2031-04-05 14:45"),
    (LORD_HOWE, "2031-04-06 01:45 second", "2031-04-05 15:15"),
    (LORD_HOWE, "2031-10-05 02:30", "2031-10-04 15:30"),
    ("Asia/Kathmandu", "2031-01-15 10:00", "2031-01-15 04:15"),
    ("Asia/Kolkata", "2031-01-15 10:00", "2031-01-15 04:30"),
    ("Pacific/Chatham", "2031-01-15 10:00", "2031-01-14 20:15"),
    ("Europe/Istanbul", "2015-12-01 12:00", "2015-12-01 10:00"),  # summer time for ever since 2016
    ("Europe/Istanbul", "2016-12-01 12:00", "2016-12-01 09:00"),
    ("America/Sao_Paulo", "2019-01-10 12:00", "2019-01-10 14:00"),  # no summer time since 2019
    ("America/Sao_Paulo", "2020-01-10 12:00", "2020-01-10 15:00"),
    ("Asia/Pyongyang", "2017-01-01 12:00", "2017-01-01 03:30"),  # half an hour back, and forward again
    ("Asia/Pyongyang", "2019-01-01 12:00", "2019-01-01 03:00"),
    ("Pacific/Apia", "2011-12-31 10:00", "2011-12-30 20:00"),  # the day before never came
    ("America/Havana", "2031-11-02 00:30 first", "2031-11-02 04:30"),
    ("America/Havana", "2031-11-02 00:30 second", "2031-11-02 05:30"),
    ("Pacific/Kiritimati", "2031-01-01 00:00", "2030-12-31 10:00"),
    (LONDON, "2031-07-01 00:00", "2031-06-30 23:00"),
    (LONDON, "2032-02-29 09:00", "2032-02-29 09:00"),
    (NEW_YORK, "2031-12-31 23:59", "2032-01-01 04:59"),
]
QUESTIONS = [
    (LONDON, "2031-03-30 01:30", "does not come"),
    (NEW_YORK, "2031-03-09 02:30", "does not come"),
    (LORD_HOWE, "2031-10-05 02:15", "does not come"),
    ("America/Santiago", "2031-09-07 00:30", "does not come"),
    ("Pacific/Apia", "2011-12-30 10:00", "does not come"),
    (LONDON, "2031-03-30 01:30 second", "does not come"),
    (LONDON, "2031-10-26 01:30", "comes twice"),
    (NEW_YORK, "2031-11-02 01:30", "comes twice"),
    (LORD_HOWE, "2031-04-06 01:45", "comes twice"),
    ("America/Havana", "2031-11-02 00:30", "comes twice"),
]
DAYS = [  # whole days: where, from, until
    (LONDON, "2031-03-30", "2031-03-30"),  # 23 hours
    (NEW_YORK, "2031-11-02", "2031-11-02"),  # 25 hours
    ("America/Santiago", "2031-09-06", "2031-09-07"),  # the second has no midnight
    ("America/Havana", "2031-11-01", "2031-11-02"),  # the midnight after comes once, the one before its end twice
    ("Pacific/Kiritimati", "2031-12-31", "2032-01-01"),
    (LONDON, "2032-02-29", "2032-02-29"),
    ("Asia/Kathmandu", "2031-01-30", "2031-02-02"),
]


def read(zone: str, typed: str) -> datetime:
    """What the field of every form makes of it."""
    with timezone.override(zone):
        found = WallTimeField().clean(typed)
    assert found is not None
    return found


def calendar_of(client: Client, gathering: GatheringPage) -> list[Any]:
    """The entries of the gathering as two other programs read them, which must agree."""
    content = client.get(f"/gatherings/{gathering.slug}/event.ics").content
    entries = icalendar.Calendar.from_ical(content).walk("VEVENT")
    theirs = vobject.readOne(content.decode()).vevent_list
    assert [one.dtstart.value for one in theirs] == [one.decoded("DTSTART") for one in entries]
    return entries


@pytest.mark.parametrize("zone, typed, expected", INSTANTS)
def test_it_says_the_same_everywhere(client: Client, zone: str, typed: str, expected: str) -> None:
    instant = datetime.strptime(expected, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert read(zone, typed) == instant
    gathering = GatheringFactory(starts_at=instant, ends_at=instant + timedelta(hours=5), zone=zone)
    gathering.refresh_from_db()
    wall = typed[11:16]
    # the page, to eyes and to machines
    page = client.get(f"/gatherings/{gathering.slug}/").text
    assert f"{int(typed[8:10])} {date.fromisoformat(typed[:10]):%B %Y}</time>" in page
    assert re.search(rf"<dd>{wall}[ –]", page)
    machine = re.search(r'<time datetime="([^"]+)"', page)
    assert machine and datetime.fromisoformat(machine[1]) == instant
    assert f'"startDate": "{machine[1]}"' in page
    # the mail
    assert f"{date.fromisoformat(typed[:10]):%A} {int(typed[8:10])} " in gathering.when
    assert f", {wall}" in gathering.when and gathering.when.endswith(" time")
    notice = Notice(member=MemberFactory(), kind=NoticeKind.GATHERING_CHANGED, url=f"/gatherings/{gathering.slug}/")
    notice.is_mail = True
    assert gathering.when in notice.lines[1]
    # the calendar, and the API
    (entry,) = calendar_of(client, gathering)
    assert entry.decoded("DTSTART") == instant and entry.decoded("DTEND") == instant + timedelta(hours=5)
    told = client.get(f"/api/v3/pages/{gathering.pk}/").json()["when"]
    assert datetime.fromisoformat(told["starts"]) == instant and told["starts"][:16] == typed[:16].replace(" ", "T")
    assert datetime.fromisoformat(told["ends"]) == instant + timedelta(hours=5) and told["zone"] == zone


@pytest.mark.parametrize("zone, typed, words", QUESTIONS)
def test_it_asks_about_what_no_clock_can_say(zone: str, typed: str, words: str) -> None:
    with pytest.raises(ValidationError) as asked:
        read(zone, typed)
    assert words in asked.value.messages[0] and typed[11:16] in asked.value.messages[0]


@pytest.mark.parametrize("zone, first, last", DAYS)
def test_it_keeps_whole_days_whole_everywhere(client: Client, zone: str, first: str, last: str) -> None:
    noon = [datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone)) for day in (first, last)]
    gathering = GatheringFactory(starts_at=noon[0], ends_at=noon[1], zone=zone, is_all_day=True)
    for _again in range(2):  # saved once more, a day is no longer than before
        gathering = GatheringPage.objects.get(pk=gathering.pk)
        assert [day.isoformat() for day in gathering.days(gathering)] == [first, last]
        gathering.save_revision().publish()
    page = client.get(f"/gatherings/{gathering.slug}/").text
    from_day, to_day = date.fromisoformat(first), date.fromisoformat(last)
    assert f"{from_day.day} {from_day:%B %Y}</time>" in page and f'<time datetime="{first}"' in page
    assert (f"until {to_day.day} {to_day:%B %Y}" if to_day > from_day else "all day") in page
    assert f"{to_day:%A} {to_day.day} {to_day:%B %Y}" in gathering.when
    (entry,) = calendar_of(client, gathering)
    assert entry.decoded("DTSTART") == from_day and entry.decoded("DTEND") == to_day + timedelta(days=1)
    told = client.get(f"/api/v3/pages/{gathering.pk}/").json()["when"]
    assert (told["starts"], told["ends"], told["is_all_day"]) == (first, last, True)


@pytest.mark.parametrize(
    "typed", ["0001-01-01 00:00", "9999-12-31 23:59", "x" * 10_000, "2031-02-30 10:00", "\x00", "\ud800", "second",
              "first second", "2031-10-26 first", "1" * 400]
)  # fmt: skip
def test_it_bears_whatever_is_typed(typed: str) -> None:
    for zone in (LONDON, "Pacific/Kiritimati", NEW_YORK):
        try:
            assert read(zone, typed).year == 2031
        except ValidationError as error:
            assert error.messages


def test_it_keeps_the_hour_where_the_law_moves_it(client: Client) -> None:
    gathering = GatheringFactory(starts_at=read(LONDON, "2031-07-01 09:00"), ends_at=read(LONDON, "2031-07-01 12:00"))
    gathering.sessions.add(Session(starts_at=gathering.starts_at, ends_at=gathering.ends_at))
    gathering.save_revision().publish()
    draft = GatheringPage.objects.get(pk=gathering.pk).save_revision()
    wrong = timedelta(hours=1)  # as if the rules had been others when it was typed
    for rows in (GatheringPage.objects.filter(pk=gathering.pk), Session.objects.all()):
        rows.update(starts_at=F("starts_at") - wrong, ends_at=F("ends_at") - wrong)
    before = GatheringPage.objects.get(pk=gathering.pk).sequence
    assert (GatheringPage.heal(), Session.heal(), GatheringPage.heal()) == (1, 1, 0)
    healed = GatheringPage.objects.get(pk=gathering.pk)
    assert healed.starts_at == healed.sessions.get().starts_at == datetime(2031, 7, 1, 8, tzinfo=UTC)
    assert healed.sequence == before + 1
    # A draft of that time says the right hour, too.
    content = draft.content | {"starts_at": "2031-07-01T07:00:00Z", "ends_at": "2031-07-01T10:00:00Z"}
    assert healed.with_content_json(content).starts_at == healed.starts_at


def test_it_shows_what_is_online_by_the_clock_of_the_reader(client: Client) -> None:
    at = datetime(2031, 1, 15, 10, tzinfo=UTC)
    online = GatheringFactory(starts_at=at, zone=LONDON, mode="online")
    place = GatheringFactory(starts_at=at, zone=LONDON)
    here, there = f"/gatherings/{online.slug}/", f"/gatherings/{place.slug}/"
    assert "10:00–13:00, London time" in client.get(here).text
    answer = client.post(f"/gatherings/zone/?next={here}", {"zone": "Asia/Kathmandu", "next": here})
    assert (answer.status_code, answer.url) == (302, here)
    assert "15:45–18:45, Kathmandu time" in client.get(here).text
    assert "15:45" not in client.get(there).text
    assert "15:45–18:45, Kathmandu time" in client.get("/gatherings/").text
    assert "Cookie" in client.get(here).headers["Vary"]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "\x00", "x" * 10_000, "../../etc/passwd"])
def test_it_takes_no_other_zone(client: Client, zone: str) -> None:
    assert client.post("/gatherings/zone/", {"zone": zone, "next": "https://evil.example/"}).status_code == 200
    client.cookies["zone"] = "nowhere"
    GatheringFactory(mode="online")
    assert "London time" in client.get("/gatherings/").text
    answer = client.post("/gatherings/zone/", {"zone": LONDON, "next": "https://evil.example/"})
    assert answer.url == "/gatherings/"
