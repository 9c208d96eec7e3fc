"""Asking a question on a page."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import PageViewRestriction

from community.library.models import CaseStudyPage
from community.members.models import Block, Draft, Member
from community.notices.models import Notice
from community.questions.models import Question
from tests.conftest import signed_in
from tests.factories import GatheringFactory, QuestionFactory, StoryFactory

pytestmark = pytest.mark.django_db
LINE = "How long did the lime dry before the frost?"


def address(page: Any) -> str:
    return f"/questions/on/{page.pk}/ask/"


def post(client: Client, page: Any, title: str = LINE, text: str = "", key: str = "") -> Any:
    return client.post(address(page), {"title": title, "text": text, "form_key": key or str(uuid.uuid4())})


def test_it_stands_on_the_page_and_its_teller_hears(as_stranger: Client, stranger: Member, member: Member) -> None:
    story = StoryFactory(author=member)
    assert "Ask a question" in as_stranger.get(address(story)).text
    answer = post(as_stranger, story, text="On a north wall, with sand from the beck.")
    asked = Question.objects.get()
    assert answer.status_code == 302 and answer.url == f"/questions/{asked.pk}/"
    assert LINE in as_stranger.get(story.url).text and LINE in Client().get(story.url).text
    assert "sand from the beck" in Client().get(answer.url).text
    notice = Notice.objects.get()
    assert (notice.member, notice.kind, notice.url) == (member, "question_received", answer.url)
    subject, text = notice.lines
    assert LINE not in subject + text and stranger.name not in subject + text


def test_it_can_be_asked_on_every_kind_of_page(member: Member) -> None:
    gathering = GatheringFactory()
    assert Question.ask(member, gathering, LINE).page_id == gathering.pk


def test_it_is_asked_once_for_two_clicks(as_stranger: Client, member: Member) -> None:
    story, key = StoryFactory(author=member), str(uuid.uuid4())
    first, second = post(as_stranger, story, key=key), post(as_stranger, story, key=key)
    assert first.status_code == second.status_code == 302 and first.url == second.url
    assert post(as_stranger, story).url == first.url  # the same words in another window
    assert Question.objects.count() == Notice.objects.count() == 1


def test_it_does_not_come_back_when_an_old_form_arrives_late(member: Member) -> None:
    story, key = StoryFactory(), uuid.uuid4()
    Question.ask(member, story, LINE, key=key).withdraw()
    assert not Question.ask(member, story, LINE, key=key).is_open
    assert Question.ask(member, story, LINE, key=uuid.uuid4()).is_open


@pytest.mark.parametrize(
    "title", ["", "   ", "Why?", "x" * 161, "1234567890 !", "Lime\x00 before the frost?", "y" * 10_000]
)
def test_it_says_what_is_wrong_and_keeps_the_words(as_stranger: Client, title: str) -> None:
    answer = post(as_stranger, StoryFactory(), title, text="North wall.")
    assert answer.status_code == 200 and "error-summary" in answer.text and "North wall." in answer.text
    assert not Question.objects.exists() and not Notice.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        "Write to alma@example.org", "Ring 01524 123456", "Ring +44 1524 12 34 56", "Ring 0171/1234567",
        "Find me at t.me/almafield",
    ],
)  # fmt: skip
def test_it_lets_nobody_leave_an_address(as_stranger: Client, words: str) -> None:
    answer = post(as_stranger, StoryFactory(), text=words)
    assert "Leave out e-mail addresses and telephone numbers" in answer.text and words in answer.text
    assert not Question.objects.exists()


@pytest.mark.parametrize("words", ["From 0.5 to 1.25 m", "On 01/02/2024 and 2023-11-09", "1 200 000 bees, 10-20-30"])
def test_it_takes_figures_for_figures(member: Member, words: str) -> None:
    assert Question.ask(member, StoryFactory(), LINE, words).text == words


def test_it_escapes_what_is_typed(as_stranger: Client) -> None:
    answer = post(as_stranger, StoryFactory(), "Why <script>alert(1)</script>?", "http://elsewhere.example/ <b>x</b>")
    html = as_stranger.get(answer.url).text
    assert "<script>alert" not in html and "<b>x" not in html and 'href="http://elsewhere' not in html


def test_it_has_a_measure_for_one_day(member: Member) -> None:
    story = StoryFactory()
    for number in range(Question.MOST_A_DAY):
        Question.ask(member, story, f"{LINE} {number}").withdraw()
    with pytest.raises(ValidationError, match="tomorrow"):
        Question.ask(member, story, LINE)


def test_it_says_that_a_day_is_full_in_the_form(as_member: Client, member: Member) -> None:
    for _n in range(Question.MOST_A_DAY):
        QuestionFactory(member=member)
    answer = post(as_member, StoryFactory())
    assert "Go on tomorrow" in answer.text and LINE in answer.text


def test_it_keeps_the_words_when_the_login_has_run_out(client: Client, member: Member) -> None:
    story = StoryFactory()
    answer = post(client, story)
    assert answer.status_code == 302 and "/accounts/login/" in answer.url
    client.force_login(member)
    html = client.get(f"{address(story)}?draft={Draft.objects.get().key}").text
    assert LINE in html and not Question.objects.exists()


def test_it_is_not_there_where_the_page_is_not(as_member: Client, member: Member, stranger: Member) -> None:
    hidden, blocked, gone = StoryFactory(), StoryFactory(author=stranger), StoryFactory()
    PageViewRestriction.objects.create(page=hidden, restriction_type=PageViewRestriction.PASSWORD, password="x")
    Block.put(stranger, member)
    gone.unpublish()
    for page in (hidden, blocked, gone):
        assert as_member.get(address(page)).status_code == post(as_member, page).status_code == 404
        with pytest.raises(ValidationError):
            Question.ask(member, page, LINE)
    for number in (0, 1, 10**30):  # the root of the pages is no page to ask on
        assert as_member.get(f"/questions/on/{number}/ask/").status_code == 404
    assert not Question.objects.exists()


def test_it_never_names_somebody_under_18(minor: Member, member: Member, as_stranger: Client) -> None:
    story = StoryFactory(author=member)
    asked = Question.ask(minor, story, LINE)
    for html in (as_stranger.get(asked.get_absolute_url()).text, as_stranger.get(story.url).text):
        assert LINE in html and "Cleo" not in html and minor.handle not in html
    assert "Your name is not shown" in signed_in(minor).get(address(story)).text
    assert "Cleo" not in "".join(Notice.objects.get().lines)


def test_it_names_members_to_members_only(as_stranger: Client, member: Member) -> None:
    asked = QuestionFactory(member=member)
    assert f'href="{member.get_absolute_url()}"' in as_stranger.get(asked.get_absolute_url()).text
    for html in (Client().get(asked.get_absolute_url()).text, Client().get("/questions/").text):
        assert asked.title in html and "Alma Field" not in html


def test_it_tells_nobody_of_a_page_that_was_told_in_confidence(member: Member, stranger: Member) -> None:
    story = StoryFactory(is_confidential=True)
    CaseStudyPage.objects.update(author=member)  # past the page's own rule
    Question.ask(stranger, story, LINE)
    assert not Notice.objects.exists()
