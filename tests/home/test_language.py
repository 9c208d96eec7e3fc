"""Choosing a language: what speaks it, what keeps the choice, and what nobody learns by it."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.models import Locale, Page, PageViewRestriction

from community.gatherings.models import GatheringIndexPage
from community.library.models import StoryIndexPage
from community.members.models import Member
from community.notices.models import Notice, NoticeKind
from community.notices.tasks import mail_notice
from home.models import HomePage, StandardPage
from home.translated import is_translated, translate
from home.tree import plant
from tests import factories
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
HERE = {"Origin": "http://testserver"}
EVERY_KIND = [kind.value for kind in NoticeKind]


@pytest.fixture
def trees(db: None) -> None:
    """The first pages in both languages."""
    plant()
    translate()


def choose(client: Client, language: str, here: str = "/", **headers: str) -> Any:
    return client.post("/language/", {"language": language, "next": here}, headers=headers or HERE)


def speaker(language: str = "fr") -> Client:
    """A browser that remembers a language."""
    client = Client()
    assert choose(client, language).status_code == 302
    return client


def test_it_plants_the_same_pages_once_in_each_language() -> None:
    plant()
    assert not is_translated()
    translate()
    count = Page.objects.count()
    assert is_translated()
    translate()
    assert Page.objects.count() == count
    html = Client().get("/fr/stories/").content.decode()
    assert '<html lang="fr"' in html and "Récits" in html


def test_it_leaves_alone_what_a_community_wrote_itself() -> None:
    plant()
    about = Page.objects.get(slug="about").specific
    about.title = "About the Commons"
    about.save_revision().publish()
    translate()
    assert not Page.objects.filter(locale__language_code="fr", slug="about").exists()
    assert "vie privée" in Client().get("/fr/privacy/").content.decode()


def test_it_speaks_english_to_whoever_chose_nothing(trees: None) -> None:
    answer = Client(headers={"Accept-Language": "fr"}).get("/ask/")
    assert '<html lang="en-gb"' in answer.content.decode()
    assert "Accept-Language" not in answer["Vary"] and "Cookie" in answer["Vary"]
    assert not answer.cookies


def test_it_remembers_the_choice_on_addresses_that_have_one_face(trees: None) -> None:
    client = speaker()
    html = client.get("/ask/").content.decode()
    assert '<html lang="fr"' in html and "Demander au réseau" in html
    assert "Se connecter" in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("path", ["/", "/stories/", "/stories/?q=clay", "/privacy/"])
def test_it_leads_to_the_same_page_in_the_language(trees: None, path: str) -> None:
    client = speaker()
    assert client.get(path)["Location"] == f"/fr{path}"
    assert choose(Client(), "fr", path)["Location"] == f"/fr{path}"
    assert choose(client, "en-gb", f"/fr{path}")["Location"] == path
    assert client.get(path).status_code == 200


def test_it_leads_to_a_page_whose_word_has_an_accent(trees: None) -> None:
    page = HomePage.objects.get(locale__language_code="en-gb").add_child(instance=StandardPage(title="Été", slug="été"))
    other = page.copy_for_translation(Locale.objects.get(language_code="fr"))
    other.save_revision().publish()
    assert choose(speaker(), "en-gb", other.url)["Location"] == page.url
    for path in ("/\x00", "/%00"):
        assert choose(Client(), "fr", path).status_code == 302


def test_it_gives_programs_the_same_whatever_was_chosen(trees: None) -> None:
    factories.StoryFactory(title="Lime and frost")
    factories.GatheringFactory(title="Slow talk", mode="online")
    for path in ("/stories/feed/", "/gatherings/calendar.ics", "/gatherings/embed/"):
        english, french = Client().get(path), speaker().get(path)
        assert english.status_code == french.status_code == 200
        assert english.headers["Content-Language"] == french.headers["Content-Language"] == "en-gb"
        tell_apart = re.compile(r"DTSTAMP:\S+|nonce-\S+")
        assert tell_apart.sub("", english.content.decode()) == tell_apart.sub("", french.content.decode())


def test_it_has_no_feed_of_a_list_that_is_shut_in_the_first_language(trees: None) -> None:
    kinds = {GatheringIndexPage: ["/gatherings/feed/", "/gatherings/calendar.ics", "/gatherings/embed/"]}
    kinds[StoryIndexPage] = ["/stories/feed/", "/api/v3/pages/"]
    for kind, paths in kinds.items():
        assert {Client().get(path).status_code for path in paths} == {200}
        kind.objects.filter(locale__language_code="en-gb").update(live=False)
        assert {Client().get(path).status_code for path in paths} == {404}


def test_it_opens_what_a_button_opens(trees: None) -> None:
    assert ">Ouvrir</button>" in speaker().get(reverse("library:receipt")).content.decode()


def test_it_does_not_change_the_language_of_a_member_who_follows_a_link(trees: None, member: Member) -> None:
    client = signed_in(member)
    assert '<html lang="fr"' in client.get("/fr/").content.decode()
    assert '<html lang="en-gb"' in client.get("/ask/").content.decode()


def test_it_stays_where_there_is_no_such_page(trees: None) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    client = Client()
    assert choose(client, "fr", story.url)["Location"] == story.url
    html = client.get(story.url).content.decode()
    assert '<html lang="fr"' in html and "Lime and frost" in html
    assert choose(client, "fr", "/nothing/")["Location"] == "/nothing/"
    assert "Rien derrière ce portail" in client.get("/nothing/").content.decode()


def test_it_speaks_the_language_of_an_address_and_goes_on_in_it(trees: None) -> None:
    client = Client()
    assert '<html lang="fr"' in client.get("/fr/").content.decode()
    assert '<html lang="fr"' in client.get("/ask/").content.decode()
    assert client.get("/fr/nothing/").status_code == 404
    assert client.get("/en-gb/").status_code == 404


def test_it_tells_programs_where_the_other_language_stands(trees: None) -> None:
    html = Client().get("/stories/").content.decode()
    assert '<link rel="alternate" hreflang="fr" href="http://testserver/fr/stories/">' in html
    assert '<link rel="alternate" hreflang="en-gb" href="http://testserver/stories/">' in html


def test_it_names_no_page_that_is_shut(trees: None) -> None:
    french = Page.objects.get(locale__language_code="fr", slug="stories")
    PageViewRestriction.objects.create(page=french, restriction_type=PageViewRestriction.LOGIN)
    assert "/fr/stories/" not in Client().get("/stories/").content.decode()
    assert choose(Client(), "fr", "/stories/")["Location"] == "/stories/"


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/\\evil.example/", "javascript:x", "", "x" * 10_000, "/\x00"]
)
def test_it_leads_nowhere_else(trees: None, path: str) -> None:
    answer = choose(Client(), "fr", path)
    assert answer.status_code == 302 and answer["Location"] in {"/fr/", "/\x00", "/%00"}


@pytest.mark.parametrize("language", ["", "de", "fr\x00", "x" * 10_000])
def test_it_refuses_a_language_that_is_not_spoken(trees: None, language: str) -> None:
    answer = choose(Client(), language)
    assert answer.status_code == 403 and not answer.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Referer": "https://evil.example/"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X": "1"},
    ],
)
def test_it_takes_no_choice_from_another_site(trees: None, member: Member, headers: dict[str, str]) -> None:
    client = signed_in(member)
    assert choose(client, "fr", **headers).status_code == 403
    assert client.get("/language/").status_code == 405
    member.refresh_from_db()
    assert member.language == ""


def test_it_goes_with_a_member_to_another_device(trees: None, member: Member) -> None:
    choose(signed_in(member), "fr")
    member.refresh_from_db()
    assert member.language == "fr"
    assert '<html lang="fr"' in signed_in(member).get("/me/").content.decode()


def test_it_writes_mail_in_the_language_of_its_reader(trees: None, member: Member, stranger: Member) -> None:
    member.speak("fr")
    for who in (member, stranger):
        mail_notice.call(Notice.send(who, NoticeKind.CONNECTION_PROPOSED, "/connections/", actor=None).pk)
    french, english = mail.outbox
    assert french.subject == "Quelqu’un aimerait vous rencontrer"
    assert english.subject == "Somebody would like to meet you"


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_it_has_every_notice_in_french(trees: None, member: Member, kind: str) -> None:
    member.speak("fr")
    notice = Notice.send(member, NoticeKind(kind), "/me/", actor=None)
    with translation.override("fr"):
        said = [" ".join(notice.lines)]
    mail_notice.call(notice.pk)  # what waits for the weekly letter goes out there, in the same words
    said += [f"{sent.subject} {sent.body}" for sent in mail.outbox]
    assert said[0].strip() and not {"Somebody", "Your", "You", "the", "Hello"} & set(" ".join(said).split())


def test_it_keeps_a_language_that_is_not_spoken_any_more_from_breaking_anything(
    trees: None, member: Member, settings: Any
) -> None:
    member.speak("fr")
    settings.LANGUAGES = [("en-gb", "English")]
    assert '<html lang="en-gb"' in signed_in(member).get("/me/").content.decode()
    assert 'action="/language/"' not in Client().get("/ask/").content.decode()


def test_it_asks_no_more_for_a_page_in_the_second_language(trees: None, django_assert_max_num_queries: Any) -> None:
    for path in ("/", "/stories/", "/fr/", "/fr/stories/"):
        with django_assert_max_num_queries(12):
            assert Client().get(path).status_code == 200


def test_it_is_the_front_page_that_begins_each_tree(trees: None) -> None:
    assert [front.url for front in HomePage.objects.order_by("path")] == ["/", "/fr/"]
    assert reverse("choose_language") == "/language/"
