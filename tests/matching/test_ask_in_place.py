"""From a page to people without leaving it: a plain link that HTMX loads in place."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Member
from matching import language
from tests.conftest import signed_in
from tests.factories import LessonFactory, LogFactory, MemberFactory, PlaybookFactory, StatementFactory, StoryFactory
from tests.matching.asking import read_all
from tests.matching.planted import WordEncoder

pytestmark = pytest.mark.django_db
IN_PLACE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def questions(monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder) -> None:
    """Questions are read by the planted model, too."""
    monkeypatch.setattr(language, "query_encoder", lambda: encoder)


@pytest.mark.parametrize("make", [StoryFactory, LessonFactory, LogFactory, PlaybookFactory])
def test_the_page_has_a_plain_link_and_a_place_for_what_is_found(make: type) -> None:
    page = make()
    html = Client().get(page.url).content.decode()
    link = f"/ask/?page={page.pk}"
    assert f'href="{link}" hx-get="{link}" hx-target="#found-here"' in html and 'id="found-here"' in html
    assert "htmx" in html and html.count("<script") == html.count('type="application/ld+json"') + 1


def test_what_comes_is_a_part_of_a_page_with_people_in_few_queries(member: Member, encoder: WordEncoder) -> None:
    host = MemberFactory(name="Hetty Host")
    StatementFactory(profile=host.profile, text="mend dry-stone walls")
    page = StoryFactory(author=MemberFactory(), title="How we mend dry-stone walls", body=[("tried", "<p>Dug.</p>")])
    for number in range(10):
        StoryFactory(title=f"Wall {number}", body=[("tried", "<p>We mend dry-stone walls.</p>")])
    read_all(encoder)
    client, link = signed_in(member), f"/ask/?page={page.pk}"
    whole, part = client.get(link), client.get(link, headers=IN_PLACE)
    assert "<html" in whole.content.decode() and "<html" not in part.content.decode()
    assert "Hetty Host" in whole.content.decode() and "Hetty Host" in part.content.decode()
    assert "HX-Request" in part.headers["Vary"]
    with CaptureQueriesContext(connection) as asked:
        client.get(link, headers=IN_PLACE)
    assert len(asked) <= 13, "\n".join(query["sql"] for query in asked.captured_queries)
    assert "Hetty Host" not in Client().get(link, headers=IN_PLACE).content.decode()
