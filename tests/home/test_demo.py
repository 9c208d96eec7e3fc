"""The demo community: whole, openly invented, and the same the second time."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from community.connections.models import Connection
from community.gatherings.models import GatheringPage
from community.library.models import (
    Adoption,
    CaseStudyPage,
    CollectionPage,
    LessonPage,
    LogPage,
    LogUpdate,
    PlaybookPage,
    SeriesPage,
)
from community.members.models import Member, Profile
from community.openings.models import OpeningPage
from home.demo import build, people, texts

pytestmark = pytest.mark.django_db

NOT_COUNTED = {"sessions.session"}


@pytest.fixture
def demo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole valley, without the language model, which has tests of its own."""
    settings.DEBUG = True
    monkeypatch.setattr(build, "refresh", lambda say: None)
    build.build(say=lambda line: None)


def rows() -> dict[str, int]:
    return {
        model._meta.label_lower: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.label_lower not in NOT_COUNTED
    }


def test_it_stays_out_of_a_real_community(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG=1"):
        call_command("demo")
    assert not Member.objects.exists()


def test_it_is_as_large_as_was_promised(demo: None) -> None:
    assert Member.objects.count() >= 60
    assert CaseStudyPage.objects.live().count() >= 24
    assert CaseStudyPage.objects.filter(outcome="failure").count() >= 8
    assert GatheringPage.objects.live().count() >= 12
    assert OpeningPage.objects.live().count() >= 8
    assert (LessonPage.objects.live().count(), SeriesPage.objects.live().count()) == (4, 1)
    assert [len(page.entries_for(None)) for page in CollectionPage.objects.live()] == [3, 4]
    assert LogUpdate.objects.count() >= 3 and Adoption.objects.count() >= 2
    assert Connection.objects.filter(state="proposed").exists()
    assert not CaseStudyPage.objects.filter(author=None, is_confidential=False).exists()
    assert not Profile.objects.exclude(place="").filter(cell_lat=None).exists()


def test_it_has_a_steward_who_is_known_but_not_by_their_own_word(demo: None) -> None:
    steward = Member.objects.get(email=people.STEWARD)
    assert steward.is_verified and steward.verified_by is None
    assert Member.objects.filter(verified_by=steward).exists()


def test_a_second_time_changes_nothing(demo: None) -> None:
    before = rows()
    assert build.build(say=lambda line: None) == 0
    assert rows() == before


def test_its_people_can_sign_in(demo: None) -> None:
    for name in build.LOGINS:
        form = {"login": f"{name}@example.org", "password": build.PASSWORD}
        assert Client().post("/accounts/login/", form).status_code == 302, name
    assert Member.objects.get(email="steward@example.org").is_steward
    assert not Member.objects.filter(is_superuser=True).exists()


def test_its_editor_keeps_the_pages(demo: None) -> None:
    client = Client()
    client.force_login(Member.objects.get(email="editor@example.org"))
    story = CaseStudyPage.objects.first()
    for address in ("/cms/", f"/cms/pages/{story.pk}/edit/", "/cms/snippets/topics/topic/", "/cms/images/",
                    "/cms/settings/home/sitesettings/"):  # fmt: skip
        response = client.get(address, follow=True)
        assert response.status_code == 200, address
        assert response.redirect_chain == [] or "settings" in address
    assert client.get("/cms/users/").status_code in {302, 403, 404}


def test_every_page_of_it_can_be_read(demo: None) -> None:
    kinds = (CaseStudyPage, CollectionPage, LessonPage, SeriesPage, LogPage, PlaybookPage, GatheringPage, OpeningPage)
    for page in [page for kind in kinds for page in kind.objects.live()]:
        assert Client().get(page.url).status_code == 200, page.url


def test_the_same_seed_makes_the_same_people(settings: Any) -> None:
    assert people.made_up(70, seed=1) == people.made_up(70, seed=1)
    assert people.made_up(70, seed=1) != people.made_up(70, seed=2)
    assert len({people.made_up(n, seed=1)["name"] for n in range(200)}) > 190


def test_more_people_than_are_written_come_when_asked_for(demo: None) -> None:
    written = len(texts.read("members")["members"])
    assert build.build(members=written + 5, say=lambda line: None) == 5
    assert Member.objects.exclude(email=None).count() == written + 5
    assert Member.objects.get(email=f"person-{written + 1}@example.org").profile.statements.exists()


def test_texts_become_paragraphs_and_nothing_else() -> None:
    assert texts.as_html("One\nline.\n\n**Two** <b>") == "<p>One line.</p><p><b>Two</b> &lt;b&gt;</p>"
