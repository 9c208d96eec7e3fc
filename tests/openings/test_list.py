"""The list of openings: what stands in it, and at what cost."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.members.models import Member
from community.openings.models import OpeningIndexPage
from home.tree import plant
from tests.factories import OpeningFactory, SeasonFactory, TopicFactory, index_page

pytestmark = pytest.mark.django_db
# A signed-in reader costs the session, the account, the blocks and the notices on top.
MOST = {"client": 12, "as_member": 15}


def titles(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/openings/{query}")
    assert answer.status_code == 200
    return [page.title for page in answer.context["entries"]]


def test_it_leaves_out_what_is_closed_but_keeps_the_page(client: Client) -> None:
    today = timezone.localdate()
    OpeningFactory(title="Always", closes_on=None)
    OpeningFactory(title="Today", closes_on=today)
    late = OpeningFactory(title="Yesterday", closes_on=today - timedelta(days=1))
    OpeningFactory(title="Nobody", author=None)
    assert sorted(titles(client)) == ["Always", "Today"]
    page = client.get(f"/openings/{late.slug}/")
    assert page.status_code == 200 and "This opening is closed" in page.text and "/apply/" not in page.text


def test_it_filters(client: Client) -> None:
    bees, winter = TopicFactory(slug="bees"), SeasonFactory(slug="winter")
    OpeningFactory(title="Hives", kind="placement", topics=[bees], season=winter)
    OpeningFactory(title="Walls", summary="Stone on stone.")
    assert titles(client, "?kind=placement") == titles(client, "?topic=bees") == ["Hives"]
    assert titles(client, "?season=winter") == ["Hives"]
    assert titles(client, "?q=stone") == ["Walls"]
    assert titles(client, "?q=%22") is not None


def test_it_says_what_to_do_where_nothing_is_open(client: Client) -> None:
    index_page(OpeningIndexPage, "openings")
    assert "/gatherings/" in client.get("/openings/").text


@pytest.mark.parametrize("who", MOST)
def test_it_asks_the_database_as_often_for_20_as_for_10(
    request: Any, who: str, django_assert_max_num_queries: Any
) -> None:
    client: Client = request.getfixturevalue(who)
    plant()  # the list below our front page, where routing is ours, too
    counts = []
    for _round in range(2):
        for _one in range(10):
            OpeningFactory(topics=[TopicFactory()])
        client.get("/openings/")
        with django_assert_max_num_queries(MOST[who]) as asked:
            client.get("/openings/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", MOST)
def test_it_shows_one_opening_in_few_queries(request: Any, who: str, django_assert_max_num_queries: Any) -> None:
    client: Client = request.getfixturevalue(who)
    opening = OpeningFactory(topics=[TopicFactory()], season=SeasonFactory())
    url = f"/openings/{opening.slug}/"
    client.get(url)
    with django_assert_max_num_queries(MOST[who]):
        assert "set a throughstone" in client.get(url).text


def test_it_lists_20_applications_as_cheaply_as_10(django_assert_max_num_queries: Any) -> None:
    from tests.conftest import signed_in
    from tests.factories import MemberFactory

    opening = OpeningFactory()
    poster, url, counts = signed_in(opening.author), f"/openings/{opening.slug}/applications/", []
    for _round in range(2):
        for _one in range(10):
            opening.apply(MemberFactory(), "Please let me come and learn, I am strong.")
        poster.get(url)
        with django_assert_max_num_queries(12) as asked:
            poster.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("apprenticeship", "EducationalOccupationalProgram"), ("placement", "EducationalOccupationalProgram"),
        ("guest-teaching", "Demand"), ("advisory", "Demand"),
    ],
)  # fmt: skip
def test_it_is_honest_to_search_engines(client: Client, kind: str, word: str) -> None:
    opening = OpeningFactory(kind=kind)
    found = re.search(r'"application/ld\+json">(.*?)</script>', client.get(f"/openings/{opening.slug}/").text)
    data = json.loads(found[1]) if found else {}
    assert data["@type"] == word
    assert opening.closes_on.isoformat() in data.values()


def test_it_says_who_is_verified(client: Client, member: Member) -> None:
    words = "A steward knows this person"
    assert words in client.get(f"/openings/{OpeningFactory().slug}/").text
    assert words not in client.get(f"/openings/{OpeningFactory(author=member).slug}/").text
