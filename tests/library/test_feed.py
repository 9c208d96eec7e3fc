"""Following a list in a feed reader."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.http import HttpResponse
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import CaseStudyPage, LessonIndexPage, StoryIndexPage
from community.members.models import Block, Member
from tests.factories import (
    GatheringFactory,
    LessonFactory,
    LogFactory,
    MemberFactory,
    OpeningFactory,
    PlaybookFactory,
    SeasonFactory,
    StoryFactory,
    TopicFactory,
)
from tests.library.test_story_queries import MOST, queries, tell

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SHELVES: list[tuple[str, Any]] = [
    ("stories", StoryFactory), ("lessons", LessonFactory), ("experiments", LogFactory),
    ("playbooks", PlaybookFactory), ("gatherings", GatheringFactory), ("openings", OpeningFactory),
]  # fmt: skip


def asked(address: str = "/stories/feed/", client: Client | None = None, **query: Any) -> Any:
    return (client or Client()).get(address, query)


def entries(answer: HttpResponse) -> list[ElementTree.Element]:
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def titles(**query: Any) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in entries(asked(**query))]


def test_it_tells_the_newest_first_with_all_that_a_reader_wants() -> None:
    teller = MemberFactory(name="Ann Archer")
    StoryFactory(title="Older")
    story = StoryFactory(title="Newer", summary="In short.", author=teller, topics=[TopicFactory(slug="soil")])
    assert titles() == ["Newer", "Older"]
    first = entries(asked())[0]
    assert first.findtext(f"{ATOM}summary") == "In short."
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Ann Archer"
    assert first.findtext(f"{ATOM}id") == story.full_url
    link, category = first.find(f"{ATOM}link"), first.find(f"{ATOM}category")
    assert link is not None and link.get("href") == story.full_url
    assert category is not None and category.get("term") == "Soil"


@pytest.mark.parametrize(("shelf", "factory"), SHELVES)
def test_it_is_there_for_every_list(shelf: str, factory: Any) -> None:
    page = factory(title=f"One of the {shelf}")
    assert [one.findtext(f"{ATOM}title") for one in entries(asked(f"/{shelf}/feed/"))] == [page.title]
    assert 'href="feed/"' in Client().get(f"/{shelf}/").content.decode()


def test_it_keeps_the_filters_of_the_list() -> None:
    soil, winter = TopicFactory(slug="soil"), SeasonFactory(slug="winter")
    StoryFactory(title="Wet clay", outcome="failure", topics=[soil], season=winter, soil="clay", budget="nothing")
    StoryFactory(title="Dry sand", outcome="success")
    for query in ({"outcome": "failure"}, {"topic": "soil"}, {"season": "winter"}, {"soil": "clay"}, {"q": "wet cl"}):
        assert titles(**query) == ["Wet clay"], query
    assert len(titles(outcome="nonsense")) == 2


def test_the_list_leads_to_the_feed_with_the_filters_in_force() -> None:
    StoryFactory(outcome="failure")
    html = Client().get("/stories/", {"outcome": "failure", "page": "1", "junk": "x"}).content.decode()
    assert '<link rel="alternate" type="application/atom+xml" href="feed/?outcome=failure">' in html
    assert '<a href="feed/?outcome=failure"' in html


def test_it_gives_the_newest_30_and_no_more() -> None:
    for _n in range(31):
        StoryFactory()
    assert len(titles()) == StoryIndexPage.PER_FEED == 30


def test_it_tells_a_member_no_more_than_anybody(as_member: Client, member: Member, stranger: Member) -> None:
    shut = StoryFactory(title="For members")
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    StoryFactory(title="Not shown").unpublish()
    StoryFactory(title="For all", author=stranger)
    assert entries(asked(client=as_member))[0].findtext(f"{ATOM}title") == "For all"
    assert asked(client=as_member).content == asked().content
    assert titles() == titles(q="for all") == ["For all"]
    assert titles(q="members") == []


@pytest.mark.parametrize("is_blocker", [True, False])
def test_it_leaves_out_whom_the_reader_keeps_away_and_who_keeps_them_away(
    as_member: Client, member: Member, stranger: Member, is_blocker: bool
) -> None:
    StoryFactory(title="For all", author=stranger)
    Block.put(*((member, stranger) if is_blocker else (stranger, member)))
    assert not entries(asked(client=as_member))
    assert titles() == ["For all"]


def test_it_may_be_kept_by_anybody_between() -> None:
    StoryFactory()
    answer = asked()
    assert "public" in answer["Cache-Control"] and "max-age=600" in answer["Cache-Control"]
    assert "cookie" not in answer.get("Vary", "").lower()
    assert not answer.cookies


def test_a_list_that_is_shut_has_no_feed() -> None:
    StoryFactory()
    index = StoryIndexPage.objects.get()
    PageViewRestriction.objects.create(page=index, restriction_type=PageViewRestriction.LOGIN)
    assert asked().status_code == 404
    LessonIndexPage.objects.get().unpublish()
    assert asked("/lessons/feed/").status_code == 404


def test_it_names_nobody_under_18_and_nobody_who_has_left() -> None:
    StoryFactory(author=MemberFactory(name="Young One", is_adult=False))
    StoryFactory(author=MemberFactory(name="Gone One", is_active=False))
    text = asked().content.decode()
    assert "Young" not in text and "Gone" not in text


def test_it_says_of_a_confidential_story_the_month_alone_and_nobody() -> None:
    named, secret = StoryFactory(title="Named", author=MemberFactory(name="Ann Archer")), StoryFactory(title="Secret")
    moment = datetime(2026, 5, 17, 13, 14, 15, 987_000, tzinfo=UTC)
    for page, is_confidential in ((named, False), (secret, True)):
        CaseStudyPage.objects.filter(pk=page.pk).update(
            is_confidential=is_confidential, first_published_at=moment, last_published_at=moment
        )
    told = {entry.findtext(f"{ATOM}title"): entry for entry in entries(asked())}
    for name, day in (("Named", "2026-05-17"), ("Secret", "2026-05-01")):
        for part in ("published", "updated"):
            assert told[name].findtext(f"{ATOM}{part}") == f"{day}T00:00:00+01:00"
    assert told["Secret"].find(f"{ATOM}author") is None
    assert "13:14" not in asked().content.decode() and "12:14" not in asked().content.decode()


@pytest.mark.parametrize(
    "title", ["Bell \x07 and \x1b[31m", "half \ufffe \uffff", "<b>&amp;</b> ]]> \"'", "goat 🐐 \u202e", "x" * 250]
)
def test_it_stays_whole_whatever_a_title_holds(title: str) -> None:
    page = StoryFactory(title="Plain", author=MemberFactory(name="Ann"), topics=[TopicFactory(slug="soil")])
    TopicFactory._meta.model.objects.update(name=title[:60])
    Member.objects.update(name=title[:60])
    CaseStudyPage.objects.filter(pk=page.pk).update(title=title, summary=title[:240])
    StoryIndexPage.objects.update(title=title, intro=title)
    entry = entries(asked())[0]
    assert all(ord(sign) >= 32 for sign in "".join(entry.itertext()) if sign != "\n")
    assert (entry.findtext(f"{ATOM}title") or "")[:4] == title[:4]


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%22", "q=%ED%A0%80", "q=" + "x" * 10_000, "topic=%00", "outcome=%07", "soil=" + "9" * 400]
)
def test_it_answers_whatever_is_asked(query: str) -> None:
    StoryFactory()
    answer = Client().get(f"/stories/feed/?{query}")
    entries(answer)


def test_it_takes_no_other_method() -> None:
    StoryFactory()
    assert Client().post("/stories/feed/").status_code == 405


def test_it_asks_as_often_for_20_stories_as_for_10(member: Member) -> None:
    tell(10, member)
    ten = queries("/stories/feed/", Client())
    tell(10, member)
    twenty = queries("/stories/feed/?q=story", Client())
    assert len(queries("/stories/feed/", Client())) == len(ten), "\n".join(ten)
    assert len(twenty) <= MOST, "\n".join(twenty)


@pytest.mark.parametrize(("shelf", "factory"), SHELVES[1:])
def test_it_asks_as_often_on_every_list(shelf: str, factory: Any) -> None:
    def many() -> list[str]:
        for _n in range(10):
            factory(author=MemberFactory(), topics=[TopicFactory(slug="soil")])
        return queries(f"/{shelf}/feed/", Client())

    ten, twenty = many(), many()
    assert len(ten) == len(twenty) <= MOST, "\n".join(twenty)
