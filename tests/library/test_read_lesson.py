"""Reading one lesson, and the list of lessons."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import LessonIndexPage, LessonPage
from community.library.models.wording import lasting, lines_of
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.factories import LessonFactory, SeasonFactory, SeriesFactory, TopicFactory
from tests.library.test_story_queries import picture, queries

pytestmark = pytest.mark.django_db

MOST = 12


def page_of(page: Any, client: Client | None = None) -> str:
    response = (client or Client()).get(page.url)
    assert response.status_code == 200
    return response.content.decode()


def titles(**query: Any) -> list[str]:
    response = Client().get("/lessons/", query)
    assert response.status_code == 200
    return [lesson.title for lesson in response.context["entries"]]


def test_it_shows_everything_that_somebody_needs_before_beginning(member: Member) -> None:
    lesson = LessonFactory(
        author=member, season=SeasonFactory(), topics=[TopicFactory(slug="metal")], safety="Wear glasses.",
        waiting="one night of soaking", difficulty="practice",
    )  # fmt: skip
    html = page_of(lesson)
    for words in (
        "Sharpen a hook", "Say when it is sharp", "Two stones", "Water, one bucket", "Wet the stone",
        "Until no bubble comes.", "10 minutes", "Your thumb stays behind the edge.", "Wear glasses.", "Alma Field",
        "30 minutes, one night of soaking", "expect to do it twice", "Winter", "Metal", "Stonebeck",
    ):  # fmt: skip
        assert words in html, words
    main = html.partition("<main")[2]
    assert main.index("Wear glasses.") < main.index("Wet the stone")


def test_it_adds_up_the_steps_unless_somebody_said_better() -> None:
    assert LessonFactory().time_in_all == 30
    assert LessonFactory(minutes=90).time_in_all == 90
    assert LessonFactory(steps=[("step", {"title": "Wait", "text": "<p>And see.</p>"})]).time_words == ""


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, ""), (1, "1 minute"), (60, "1 hour"), (150, "2 hours 30 minutes"), (1440, "1 day"), (3001, "2 days 2 hours")],
)
def test_it_says_a_time_as_people_do(minutes: int, words: str) -> None:
    assert lasting(minutes) == words


def test_it_reads_lists_however_they_were_typed() -> None:
    assert lines_of("- a saw\n\n  • two wedges \r\n* glue-free\n") == ["a saw", "two wedges", "glue-free"]


def test_it_tells_search_engines_what_it_teaches(member: Member) -> None:
    lesson = LessonFactory(title="Edges </script><b>", author=member, minutes=150)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page_of(lesson), re.S)
    assert found
    data = json.loads(found[1])
    assert data["@type"] == ["HowTo", "LearningResource"]
    assert (data["name"], data["totalTime"]) == ("Edges </script><b>", "P0DT02H30M00S")
    assert data["teaches"] == ["Sharpen a hook", "Say when it is sharp"]
    assert [step["text"] for step in data["step"]] == ["Until no bubble comes.", "Along its whole edge."]
    assert data["tool"] == [{"@type": "HowToTool", "name": "Two stones"}]
    assert data["author"] == {"@type": "Person", "name": "Alma Field"}


def test_it_never_names_somebody_under_18(minor: Member) -> None:
    lesson = LessonFactory(author=minor)
    series = SeriesFactory(author=minor, lessons=[lesson])
    assert "Cleo" not in page_of(lesson) + page_of(series) + Client().get("/lessons/").content.decode()


def test_it_is_not_there_for_somebody_who_is_kept_away(member: Member, stranger: Member, as_stranger: Client) -> None:
    lesson = LessonFactory(author=member, title="Kept away")
    Block.put(member, stranger)
    for address in (lesson.url, f"{lesson.url}done/", f"{lesson.url}tried/", f"{lesson.url}tries/"):
        assert as_stranger.get(address).status_code == 404, address
    assert as_stranger.post(f"{lesson.url}done/").status_code == 404
    assert "Kept away" not in as_stranger.get("/lessons/").content.decode()


def test_a_draft_is_not_there() -> None:
    lesson = LessonFactory()
    lesson.unpublish()
    assert Client().get(lesson.url).status_code == 404
    assert titles() == []


def test_it_can_be_tried_like_a_story(as_member: Client) -> None:
    lesson = LessonFactory()
    assert f"{lesson.url}tried/" in page_of(lesson)
    assert as_member.get(f"{lesson.url}tried/").status_code == 200


# --- The list ---------------------------------------------------------------------------------------------------


def test_the_list_filters_by_topic_season_difficulty_and_words() -> None:
    bees = TopicFactory(slug="bees")
    LessonFactory(title="Light the smoker", topics=[bees], season=SeasonFactory(slug="spring"))
    LessonFactory(title="Raise a queen", difficulty="hard")
    call_command("update_index", verbosity=0)
    assert titles() == ["Raise a queen", "Light the smoker"]
    assert titles(topic="bees") == titles(season="spring") == titles(q="smoker") == ["Light the smoker"]
    assert titles(difficulty="hard") == ["Raise a queen"]
    assert titles(q="bubble") == ["Raise a queen", "Light the smoker"]
    assert titles(difficulty="\x00", topic="none") == ["Raise a queen", "Light the smoker"]


@pytest.mark.parametrize("words", ['"', "'", "\x00", "\ud800", "x" * 10_000, "a OR", "NEAR(", "*", "🐑"])
def test_the_list_answers_whatever_is_typed(words: str) -> None:
    LessonFactory()
    assert isinstance(titles(q=words.encode("utf-8", "surrogatepass")), list)


def test_the_list_hides_what_only_members_may_read(as_member: Client) -> None:
    lesson = LessonFactory(title="For members")
    PageViewRestriction.objects.create(page=lesson, restriction_type=PageViewRestriction.LOGIN)
    assert titles() == titles(q="members") == []
    assert Client().get(lesson.url).status_code == 302
    assert "For members" in as_member.get("/lessons/").content.decode()


def test_the_list_shows_the_series_to_those_who_ask_for_them() -> None:
    SeriesFactory(
        title="Sharp edges", lessons=[LessonFactory(title="One of them")], topics=[TopicFactory(slug="metal")]
    )
    assert titles() == ["One of them"]
    assert titles(kind="series") == titles(kind="series", difficulty="hard", topic="metal") == ["Sharp edges"]
    assert "Sharp edges" in Client().get("/lessons/", {"kind": "series"}).content.decode()


# --- How often it asks -------------------------------------------------------------------------------------------


def teach(number: int, author: Member) -> list[LessonPage]:
    topics = [TopicFactory(slug="soil"), TopicFactory(slug="wood")]
    step = {"title": "Look", "text": "<p>At it.</p>", "minutes": 5}
    return [
        LessonFactory(
            author=author,
            topics=topics,
            season=SeasonFactory(),
            picture=picture(),
            steps=[("step", step | {"image": picture()}), ("step", step | {"image": picture()})],
        )  # fmt: skip
        for _n in range(number)
    ]


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_list_asks_as_often_for_20_lessons_as_for_10(
    member: Member, as_stranger: Client, monkeypatch: pytest.MonkeyPatch, is_signed_in: bool
) -> None:
    monkeypatch.setattr(LessonIndexPage, "PER_PAGE", 100)
    client = as_stranger if is_signed_in else Client()
    SeriesFactory(lessons=teach(10, member), author=member)
    ten = queries("/lessons/", client)
    SeriesFactory(lessons=teach(10, member), author=member)
    twenty = queries("/lessons/", client)
    assert len(ten) == len(twenty), "\n".join(one[:200] for one in twenty)
    assert len(twenty) <= MOST, "\n".join(one[:200] for one in twenty)


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_lesson_in_a_series_asks_at_most_12_times(member: Member, stranger: Member, is_signed_in: bool) -> None:
    client = signed_in(stranger) if is_signed_in else Client()
    lessons = teach(10, member)
    series = SeriesFactory(lessons=lessons, author=member, picture=picture(), topics=[])
    for address in (lessons[0].url, series.url):
        asked = queries(address, client)
        assert len(asked) <= MOST, address + "\n" + "\n".join(one[:200] for one in asked)
