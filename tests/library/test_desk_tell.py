"""Telling the desk a story: signed in or not, sent twice, sent badly, and nothing left of what was typed."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.library.models import DeskStory, Receipt
from community.library.models.receipt import as_code, code_of, halves
from community.members.models import Draft, Member
from tests.conftest import signed_in
from tests.library.confiding import TOLD, confide, typed

pytestmark = pytest.mark.django_db
URL = "/stories/tell/confidential/"
CODE = re.compile(r"\b(?:[BDFGHJKLMNPRSTVZ][AIOU][BDFGHJKLMNPRSTVZ][AIOU][BDFGHJKLMNPRSTVZ]-?){6}\b")


@pytest.fixture(autouse=True)
def not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests come from one address; the count has a test of its own."""
    monkeypatch.setattr("community.library.views.confide.is_too_often", lambda request, action: False)


def code_in(answer: Any) -> str:
    found = CODE.search(answer.text)
    assert found, answer.text
    return found.group()


def test_it_takes_a_story_from_somebody_who_is_not_signed_in(client: Client) -> None:
    answer = client.post(URL, typed(client))
    assert answer.status_code == 201 and "no-store" in answer["Cache-Control"]
    story = DeskStory.objects.get()
    assert (story.teller, story.told["tried"], story.state) == (None, TOLD["tried"], "received")
    assert Receipt.find(code_in(answer)) == story.receipt
    assert not Session.objects.exists() and "sessionid" not in client.cookies


def test_it_keeps_no_name_unless_asked_to(as_member: Client, member: Member) -> None:
    assert as_member.post(URL, typed(as_member)).status_code == 201
    assert DeskStory.objects.get().teller is None
    assert as_member.post(URL, typed(as_member, known="yes", title="Another")).status_code == 201
    assert DeskStory.objects.filter(teller=member).count() == 1


def test_it_never_ties_a_story_to_somebody_under_18(minor: Member) -> None:
    browser = signed_in(minor)
    assert "May the desk know who you are?" not in browser.get(URL).text
    assert browser.post(URL, typed(browser, known="yes")).status_code == 201
    assert DeskStory.objects.get().teller is None
    story, _code = confide(minor)
    assert story.teller is None


def test_it_says_who_sees_what(client: Client, as_member: Client) -> None:
    for browser in (client, as_member):
        page = browser.get(URL)
        assert "until the story is accepted" in page.text and page.status_code == 200
    assert "no-store" in as_member.get(URL)["Cache-Control"]


def test_it_shows_the_same_code_when_sent_twice(client: Client) -> None:
    sent = typed(client)
    first, second = client.post(URL, sent), client.post(URL, sent)
    assert code_in(first) == code_in(second) and second.status_code == 201
    assert DeskStory.objects.count() == Receipt.objects.count() == 1


def test_it_loses_nothing_that_was_changed_after_sending(client: Client) -> None:
    sent = typed(client)
    client.post(URL, sent)
    answer = client.post(URL, sent | {"happened": "Something else."})
    assert answer.status_code == 422 and "Something else." in answer.text and "not sent yet" in answer.text
    assert DeskStory.objects.get().told["happened"] == TOLD["happened"]
    token = answer.context["form"]["receipt_token"].value()
    again = client.post(URL, sent | {"happened": "Something else.", "receipt_token": token})
    assert again.status_code == 201 and DeskStory.objects.count() == 2


def test_it_keeps_no_code_anywhere(client: Client) -> None:
    code = code_in(client.post(URL, typed(client)))
    receipt = Receipt.objects.get()
    assert halves(code)[0] == receipt.finder and halves(code)[1] not in repr(vars(receipt))
    assert Receipt.find(code.lower().replace("-", " ")) == receipt
    assert Receipt.find(code[:-1] + ("B" if code[-1] != "B" else "D")) is None
    assert client.get("/stories/receipt/").text.count(code) == 0


def test_it_makes_codes_that_can_be_read_aloud() -> None:
    codes = {code_of(uuid.uuid4().hex) for _n in range(300)}
    assert len(codes) == 300 and all(CODE.fullmatch(code) for code in codes)
    assert as_code("lusab.babad-gutih tugad mudof sakat") == "LUSAB-BABAD-GUTIH-TUGAD-MUDOF-SAKAT"
    assert as_code("L1SAB-B0BAD") == as_code("LLSAB-BOBAD") == "LISAB-BOBAD"


@pytest.mark.parametrize("sign_in", [True, False])
def test_it_forgets_what_was_kept_while_typing(member: Member, sign_in: bool) -> None:
    browser = signed_in(member) if sign_in else Client()
    sent = typed(browser)
    if sign_in:
        kept = browser.post(f"/drafts/{sent['form_key']}/?form=confide&url={URL}", {"tried": TOLD["tried"]})
        assert kept.status_code == 200 and Draft.objects.get(member=member).data["tried"] == [TOLD["tried"]]
    browser.post(URL, sent)
    left = Draft.objects.get()
    assert (left.member, left.data, left.digest) == (None, {}, "")
    assert (left.created_at.hour, left.created_at.minute, left.created_at.microsecond) == (0, 0, 0)
    # A copy that was on its way when the form was sent finds the mark, and is not kept.
    assert browser.post(f"/drafts/{sent['form_key']}/?form=confide", {"tried": "late"}).status_code == 404
    assert Draft.objects.get().data == {}


def test_it_forgets_other_beginnings_of_the_same_teller(member: Member, stranger: Member) -> None:
    browser, other = signed_in(member), signed_in(stranger)
    for one in (browser, other):
        one.post(f"/drafts/{uuid.uuid4()}/?form=confide&url={URL}", {"tried": "We scrubbed the cave, I think"})
    browser.post(f"/drafts/{uuid.uuid4()}/?form=question", {"text": "Something else"})
    assert browser.post(URL, typed(browser)).status_code == 201
    assert [draft.form for draft in Draft.objects.filter(member=member)] == ["question"]
    assert Draft.objects.filter(member=stranger, form="confide").count() == 1


def test_it_forgets_what_was_typed_signed_in_and_sent_signed_out(member: Member) -> None:
    browser = signed_in(member)
    sent = typed(browser)
    browser.post(f"/drafts/{sent['form_key']}/?form=confide&url={URL}", {"tried": TOLD["tried"]})
    del sent["known"]
    assert Client().post(URL, sent).status_code == 201
    assert not Draft.objects.filter(member=member).exists() and Draft.objects.get().data == {}


def test_it_keeps_what_was_typed_until_it_is_sent(as_member: Client) -> None:
    key = uuid.uuid4()
    as_member.post(f"/drafts/{key}/?form=confide&url={URL}", {"tried": "Half a sentence", "receipt_token": "x"})
    assert "Half a sentence" in as_member.get(f"{URL}?draft={key}").text
    assert "receipt_token" not in Draft.objects.get().data


@pytest.mark.parametrize(
    "fields",
    [
        {"tried": ""}, {"outcome": "great"}, {"tried": "NUL \x00 here"}, {"happened": "x" * 10_000}, {"year": "9" * 40},
        {"topic": "no-such-topic"}, {"year": "NaN"}, {"receipt_token": "short"}, {"title": "\x00"},
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_keeps_the_rest(client: Client, fields: dict[str, Any]) -> None:
    answer = client.post(URL, typed(client, **fields))
    assert answer.status_code == 422
    assert "Cat fur grew" in answer.text or "happened" in fields
    assert not DeskStory.objects.exists() and not Receipt.objects.exists()


def test_it_takes_odd_letters_as_they_are(client: Client) -> None:
    odd = "Ünïcode 🧀 ' \" <script>alert(1)</script> ‮ % \\"
    assert client.post(URL, typed(client, tried=odd)).status_code == 201
    assert DeskStory.objects.get().told["tried"] == odd


def test_it_stops_at_five_of_one_teller(member: Member) -> None:
    browser = signed_in(member)
    for number in range(5):
        confide(member, title=f"Number {number}")
    answer = browser.post(URL, typed(browser, known="yes"))
    assert answer.status_code == 422 and "5 stories of yours" in answer.text and "Cat fur" in answer.text


def test_it_counts_visits_without_an_address(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.undo()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"desk-tell": "2/h/key"}
    answers = [client.post(URL, typed(client, title=f"Number {n}")) for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert "Wait a little" in answers[2].text and "Number 2" in answers[2].text
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        keys = [key for (key,) in cursor.fetchall()]
    assert any("desk-tell" in key for key in keys) and not any("127.0.0.1" in key for key in keys)


def test_it_refuses_a_draft_of_somebody_else(as_stranger: Client, member: Member) -> None:
    typing = QueryDict(mutable=True)
    typing["tried"] = "Only mine"
    draft = Draft.keep(uuid.uuid4(), "confide", member, typing)
    assert "Only mine" not in as_stranger.get(f"{URL}?draft={draft.key}").text
    as_stranger.post(URL, typed(as_stranger, form_key=str(draft.key)))
    assert Draft.objects.get(key=draft.key).data == {"tried": ["Only mine"]}


def test_it_asks_at_most_12_times(client: Client, as_member: Client) -> None:
    for browser in (client, as_member):
        browser.get(URL)
        with CaptureQueriesContext(connection) as asked:
            browser.get(URL)
        assert len(asked) <= 12
