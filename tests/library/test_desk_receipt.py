"""Coming back with the code: reading, answering, saying yes, correcting, withdrawing."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from wagtail.models import PageLogEntry

from community.library.models import CaseStudyPage, DeskStory, Receipt
from community.members.models import Member
from tests import factories
from tests.library.confiding import TOLD, WORDS, confide, desk_member, publish

pytestmark = pytest.mark.django_db
URL = "/stories/receipt/"


@pytest.fixture(autouse=True)
def not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests come from one address; the count has a test of its own."""
    monkeypatch.setattr("community.library.views.confide.is_too_often", lambda request, action: False)


@pytest.fixture
def dora(db: None) -> Member:
    return desk_member()


@pytest.fixture(autouse=True)
def company(db: None) -> None:
    """Enough people for a story to be anybody's."""
    factories.MemberFactory.create_batch(5)


def post(client: Client, code: str, act: str = "", **more: Any) -> Any:
    return client.post(URL, {"code": code, "act": act, **more})


def test_it_opens_by_code_without_an_account(client: Client) -> None:
    _story, code = confide()
    page = post(client, code.lower().replace("-", "."))
    assert page.status_code == 200 and "at work" in page.text
    assert TOLD["tried"] not in page.text  # whoever looks over a shoulder reads nothing of it
    assert not Session.objects.exists() and "sessionid" not in client.cookies
    assert client.get(URL).status_code == 200 and code not in client.get(f"{URL}?code={code}").text


def test_it_gives_a_wrong_code_the_answer_of_a_withdrawn_one(client: Client) -> None:
    story, code = confide()
    story.receipt.withdraw()
    wrong = code[:-5] + code[-5:][::-1]
    answers = [post(client, each) for each in (code, wrong, "", "x" * 79, "\x00", "0", "🧀" * 20)]
    assert {answer.status_code for answer in answers} == {422}
    plain = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers[:2]]
    assert plain[0] == plain[1] and "opens nothing" in plain[0]


def test_it_takes_as_long_for_a_finder_that_nobody_has(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in slow hashes, not in seconds: each wrong code costs one, whether its row is found or not."""
    costs: list[str] = []
    real = {name: getattr(__import__("community.library.models.receipt", fromlist=["x"]), name)
            for name in ("make_password", "check_password")}  # fmt: skip
    for name, hashing in real.items():
        monkeypatch.setattr(
            f"community.library.models.receipt.{name}",
            lambda *given, hashing=hashing, **more: (costs.append("slow"), hashing(*given, **more))[1],
        )
    _story, code = confide()
    costs.clear()
    Receipt.find(code[:12] + "BABAB-BABAB-BABAB-BABAB")
    Receipt.find("BABAB-BABAB-" + code[12:])
    assert costs == ["slow", "slow"]


def test_it_is_limited(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.undo()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"desk-receipt": "2/5m/key"}
    _story, code = confide()
    answers = [post(client, "BABAB-" * 6), post(client, "BABAB"), post(client, code)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert "Wait a little" in answers[2].text and code in answers[2].text


def test_it_shows_questions_and_takes_answers(client: Client, dora: Member) -> None:
    story, code = confide()
    story.ask(dora, "How warm was it?")
    assert "How warm was it?" in post(client, code).text
    for _turn in range(2):
        answer = post(client, code, "write", text="Eleven degrees.")
        assert answer.status_code == 200 and "The desk has your words" in answer.text
    assert [one.text for one in story.messages.all()] == ["How warm was it?", "Eleven degrees."]
    empty = post(client, code, "write", text="\x00")
    assert empty.status_code == 409
    long = post(client, code, "write", text="z" * 10_000)
    assert long.status_code == 409 and "z" * 10_000 in long.text


def test_it_shows_exactly_what_would_appear_and_takes_a_yes(client: Client, dora: Member) -> None:
    story, code = confide()
    story.rewrite(dora, WORDS)
    assert WORDS["tried"] not in post(client, code).text  # not before the desk is done with it
    story.send_for_approval(dora)
    page = post(client, code)
    assert WORDS["tried"] in page.text and WORDS["summary"] in page.text and story.mark in page.text
    assert post(client, code, "approve", mark="0" * 64).status_code == 409
    assert "You have said yes" in post(client, code, "approve", mark=story.mark).text
    story.refresh_from_db()
    assert (story.state, story.approved_mark) == ("approved", story.mark)


def test_it_says_no(client: Client, dora: Member) -> None:
    story, code = confide()
    story.rewrite(dora, WORDS)
    story.send_for_approval(dora)
    post(client, code, "write", text="Leave the mould out.")
    story.refresh_from_db()
    assert (story.state, story.approved_mark) == ("rewriting", "")


def test_it_says_where_a_story_stands(client: Client, dora: Member) -> None:
    story, code = confide()
    page = publish(story, dora)
    shown = post(client, code)
    assert "It is published" in shown.text and page.url in shown.text
    Receipt.objects.update(waiting=WORDS, page=None)
    CaseStudyPage.objects.all().delete()
    waits = post(client, code)
    assert "on a Monday soon" in waits.text and WORDS["tried"] in waits.text
    assert post(client, code, "write", text="Too late?").status_code == 409


def test_it_corrects_a_page_the_same_way(client: Client, dora: Member) -> None:
    story, code = confide()
    page = publish(story, dora)
    first = page.first_published_at
    assert "The desk has your words" in post(client, code, "write", text="It was soap, not soda.").text
    correction = DeskStory.objects.get()
    assert (correction.teller, correction.is_correction, correction.receipt.page) == (None, True, page)
    publish(correction, dora, tried="The store was scrubbed with soap.")
    page.refresh_from_db()
    assert "soap" in str(page.body) and page.first_published_at == first
    assert CaseStudyPage.objects.count() == 1 and not DeskStory.objects.exists()
    assert not page.revisions.exists() and page.slug


def test_it_withdraws_after_being_asked_twice(client: Client, member: Member) -> None:
    story, code = confide(member)
    asked = post(client, code, "withdraw")
    assert "Are you sure?" in asked.text and DeskStory.objects.filter(pk=story.pk).exists()
    gone = post(client, code, "withdraw", sure="yes")
    assert "It is withdrawn" in gone.text
    assert not DeskStory.objects.exists() and not Receipt.objects.exists()
    assert post(client, code, "withdraw", sure="yes").status_code == 422


def test_it_withdraws_a_page_without_a_trace_of_its_title(client: Client, dora: Member) -> None:
    story, code = confide()
    page = publish(story, dora)
    factories.TrialFactory(page=page)
    post(client, code, "withdraw", sure="yes")
    assert not CaseStudyPage.objects.exists() and not Receipt.objects.exists()
    assert client.get(page.url).status_code == 404
    assert not PageLogEntry.objects.filter(page_id=page.pk).exists()
    assert not PageLogEntry.objects.filter(label__contains="grey mould").exists()


def test_it_needs_the_form_of_this_site(dora: Member) -> None:
    _story, code = confide()
    strict = Client(enforce_csrf_checks=True)
    assert post(strict, code, "withdraw", sure="yes").status_code == 403
    assert Receipt.objects.exists()
