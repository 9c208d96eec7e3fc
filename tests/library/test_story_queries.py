"""How often the pages of the library ask the database."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.images import ImageFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image as Pillow
from wagtail.images import get_image_model

from community.library.models import StoryIndexPage
from community.members.models import Member
from tests.factories import SeasonFactory, StoryFactory, TopicFactory

pytestmark = pytest.mark.django_db

MOST = 12


def picture() -> Any:
    file = BytesIO()
    Pillow.new("RGB", (64, 48), "green").save(file, "PNG")
    return get_image_model().objects.create(title="field", file=ImageFile(file, name="field.png"))


def queries(address: str, client: Client) -> list[str]:
    client.get(address)  # the first reader makes the renditions
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


def tell(number: int, author: Member) -> Any:
    topics = [TopicFactory(slug="soil"), TopicFactory(slug="wood")]
    for _n in range(number):
        story = StoryFactory(author=author, topics=topics, season=SeasonFactory(), picture=picture())
    return story


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_list_asks_as_often_for_20_stories_as_for_10(
    member: Member, as_stranger: Client, monkeypatch: pytest.MonkeyPatch, is_signed_in: bool
) -> None:
    monkeypatch.setattr(StoryIndexPage, "PER_PAGE", 100)
    client = as_stranger if is_signed_in else Client()
    tell(10, member)
    ten = queries("/stories/", client)
    tell(10, member)
    twenty = queries("/stories/", client)
    assert len(ten) == len(twenty), "\n".join(twenty)
    assert len(twenty) <= MOST, "\n".join(twenty)


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_story_asks_at_most_12_times(member: Member, as_stranger: Client, is_signed_in: bool) -> None:
    client = as_stranger if is_signed_in else Client()
    story = tell(4, member)
    asked = queries(story.url, client)
    assert len(asked) <= MOST, "\n".join(asked)


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_front_page_asks_at_most_12_times(member: Member, as_stranger: Client, is_signed_in: bool) -> None:
    client = as_stranger if is_signed_in else Client()
    tell(4, member)
    asked = queries("/", client)
    assert len(asked) <= MOST, "\n".join(asked)
