"""The list of gatherings: what stands in it, in which order, and at what cost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from home.tree import plant
from tests.factories import GatheringFactory, SeasonFactory, TopicFactory, index_page

pytestmark = pytest.mark.django_db


def titles(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/gatherings/{query}")
    assert answer.status_code == 200
    return [page.title for page in answer.context["entries"]]


def test_it_shows_what_comes_soonest_first_and_what_is_over_on_request(client: Client) -> None:
    now = timezone.now()
    GatheringFactory(title="Later", starts_at=now + timedelta(days=50))
    GatheringFactory(title="Soon", starts_at=now + timedelta(days=2))
    GatheringFactory(title="Over", starts_at=now - timedelta(days=2))
    assert titles(client) == ["Soon", "Later"]
    assert titles(client, "?when=month") == ["Soon"]
    assert titles(client, "?when=past") == ["Over"]


def test_it_filters_by_kind_topic_season_and_words(client: Client) -> None:
    bees, winter = TopicFactory(slug="bees"), SeasonFactory(slug="winter")
    GatheringFactory(title="Hive day", kind="visit", topics=[bees], season=winter)
    GatheringFactory(title="Forge night", summary="We forge a hook.")
    assert titles(client, "?kind=visit") == titles(client, "?topic=bees") == ["Hive day"]
    assert titles(client, "?season=winter") == ["Hive day"]
    assert titles(client, "?q=hook") == ["Forge night"]


@pytest.mark.parametrize("query", ["?kind=nonsense", "?when=x", "?q=%22", "?q=%00", "?page=99999999999999999999"])
def test_it_bears_every_address(client: Client, query: str) -> None:
    GatheringFactory()
    assert client.get(f"/gatherings/{query}").status_code == 200


def test_it_says_what_to_do_where_nothing_is_on(client: Client) -> None:
    from community.gatherings.models import GatheringIndexPage

    index_page(GatheringIndexPage, "gatherings")
    assert "?when=past" in client.get("/gatherings/").text
    assert "Show all" in client.get("/gatherings/?kind=visit").text


MOST = {"client": 12, "as_member": 12}


@pytest.mark.parametrize("who", MOST)
def test_it_asks_the_database_as_often_for_20_as_for_10(
    request: Any, who: str, django_assert_max_num_queries: Any
) -> None:
    client: Client = request.getfixturevalue(who)
    plant()  # the list below our front page, where routing is ours, too
    counts = []
    for _round in range(2):
        for _one in range(10):
            GatheringFactory(topics=[TopicFactory()])
        client.get("/gatherings/")
        with django_assert_max_num_queries(MOST[who]) as asked:
            client.get("/gatherings/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", MOST)
def test_it_shows_one_gathering_in_few_queries(request: Any, who: str, django_assert_max_num_queries: Any) -> None:
    client: Client = request.getfixturevalue(who)
    plant()  # the list below our front page, where routing is ours, too
    gathering = GatheringFactory(topics=[TopicFactory()], season=SeasonFactory())
    url = f"/gatherings/{gathering.slug}/"
    client.get(url)
    with django_assert_max_num_queries(MOST[who]):
        assert client.get(url).status_code == 200
