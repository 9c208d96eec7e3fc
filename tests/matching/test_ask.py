"""Asking in one box: what is found, in which order, and with which sentence."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from wagtail.models import Page

from community.members.models import Block, Member
from community.openings.models import OpeningLine
from home.models import StandardPage
from matching import ask as network
from matching import language, reading
from matching.engine.encode import ModelUnsound
from matching.models import Passage
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory, OpeningFactory, StatementFactory, StoryFactory
from tests.matching.asking import read_all, sentence, titles
from tests.matching.planted import WordEncoder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def questions(monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder) -> WordEncoder:
    """Questions are read by the planted model, too."""
    monkeypatch.setattr(language, "query_encoder", lambda: encoder)
    return encoder


def story(title: str, *chapters: str, **fields: Any) -> Any:
    """A published story with these chapters."""
    return StoryFactory(title=title, body=[("setting", f"<p>{text}</p>") for text in chapters], **fields)


@pytest.fixture
def valley(encoder: WordEncoder) -> dict[str, Any]:
    """A few pages and people that are known to be about something."""
    host = MemberFactory(name="Hetty Host")
    StatementFactory(profile=host.profile, text="grow mushrooms on logs")
    StatementFactory(profile=host.profile, text="mend dry-stone walls")
    pages = {
        "rind": story(
            "Blue spots on the rind", "The cellar was damp. A grey mould crept over every cheese.", "We lost nine."
        ),
        "hay": story("Hay in a wet June", "It rained for three weeks. The bales heated and one caught fire."),
        "visit": GatheringFactory(title="A walk along mended walls", text="<p>We look at throughstones.</p>"),
        "place": OpeningFactory(title="A year of walling", lines=[OpeningLine(text="set a throughstone")]),
    }  # fmt: skip
    read_all(encoder)
    return pages | {"host": host}


def test_it_finds_a_story_by_what_it_tells(valley: dict[str, Any], member: Member) -> None:
    found = network.ask("grey mould on my cheese", member)
    assert titles(found.pages)[0] == "Blue spots on the rind"
    assert sentence(found.pages[0]) == "A [grey] [mould] crept over every [cheese]."
    assert not found.gatherings and not found.people


def test_it_groups_what_it_finds(valley: dict[str, Any], member: Member) -> None:
    found = network.ask("throughstones", member)
    assert titles(found.gatherings) == ["A walk along mended walls"]
    assert titles(found.openings) == ["A year of walling"]
    found = network.ask("dry-stone walls", member)
    assert [one.member.name for one in found.people] == ["Hetty Host"]
    assert found.people[0].lines == ["mend dry-stone walls"]


@pytest.mark.parametrize("typed", ["MOULD", "moulds", "móuld", "Mould?!", "moul", "mold", "ould", "the mould of and"])
def test_it_finds_words_however_they_are_spelled(typed: str, valley: dict[str, Any]) -> None:
    assert titles(network.ask(typed, None).pages)[:1] == ["Blue spots on the rind"]


@pytest.mark.parametrize("typed", ["mushrom", "mushroom logs", "Mushrooms", "mushr"])
def test_it_finds_people_however_it_is_spelled(typed: str, valley: dict[str, Any], member: Member) -> None:
    assert [one.member.name for one in network.ask(typed, member).people] == ["Hetty Host"]


def test_a_name_that_only_one_page_has_comes_first(valley: dict[str, Any], encoder: WordEncoder) -> None:
    for number in range(12):
        story(f"Cheese {number}", "Cheese and more cheese from the cellar of a cheese maker.")
    story("The old press", "A friend lent us her cheese press. Stilvander built it in 1911.")
    read_all(encoder)
    assert titles(network.ask("stilvander", None).pages)[0] == "The old press"
    assert titles(network.ask("cheese stilvander", None).pages)[0] == "The old press"


def test_words_alone_answer_where_no_model_is_ready(
    valley: dict[str, Any], monkeypatch: pytest.MonkeyPatch, encoder: WordEncoder
) -> None:
    def unready(texts: Any) -> Any:
        raise ModelUnsound("not made ready")

    monkeypatch.setattr(encoder, "encode", unready)
    assert titles(network.ask("grey mould", None).pages) == ["Blue spots on the rind"]


def test_a_page_that_the_file_does_not_know_yet_is_found_by_its_words(
    valley: dict[str, Any], encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = story("Late lambs", "The ewes lambed in June.")
    monkeypatch.setattr("matching.stores.passages.publish", lambda model: False)
    reading.read_page(late.pk, encoder)  # type: ignore[arg-type]
    assert titles(network.ask("ewes lambed", None).pages)[:1] == ["Late lambs"]


def test_what_is_over_or_closed_is_no_answer(valley: dict[str, Any], encoder: WordEncoder) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    GatheringFactory(title="Throughstones past", starts_at=yesterday - timedelta(hours=2), ends_at=yesterday)
    GatheringFactory(title="Throughstones off", is_cancelled=True)
    OpeningFactory(title="Throughstones closed", closes_on=timezone.localdate() - timedelta(days=1))
    read_all(encoder)
    found = network.ask("throughstones", None)
    assert titles(found.gatherings) == ["A walk along mended walls"]
    assert titles(found.openings) == ["A year of walling"]


def test_every_kind_of_page_is_read_without_being_named() -> None:
    kinds = reading.kinds()
    assert StandardPage in kinds
    assert {kind.__name__ for kind in kinds} >= {"CaseStudyPage", "GatheringPage", "OpeningPage"}
    assert not {kind.__name__ for kind in kinds} & {"HomePage", "StoryIndexPage", "GatheringIndexPage"}


def test_the_secret_place_of_a_gathering_is_not_read(valley: dict[str, Any]) -> None:
    texts = " ".join(Passage.objects.values_list("text", flat=True))
    assert "throughstones" in texts
    assert "zq47qz" not in texts and "secret-room" not in texts


def test_the_page_shows_what_was_found(valley: dict[str, Any], as_member: Client) -> None:
    answer = as_member.get("/ask/", {"q": "grey mould on <b>cheese</b>"}).content.decode()
    assert "A <mark>grey</mark> <mark>mould</mark> crept" in answer
    assert f'href="{valley["rind"].url}"' in answer
    assert "&lt;b&gt;cheese" in answer and "<b>cheese" not in answer


def test_the_fragment_is_the_same_answers_without_the_frame(valley: dict[str, Any], as_member: Client) -> None:
    whole = as_member.get("/ask/", {"q": "grey mould"}).content.decode()
    part = as_member.get("/ask/", {"q": "grey mould"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in whole and "<html" not in part
    assert part.strip() in whole
    assert "noindex" in whole


def test_an_empty_box_explains_itself(db: None) -> None:
    answer = Client().get("/ask/").content.decode()
    assert 'name="q"' in answer and "For example" in answer
    assert "Nobody has told of this yet" in Client().get("/ask/", {"q": "qqqqqq xxxxxx"}).content.decode()


def test_a_visitor_sees_no_people_and_is_told_how_to(valley: dict[str, Any]) -> None:
    answer = Client().get("/ask/", {"q": "mushrooms"}).content.decode()
    assert "Hetty" not in answer
    assert "/accounts/login/?next=%2Fask%2F%3Fq%3Dmushrooms" in answer


def test_what_belongs_to_a_page(valley: dict[str, Any], as_member: Client, encoder: WordEncoder) -> None:
    teller = MemberFactory(name="Tess Teller")
    one = story("Grey mould in the cellar", "Mould on all the cheese.", author=teller, summary="Mould on cheese.")
    read_all(encoder)
    answer = as_member.get("/ask/", {"page": str(one.pk)}).content.decode()
    assert "Blue spots on the rind" in answer
    assert answer.count(one.title) > 0 and f'card__link" href="{one.url}"' not in answer


def test_a_page_without_a_teller_leads_to_nobody(valley: dict[str, Any], member: Member, encoder: WordEncoder) -> None:
    told = story("Mushrooms on logs", "We grow mushrooms on logs.", summary="grow mushrooms on logs")
    quiet = story(
        "Mushrooms on other logs", "We grow mushrooms on logs.", summary="grow mushrooms on logs", author=None
    )
    told.author = MemberFactory()
    told.save()
    read_all(encoder)
    assert network.about(told, member).people
    assert not network.about(quiet, member).people


def test_a_page_told_in_confidence_leads_to_nobody(
    valley: dict[str, Any], as_member: Client, member: Member, encoder: WordEncoder
) -> None:
    told = story("Mushrooms on logs", "We grow mushrooms on logs.", summary="grow mushrooms on logs")
    type(told).objects.update(author=MemberFactory())  # past the page's own rule
    read_all(encoder)
    told.refresh_from_db()
    assert network.about(told, member).people
    assert "People who know about it" in as_member.get("/ask/", {"page": str(told.pk)}).text
    type(told).objects.update(is_confidential=True)
    told.refresh_from_db()
    assert not network.about(told, member).people
    assert "People who know about it" not in as_member.get("/ask/", {"page": str(told.pk)}).text
    assert "Find people" not in as_member.get(told.url).text
    assert "Sign in to see who" not in Client().get("/ask/", {"page": str(told.pk)}).text


@pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 30, "", "١", "1e3", "\x00"])
def test_a_page_that_is_not_there_is_not_found(number: str, db: None) -> None:
    assert Client().get("/ask/", {"page": number}).status_code == 404


def test_a_page_that_one_may_not_see_is_not_found(valley: dict[str, Any], stranger: Member) -> None:
    rind = valley["rind"]
    Block.put(rind.author or stranger, stranger) if rind.author else None
    rind.author = MemberFactory()
    rind.save()
    Block.put(rind.author, stranger)
    assert signed_in(stranger).get("/ask/", {"page": rind.pk}).status_code == 404
    assert Client().get("/ask/", {"page": rind.pk}).status_code == 200


def test_the_command_prints_what_scripts_rely_on(
    valley: dict[str, Any], member: Member, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ask", "dry-stone walls", "--as", member.email, "--json")
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["query", "pages", "people", "gatherings", "openings"]
    assert told["people"] == [
        {"member": valley["host"].handle, "name": "Hetty Host", "reasons": ["mend dry-stone walls"]}
    ]
    call_command("ask", "dry-stone walls", "--json")
    assert json.loads(capsys.readouterr().out)["people"] == []
    call_command("ask", "throughstone", "--json")
    told = json.loads(capsys.readouterr().out)
    assert set(told["gatherings"][0]) == {"title", "url", "type", "score"}
    assert told["gatherings"][0]["type"] == "gathering"
    with pytest.raises(CommandError, match="no active member"):
        call_command("ask", "walls", "--as", "nobody@example.org")
    with pytest.raises(CommandError, match="1 or more"):
        call_command("ask", "walls", "--limit", "0")


def test_a_withdrawn_page_is_gone_at_once_and_its_passages_soon(valley: dict[str, Any], encoder: WordEncoder) -> None:
    page = Page.objects.get(pk=valley["rind"].pk).specific
    page.unpublish()
    assert titles(network.ask("grey mould", None).pages) == []
    reading.read_page(page.pk, encoder)  # type: ignore[arg-type]
    assert not Passage.objects.filter(page=page.pk).exists()
