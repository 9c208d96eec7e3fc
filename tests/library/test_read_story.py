"""Reading one story."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import MemberFactory, SeasonFactory, StoryFactory, TopicFactory

pytestmark = pytest.mark.django_db

BODY = [
    ("setting", "<p>Two acres of wet clay on a north slope.</p>"),
    ("tried", "<p>We limed half of it.</p>"),
    ("turning_point", "<p>The ditch burst.</p>"),
    ("cost", {"rows": [{"item": "Lime, 12 bags", "amount": "£174"}], "text": "<p>The spreader was lent.</p>"}),
    (
        "evidence",
        {"figures": [{"measure": "Days too wet to walk on", "before": "61", "after": "23", "method": "diary"}]},
    ),
    ("pictures", [{"image": None, "caption": "Open the ditch first.", "alt": ""}]),
    ("now", "<p>Dig the ditch first.</p>"),
]


def page_of(story: Any, client: Client | None = None) -> str:
    response = (client or Client()).get(story.url)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_every_part_of_the_story(member: Member) -> None:
    html = page_of(StoryFactory(body=BODY, author=member, season=SeasonFactory(), topics=[TopicFactory(slug="soil")]))
    for words in (
        "wet clay on a north slope", "We limed half", "The ditch burst", "Lime, 12 bags", "£174", "was lent",
        "Days too wet", "61", "23", "diary", "Open the ditch first", "Dig the ditch first", "Alma Field", "Stonebeck",
        "2024", "It worked", "Winter", "Soil",
    ):  # fmt: skip
        assert words in html


def test_it_says_how_it_ended_in_words() -> None:
    assert "It failed" in page_of(StoryFactory(outcome="failure"))
    assert "It worked in part" in page_of(StoryFactory(outcome="mixed"))


def test_it_tells_search_engines_what_it_is(member: Member) -> None:
    story = StoryFactory(title='Lime </script><script>alert("x")', author=member, summary="Half <b> & half")
    html = page_of(story)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert found
    data = json.loads(found[1])
    assert (data["@type"], data["headline"], data["description"]) == ("Article", story.title, story.summary)
    assert data["author"] == {"@type": "Person", "name": "Alma Field"}
    assert '<meta name="description" content="Half &lt;b&gt; &amp; half">' in html


def test_it_never_names_somebody_under_18(minor: Member) -> None:
    assert "Cleo" not in page_of(StoryFactory(author=minor))


def test_it_leads_a_member_to_the_teller(member: Member, as_stranger: Client) -> None:
    story = StoryFactory(author=member)
    assert f'href="{member.get_absolute_url()}"' in page_of(story, as_stranger)
    assert f'href="{member.get_absolute_url()}"' not in page_of(story)  # nobody is led to a shut gate
    assert "Sign in to ask" in page_of(story)


def test_it_leads_nobody_to_a_closed_or_blocking_teller(member: Member, stranger: Member) -> None:
    story = StoryFactory(author=MemberFactory(profile={"open_to": []}))
    assert "/people/" not in page_of(story, signed_in(stranger)).partition("<main")[2].partition("</main")[0]
    assert "Ask Alma" not in page_of(StoryFactory(author=member), signed_in(member))


def test_it_shows_stories_about_the_same_work() -> None:
    soil, wood = TopicFactory(slug="soil"), TopicFactory(slug="wood")
    story = StoryFactory(topics=[soil, wood])
    nearest = StoryFactory(topics=[soil, wood], title="Nearest of all")
    StoryFactory(topics=[soil], title="Near enough")
    StoryFactory(topics=[TopicFactory(slug="bees")], title="Far away")
    html = page_of(story)
    assert html.index(nearest.title) < html.index("Near enough")
    assert "Far away" not in html


def test_a_draft_is_not_there() -> None:
    story = StoryFactory()
    story.unpublish()
    assert Client().get(story.url).status_code == 404
