"""How the words of a step read, said while they are typed and, without a script, when the step comes back."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Draft, Member
from tests.library.telling import begin_story, go_on

pytestmark = pytest.mark.django_db
LONG = "We " + "dug and " * 40 + "went home. Then it rained on the field."


def test_it_says_one_thing_about_what_is_typed_and_keeps_nothing(as_member: Client) -> None:
    as_member.get("/stories/tell/hint/tried/")
    with CaptureQueriesContext(connection) as asked:
        answer = as_member.post("/stories/tell/hint/tried/", {"tried": LONG, "why": "x"})
    html = answer.content.decode()
    assert answer.status_code == 200 and "Your longest sentence has" in html and "<html" not in html
    assert "dug and" not in html and not Draft.objects.exists()
    assert not [query for query in asked if not query["sql"].lstrip().startswith("SELECT")]
    assert "hint" not in as_member.post("/stories/tell/hint/tried/", {"tried": "Too few words."}).content.decode()


@pytest.mark.parametrize("odd", ["\x00" * 9, "z" * 10_000, "a " * 400_000, "🐑 " * 500, "9" * 10_000])
def test_odd_words_do_no_harm(as_member: Client, odd: str) -> None:
    assert as_member.post("/stories/tell/hint/happened/", {"happened": odd}).status_code == 200


def test_it_is_for_members_and_for_steps_that_are_there(as_member: Client) -> None:
    assert as_member.post("/stories/tell/hint/nothing/", {"tried": LONG}).status_code == 404
    assert as_member.get("/stories/tell/hint/tried/").status_code == 405
    assert Client().post("/stories/tell/hint/tried/", {"tried": LONG}).url.startswith("/accounts/login/")


def test_the_form_asks_for_it_and_works_without(as_member: Client, member: Member) -> None:
    story = begin_story(member)
    path = f"/stories/tell/{story.pk}/"
    assert 'hx-post="/stories/tell/hint/tried/"' in as_member.get(f"{path}tried/").content.decode()
    for step in ("start", "figures", "about"):  # no words to read
        assert "/stories/tell/hint/" not in as_member.get(f"{path}{step}/").content.decode()
    go_on(as_member, story, "tried", {"tried": LONG})
    assert "Your longest sentence has" in as_member.get(f"{path}tried/").content.decode()
