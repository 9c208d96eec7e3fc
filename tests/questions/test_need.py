"""“I need this too”: what a page is about becomes a line of one's own."""

import uuid
from typing import Any

import pytest
from django.test import Client

from community.members.models import Member, Statement
from tests.factories import StoryFactory

pytestmark = pytest.mark.django_db


def post(client: Client, page: Any, text: str, **more: str) -> Any:
    data = {"text": text, "visibility": "members", "form_key": str(uuid.uuid4())} | more
    return client.post(f"/questions/on/{page.pk}/need/", data)


def test_it_offers_the_title_and_takes_my_words(as_member: Client, member: Member) -> None:
    story = StoryFactory(title="Lime caught by the frost")
    assert 'value="Lime caught by the frost"' in as_member.get(f"/questions/on/{story.pk}/need/").text
    assert not Statement.objects.exists()
    answer = post(as_member, story, "somebody who shows me how to render with lime", visibility="matching")
    assert answer.status_code == 302 and answer.url == story.url
    line = Statement.objects.get()
    assert (line.profile.member, line.side, line.visibility) == (member, "need", "matching")
    assert line.text == "somebody who shows me how to render with lime"


def test_it_is_put_there_once(as_member: Client) -> None:
    story, key = StoryFactory(), str(uuid.uuid4())
    for _twice in range(2):
        assert post(as_member, story, "help with lime", form_key=key).status_code == 302
    again = post(as_member, story, "help with lime")
    assert again.status_code == 200 and "in your list already" in again.text
    assert Statement.objects.count() == 1


@pytest.mark.parametrize("text", ["", " ", "123", "x" * 201, "x" * 10_000, "a\x00b"])
def test_it_says_what_is_wrong(as_member: Client, text: str) -> None:
    answer = post(as_member, StoryFactory(), text)
    assert answer.status_code == 200 and "error-summary" in answer.text
    assert not Statement.objects.exists()


def test_it_asks_visitors_to_sign_in_and_shows_no_hidden_page(as_member: Client) -> None:
    story = StoryFactory()
    assert "/accounts/login/" in Client().get(f"/questions/on/{story.pk}/need/").url
    story.unpublish()
    assert as_member.get(f"/questions/on/{story.pk}/need/").status_code == 404
