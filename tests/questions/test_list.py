"""The list of questions, and those on one page."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction

from community.members.models import Block, Member
from community.questions import views
from community.questions.models import Routed
from tests.conftest import signed_in
from tests.factories import AnswerFactory, MemberFactory, QuestionFactory, StoryFactory, TopicFactory

pytestmark = pytest.mark.django_db
MOST = 12


def titles(client: Client | None = None, **query: Any) -> list[str]:
    response = (client or Client()).get("/questions/", query)
    assert response.status_code == 200
    return [question.title for question in response.context["entries"]]


def test_it_shows_the_newest_first_and_counts_answers() -> None:
    QuestionFactory(title="An older question?")
    newer = QuestionFactory(title="A newer question?")
    AnswerFactory(question=newer)
    AnswerFactory(question=newer).withdraw()
    assert titles() == ["A newer question?", "An older question?"]
    html = Client().get("/questions/").text
    assert "1 answer<" in html and "0 answers" in html and newer.page.title in html


def test_it_filters(as_member: Client, member: Member) -> None:
    soil = StoryFactory(topics=[TopicFactory(slug="soil")])
    QuestionFactory(title="How deep is the drain?", page=soil)
    AnswerFactory(question=QuestionFactory(title="How old is the yeast?", text="For bread of SPELT."))
    mine = QuestionFactory(title="How warm is the barn?", member=member)
    asked = QuestionFactory(title="How wide is the gate?")
    Routed.objects.create(question=asked, member=member)
    Routed.objects.create(question=mine, member=MemberFactory())
    assert titles(topic="soil") == ["How deep is the drain?"]
    assert titles(q="spelt") == ["How old is the yeast?"]
    assert "How old is the yeast?" not in titles(show="unanswered") and len(titles(show="unanswered")) == 3
    assert titles(as_member, show="mine") == ["How warm is the barn?"]
    assert titles(as_member, show="for-me") == ["How wide is the gate?"]
    assert titles(show="unanswered", topic="soil") == ["How deep is the drain?"]
    assert "No question fits" in Client().get("/questions/?q=nothing").text


@pytest.mark.parametrize(
    "query",
    [
        {"show": "mine"}, {"show": "for-me"}, {"show": "x"}, {"topic": "none"}, {"topic": "\x00"}, {"page": "-3"},
        {"page": "9" * 5000}, {"page": "\x00"}, {"q": "\x00"}, {"q": '"'}, {"q": "%"}, {"q": "🐑"},
    ],
)  # fmt: skip
def test_it_ignores_what_makes_no_sense(query: dict[str, str]) -> None:
    QuestionFactory(title="Is this the only one?")
    assert titles(**query) == ["Is this the only one?"]


@pytest.mark.parametrize("words", ["'", "\\", "x" * 10_000, "a OR b", "NEAR(", "<script>alert(1)</script>"])
def test_it_answers_whatever_is_typed(words: str) -> None:
    QuestionFactory()
    assert titles(q=words) in ([], titles())
    assert "<script>alert" not in Client().get("/questions/", {"q": words}).text


def test_it_shows_twenty_at_a_time() -> None:
    story = StoryFactory()
    for _n in range(21):
        QuestionFactory(page=story)
    assert (len(titles()), len(titles(page=2))) == (20, 1)
    assert "21 found" in Client().get("/questions/").text


def test_it_counts_and_shows_nothing_that_its_page_hides(as_member: Client, member: Member, stranger: Member) -> None:
    shut, theirs, gone = StoryFactory(), StoryFactory(author=stranger), StoryFactory()
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    for page in (shut, theirs, gone):
        QuestionFactory(title=f"What of {page.title}?", page=page)
    gone.unpublish()
    Block.put(stranger, member)
    assert titles() == [f"What of {theirs.title}?"]
    assert titles(as_member) == [f"What of {shut.title}?"]
    assert "1 found" in as_member.get("/questions/").text and "1 found" in Client().get("/questions/").text


def test_it_keeps_two_apart_who_keep_each_other_away(as_member: Client, member: Member, stranger: Member) -> None:
    theirs = QuestionFactory(title="May I see your barn?", member=stranger)
    Block.put(member, stranger)
    assert titles(as_member) == [] and titles(signed_in(MemberFactory())) == ["May I see your barn?"]
    assert as_member.get(theirs.get_absolute_url()).status_code == 404
    assert "May I see your barn?" not in as_member.get(theirs.page.url).text


def test_a_page_shows_its_newest_five_and_leads_to_all() -> None:
    story = StoryFactory()
    for number in range(1, 7):
        QuestionFactory(page=story, title=f"Is number {number} here?")
    QuestionFactory(title="Is this elsewhere?")
    html = Client().get(story.url).text
    assert "number 6 here" in html and "number 2 here" in html and "number 1 here" not in html
    address = f"/questions/on/{story.pk}/"
    assert f'href="{address}"' in html
    everything = Client().get(address).text
    assert "number 1 here" in everything and "elsewhere" not in everything


def test_a_page_leads_to_people(as_member: Client) -> None:
    story = StoryFactory()
    for client in (as_member, Client()):
        html = client.get(story.url).text
        for address in (f"/questions/on/{story.pk}/ask/", f"/questions/on/{story.pk}/need/", f"/ask/?page={story.pk}"):
            assert f'href="{address}"' in html


def queries(address: str, client: Client) -> list[str]:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"][:200] for query in asked.captured_queries]


@pytest.mark.parametrize("is_signed_in", [False, True])
@pytest.mark.parametrize("where", ["/questions/", "/questions/on/{page}/", "{story}", "/questions/{question}/"])
def test_it_asks_as_often_for_20_as_for_10(
    as_member: Client, monkeypatch: pytest.MonkeyPatch, where: str, is_signed_in: bool
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 100)
    client = as_member if is_signed_in else Client()
    topic = TopicFactory(slug="soil")
    story = StoryFactory(author=MemberFactory(), topics=[topic])
    StoryFactory(topics=[topic])
    first = QuestionFactory(page=story)
    address = where.format(page=story.pk, story=story.url, question=first.pk)
    counts = []
    for _round in range(2):
        for _n in range(10):
            AnswerFactory(question=QuestionFactory(page=story))
            AnswerFactory(question=first)
        counts.append(queries(address, client))
    assert len(counts[0]) == len(counts[1]) <= MOST, "\n".join(counts[1])
