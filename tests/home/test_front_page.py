"""The front page, the plain pages, and what stands at fixed addresses."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site

from home.models import HomePage, StandardPage
from home.tree import plant
from tests.factories import GatheringFactory, StoryFactory

pytestmark = pytest.mark.django_db


def test_it_shows_the_newest_story_of_each_outcome() -> None:
    for outcome in ("success", "mixed", "failure"):
        StoryFactory(title=f"Old {outcome}", outcome=outcome)
        StoryFactory(title=f"New {outcome}", outcome=outcome)
    html = Client().get("/").content.decode()
    for outcome in ("success", "mixed", "failure"):
        assert f"New {outcome}" in html
        assert f"Old {outcome}" not in html


def test_it_shows_what_is_on_next() -> None:
    plant()
    soon = timezone.now() + timedelta(days=3)
    GatheringFactory(title="Called off", starts_at=soon, ends_at=soon + timedelta(hours=2), is_cancelled=True)
    GatheringFactory(title="Mending day", starts_at=soon, ends_at=soon + timedelta(hours=2))
    html = Client().get("/").content.decode()
    assert "Mending day" in html
    assert "Called off" not in html


def test_it_has_one_box_that_asks_the_network() -> None:
    plant()
    html = Client().get("/").content.decode()
    assert html.count('role="search"') == 1
    assert 'action="/ask/"' in html


def test_it_asks_newcomers_in_and_not_those_who_are_in(as_member: Client) -> None:
    plant()
    assert "How it works" in Client().get("/").content.decode()
    assert "How it works" not in as_member.get("/").content.decode()


def test_planting_twice_changes_nothing() -> None:
    plant()
    before = list(Page.objects.order_by("pk").values("pk", "title", "path", "numchild"))
    plant()
    assert list(Page.objects.order_by("pk").values("pk", "title", "path", "numchild")) == before
    assert Site.objects.get().root_page.specific_class is HomePage
    assert not Page.objects.filter(title__startswith="Welcome to your new Wagtail").exists()


@pytest.mark.parametrize("address", ["/", "/stories/", "/gatherings/", "/openings/", "/about/", "/help/", "/privacy/"])
def test_an_empty_community_has_all_its_pages(address: str) -> None:
    plant()
    response = Client().get(address)
    assert response.status_code == 200
    assert '<meta name="description" content="' in response.content.decode()


def test_a_page_for_members_asks_others_to_sign_in(as_member: Client) -> None:
    plant()
    page = StandardPage.objects.get(slug="about")
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    response = Client().get("/about/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert as_member.get("/about/").status_code == 200


def test_robots_find_the_pages_and_not_the_rooms_of_members() -> None:
    story = StoryFactory()
    hidden = StoryFactory(slug="hidden-from-all")
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.LOGIN)
    assert "Disallow: /people/" in Client().get("/robots.txt").content.decode()
    sitemap = Client().get("/sitemap.xml").content.decode()
    assert f"<loc>http://testserver{story.url}</loc>" in sitemap
    assert "hidden-from-all" not in sitemap


def test_a_favicon_is_found_where_browsers_look() -> None:
    assert Client().get("/favicon.ico")["Location"].endswith("favicon.svg")


@pytest.mark.parametrize(
    "address", ["/nothing/", "/stories/nothing/", "/stories/nothing/at-all/", "/%00/", "/stories/%F0%9F%90%91/"]
)
def test_what_is_not_there_says_so_with_all_headers(address: str) -> None:
    plant()
    response = Client().get(address)
    assert response.status_code == 404
    assert "Nothing behind this gate" in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Permissions-Policy"]


def test_a_fault_says_so_with_all_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    plant()

    def broken(*args: Any) -> None:
        raise RuntimeError("the words that somebody typed")

    monkeypatch.setattr(HomePage, "get_context", broken)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("room", ["lessons", "experiments", "playbooks", "questions", "ask"])
def test_it_names_each_room_of_the_library(room: str) -> None:
    plant()
    html = Client().get("/").content.decode()
    assert f'href="/{room}/"' in html
    assert Client().get(f"/{room}/").status_code == 200
