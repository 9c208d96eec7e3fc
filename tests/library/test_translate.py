"""An editor puts a page into another language: each reader finds it once, and it goes when its original goes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Locale, PageViewRestriction
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from community.library.models import CaseStudyPage, StoryIndexPage
from community.members.models import Block, Member
from community.trust.registry.erasing import erase
from home.languages import same_page
from home.models import HomePage, StandardPage
from home.translated import translate
from home.tree import allow_editors, plant
from matching.ask import seen
from tests import factories
from tests.conftest import signed_in
from tests.library.confiding import confide, desk_member, publish

pytestmark = pytest.mark.django_db
IntoFrench = Callable[..., Any]


@pytest.fixture
def french(db: None) -> Locale:
    """The second language, with its front page and lists."""
    plant()
    translate()
    return Locale.objects.get(language_code="fr")


@pytest.fixture
def as_editor(french: Locale) -> Client:
    """A browser of somebody who keeps the pages."""
    editor = factories.MemberFactory(name="Edda Tor")
    editor.groups.add(allow_editors(plant()))
    return signed_in(editor)


@pytest.fixture
def into_french(as_editor: Client, french: Locale, django_capture_on_commit_callbacks: Any) -> IntoFrench:
    """Submit a page as an editor does, write each sentence anew, and publish it."""

    def work(page: Any) -> Any:
        answer = submit(as_editor, page, french)
        assert answer.status_code == 302
        source = TranslationSource.objects.get_for_instance(page)
        with django_capture_on_commit_callbacks(execute=True):
            for segment in StringSegment.objects.filter(source=source).select_related("string"):
                words = segment.string.data if segment.context.path == "slug" else f"Voici {segment.string.data}"
                StringTranslation.objects.create(
                    translation_of=segment.string, locale=french, context=segment.context, data=words,
                    last_translated_by=Member.objects.get(name="Edda Tor"),
                )  # fmt: skip
            Translation.objects.get(source=source).save_target()
        return page.get_translation(french)

    return work


def submit(client: Client, page: Any, locale: Locale) -> Any:
    return client.post(f"/cms/localize/submit/page/{page.pk}/", {"locales": [locale.pk]})


def assert_refused(answer: Any) -> None:
    """Wagtail leads back to its first page and says there that this may not be done."""
    assert answer.status_code == 302 and answer["Location"] == "/cms/"


def kept(word: str) -> list[str]:
    """Where the editors' tool holds this word, in any column of any row."""
    tables = apps.get_app_config("wagtail_localize").get_models()
    rows = ((table._meta.label, values) for table in tables for values in table._default_manager.values())
    return sorted({label for label, values in rows if word in json.dumps(values, default=str)})


def test_it_is_found_once_in_each_language(into_french: IntoFrench, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member, outcome="failure")
    other = into_french(story)
    assert other.url == "/fr/stories/lime-and-frost-fr/" and other.live
    assert other.author == member and other.outcome == "failure"
    english, french = Client().get("/stories/").content.decode(), Client().get("/fr/stories/").content.decode()
    assert english.count(story.url) == 1 and other.url not in english
    assert french.count(other.url) == 1 and story.url not in french
    for path in ("/stories/feed/", "/api/v3/pages/", "/"):
        answer = Client().get(path).content.decode()
        assert "Lime and frost" in answer and "Voici" not in answer
    front = Client().get("/fr/").content.decode()
    assert other.url in front and story.url not in front


def test_it_is_worked_on_sentence_by_sentence(into_french: IntoFrench, as_editor: Client) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    desk = as_editor.get(f"/cms/pages/{other.pk}/edit/")
    assert desk.status_code == 200 and "Voici Lime and frost" in desk.content.decode()
    translation, segment = Translation.objects.get(), StringSegment.objects.get(context__path="title")
    path = f"/cms/localize/translate/{translation.pk}/strings/{segment.pk}/edit/"
    changed = as_editor.put(path, "value=Chaux%20et%20gel", content_type="application/x-www-form-urlencoded")
    assert changed.status_code == 200
    assert StringTranslation.objects.get(context__path="title").data == "Chaux et gel"


def test_it_shows_what_is_not_translated_as_it_was_told(french: Locale) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    assert story.url in Client().get("/fr/stories/").content.decode()


def test_it_is_asked_for_once(into_french: IntoFrench) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    assert story.pk in seen.pages(None) and other.pk not in seen.pages(None)
    with translation.override("fr"):
        assert other.pk in seen.pages(None) and story.pk not in seen.pages(None)


def test_it_leads_from_one_language_to_the_other(into_french: IntoFrench, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member)
    other = into_french(story)
    assert f'<a href="{other.url}" hreflang="fr"' in Client().get(story.url).content.decode()
    assert f'<a href="{story.url}" hreflang="en-gb"' in Client().get(other.url).content.decode()
    answer = Client().post("/language/", {"language": "fr", "next": story.url}, headers={"Origin": "http://testserver"})
    assert answer["Location"] == other.url
    assert other.url in Client().get("/sitemap.xml").content.decode()


def test_it_shows_what_came_of_the_original(into_french: IntoFrench, as_member: Client, stranger: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    factories.TrialFactory(page=story, member=stranger)
    factories.QuestionFactory(page=story, title="How long did it dry?")
    html = as_member.get(other.url).content.decode()
    assert f'href="{story.url}tries/"' in html and f'href="{story.url}tried/"' in html
    assert "How long did it dry?" in html
    assert (
        as_member.get(story.url).content.decode().count(other.url) == 2
    )  # for programs and for people, not as related


def test_it_has_a_word_of_its_own_in_addresses(into_french: IntoFrench, as_member: Client) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    for page in (story, other):
        assert as_member.get(f"/stories/{page.slug}/tried/").status_code == 200


def test_it_is_kept_from_whom_its_teller_keeps_away(into_french: IntoFrench, member: Member, stranger: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member)
    other = into_french(story)
    Block.objects.create(blocker=member, blocked=stranger)
    client = signed_in(stranger)
    assert client.get(other.url).status_code == 404 == client.get(story.url).status_code
    assert "Lime and frost" not in client.get("/fr/stories/").content.decode()
    assert same_page(story, "fr", stranger) is None


def test_it_is_not_the_tellers_to_change(into_french: IntoFrench, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member)
    other = into_french(story)
    assert list(CaseStudyPage.objects.editable_by(member)) == [story]
    assert other.url not in signed_in(member).get("/stories/mine/").content.decode()


def test_it_refuses_what_was_told_in_confidence(as_editor: Client, french: Locale, member: Member) -> None:
    factories.MemberFactory.create_batch(5)
    story, _code = confide(member)
    page = publish(story, desk_member())
    assert_refused(submit(as_editor, page, french))
    with pytest.raises(PermissionDenied):
        page.copy_for_translation(french)
    with pytest.raises(PermissionDenied):
        TranslationSource.update_or_create_from_instance(page)
    assert not page.has_translation(french)
    assert kept("scrubbed") == [] and kept(page.title) == []


def test_it_refuses_what_people_enrol_in(as_editor: Client, french: Locale) -> None:
    gathering = factories.GatheringFactory(title="Hedging day")
    assert_refused(submit(as_editor, gathering, french))
    assert not gathering.has_translation(french)
    assert kept("Hedging") == []


def test_it_is_for_editors_alone(french: Locale, as_member: Client, as_steward: Client) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    for client in (Client(), as_member, as_steward):
        assert submit(client, story, french).status_code in {302, 403, 404}
    assert kept("Lime") == []


def test_it_keeps_no_person(into_french: IntoFrench, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member, owner=member)
    into_french(story)
    content = json.loads(TranslationSource.objects.get().content_json)
    assert content["author"] is None and content["owner"] is None
    assert kept("Lime")  # the control: the words themselves are found


def test_it_goes_with_its_original(into_french: IntoFrench) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    assert kept("Lime and frost") and kept("Voici")
    story.delete()
    assert not CaseStudyPage.objects.filter(pk=other.pk).exists()
    assert kept("Lime and frost") == kept("Voici") == []


def test_it_is_taken_down_with_its_original(into_french: IntoFrench) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    story.unpublish()
    assert Client().get(other.url).status_code == 404


def test_it_is_shut_with_its_original(into_french: IntoFrench, member: Member) -> None:
    story, shut_before = factories.StoryFactory(title="Lime and frost"), factories.StoryFactory(title="Slow lime")
    gate = {"restriction_type": PageViewRestriction.LOGIN}
    PageViewRestriction.objects.create(page=shut_before, **gate)
    other, other_shut = into_french(story), into_french(shut_before)
    assert Client().get(other.url).status_code == 200
    assert Client().get(other_shut.url).status_code in {302, 404}
    put_up = PageViewRestriction.objects.create(page=story, **gate)
    assert Client().get(other.url).status_code in {302, 404}
    assert "lime" not in Client().get("/fr/stories/").content.decode().lower()
    assert signed_in(member).get(other.url).status_code == 200
    put_up.delete()
    assert Client().get(other.url).status_code == 200
    PageViewRestriction.objects.create(page=StoryIndexPage.in_first_language(), **gate)
    assert Client().get(other.url).status_code in {302, 404}
    assert "Lime and frost" not in Client().get("/fr/").content.decode()


def test_it_has_a_word_of_its_own_whoever_came_first(into_french: IntoFrench, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    other.slug = "compost"
    other.save_revision().publish()
    later = factories.StoryFactory(title="Compost", slug="compost")
    assert (other.slug, later.slug) == ("compost", "compost-2")
    assert later.url == "/stories/compost-2/"
    later.slug = "compost"
    later.save_revision().publish()
    later.refresh_from_db()
    assert later.slug == "compost-2"
    assert signed_in(member).get("/stories/compost/tried/").status_code == 200


def test_it_loses_its_teller_with_its_original(into_french: IntoFrench, member: Member, stranger: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member)
    other = into_french(story)
    story.author = stranger
    story.save_revision()
    assert CaseStudyPage.objects.get(pk=other.pk).author == member  # a draft changes nothing yet
    story.get_latest_revision().publish()
    assert CaseStudyPage.objects.get(pk=other.pk).author == stranger
    Block.put(member, stranger)
    assert signed_in(member).get(other.url).status_code == 404


def test_it_stays_shut_where_only_its_original_is(into_french: IntoFrench, french: Locale, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost")
    other = into_french(story)
    gate = {"restriction_type": PageViewRestriction.PASSWORD, "password": "p"}
    put_up = PageViewRestriction.objects.create(page=story, **gate)
    assert len(other.get_view_restrictions()) == 1  # nobody types the same word twice
    PageViewRestriction.objects.exclude(pk=put_up.pk).delete()  # somebody takes it off the translation alone
    assert not CaseStudyPage.objects.visible_to(member).filter(pk=other.pk)
    page, api = Client().get(other.url).content.decode(), Client().get(f"/api/v3/pages/{other.pk}/")
    assert "Voici" not in page and api.status_code == 404
    put_up.delete()
    assert "Voici" in Client().get(other.url).content.decode()


def test_it_is_shut_below_a_plain_page_that_is(french: Locale) -> None:
    front = HomePage.objects.get(locale__language_code="en-gb")
    inner = front.add_child(instance=StandardPage(title="Inner", slug="inner"))
    page = front.add_child(instance=StandardPage(title="Circle", slug="circle"))
    other = page.copy_for_translation(french)
    other.save_revision().publish()
    assert Client().get("/fr/circle/").status_code == 200
    PageViewRestriction.objects.create(page=inner, restriction_type=PageViewRestriction.LOGIN)
    page.move(inner, pos="last-child")
    assert Client().get("/inner/circle/").status_code == Client().get("/fr/circle/").status_code == 302
    assert "/fr/circle/" not in Client().get("/sitemap.xml").content.decode()


def test_it_begins_shut_where_the_community_is(db: None) -> None:
    front = plant()
    PageViewRestriction.objects.create(page=front, restriction_type=PageViewRestriction.LOGIN)
    translate()
    for address in ("/", "/fr/", "/fr/stories/", "/fr/about/"):
        assert Client().get(address).status_code in {302, 404}, address
    assert "/fr/" not in Client().get("/sitemap.xml").content.decode()


def test_it_forgets_a_teller_and_an_editor_who_leave(into_french: IntoFrench, member: Member) -> None:
    story = factories.StoryFactory(title="Lime and frost", author=member)
    other = into_french(story)
    editor = Member.objects.get(name="Edda Tor")
    assert StringTranslation.objects.filter(last_translated_by=editor).exists()
    erase(editor)
    assert StringTranslation.objects.exists()
    assert not StringTranslation.objects.exclude(last_translated_by=None).exists()
    erase(member)
    other.refresh_from_db()
    assert other.author is None and other.live
    assert kept("Lime and frost") == kept("Voici") == []


def test_it_takes_no_more_queries_for_more_translations(
    into_french: IntoFrench,
) -> None:
    paths, counts = ("/stories/", "/fr/stories/"), []
    for number in (2, 3):
        for story in factories.StoryFactory.create_batch(number):
            into_french(story)
        counts.append([queries(path) for path in paths])
    assert counts[0] == counts[1] and max(counts[0]) <= 12


def queries(path: str) -> int:
    Client().get(path)
    with CaptureQueriesContext(connection) as caught:
        assert Client().get(path).status_code == 200
    return len(caught)
