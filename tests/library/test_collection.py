"""Pages that belong together, in an order: each reader meets those that they may see, and nothing of the others."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import CollectionIndexPage, CollectionItem
from community.members.models import Block, Member
from home.tree import allow_editors, plant
from tests.conftest import signed_in
from tests.factories import (
    CollectionFactory,
    LessonFactory,
    LogFactory,
    MemberFactory,
    PlaybookFactory,
    SeriesFactory,
    StoryFactory,
    TopicFactory,
)
from tests.library.test_story_queries import picture, queries

pytestmark = pytest.mark.django_db

MOST = 12


def titles(client: Client, collection: Any) -> list[str]:
    """What a reader meets in it, in order."""
    page = client.get(collection.url)
    assert page.status_code == 200
    shown = [entry.page.title for entry in page.context["entries"]]
    assert (f"A collection of {len(shown)} page" in page.content.decode()) or not shown
    return shown


def one_of_each(author: Any = None) -> list[Any]:
    lesson = LessonFactory(title="Keep the water open", author=author)
    return [
        StoryFactory(title="The fox came", outcome="failure", author=author),
        lesson,
        SeriesFactory(title="A year with hens", lessons=[lesson]),
        LogFactory(title="Light in the morning"),
        PlaybookFactory(title="Eggs for the street"),
    ]


def test_it_shows_pages_of_every_kind_in_the_order_of_the_collection() -> None:
    pages = one_of_each()
    collection = CollectionFactory(
        title="First winter with hens", intro="Read these.\n\nIn this order.", pages=pages[::-1]
    )
    CollectionItem.objects.filter(entry=pages[0]).update(note="It happens to everybody once.")
    assert titles(Client(), collection) == [page.title for page in pages[::-1]]
    page = Client().get(collection.url).content.decode()
    assert "It failed" in page and "It happens to everybody once." in page and "<p>In this order.</p>" in page
    assert "Series of lessons" in page and "A collection of 5 pages" in page
    assert "First winter with hens" in Client().get("/collections/").content.decode()


def test_it_holds_a_page_once_however_often_it_is_put_in() -> None:
    story = StoryFactory(title="The fox came")
    assert titles(Client(), CollectionFactory(pages=[story, story])) == ["The fox came"]


def test_it_counts_and_names_only_what_the_reader_may_see(member: Member, stranger: Member) -> None:
    for_members, hidden = StoryFactory(title="For members"), StoryFactory(title="Not out yet")
    PageViewRestriction.objects.create(page=for_members, restriction_type=PageViewRestriction.LOGIN)
    kept_away = [page for page in one_of_each(stranger) if page.author == stranger]
    collection = CollectionFactory(pages=[for_members, hidden, *kept_away])
    hidden.unpublish()
    Block.put(stranger, member)
    assert titles(Client(), collection) == ["The fox came", "Keep the water open"]
    assert titles(signed_in(MemberFactory()), collection) == ["For members", "The fox came", "Keep the water open"]
    assert titles(signed_in(member), collection) == ["For members"]
    page = signed_in(member).get(collection.url).content.decode()
    assert "Not out yet" not in page and "The fox came" not in page and "A collection of 1 page<" in page


def test_it_says_so_where_nothing_of_it_can_be_shown() -> None:
    story = StoryFactory(title="Not out yet")
    collection = CollectionFactory(pages=[story])
    story.unpublish()
    page = Client().get(collection.url).content.decode()
    assert "Nothing in it can be shown to you just now." in page and "Take it with you" not in page


def test_it_is_not_there_where_it_is_shut_or_not_out() -> None:
    shut, hidden = CollectionFactory(title="Shut away"), CollectionFactory(title="Not out yet")
    PageViewRestriction.objects.create(page=shut, restriction_type=PageViewRestriction.LOGIN)
    hidden.unpublish()
    page = Client().get("/collections/").content.decode()
    assert "Shut away" not in page and "Not out yet" not in page
    for word in ("", "offline/", "pack/"):
        assert Client().get(f"{hidden.url}{word}").status_code == 404
        assert Client().get(f"{shut.url}{word}").status_code == (404 if word else 302)


def test_an_editor_puts_one_together(member: Member) -> None:
    member.groups.add(allow_editors(plant()))
    story, above = StoryFactory(title="The fox came"), CollectionIndexPage.objects.get()
    form = {
        "title": "First winter", "slug": "first-winter", "summary": "In short.", "intro": "", "place": "", "author": "",
        "items-TOTAL_FORMS": "1", "items-INITIAL_FORMS": "0", "items-MIN_NUM_FORMS": "1", "items-MAX_NUM_FORMS": "30",
        "items-0-entry": str(story.pk), "items-0-note": "Begin here.", "items-0-ORDER": "1", "items-0-DELETE": "",
        "action-publish": "1",
    }  # fmt: skip
    address = f"/cms/pages/add/library/collectionpage/{above.pk}/"
    assert signed_in(member).get(address).status_code == 200
    assert signed_in(member).post(address, form).status_code == 302
    page = Client().get("/collections/first-winter/").content.decode()
    assert "Begin here." in page and "The fox came" in page


def test_it_may_not_stand_at_an_address_of_the_site() -> None:
    with pytest.raises(ValidationError, match="address of the site"):
        CollectionFactory(slug="feed")


def test_its_feed_lists_what_anybody_may_read() -> None:
    CollectionFactory(title="First winter with hens")
    feed = Client().get("/collections/feed/")
    assert feed.status_code == 200 and "First winter with hens" in feed.content.decode()


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_it_asks_as_often_for_20_pages_as_for_10(member: Member, as_stranger: Client, is_signed_in: bool) -> None:
    client = as_stranger if is_signed_in else Client()
    topics, counts = [TopicFactory(slug="soil")], []
    for number in (2, 4):
        pages = [page for _n in range(number) for page in one_of_each(member)]
        collection = CollectionFactory(pages=pages, topics=topics, picture=picture(), author=member)
        counts.append(queries(collection.url, client))
    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[1]) <= MOST, "\n".join(counts[1])


def test_the_list_asks_as_often_for_20_as_for_10(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CollectionIndexPage, "PER_PAGE", 100)
    topics, counts = [TopicFactory(slug="soil")], []
    for _turn in range(2):
        for _n in range(10):
            CollectionFactory(topics=topics, picture=picture(), author=member)
        counts.append(len(queries("/collections/", signed_in(MemberFactory()))))
    assert counts[0] == counts[1] <= MOST
