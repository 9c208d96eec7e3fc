"""How it goes: asked by the clock, answered by a number and a word."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import CheckIn, Connection, ConnectionKind
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORD = "More time in the orchard, less on the telephone."


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """Both said yes 31 days ago."""
    one = Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)
    Connection.objects.filter(pk=one.pk).update(accepted_at=timezone.now() - timedelta(days=31))
    return one


def post(client: Client, pair: Connection, mark: str = "2", word: str = WORD) -> Any:
    data = {"mark": mark, "word": word, "form_key": str(uuid.uuid4())}
    return client.post(f"/connections/{pair.pk}/check-in/", data)


def test_both_are_asked_after_a_month_and_then_every_two(pair: Connection) -> None:
    assert [CheckIn.ask_due() for _again in range(3)] == [2, 0, 0]
    assert Notice.objects.filter(kind="check_in_due").count() == 2
    for days, asked in ((59, 0), (61, 2)):
        CheckIn.objects.update(asked_at=timezone.now() - timedelta(days=days))
        assert CheckIn.ask_due() == asked
    assert sorted(CheckIn.objects.values_list("number", flat=True)) == [1, 1, 2, 2]


def test_the_mail_says_with_whom_and_a_block_takes_it_back(pair: Connection, member: Member, stranger: Member) -> None:
    CheckIn.ask_due()
    told = Notice.objects.get(member=member, kind="check_in_due")
    assert stranger.name in told.lines[1] and Notice.objects.visible_to(member).filter(pk=told.pk).exists()
    Block.put(stranger, member)
    assert not Notice.objects.visible_to(member).filter(pk=told.pk).exists()
    assert not Notice.objects.unmailed().filter(pk=told.pk).exists()


def test_nobody_is_asked_too_early_or_after_the_end(pair: Connection, member: Member) -> None:
    Connection.objects.update(accepted_at=timezone.now() - timedelta(days=29))
    assert CheckIn.ask_due() == 0
    Connection.objects.update(accepted_at=timezone.now() - timedelta(days=31))
    pair.end(member, "life")
    assert CheckIn.ask_due() == 0


def test_a_clock_that_looked_earlier_asks_nobody_again(pair: Connection) -> None:
    CheckIn.ask_due()
    assert CheckIn._ask_both(pair.pk, 1) == 0 and CheckIn.objects.count() == 2


def test_the_word_is_for_the_other_and_the_number_for_nobody(
    pair: Connection, member: Member, stranger: Member, steward: Member
) -> None:
    CheckIn.ask_due()
    mine, theirs = signed_in(member), signed_in(stranger)
    assert "How is it going" in mine.get("/connections/").text
    assert "How is it going between you?" in mine.get(pair.get_absolute_url()).text
    assert post(mine, pair).status_code == 302
    one = CheckIn.objects.get(member=member)
    assert (one.mark, one.word) == (2, WORD)
    page = theirs.get(f"/connections/{pair.pk}/check-in/").text
    assert WORD in page and 'value="2" checked' not in page and "checked" not in page
    assert signed_in(steward).get(f"/connections/{pair.pk}/check-in/").status_code == 404
    assert not CheckIn.objects.visible_to(steward).exists() and not CheckIn.objects.of(steward).exists()


def test_it_is_answered_once(pair: Connection, member: Member, stranger: Member) -> None:
    CheckIn.ask_due()
    for _twice in range(2):
        assert post(signed_in(member), pair).status_code == 302
    answer = post(signed_in(member), pair, mark="5", word="All well now.")
    assert answer.status_code == 409 and "All well now." in answer.text
    assert CheckIn.objects.get(member=member).mark == 2
    with pytest.raises(ValidationError):
        CheckIn.objects.get(member=member).say(stranger, 5)


@pytest.mark.parametrize(
    ("mark", "word"), [("0", ""), ("6", ""), ("", ""), ("9" * 30, ""), ("3", "x" * 10_000), ("3", "a\x00")]
)
def test_it_says_what_is_wrong(pair: Connection, member: Member, mark: str, word: str) -> None:
    CheckIn.ask_due()
    assert post(signed_in(member), pair, mark, word).status_code == 200
    assert not CheckIn.objects.exclude(answered_at=None).exists()


def test_nothing_is_there_to_answer_unasked_or_across_a_block(pair: Connection, member: Member) -> None:
    assert "Nothing is asked just now" in signed_in(member).get(f"/connections/{pair.pk}/check-in/").text
    assert post(signed_in(member), pair).status_code == 200
    CheckIn.ask_due()
    assert signed_in(MemberFactory()).get(f"/connections/{pair.pk}/check-in/").status_code == 404
    Block.put(pair.asked, member)
    assert post(signed_in(member), pair).status_code == 404
    assert "How is it going" not in signed_in(member).get("/connections/").text
