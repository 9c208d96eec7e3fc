"""The way of an application: every step, in every state, by everybody."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.connections.models import Connection, ConnectionKind, LearningPlan
from community.members.models import Block, Member
from community.notices.models import Notice
from community.openings.models import STEPS, Application, ApplicationState, OpeningLine, Stale, Turn, Word
from tests.conftest import signed_in
from tests.factories import MemberFactory, OpeningFactory

pytestmark = pytest.mark.django_db
WORDS = "I have mended two field gates and would like to learn walls."


@pytest.fixture
def sent(member: Member) -> Application:
    """The member's application to a verified poster."""
    return OpeningFactory().apply(member, WORDS)


def take(one: Application, step: str, by: Member, version: int | None = None, words: str = "") -> None:
    if step == "decline":
        one.decline(by, "others", version, words)
    elif step == "submit":
        one.submit(by, version)
    else:
        getattr(one, step)(by, version, words)


def post(client: Client, one: Application, step: str, **fields: Any) -> Any:
    one.refresh_from_db()
    data = {"step": step, "version": one.version, "form_key": str(uuid.uuid4())} | fields
    return client.post(one.get_absolute_url(), data)


def test_two_steps_on_one_day_are_two_mails_and_words_are_one(sent: Application) -> None:
    sent.shortlist(sent.poster)
    sent.offer(sent.poster)
    for words in ("Bring boots.", "And gloves."):
        sent.say(sent.poster, words)
    news = Notice.objects.filter(member=sent.member, kind="application_news")
    assert news.count() == 3
    for one in news:
        assert signed_in(sent.member).get(one.url).status_code == 200


VERBS = [name for name, step in STEPS.items() if step.turn != Turn.CLOCK]


@pytest.mark.parametrize("state", ApplicationState.values)
@pytest.mark.parametrize("step", VERBS)
def test_it_takes_no_step_out_of_order(sent: Application, step: str, state: str) -> None:
    """Every verb from every state: done where the table says so, nothing where it was done, refused elsewhere."""
    Application.objects.filter(pk=sent.pk).update(state=state)
    sent.refresh_from_db()
    by = sent.member if STEPS[step].turn == Turn.APPLICANT else sent.poster
    # What the poster does not see is not there for them.
    hidden = STEPS[step].turn == Turn.POSTER and state in {"draft", "withdrawn"}
    if state in STEPS[step].since and not hidden:
        take(sent, step, by)
        assert (sent.state, sent.version) == (STEPS[step].to, 2)
        return
    if state == STEPS[step].to and not hidden:
        take(sent, step, by)
    else:
        with pytest.raises(ValidationError):
            take(sent, step, by)
    sent.refresh_from_db()
    assert (sent.state, sent.version) == (state, 1)


@pytest.mark.parametrize("step", VERBS)
def test_it_takes_no_step_of_somebody_else(sent: Application, step: str, steward: Member) -> None:
    since = sorted(STEPS[step].since)[0]
    Application.objects.filter(pk=sent.pk).update(state=since)
    sent.refresh_from_db()
    other = sent.poster if STEPS[step].turn == Turn.APPLICANT else sent.member
    for who in (other, steward, MemberFactory(is_superuser=True)):
        with pytest.raises(ValidationError):
            take(sent, step, who)
    sent.refresh_from_db()
    assert (sent.state, sent.version) == (since, 1)


@pytest.mark.parametrize("step", [name for name in VERBS if name != "submit"])
def test_an_old_form_is_noticed(sent: Application, step: str) -> None:
    Application.objects.filter(pk=sent.pk).update(state=sorted(STEPS[step].since)[0])
    sent.refresh_from_db()
    by = sent.member if STEPS[step].turn == Turn.APPLICANT else sent.poster
    with pytest.raises(Stale):
        take(sent, step, by, version=0, words="Late words.")
    assert not Word.objects.exists()


def test_it_goes_from_sent_to_a_plan_for_both(sent: Application, member: Member) -> None:
    poster, applicant = signed_in(sent.poster), signed_in(member)
    assert post(poster, sent, "shortlist", words="Bring gloves.").status_code == 302
    assert post(poster, sent, "interview").status_code == post(poster, sent, "offer").status_code == 302
    page = applicant.get(sent.get_absolute_url()).text
    assert "Bring gloves." in page and "The place is offered" in page and "The applicant answers by" in page
    assert post(applicant, sent, "accept", words="Gladly.").status_code == 302
    sent.refresh_from_db()
    connection = Connection.objects.get()
    assert sent.state == "accepted" and sent.connection == connection
    assert (connection.kind, connection.mentor) == (ConnectionKind.MENTORSHIP, sent.poster)
    assert [s.text for s in LearningPlan.objects.get().skills.all()] == ["lay footings", "set a throughstone"]
    for client in (poster, applicant):
        assert connection.get_absolute_url() in client.get(sent.get_absolute_url()).text
    assert sent.poster.email in applicant.get(connection.get_absolute_url()).text
    kinds = list(Notice.objects.filter(member=member).values_list("kind", flat=True))
    assert kinds == ["application_news"] * 3  # each step by itself: an offer is not lost behind the short list
    assert Notice.objects.filter(member=sent.poster, kind="application_news").count() == 1


def test_a_second_place_with_the_same_two_adds_to_their_plan(sent: Application, member: Member) -> None:
    sent.offer(sent.poster)
    sent.accept(member)
    second = OpeningFactory(
        author=sent.poster, lines=[OpeningLine(text="lay footings"), OpeningLine(text="price a job")]
    )
    more = second.apply(member, WORDS)
    more.offer(more.poster)
    more.accept(member)
    assert more.connection == sent.connection
    skills = [skill.text for skill in LearningPlan.objects.get().skills.all()]
    assert skills == ["lay footings", "set a throughstone", "price a job"]


@pytest.mark.parametrize("kind", ["guest-teaching", "advisory"])
def test_who_teaches_or_advises_gets_no_plan(member: Member, kind: str) -> None:
    one = OpeningFactory(kind=kind).apply(member, WORDS)
    one.offer(one.poster)
    one.accept(member)
    assert one.connection.kind == ConnectionKind.COLLABORATION and not LearningPlan.objects.exists()


def test_it_says_no_with_a_reason_only(sent: Application, member: Member) -> None:
    poster = signed_in(sent.poster)
    answer = post(poster, sent, "decline", words="Sorry, truly.")
    assert answer.status_code == 409 and "Choose why" in answer.text and "Sorry, truly." in answer.text
    assert post(poster, sent, "decline", reason="other").status_code == 409
    assert post(poster, sent, "decline", reason="terms", words="Sorry, truly.").status_code == 302
    page = signed_in(member).get(sent.get_absolute_url()).text
    assert "Not this time: Days, housing or the way there do not fit" in page and "Sorry, truly." in page
    assert sent.opening.apply(member, WORDS + " Again.").pk != sent.pk


def test_a_stale_form_gets_409_and_keeps_the_words(sent: Application) -> None:
    poster = signed_in(sent.poster)
    old = sent.version
    post(poster, sent, "shortlist")
    answer = post(poster, sent, "offer", words="Typed in the other window.", version=old)
    assert answer.status_code == 409
    assert "changed in the meantime" in answer.text and "Typed in the other window." in answer.text
    assert "On the short list" in answer.text
    sent.refresh_from_db()
    assert sent.state == "shortlisted"
    form = answer.context["form"]
    assert (
        post(poster, sent, "offer", words="Typed in the other window.", version=form["version"].value()).status_code
        == 302
    )


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 400, "²", "\x00"])
def test_it_refuses_an_odd_version(sent: Application, version: str) -> None:
    assert post(signed_in(sent.poster), sent, "offer", version=version).status_code in {200, 409}
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_two_clicks_are_one_step_and_one_word(sent: Application, member: Member) -> None:
    poster, key = signed_in(sent.poster), str(uuid.uuid4())
    data = {"step": "offer", "version": sent.version, "form_key": key, "words": "Come in March."}
    for _twice in range(2):
        assert poster.post(sent.get_absolute_url(), data).status_code == 302
    assert Word.objects.count() == 1 and Notice.objects.filter(member=member).count() == 1


def test_both_write_while_it_is_under_way(sent: Application, member: Member) -> None:
    poster, applicant = signed_in(sent.poster), signed_in(member)
    post(poster, sent, "say", words="Do you drive?")
    post(applicant, sent, "say", words="A van, since May.")
    for client in (poster, applicant):
        text = client.get(sent.get_absolute_url()).text
        assert "Do you drive?" in text and "A van, since May." in text
    sent.withdraw(member)
    with pytest.raises(ValidationError):
        sent.say(member, "One more thing.")


def test_nothing_passes_a_block(sent: Application, member: Member) -> None:
    sent.offer(sent.poster)
    Block.put(sent.poster, member)
    assert signed_in(sent.poster).get(sent.get_absolute_url()).status_code == 404
    with pytest.raises(ValidationError):
        sent.accept(member)
    with pytest.raises(ValidationError):
        sent.decline(sent.poster, "others")
    sent.refresh_from_db()
    assert sent.state == "offered" and not Connection.objects.exists()
    sent.withdraw(member)
    assert sent.state == "withdrawn"


def test_a_look_changes_nothing(sent: Application, member: Member) -> None:
    signed_in(sent.poster).get(sent.get_absolute_url(), {"step": "offer", "version": sent.version})
    sent.refresh_from_db()
    assert sent.state == "submitted"


def test_it_names_no_profile_that_the_reader_would_not_find(sent: Application, member: Member) -> None:
    assert member.get_absolute_url() in signed_in(sent.poster).get(sent.get_absolute_url()).text
    member.profile.open_to = []
    member.profile.save()
    assert member.get_absolute_url() not in signed_in(sent.poster).get(sent.get_absolute_url()).text


def test_it_shows_one_in_few_queries(sent: Application, django_assert_max_num_queries: Any) -> None:
    poster, counts = signed_in(sent.poster), []
    for n in range(2):
        for number in range(5):
            Word.say(sent, sent.member, f"word {n} {number}")
        poster.get(sent.get_absolute_url())
        with django_assert_max_num_queries(16) as asked:
            poster.get(sent.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_it_lists_20_of_mine_as_cheaply_as_10(
    as_member: Client, member: Member, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for _round in range(2):
        for _one in range(10):
            OpeningFactory().apply(member, WORDS)
        as_member.get("/openings/applications/")
        with django_assert_max_num_queries(15) as asked:
            as_member.get("/openings/applications/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
