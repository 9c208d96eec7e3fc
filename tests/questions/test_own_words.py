"""Changing one's words and taking them back; what stewards take away."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.members.models import Member
from community.questions.models import Answer, Question
from community.trust.models import Audit, Report
from tests.conftest import signed_in
from tests.factories import AnswerFactory, QuestionFactory

pytestmark = pytest.mark.django_db
LINE = "Which lime did you take, and from where?"


@pytest.fixture
def asked(member: Member) -> Question:
    """A question of the member's."""
    return QuestionFactory(member=member, title="How long did it dry before the frost?", text="On a north wall.")


def change(client: Client, address: str, **words: str) -> Any:
    version = client.get(address).context["form"]["version"].value()
    return client.post(address, {"version": version, **words})


def test_it_changes_a_question_and_says_so(as_member: Client, asked: Question) -> None:
    assert "changed" not in Client().get(asked.get_absolute_url()).text
    answer = change(as_member, f"/questions/{asked.pk}/edit/", title=LINE, text="")
    assert answer.url == asked.get_absolute_url()
    html = Client().get(answer.url).text
    assert LINE in html and "changed" in html and "north wall" not in html


def test_it_changes_an_answer(as_stranger: Client, stranger: Member, asked: Question) -> None:
    given = AnswerFactory(question=asked, member=stranger)
    change(as_stranger, f"/questions/answers/{given.pk}/edit/", text="Nine days, and no sun.")
    given.refresh_from_db()
    assert given.text == "Nine days, and no sun." and given.edited_at


def test_it_writes_over_no_newer_words(as_member: Client, asked: Question) -> None:
    address = f"/questions/{asked.pk}/edit/"
    version = as_member.get(address).context["form"]["version"].value()
    asked.change(title=LINE, text="")
    answer = as_member.post(address, {"version": version, "title": "Something else entirely?", "text": "Mine."})
    assert answer.status_code == 409 and LINE in answer.text and "Something else entirely?" in answer.text
    asked.refresh_from_db()
    assert asked.title == LINE


def test_it_refuses_bad_words_and_keeps_the_old(as_member: Client, asked: Question) -> None:
    for title in ("", "Ring 01524 123456 today?", "x" * 10_000):
        assert "error-summary" in change(as_member, f"/questions/{asked.pk}/edit/", title=title, text="").text
    asked.refresh_from_db()
    assert asked.title.startswith("How long")


def test_it_lets_nobody_else_change_or_take_back(asked: Question, stranger: Member, steward: Member) -> None:
    given = AnswerFactory(question=asked)
    for who in (stranger, steward):
        for address in (f"/questions/{asked.pk}", f"/questions/answers/{given.pk}"):
            for what in ("edit", "withdraw"):
                client = signed_in(who)
                assert client.get(f"{address}/{what}/").status_code == 404
                assert client.post(f"{address}/{what}/", {"title": LINE, "text": LINE}).status_code == 404
    assert Question.objects.open().count() == Answer.objects.open().count() == 1


def test_it_takes_a_question_back_with_its_answers(as_member: Client, asked: Question) -> None:
    given = AnswerFactory(question=asked)
    address = f"/questions/{asked.pk}/withdraw/"
    assert "Take it back?" in as_member.get(address).text
    for _twice in range(2):
        assert as_member.post(address).status_code == 302
    assert "not shown any more" in as_member.get(address).text
    for client in (as_member, Client()):
        assert client.get(asked.get_absolute_url()).status_code == 404
        assert client.get(f"/questions/answers/{given.pk}/").status_code == 404
        assert asked.title not in client.get("/questions/").text + client.get(asked.page.url).text


def test_it_takes_an_answer_back(as_stranger: Client, stranger: Member, asked: Question) -> None:
    given = AnswerFactory(question=asked, member=stranger)
    as_stranger.post(f"/questions/answers/{given.pk}/withdraw/")
    assert given.text not in as_stranger.get(asked.get_absolute_url()).text


def test_a_steward_takes_away_and_puts_back(as_steward: Client, as_member: Client, asked: Question) -> None:
    address = f"/questions/{asked.pk}/judge/"
    assert "Take it away?" in as_steward.get(address).text
    assert "error-summary" in as_steward.post(address, {"reason": " "}).text
    assert as_steward.post(address, {"reason": "It names a neighbour."}).status_code == 302
    assert Client().get(asked.get_absolute_url()).status_code == 404
    assert asked.title not in Client().get("/questions/").text + as_member.get("/questions/").text
    for client in (as_member, as_steward):
        assert "It names a neighbour." in client.get(asked.get_absolute_url()).text
    assert as_member.get(f"/questions/{asked.pk}/edit/").status_code == 404
    as_steward.post(address, {"reason": "It was another neighbour."})
    html = Client().get(asked.get_absolute_url()).text
    assert asked.title in html and "neighbour" not in html
    assert list(Audit.objects.order_by("pk").values_list("verb", "member")) == [
        ("hide", asked.member_id), ("show", asked.member_id),
    ]  # fmt: skip


def test_a_steward_takes_an_answer_away(as_steward: Client, asked: Question, stranger: Member) -> None:
    given = AnswerFactory(question=asked, member=stranger)
    as_steward.post(f"/questions/answers/{given.pk}/judge/", {"reason": "An advertisement."})
    assert given.text not in Client().get(asked.get_absolute_url()).text
    assert given.text in signed_in(stranger).get(asked.get_absolute_url()).text


def test_nobody_judges_without_being_a_steward_or_in_their_own_cause(
    as_member: Client, member: Member, steward: Member
) -> None:
    own = QuestionFactory(member=steward)
    assert as_member.post(f"/questions/{own.pk}/judge/", {"reason": "x"}).status_code == 404
    assert "Another steward" in signed_in(steward).post(f"/questions/{own.pk}/judge/", {"reason": "x"}).text
    for who in (member, steward):
        with pytest.raises(ValidationError):
            own.hide(who, "Because.")
    own.refresh_from_db()
    assert own.is_open and not Audit.objects.exists()


def test_it_can_be_reported_by_its_own_address(as_stranger: Client, stranger: Member, asked: Question) -> None:
    given = AnswerFactory(question=asked)
    html = as_stranger.get(asked.get_absolute_url()).text
    for what in (asked, given):
        address = f"/questions/{asked.pk}/" if what is asked else f"/questions/answers/{given.pk}/"
        assert f"/report/?url={address}" in html
        assert Report.make(stranger, address, "untrue").about == what.member
    assert as_stranger.get(f"/questions/answers/{given.pk}/").url == given.get_absolute_url()
