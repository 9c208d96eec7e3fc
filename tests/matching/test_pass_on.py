"""Questions that nobody has answered are passed on to a few who offer what it takes, and never to anybody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionState
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from community.questions.models import Question, Routed
from matching import answers, refresh, tasks
from tests.conftest import signed_in
from tests.factories import AnswerFactory, CircleFactory, MemberFactory, QuestionFactory, StoryFactory
from tests.matching.conftest import Says
from tests.matching.planted import WordEncoder

LINE = "How late can I graft old apple trees?"
pytestmark = pytest.mark.django_db


def aged(question: Question, **by: float) -> Question:
    question.created_at = timezone.now() - timedelta(**by)
    question.save()
    return question


@pytest.fixture
def asked(member: Member) -> Question:
    """A question about grafting that has waited for a day."""
    return aged(QuestionFactory(member=member, title=LINE), days=1)


@pytest.fixture
def read(encoder: WordEncoder) -> Any:
    """read() lets the machine read what everybody offers."""
    return lambda: refresh.embed(by=encoder)


def asked_of() -> list[str]:
    return sorted(Routed.objects.values_list("member__name", flat=True))


def test_it_asks_whoever_offers_it_and_nobody_else(asked: Question, grafter: Member, smith: Member, read: Any) -> None:
    read()
    assert answers.who_can_answer(asked, 3) == [grafter]
    tasks.pass_questions_on.call()
    assert asked_of() == ["Greta Graft"]
    notice = Notice.objects.get()
    assert (notice.member, notice.kind, notice.url) == (grafter, "question_routed", asked.get_absolute_url())
    assert LINE not in "".join(notice.lines) and "Alma" not in "".join(notice.lines)
    html = signed_in(grafter).get(asked.get_absolute_url()).text
    assert "passed this on to you" in html and "Not for me" in html
    for other in (signed_in(smith), Client(), signed_in(asked.member)):
        assert "passed this on" not in other.get(asked.get_absolute_url()).text


def test_it_asks_nobody_twice(asked: Question, grafter: Member, read: Any) -> None:
    read()
    answers.pass_on()
    Routed.objects.update(sent_at=timezone.now() - timedelta(days=20))
    assert answers.who_can_answer(asked, 3) == []  # nor does somebody who was asked take the place of another
    assert answers.pass_on() == 0 and Routed.objects.count() == Notice.objects.count() == 1


def test_it_takes_no_for_an_answer(asked: Question, grafter: Member, read: Any) -> None:
    read()
    answers.pass_on()
    client = signed_in(grafter)
    assert asked.title in client.get("/questions/?show=for-me").text
    assert client.post(f"/questions/{asked.pk}/not-for-me/").status_code == 302
    assert asked.title not in client.get("/questions/?show=for-me").text
    assert "passed this on" not in client.get(asked.get_absolute_url()).text
    Routed.objects.update(sent_at=timezone.now() - timedelta(days=20))
    assert answers.pass_on() == 0
    assert signed_in(MemberFactory()).post(f"/questions/{asked.pk}/not-for-me/").status_code == 404


def test_it_ends_with_an_answer(asked: Question, grafter: Member, read: Any, says: Says) -> None:
    read()
    answers.pass_on()
    asked.answer(grafter, "Until the sap rises, so not after April.")
    assert Routed.objects.get().state == "answered"
    says(MemberFactory(), "offer", "graft old apple trees")
    read()
    assert answers.pass_on() == 0


def test_it_is_never_a_flood(asked: Question, read: Any, says: Says) -> None:
    for _n in range(5):
        says(MemberFactory(), "offer", "graft old apple trees")
    for _n in range(2):
        aged(QuestionFactory(member=asked.member, title=LINE, page=asked.page), hours=20)
    read()
    assert answers.pass_on() == 5  # three for the first question, the two who are left for the second
    assert Routed.objects.filter(question=asked).count() == Routed.A_DAY_FOR_A_QUESTION
    assert answers.pass_on() == 0
    for days in (1.5, 3):  # five letters more on each of two later days, each question three at most
        Routed.objects.update(sent_at=timezone.now() - timedelta(days=days))
        assert answers.pass_on() > 0
    assert max(Routed.objects.filter(member=who).count() for who in Member.objects.all()) <= Routed.A_WEEK_FOR_A_MEMBER


def test_the_row_keeps_the_measure_itself(asked: Question) -> None:
    mentor = MemberFactory()
    for _n in range(Routed.A_WEEK_FOR_A_MEMBER):
        letter = Routed.send(QuestionFactory(), mentor)
        assert letter and Routed.send(QuestionFactory(), mentor) is None  # a second one on the same day
        Routed.objects.filter(pk=letter.pk).update(sent_at=timezone.now() - timedelta(days=2))
    assert Routed.send(asked, mentor) is None
    Routed.objects.update(sent_at=timezone.now() - timedelta(days=8))
    assert Routed.send(asked, mentor) and Routed.send(asked, mentor) is None
    for _n in range(Routed.A_DAY_FOR_A_QUESTION - 1):
        assert Routed.send(asked, MemberFactory())
    assert Routed.send(asked, MemberFactory()) is None


@pytest.mark.parametrize(
    "change",
    [{"open_to": ["apprentice", "peer"]}, {"open_to": []}, {"is_paused": True}, {"is_matched": False}, {"capacity": 0}],
)
def test_it_asks_only_who_agreed_and_has_room(
    asked: Question, grafter: Member, read: Any, change: dict[str, Any]
) -> None:
    Profile.objects.filter(member=grafter).update(**change)
    read()
    assert answers.who_can_answer(asked, 3) == [] and answers.pass_on() == 0


def test_it_asks_nobody_whose_room_is_taken(asked: Question, grafter: Member, read: Any) -> None:
    other = MemberFactory()
    Connection.objects.create(
        asker=other, asked=grafter, mentor=grafter, kind="mentorship", state=ConnectionState.ACCEPTED
    )
    read()
    assert answers.pass_on() == 0


@pytest.mark.parametrize("is_blocker", [True, False])
def test_it_passes_no_block(asked: Question, grafter: Member, read: Any, is_blocker: bool) -> None:
    Block.put(*((grafter, asked.member) if is_blocker else (asked.member, grafter)))
    read()
    assert answers.pass_on() == 0 and Routed.send(asked, grafter) is None


def test_it_asks_nobody_who_may_not_see_the_page(asked: Question, grafter: Member, read: Any) -> None:
    teller = MemberFactory()
    asked.page = StoryFactory(author=teller)
    asked.save()
    Block.put(teller, grafter)
    read()
    assert answers.pass_on() == 0 and not Notice.objects.exists()


def test_it_reads_nothing_of_somebody_under_18(grafter: Member, minor: Member, encoder: WordEncoder, read: Any) -> None:
    asked = aged(QuestionFactory(member=minor, title=LINE), days=1)
    read()
    assert not Question.objects.needing_answers().exists()
    assert answers.pass_on() == 0 and answers.who_can_answer(asked, 3) == []
    assert LINE not in encoder.read
    Member.objects.filter(pk=minor.pk).update(is_adult=True)
    assert answers.pass_on() == 1 and LINE in encoder.read


def test_it_asks_nobody_under_18(asked: Question, grafter: Member, read: Any) -> None:
    read()
    Member.objects.filter(pk=grafter.pk).update(is_adult=False)
    assert answers.pass_on() == 0 and Routed.send(asked, grafter) is None


def test_it_reads_nothing_of_somebody_who_wants_no_matching(
    asked: Question, grafter: Member, encoder: WordEncoder, read: Any
) -> None:
    Profile.objects.filter(member=asked.member).update(is_matched=False)
    read()
    assert not Question.objects.needing_answers().exists()
    assert answers.pass_on() == 0 and answers.who_can_answer(asked, 3) == [] and LINE not in encoder.read


def test_it_waits_and_it_gives_up(asked: Question, grafter: Member, read: Any, encoder: WordEncoder) -> None:
    read()
    number = len(encoder.read)
    for age in ({"hours": 1}, {"days": 40}):
        aged(asked, **age)
        assert answers.pass_on() == 0
    assert len(encoder.read) == number
    aged(asked, days=2)
    AnswerFactory(question=asked)
    assert answers.pass_on() == 0


def test_it_leaves_the_teller_of_the_page_in_peace(asked: Question, grafter: Member, read: Any) -> None:
    asked.page = StoryFactory(author=grafter)
    asked.save()
    read()
    assert answers.pass_on() == 0


def test_it_asks_only_those_inside_about_a_question_in_a_circle(
    member: Member, grafter: Member, smith: Member, says: Says, read: Any
) -> None:
    for _outside in range(4):  # nearer to the question, and more of them than are asked in a day
        says(MemberFactory(), "offer", LINE)
    circle = CircleFactory(by=member, people=[smith])
    aged(circle.ask_inside(member, LINE), days=1)
    read()
    tasks.pass_questions_on.call()
    assert asked_of() == []  # who knows does not belong to it, and who belongs to it does not know
    circle.join(grafter)
    tasks.pass_questions_on.call()
    assert asked_of() == ["Greta Graft"]
