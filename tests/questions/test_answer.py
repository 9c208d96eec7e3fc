"""Answering a question, and saying which answer helped."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.members.models import Block, Draft, Member
from community.notices.models import Notice
from community.questions.models import Answer, Question
from tests.conftest import signed_in
from tests.factories import AnswerFactory, CircleFactory, MemberFactory, QuestionFactory, StoryFactory

pytestmark = pytest.mark.django_db
WORDS = "Six dry days, and we hung wet sacks over it at night."


@pytest.fixture
def asked(member: Member) -> Question:
    """A question of the member's on a story that somebody else told."""
    return QuestionFactory(member=member, page=StoryFactory(author=MemberFactory(name="Tess Teller")))


def post(client: Client, asked: Question, text: str = WORDS, key: str = "") -> Any:
    return client.post(f"/questions/{asked.pk}/answer/", {"text": text, "form_key": key or str(uuid.uuid4())})


def notices(kind: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind))


def test_it_stands_below_the_question_and_the_asker_hears_of_it(
    as_stranger: Client, asked: Question, member: Member
) -> None:
    assert "Send" in as_stranger.get(f"/questions/{asked.pk}/answer/").text
    answer = post(as_stranger, asked)
    given = Answer.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/questions/{asked.pk}/#answer-{given.pk}")
    html = Client().get(asked.get_absolute_url()).text
    assert WORDS in html and "Bruno Stray" not in html and "1 answer" in html
    assert "Bruno Stray" in signed_in(member).get(asked.get_absolute_url()).text
    (notice,) = notices("answer_received")
    assert (notice.member, notice.url) == (member, asked.get_absolute_url())
    assert WORDS not in "".join(notice.lines) and "Bruno" not in "".join(notice.lines)


def test_it_is_given_once_for_two_clicks(as_stranger: Client, asked: Question) -> None:
    key = str(uuid.uuid4())
    assert post(as_stranger, asked, key=key).url == post(as_stranger, asked, key=key).url
    post(as_stranger, asked)
    assert Answer.objects.count() == len(notices("answer_received")) == 1


@pytest.mark.parametrize("text", ["", " ", "?", "123", "x" * 5001, "z" * 10_000, "a\x00b", "Ring 01524 123456"])
def test_it_says_what_is_wrong(as_stranger: Client, asked: Question, text: str) -> None:
    answer = post(as_stranger, asked, text)
    assert answer.status_code == 200 and "error-summary" in answer.text
    assert not Answer.objects.exists() and not Notice.objects.exists()


def test_it_keeps_the_words_when_the_login_has_run_out(client: Client, asked: Question, stranger: Member) -> None:
    assert "/accounts/login/" in post(client, asked).url
    client.force_login(stranger)
    assert WORDS in client.get(f"/questions/{asked.pk}/answer/?draft={Draft.objects.get().key}").text


def test_it_has_a_measure_for_one_day(asked: Question, stranger: Member) -> None:
    for _n in range(Answer.MOST_A_DAY):
        AnswerFactory(member=stranger, question=asked)
    with pytest.raises(ValidationError, match="tomorrow"):
        asked.answer(stranger, WORDS)


def test_it_cannot_be_given_to_what_is_gone(as_stranger: Client, asked: Question, stranger: Member) -> None:
    asked.withdraw()
    assert post(as_stranger, asked).status_code == 404
    with pytest.raises(ValidationError):
        asked.answer(stranger, WORDS)
    assert not Answer.objects.exists()


def test_it_passes_no_block(asked: Question, member: Member, stranger: Member, as_stranger: Client) -> None:
    other = MemberFactory()
    asked.answer(stranger, WORDS)
    Block.put(stranger, member)
    assert as_stranger.get(asked.get_absolute_url()).status_code == 404
    assert post(as_stranger, asked).status_code == 404
    theirs = signed_in(member).get(asked.get_absolute_url()).text
    assert WORDS not in theirs and "0 answers" in theirs
    assert asked.title in signed_in(member).get("/questions/?show=unanswered").text
    assert WORDS in signed_in(other).get(asked.get_absolute_url()).text
    assert asked.title not in signed_in(other).get("/questions/?show=unanswered").text


def test_it_never_names_somebody_under_18(asked: Question, minor: Member, as_member: Client) -> None:
    asked.answer(minor, WORDS)
    html = as_member.get(asked.get_absolute_url()).text
    assert WORDS in html and "Cleo" not in html and minor.handle not in html


def test_it_names_the_teller_to_everybody(asked: Question) -> None:
    asked.answer(asked.page.specific.author, WORDS)
    html = Client().get(asked.get_absolute_url()).text
    assert "Tess Teller" in html and "Told the story" in html


# --- Which answer helped ----------------------------------------------------------------------------------------


def helped(client: Client, given: Answer, word: str = "yes") -> Any:
    return client.post(f"/questions/answers/{given.pk}/helped/", {"helped": word})


def test_the_asker_says_what_helped(as_member: Client, asked: Question, stranger: Member) -> None:
    AnswerFactory(question=asked, text="I am only guessing here.")
    given = asked.answer(stranger, WORDS)
    assert "This helped" in as_member.get(asked.get_absolute_url()).text
    for _twice in range(2):
        assert helped(as_member, given).url == given.get_absolute_url()
    asked.refresh_from_db()
    assert asked.accepted == given
    html = Client().get(asked.get_absolute_url()).text
    assert html.index(WORDS) < html.index("only guessing") and "This helped" in html
    assert "Answered" in Client().get("/questions/").text
    (notice,) = notices("answer_accepted")
    assert notice.member == stranger and WORDS not in "".join(notice.lines)
    helped(as_member, given, "no")
    asked.refresh_from_db()
    assert asked.accepted is None


def test_the_teller_says_so_too_and_nobody_else(asked: Question, stranger: Member, steward: Member) -> None:
    given = asked.answer(stranger, WORDS)
    for who in (stranger, steward, MemberFactory()):
        assert "This helped" not in signed_in(who).get(asked.get_absolute_url()).text
        assert helped(signed_in(who), given).status_code == 404
        with pytest.raises(ValidationError):
            asked.accept(who, given)
        with pytest.raises(ValidationError):
            asked.reopen(who)
    assert Client().post(f"/questions/answers/{given.pk}/helped/").url.startswith("/accounts/login/")
    assert helped(signed_in(asked.page.specific.author), given).status_code == 302
    asked.refresh_from_db()
    assert asked.accepted == given


def test_no_answer_to_another_question_helps(asked: Question, member: Member) -> None:
    with pytest.raises(ValidationError):
        asked.accept(member, AnswerFactory())
    gone = AnswerFactory(question=asked)
    gone.withdraw()
    with pytest.raises(ValidationError):
        asked.accept(member, gone)


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_is_gone_at_the_same_moment_is_said_in_words(
    as_member: Client, asked: Question, stranger: Member, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    given, judge = asked.answer(stranger, WORDS), Question._require_judge

    def late(self: Question, by: Member) -> None:
        """Between the look of the page and the look of the verb, a steward takes the question away."""
        self.hide(MemberFactory(is_steward=True), "It names a neighbour.")
        judge(self, by)

    monkeypatch.setattr(Question, "_require_judge", late)
    answer = as_member.post(f"/questions/answers/{given.pk}/helped/", {"helped": word}, follow=True)
    assert answer.status_code == 200 and "can say which answer helped" in answer.text
    asked.refresh_from_db()
    assert asked.accepted is None


def test_the_mark_is_not_seen_without_its_answer(asked: Question, member: Member, stranger: Member) -> None:
    given = asked.answer(stranger, WORDS)
    asked.accept(member, given)
    given.withdraw()
    assert "Answered" not in Client().get("/questions/").text


def test_its_mail_says_of_which_question_and_page(asked: Question, stranger: Member, mailoutbox: list[Any]) -> None:
    asked.answer(stranger, WORDS)
    on_page = f"On the page “{asked.page.title}”"
    assert f"{asked.title} {on_page} Somebody" in mail_of_answer(mailoutbox) and WORDS not in mailoutbox[0].body
    asked.page.unpublish()
    assert asked.page.title not in mail_of_answer(mailoutbox) and "Read it here" in mailoutbox[0].body


def test_a_helper_is_mailed_nothing_of_a_page_that_they_do_not_find(mailoutbox: list[Any], stranger: Member) -> None:
    leader, helper = MemberFactory(), MemberFactory()
    enid = helper.help("Old Enid", is_adult=True)
    type(enid.profile).objects.update(open_to=["peer"])
    page = StoryFactory(author=leader, title="Kept among us")
    circle = CircleFactory(by=leader, people=[enid, stranger], door="closed")
    circle.keep(leader, page)
    asked = QuestionFactory(member=enid, page=page)
    asked.answer(stranger, WORDS)
    assert "Kept among us" not in mail_of_answer(mailoutbox) and mailoutbox[0].to == [helper.email]
    assert asked.title not in mailoutbox[0].body
    circle.invite(leader, helper)
    circle.join(helper)
    assert "Kept among us" in mail_of_answer(mailoutbox)


def mail_of_answer(mailoutbox: list[Any]) -> str:
    """The mail that says that there is an answer, in one line."""
    mailoutbox.clear()
    (notice,) = notices("answer_received")
    Notice.objects.update(mailed_at=None, mail_key="", mail_due_at=timezone.now())
    assert Notice.mail(notice.pk)
    return " ".join(mailoutbox[0].body.split())
