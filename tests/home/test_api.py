"""Reading public pages with a program."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import CaseStudyPage, StoryIndexPage
from community.members.models import Block, Member
from tests.factories import (
    GatheringFactory,
    LessonFactory,
    LogFactory,
    MemberFactory,
    OpeningFactory,
    PlaybookFactory,
    StoryFactory,
    TopicFactory,
)
from tests.library.test_story_queries import MOST, queries, tell

pytestmark = pytest.mark.django_db

PAGES = "/api/v3/pages/"
OTHERS: list[Any] = [LessonFactory, LogFactory, PlaybookFactory, GatheringFactory, OpeningFactory]
ALLOWED = {"id", "title", "summary", "byline", "place", "season", "topics", "outcome", "when", "meta"}
META = {"type", "detail_url", "html_url", "slug", "first_published_at"}


def told(address: str = PAGES, client: Client | None = None, **query: Any) -> Any:
    answer = (client or Client()).get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def titles(**query: Any) -> list[str]:
    return [one["title"] for one in told(**query)["items"]]


def test_it_lists_stories_and_tells_one_whole() -> None:
    story = StoryFactory(
        title="Wet barley", author=MemberFactory(name="Ann Archer"), topics=[TopicFactory(slug="soil")]
    )
    listed = told()
    assert listed["count"] == 1 and set(listed["items"][0]) == ALLOWED and set(listed["items"][0]["meta"]) == META
    whole = told(listed["items"][0]["meta"]["detail_url"])
    assert set(whole) == ALLOWED | {"body"}
    assert (whole["id"], whole["title"], whole["byline"]) == (story.pk, "Wet barley", "Ann Archer")
    assert whole["topics"] == ["Soil"] and whole["meta"]["html_url"] == story.full_url
    assert "Two acres of wet clay." in whole["body"]


@pytest.mark.parametrize("factory", OTHERS)
def test_it_tells_each_kind_and_nothing_kept_for_guests(factory: Any) -> None:
    page = factory(author=MemberFactory(email="ann@example.org"))
    assert titles(type=page._meta.label) == [page.title]
    text = json.dumps(told(f"{PAGES}{page.pk}/"))
    for kept in ("zq47qz", "secret-room", "ann@example.org", page.author.handle):
        assert kept not in text


def test_it_keeps_the_filters_of_the_list() -> None:
    StoryFactory(title="Wet clay", outcome="failure", topics=[TopicFactory(slug="soil")], soil="clay")
    StoryFactory(title="Dry sand")
    for query in ({"outcome": "failure"}, {"topic": "soil"}, {"soil": "clay"}, {"search": "wet cl"}):
        assert titles(**query) == ["Wet clay"], query
    assert len(titles(limit=1)) == 1 and titles(offset=1) == ["Wet clay"] and titles(offset=5) == []


def test_it_tells_a_member_or_an_operator_no_more_than_anybody(as_member: Client, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(is_superuser=True, is_steward=True)
    shut, draft, circle = (StoryFactory(title=f"zqsecretqz {n}", summary="zqshutqz") for n in range(3))
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    draft.unpublish()
    bar = PageViewRestriction.objects.create(page=circle, restriction_type=PageViewRestriction.GROUPS)
    bar.groups.add(Group.objects.create(name="circle"))
    for client in (Client(), as_member):
        for query in ({}, {"search": "zqsecretqz"}, {"search": "zqshutqz"}):
            assert told(client=client, **query) == {"count": 0, "items": []}
        for page in (shut, draft, circle):
            hidden, missing = client.get(f"{PAGES}{page.pk}/"), client.get(f"{PAGES}999999/")
            assert hidden.status_code == missing.status_code == 404 and hidden.content == missing.content


def test_a_page_that_is_no_entry_or_below_a_shut_list_is_not_told() -> None:
    story, index = StoryFactory(), StoryIndexPage.objects.get()
    assert Client().get(f"{PAGES}{index.pk}/").status_code == 404
    PageViewRestriction.objects.create(page=index, restriction_type=PageViewRestriction.LOGIN)
    assert Client().get(PAGES).status_code == Client().get(f"{PAGES}{story.pk}/").status_code == 404


def test_it_knows_days_of_named_stories_months_of_confidential_ones_and_nobody_young() -> None:
    named = StoryFactory(title="Named", author=MemberFactory(name="Young One", is_adult=False))
    secret = StoryFactory(title="Secret", author=MemberFactory(name="Cora Quiet"))
    moment = datetime(2026, 5, 17, 13, 14, 15, 987_000, tzinfo=UTC)
    CaseStudyPage.objects.update(first_published_at=moment, last_published_at=moment)
    CaseStudyPage.objects.filter(pk=secret.pk).update(is_confidential=True)
    for page, day in ((named, "2026-05-17"), (secret, "2026-05-01")):
        text = json.dumps(told(f"{PAGES}{page.pk}/"))
        assert f'"first_published_at": "{day}"' in text
        assert "Cora" not in text and "Young" not in text and "14:15" not in text


@pytest.mark.parametrize(
    "query",
    [
        "search=%00", "search=%22", "search='%22", "search=%ED%A0%80", "search=" + "x" * 10_000, "search=a+OR+NEAR(",
        "offset=99999999999999999999", "offset=-1", "offset=one", "limit=0", "limit=99999999999999999999", "limit=%00",
        "topic=%00", "season=%22", "outcome=%00", "soil=" + "9" * 5000, "type=%00", "type=members.Member",
        "type=wagtailcore.Page", "order=random", "fields=*,owner", "kind=%00", "version=draft", "site=%00", "q=%00",
    ],
)  # fmt: skip
def test_it_cleans_or_refuses_whatever_is_asked(query: str) -> None:
    StoryFactory()
    for address in (PAGES, f"{PAGES}{CaseStudyPage.objects.get().pk}/", f"{PAGES}99999999999999999999/"):
        answer = Client().get(f"{address}?{query}")
        assert answer.status_code in {200, 400, 404, 422}, answer.content
        assert "owner" not in answer.content.decode() or answer.status_code == 422


def test_it_only_reads_and_knows_no_accounts() -> None:
    story = StoryFactory()
    for method in ("post", "put", "patch", "delete"):
        for address in (PAGES, f"{PAGES}{story.pk}/"):
            assert getattr(Client(), method)(address).status_code == 405
    for address in ("whoami/", "sites/", "schema/", "images/", "documents/", f"pages/{story.pk}/revisions/"):
        assert Client().get(f"/api/v3/{address}").status_code == 404


def test_its_schema_says_what_it_answers() -> None:
    schema = told("/api/v3/openapi.json")
    assert set(schema["paths"]) == {PAGES, PAGES + "{page_id}/"}
    assert all(set(verbs) == {"get"} for verbs in schema["paths"].values())
    assert set(schema["components"]["schemas"]["Entry"]["properties"]) == ALLOWED


def test_it_asks_as_often_for_20_stories_as_for_10(member: Member) -> None:
    tell(10, member)
    ten = queries(f"{PAGES}?search=story", Client())
    tell(10, member)
    twenty = queries(f"{PAGES}?search=story", Client())
    assert len(ten) == len(twenty) <= MOST, "\n".join(twenty)
    assert len(queries(f"{PAGES}{CaseStudyPage.objects.first().pk}/", Client())) <= MOST


def test_it_leaves_out_whom_the_reader_keeps_away(as_member: Client, member: Member, stranger: Member) -> None:
    story = StoryFactory(author=stranger)
    Block.put(stranger, member)
    assert as_member.get("/api/v3/pages/").json()["count"] == 0
    assert as_member.get(f"/api/v3/pages/{story.pk}/").status_code == 404
    assert Client().get("/api/v3/pages/").json()["count"] == 1
