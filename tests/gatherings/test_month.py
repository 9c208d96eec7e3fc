"""A month day by day, a year by topic, and what is on in somebody else's page."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from wagtail.models import PageViewRestriction

from community.gatherings.models import Session
from community.gatherings.models.month import day_of, month_of, neighbours, weeks
from community.members.models import Block, Member
from home.tree import plant
from tests.factories import GatheringFactory, TopicFactory

pytestmark = pytest.mark.django_db
MARCH = "/gatherings/?month=2031-03"


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    """The site with its pages."""
    plant()


def at(day: int, hour: int = 10, month: int = 3) -> datetime:
    """An instant in spring 2031."""
    return datetime(2031, month, day, hour, tzinfo=UTC)


def shown(client: Client, url: str = MARCH) -> dict[str, list[str]]:
    """What stands on each day of the grid: its time and its title."""
    weeks = client.get(url).context["weeks"]
    return {
        day.day.isoformat(): [f"{item.time} {item.gathering.title}".strip() for item in day.items]
        for week in weeks
        for day in week
        if day.items
    }


def test_it_puts_each_gathering_on_its_days(client: Client) -> None:
    GatheringFactory(title="Forge", starts_at=at(4))
    GatheringFactory(title="Camp", starts_at=at(8), ends_at=at(10))
    GatheringFactory(title="Fair", starts_at=at(14), ends_at=at(15), is_all_day=True)
    GatheringFactory(title="Night", starts_at=at(31, 22), ends_at=at(1, 1, month=4))
    GatheringFactory(title="Far", starts_at=at(20, 20), zone="Asia/Tokyo")  # the 21st there
    GatheringFactory(title="Other", starts_at=at(20, month=5))
    series = GatheringFactory(title="Course", starts_at=at(5))
    for day in (5, 12, 26):
        series.sessions.add(Session(starts_at=at(day), ends_at=at(day, 12)))
    series.save_revision().publish()
    assert shown(client) == {
        "2031-03-04": ["10:00 Forge"], "2031-03-05": ["10:00 Course"], "2031-03-08": ["10:00 Camp"],
        "2031-03-09": ["Camp"], "2031-03-10": ["Camp"], "2031-03-12": ["10:00 Course"], "2031-03-14": ["Fair"],
        "2031-03-15": ["Fair"], "2031-03-21": ["05:00 Far"], "2031-03-26": ["10:00 Course"],
        "2031-03-31": ["23:00 Night"], "2031-04-01": ["Night"],
    }  # fmt: skip
    page = client.get(MARCH).text
    assert "March 2031" in page and "?month=2031-02" in page and "?month=2031-04" in page


def test_it_keeps_the_filters_and_shows_a_crowded_day(client: Client) -> None:
    bees = TopicFactory(slug="bees")
    for number in range(8):
        GatheringFactory(title=f"Hive {number}", starts_at=at(4), kind="visit", topics=[bees])
    GatheringFactory(title="Forge", starts_at=at(4))
    url = f"{MARCH}&topic=bees&kind=visit"
    assert len(shown(client, url)["2031-03-04"]) == 5
    page = client.get(url).text
    assert "?day=2031-03-04&amp;" in page and "3 more" in page and 'name="month" value="2031-03"' in page
    assert "topic=bees" in page[page.index('rel="prev"') - 80 :][:120]
    day = client.get("/gatherings/?day=2031-03-04&topic=bees&kind=visit")
    assert day.context["entries"].paginator.count == 8
    assert client.get("/gatherings/?day=2031-03-05").context["entries"].paginator.count == 0


def test_it_shows_nothing_that_is_shut(client: Client, as_member: Client, member: Member) -> None:
    blocked, private = GatheringFactory(starts_at=at(4)), GatheringFactory(starts_at=at(5), topics=[TopicFactory()])
    GatheringFactory(starts_at=at(6), topics=[TopicFactory()]).unpublish()
    PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    Block.put(blocked.author, member)
    assert list(shown(client)) == ["2031-03-04"] and list(shown(as_member)) == ["2031-03-05"]
    year = "/gatherings/planner/?year=2031"
    assert client.get(year).context["rows"] == [] and len(as_member.get(year).context["rows"]) == 1
    assert private.title not in client.get("/gatherings/embed/").text


@pytest.mark.parametrize("language, first", [("en-gb", 0), ("fr", 0), ("en-us", 6)])
def test_it_begins_the_week_as_people_do(language: str, first: int) -> None:
    month = month_of("2031-03")
    assert month is not None
    with translation.override(language):
        assert {week[0].weekday() for week in weeks(month)} == {first}


def test_it_knows_the_months_beside_it() -> None:
    month = month_of("2031-01")
    assert month and [f"{each:%Y-%m}" for each in neighbours(month)] == ["2030-12", "2031-02"]


@pytest.mark.parametrize(
    "text", ["", "2031", "2031-13", "2031-00", "0000-01", "9999-12", "٢٠٣١-٠٣", "\x00", "x" * 5000, "2031-03-01\n"]
)
def test_it_shows_the_list_where_there_is_no_such_month(client: Client, text: str) -> None:
    assert month_of(text) is None and day_of(text) is None
    for name in ("month", "day"):
        answer = client.get("/gatherings/", {name: text})
        assert answer.status_code == 200 and "weeks" not in answer.context
    assert client.get("/gatherings/planner/", {"year": text}).status_code == 200


def test_it_shows_first_and_last_month(client: Client) -> None:
    for text in ("1990-01", "2100-12"):
        assert client.get(f"/gatherings/?month={text}").status_code == 200
    for text in ("1990", "2100"):
        assert client.get(f"/gatherings/planner/?year={text}").status_code == 200


def test_it_counts_a_year_by_topic(client: Client) -> None:
    bees, hides = TopicFactory(slug="bees"), TopicFactory(slug="hides")
    GatheringFactory(starts_at=at(4), topics=[bees, hides])
    GatheringFactory(starts_at=at(20), topics=[bees])
    GatheringFactory(starts_at=at(20), topics=[bees], is_cancelled=True)
    GatheringFactory(starts_at=datetime(2031, 6, 30, 23, 30, tzinfo=UTC), topics=[hides])  # July by the clocks here
    page = client.get("/gatherings/planner/?year=2031")
    counted = {topic.slug: [number for _month, number in cells] for topic, cells in page.context["rows"]}
    assert counted == {"bees": [0, 0, 2] + [0] * 9, "hides": [0, 0, 1, 0, 0, 0, 1] + [0] * 5}
    assert "/gatherings/?month=2031-03&amp;topic=bees" in page.text
    assert "Nothing in this year" in client.get("/gatherings/planner/?year=2032").text


def test_it_may_stand_in_any_frame_and_nothing_else_may(client: Client, as_member: Client) -> None:
    GatheringFactory(title="Soon", topics=[TopicFactory(slug="bees")])
    GatheringFactory(title="Called off", is_cancelled=True)
    for who in (client, as_member):
        answer = who.get("/gatherings/embed/")
        assert "Soon" in answer.text and "Called off" not in answer.text and "zq47qz" not in answer.text
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers and not answer.cookies
        assert "<script" not in answer.text and "<form" not in answer.text
    assert "Soon" in client.get("/gatherings/embed/?topic=bees").text
    assert "http://testserver/gatherings/embed/" in client.get("/gatherings/planner/").text
    for topic in ("x", "\x00", "x" * 5000):
        assert "Nothing is planned" in client.get("/gatherings/embed/", {"topic": topic}).text or topic == "\x00"
    for url in (MARCH, "/gatherings/planner/", "/gatherings/calendar.ics"):
        other = client.get(url)
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]
        assert other.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("who", ["client", "as_member"])
@pytest.mark.parametrize("url", [MARCH, "/gatherings/planner/?year=2031", "/gatherings/embed/"])
def test_it_asks_the_database_as_often_for_20_as_for_10(
    request: Any, who: str, url: str, django_assert_max_num_queries: Any
) -> None:
    client: Client = request.getfixturevalue(who)
    counts = []
    for _round in range(2):
        for day in range(1, 11):
            page = GatheringFactory(starts_at=at(day), topics=[TopicFactory()])
            page.sessions.add(Session(starts_at=at(day), ends_at=at(day, 12)))
            page.save()
        client.get(url)
        with django_assert_max_num_queries(12) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_it_is_linked_from_the_list(client: Client) -> None:
    page = client.get("/gatherings/").text
    assert f"?month={timezone.localdate():%Y-%m}" in page and "/gatherings/planner/" in page
