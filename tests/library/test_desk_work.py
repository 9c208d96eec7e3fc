"""The desk at work: who may sit there, what is written down, rewriting, asking, and a yes to exactly these words."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.library.models import DeskStory, Receipt
from community.members.models import Block, Draft, Member
from community.trust.models import Audit
from home.tree import EDITORS, plant
from tests import factories
from tests.conftest import signed_in
from tests.library.confiding import TOLD, WORDS, confide, desk_member

pytestmark = pytest.mark.django_db
DESK = "/steward/desk/"


@pytest.fixture
def dora(db: None) -> Member:
    return desk_member()


@pytest.fixture
def as_dora(dora: Member) -> Client:
    return signed_in(dora)


def address(story: DeskStory) -> str:
    return f"{DESK}{story.pk}/"


def sent(story: DeskStory, **more: Any) -> dict[str, Any]:
    """What the desk's form sends."""
    return {**WORDS, "act": "rewrite", "version": story.mark, **more}


def editor() -> Member:
    plant()
    someone: Member = factories.MemberFactory()
    someone.groups.add(Group.objects.get(name=EDITORS))
    return someone


def operator() -> Member:
    someone: Member = factories.MemberFactory(is_superuser=True, is_staff=True)
    return someone


def operator_steward() -> Member:
    someone: Member = factories.MemberFactory(is_superuser=True, is_staff=True, is_steward=True)
    return someone


def plain_steward() -> Member:
    someone: Member = factories.MemberFactory(is_steward=True)
    return someone


def no_steward_any_more() -> Member:
    someone = desk_member()
    Member.objects.filter(pk=someone.pk).update(is_steward=False)
    return Member.objects.get(pk=someone.pk)


@pytest.mark.parametrize(
    "role", [None, factories.MemberFactory, plain_steward, editor, operator, operator_steward, no_steward_any_more]
)
def test_it_does_not_exist_for(role: Callable[[], Member] | None) -> None:
    story, _code = confide()
    browser = signed_in(role()) if role else Client()
    for path in (DESK, address(story)):
        for method in ("get", "post", "head", "put", "delete"):
            answer = getattr(browser, method)(path, {"act": "accept"} if method == "post" else {})
            assert answer.status_code == 404, (role, method, path)
            assert TOLD["tried"] not in answer.content.decode()
    assert not DeskStory.objects.visible_to(role() if role else None).exists()
    with pytest.raises(ValidationError):
        story.rewrite(role() if role else Member(), WORDS)


def test_it_is_nowhere_in_the_editing_tools() -> None:
    browser = signed_in(operator())
    for path in ("/cms/snippets/", "/cms/reports/site-history/", "/cms/"):
        assert "confidence" not in browser.get(path).text.casefold()


def test_it_lists_without_a_word_of_what_was_told(as_dora: Client) -> None:
    story, _code = confide(title="The cave of Morwenna")
    page = as_dora.get(DESK).text
    assert str(story.pk)[:8] in page
    assert not any(word in page for word in ("Morwenna", "cave", "Zennorfold", "cheese"))
    assert not Audit.objects.exists()


def test_it_writes_down_who_read_what(as_dora: Client, dora: Member, member: Member) -> None:
    story, _code = confide(member)
    page = as_dora.get(address(story)).text
    assert TOLD["tried"] in page and "Alma Field" in page
    audit = Audit.objects.get()
    assert (audit.actor, audit.verb, audit.reason, audit.member) == (dora, "desk_open", str(story.pk), None)
    as_dora.post(address(story), {"act": "ask", "text": "How big was it?"})
    assert Audit.objects.count() == 2


def test_it_keeps_a_story_from_its_own_teller_and_from_whom_they_keep_away(dora: Member, member: Member) -> None:
    mine, _code = confide(dora)
    theirs, _code = confide(member)
    nobodys, _code = confide()
    assert set(DeskStory.objects.visible_to(dora)) == {theirs, nobodys}
    Block.put(member, dora)
    assert set(DeskStory.objects.visible_to(dora)) == {nobodys}
    assert signed_in(dora).get(address(theirs)).status_code == 404
    Block.lift(member, dora)
    Block.put(dora, member)
    assert set(DeskStory.objects.visible_to(dora)) == {nobodys}
    assert mine.teller == dora


def test_it_saves_the_words_and_shows_them_beside_what_was_told(as_dora: Client) -> None:
    story, _code = confide()
    assert as_dora.post(address(story), sent(story)).status_code == 302
    story.refresh_from_db()
    assert story.words["title"] == WORDS["title"] and story.state == "rewriting"
    page = as_dora.get(address(story)).text
    assert TOLD["tried"] in page and WORDS["tried"] in page


@pytest.mark.parametrize(
    "fields",
    [{"title": ""}, {"outcome": "x"}, {"tried": "\x00"}, {"why": "y" * 10_000}, {"year": "1" * 30}, {"reach": "?"}],
)
def test_it_says_what_is_wrong_and_keeps_the_rest(as_dora: Client, fields: dict[str, Any]) -> None:
    story, _code = confide()
    answer = as_dora.post(address(story), sent(story, **fields))
    assert answer.status_code == 422 and WORDS["happened"] in answer.text
    story.refresh_from_db()
    assert story.words == {}


def test_it_does_not_write_over_a_colleague(as_dora: Client, dora: Member) -> None:
    story, _code = confide()
    opened = sent(story, tried="From my window.")
    story.rewrite(dora, {**WORDS, "tried": "A colleague was quicker."})
    answer = as_dora.post(address(story), opened)
    assert answer.status_code == 409
    assert "A colleague was quicker." in answer.text and "From my window." in answer.text
    version = answer.context["form"]["version"].value()
    assert as_dora.post(address(story), opened | {"version": version}).status_code == 302
    story.refresh_from_db()
    assert story.words["tried"] == "From my window."


def test_it_needs_a_yes_to_exactly_the_words_that_appear(dora: Member) -> None:
    story, _code = confide()
    story.rewrite(dora, WORDS)
    with pytest.raises(ValidationError):
        story.accept(dora)
    story.send_for_approval(dora)
    with pytest.raises(ValidationError):
        story.accept(dora)
    first = story.mark
    story.rewrite(dora, {**WORDS, "tried": "Other words."})
    with pytest.raises(ValidationError, match="changed the words"):
        story.approve(first)
    story.send_for_approval(dora)
    with pytest.raises(ValidationError, match="changed the words"):
        story.approve(first)
    story.approve(story.mark)
    DeskStory.objects.filter(pk=story.pk).update(words={**WORDS, "tried": "Slipped in."})
    with pytest.raises(ValidationError, match="said yes"):
        story.accept(dora)
    assert Receipt.objects.get().waiting is None


def test_a_yes_is_void_when_the_words_change_or_the_teller_writes(dora: Member) -> None:
    story, _code = confide()
    for change in (lambda: story.rewrite(dora, {**WORDS, "now": "More."}), lambda: story.reply("Wait, not yet.")):
        story.rewrite(dora, WORDS)
        story.send_for_approval(dora)
        story.approve(story.mark)
        change()
        assert (story.state, story.approved_mark) == ("rewriting", "")
        with pytest.raises(ValidationError):
            story.accept(dora)


def test_it_sends_for_approval_only_what_is_whole(dora: Member) -> None:
    story, _code = confide()
    with pytest.raises(ValidationError, match="Still missing: Title, In short"):
        story.send_for_approval(dora)


def test_it_is_asked_by_the_form_and_answers_by_the_page(as_dora: Client, dora: Member) -> None:
    story, _code = confide()
    assert as_dora.post(address(story), {"act": "ask", "text": " "}).status_code == 422
    for _turn in range(2):  # the same question sent twice is one
        as_dora.post(address(story), {"act": "ask", "text": "How big was it?"})
    assert [one.text for one in story.messages.all()] == ["How big was it?"]
    as_dora.post(address(story), {"act": "decline", "text": "Sorry, this is about a person."})
    story.refresh_from_db()
    assert story.state == "declined"
    with pytest.raises(ValidationError):
        story.rewrite(dora, WORDS)
    assert "As it was told" in as_dora.get(address(story)).text


def test_it_accepts_by_the_page(as_dora: Client, dora: Member) -> None:
    plant()
    story, _code = confide()
    story.rewrite(dora, WORDS)
    story.send_for_approval(dora)
    story.approve(story.mark)
    session = Session.objects.get().session_data
    done = as_dora.post(address(story), {"act": "accept"})
    assert "What tied it to its teller is gone" in as_dora.get(done["Location"]).text
    assert Session.objects.get().session_data == session  # it would tell when
    assert not DeskStory.objects.exists() and Receipt.objects.get().waiting == WORDS
    assert as_dora.get(address(story)).status_code == 404
    assert as_dora.post(address(story), {"act": "accept"}).status_code == 404


def test_it_asks_as_often_for_20_as_for_10(as_dora: Client) -> None:
    counts = []
    for _turn in range(2):
        stories = [confide(title=f"Number {n}")[0] for n in range(10)]
        as_dora.get(DESK)
        with CaptureQueriesContext(connection) as asked:
            assert as_dora.get(DESK).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12, counts
    with CaptureQueriesContext(connection) as asked:
        as_dora.get(address(stories[0]))
    assert len(asked) <= 22, "\n".join(query["sql"] for query in asked.captured_queries)


def test_it_survives_strange_keys(as_dora: Client) -> None:
    assert as_dora.get(f"{DESK}{uuid.uuid4()}/").status_code == 404
    assert as_dora.get(f"{DESK}?page=99999999999999999999").status_code == 200
    story, _code = confide()
    assert as_dora.post(address(story), {"act": "no-such-step"}).status_code == 200


def test_the_way_to_it_is_shown_to_the_desk_alone(as_dora: Client) -> None:
    assert 'href="/steward/desk/"' in as_dora.get("/steward/").text
    assert 'href="/steward/desk/"' not in signed_in(plain_steward()).get("/steward/").text


def test_words_are_not_lost_when_the_login_ends_while_they_are_written(as_dora: Client, dora: Member) -> None:
    story, _code = confide()
    key = as_dora.get(address(story)).context["form"].initial["form_key"]
    as_dora.logout()
    late = sent(story, form_key=key, tried="Two hours of careful words.")
    answer = as_dora.post(address(story), late)
    assert answer.status_code == 302 and answer.url.startswith("/accounts/login/") and "draft" in answer.url
    story.refresh_from_db()
    assert story.words == {}
    as_dora.force_login(dora)
    back = f"{address(story)}?draft={Draft.objects.get().key}"
    form = as_dora.get(back).context["form"]
    assert form["tried"].value() == "Two hours of careful words." and form["title"].value() == WORDS["title"]
    hidden = {"form_key": form["form_key"].value(), "version": form["version"].value()}
    assert as_dora.post(back, late | hidden).url == address(story)
    story.refresh_from_db()
    assert story.words["tried"] == "Two hours of careful words."


def test_a_message_is_not_lost_either_and_is_sent_once(as_dora: Client, dora: Member) -> None:
    story, _code = confide()
    key = str(as_dora.get(address(story)).context["message_key"])
    as_dora.logout()
    late = {"act": "ask", "text": "How warm was it?", "form_key": key}
    as_dora.post(address(story), late)
    as_dora.force_login(dora)
    page = as_dora.get(f"{address(story)}?draft={key}")
    assert page.context["message"]["text"].value() == "How warm was it?" and str(page.context["message_key"]) == key
    for _twice in range(2):
        assert as_dora.post(address(story), late).status_code == 302
    assert story.messages.count() == 1


def test_what_is_kept_goes_with_the_story_and_a_stranger_learns_nothing_of_it(as_dora: Client, dora: Member) -> None:
    story, _code = confide()
    key = as_dora.get(address(story)).context["form"].initial["form_key"]
    as_dora.logout()
    as_dora.post(address(story), sent(story, form_key=key))
    nowhere = Client().post(f"{DESK}{uuid.uuid4()}/", {"form_key": str(uuid.uuid4()), "act": "rewrite"})
    assert nowhere.status_code == 302  # the same, whether there is a story or not
    assert signed_in(factories.MemberFactory()).get(f"{address(story)}?draft={key}").status_code == 404
    assert Draft.objects.filter(url=address(story)).exists()
    story.receipt.withdraw()
    assert not Draft.objects.filter(url=address(story)).exists()


def test_the_stewards_desk_says_that_a_confidential_story_was_read_and_not_which(as_dora: Client) -> None:
    story, _code = confide()
    as_dora.get(address(story))
    page = as_dora.get("/steward/").content.decode()
    assert "read a story told in confidence" in page and str(story.pk) not in page
