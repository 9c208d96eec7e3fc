"""A card of a public page in a frame on somebody else's site: the one address here that may stand there."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale, PageViewRestriction

from community.library.models import CaseStudyPage
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import LessonFactory, LogFactory, MemberFactory, PlaybookFactory, StoryFactory, TrialFactory

pytestmark = pytest.mark.django_db
KINDS = [StoryFactory, LessonFactory, LogFactory, PlaybookFactory]


def policy(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}


@pytest.mark.parametrize("make", KINDS)
def test_it_may_stand_in_a_foreign_frame_and_asks_for_nothing(make: Any) -> None:
    page = make(title="Wet <barley> & lime")
    answer = Client().get(f"{page.url}card/")
    html, says = answer.content.decode(), policy(answer)
    assert answer.status_code == 200 and "Wet &lt;barley&gt; &amp; lime" in html and page.summary in html
    assert f'href="{page.full_url}" target="_blank" rel="noopener"' in html
    assert says["frame-ancestors"] == "*" and "X-Frame-Options" not in answer.headers
    assert says["default-src"] == says["script-src"] == says["form-action"] == "'none'"
    assert not answer.cookies and "<script" not in html and "<form" not in html and "csrf" not in html


def test_nothing_else_may_stand_there(member: Member) -> None:
    story = StoryFactory()
    for client in (Client(), signed_in(member)):
        for path in (story.url, f"{story.url}tries/", f"{story.url}tried/", "/stories/", "/", "/stories/no/card/"):
            answer = client.get(path)
            assert policy(answer)["frame-ancestors"] == "'none'" and answer.headers["X-Frame-Options"] == "DENY", path


def test_it_shows_only_what_a_visitor_may_see_whoever_asks(member: Member, steward: Member) -> None:
    story, gone, shut = StoryFactory(), StoryFactory(), StoryFactory(author=member)
    gone.unpublish()
    PageViewRestriction.objects.create(page=shut, restriction_type="login")
    young = StoryFactory(author=MemberFactory(name="Cleo Young", is_adult=False))
    for client in (Client(), signed_in(member), signed_in(steward)):
        assert client.get(f"{story.url}card/").status_code == 200
        assert client.get(f"/stories/{gone.slug}/card/").status_code == 404
        assert client.get(f"/stories/{shut.slug}/card/").status_code == 404
        assert "Cleo" not in client.get(f"{young.url}card/").content.decode()


def test_it_is_kept_until_something_changes() -> None:
    story = StoryFactory()
    first = Client().get(f"{story.url}card/")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = Client().get(f"{story.url}card/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    assert policy(again)["frame-ancestors"] == "*"
    TrialFactory(page=story)
    later = Client().get(f"{story.url}card/", headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200 and "1 try: 1 worked" in later.content.decode()


def test_it_takes_few_queries() -> None:
    story = StoryFactory()
    TrialFactory.create_batch(3, page=story)
    Client().get(f"{story.url}card/")
    with CaptureQueriesContext(connection) as seen:
        Client().get(f"{story.url}card/")
    assert len(seen) <= 8, [query["sql"] for query in seen]


def test_the_page_has_the_line_to_copy_only_where_everybody_may_read_it(member: Member) -> None:
    story = StoryFactory(title='Lime "dry" onload="alert(1)')
    html = Client().get(story.url).content.decode()
    line = BeautifulSoup(html, "html.parser").find("textarea", id="embed").text
    card = BeautifulSoup(line, "html.parser").find("iframe")
    assert (card["src"], card["title"]) == (f"{story.full_url}card/", story.title) and "onload" not in card.attrs
    assert "<iframe" not in html and "Put this on your own site" in html
    PageViewRestriction.objects.create(page=story, restriction_type="login")
    assert "Put this on your own site" not in signed_in(member).get(story.url).content.decode()
    assert CaseStudyPage.objects.visible_to(member).filter(pk=story.pk).exists()


def test_odd_addresses_are_not_there() -> None:
    StoryFactory()
    for slug in ("x" * 5000, "a%00b", "9" * 40, "%F0%9F%90%91"):
        assert Client().get(f"/stories/{slug}/card/").status_code == 404


def test_a_page_in_another_language_has_a_card_in_that_language() -> None:
    story = StoryFactory(title="Nasser Lehm", slug="nasser-lehm", locale=Locale.objects.create(language_code="fr"))
    html = Client().get("/stories/nasser-lehm/card/").content.decode()
    assert '<html lang="fr"' in html and "Nasser Lehm" in html
    assert story.slug in html
