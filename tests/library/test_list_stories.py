"""The list of stories: filters, words, pages."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import PageViewRestriction

from tests.factories import SeasonFactory, StoryFactory, TopicFactory

pytestmark = pytest.mark.django_db


def titles(**query: Any) -> list[str]:
    response = Client().get("/stories/", query)
    assert response.status_code == 200
    return [story.title for story in response.context["entries"]]


def test_it_shows_the_newest_first() -> None:
    StoryFactory(title="Older")
    StoryFactory(title="Newer")
    assert titles() == ["Newer", "Older"]


def test_it_filters_by_outcome_topic_and_season() -> None:
    bees, winter = TopicFactory(slug="bees"), SeasonFactory(slug="winter")
    StoryFactory(title="Lost hives", outcome="failure", topics=[bees], season=winter)
    StoryFactory(title="Good wall", outcome="success", topics=[TopicFactory(slug="building")])
    assert titles(outcome="failure") == ["Lost hives"]
    assert titles(topic="building") == ["Good wall"]
    assert titles(season="winter") == ["Lost hives"]
    assert titles(topic="bees", outcome="success") == []


def test_it_finds_words_in_title_place_and_body() -> None:
    StoryFactory(title="A kiln of green oak")
    StoryFactory(title="Cider", place="Ashgarth")
    StoryFactory(title="Sheep", body=[("setting", "<p>The tup was called Bartholomew.</p>")])
    call_command("update_index", verbosity=0)
    assert titles(q="kiln") == ["A kiln of green oak"]
    assert titles(q="ASHG") == ["Cider"]
    assert titles(q="bartholomew") == ["Sheep"]
    assert titles(q="nothing of the kind") == []


@pytest.mark.parametrize(
    "query",
    [
        {"outcome": "splendid", "topic": "none", "season": "monsoon"},
        {"page": "-3"}, {"page": "one"}, {"page": "9" * 5000}, {"page": "\x00"},
        {"topic": "\x00"}, {"outcome": "'"}, {"unknown": "x"},
    ],
)  # fmt: skip
def test_it_ignores_values_that_make_no_sense(query: dict[str, str]) -> None:
    StoryFactory(title="The one")
    assert titles(**query) == ["The one"]


@pytest.mark.parametrize(
    "words", ['"', "'", "\x00", "🐑", "x" * 10_000, "a OR", "NEAR(", "title:", "*", "%", "-", "🐑 wall"]
)
def test_it_answers_whatever_is_typed(words: str) -> None:
    StoryFactory(title="A wall")
    assert isinstance(titles(q=words), list)


def test_it_escapes_what_is_typed() -> None:
    StoryFactory()
    html = Client().get("/stories/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html


def test_it_shows_pages_of_twelve_and_keeps_the_filters() -> None:
    for n in range(13):
        StoryFactory(title=f"Story {n}", outcome="mixed")
    assert len(titles(outcome="mixed")) == 12
    assert len(titles(outcome="mixed", page=2)) == 1
    assert "outcome=mixed&amp;page=2" in Client().get("/stories/", {"outcome": "mixed"}).content.decode()


def test_it_hides_what_only_members_may_read(as_member: Client) -> None:
    story = StoryFactory(title="For members")
    PageViewRestriction.objects.create(page=story, restriction_type=PageViewRestriction.LOGIN)
    assert titles() == []
    assert titles(q="members") == []
    assert "For members" in as_member.get("/stories/").content.decode()


def test_it_takes_a_filter_away_again() -> None:
    StoryFactory(outcome="mixed")
    response = Client().get("/stories/", {"outcome": "mixed", "q": "barley"})
    assert response.context["active"] == [
        {"label": "“barley”", "url": "?outcome=mixed"},
        {"label": "It worked in part", "url": "?q=barley"},
    ]
