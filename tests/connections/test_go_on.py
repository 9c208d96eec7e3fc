"""Small pages against silence: whom to ask next, that it goes on, and another mentor without blame."""

from typing import Any

import pytest
from django.test import Client

from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Member
from community.notices.models import Notice
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, S = ConnectionKind.MENTORSHIP, ConnectionState


@pytest.fixture
def asked(member: Member, stranger: Member) -> Connection:
    """The member asked the stranger to teach them."""
    return Connection.propose(member, stranger, M, WORDS, skill="Graft apple trees")


@pytest.fixture
def pair(asked: Connection, stranger: Member) -> Connection:
    """And the stranger said yes."""
    asked.accept(stranger)
    return asked


def test_one_names_who_is_next_and_takes_them_away(asked: Connection, as_member: Client) -> None:
    second, third = MemberFactory(name="Second Hand"), MemberFactory(name="Third Hand")
    url = f"/connections/{asked.pk}/next/"
    assert url in as_member.get(asked.get_absolute_url()).text
    assert as_member.post(url, {"who": "second hand"}).status_code == 302
    assert as_member.post(url, {"who": f"http://testserver/people/{third.handle}/"}).status_code == 302
    text = as_member.get(url).text
    assert text.index("Second Hand") < text.index("Third Hand")
    assert as_member.post(url, {"drop": asked.next_choices.first().pk}).status_code == 302
    assert [one.member for one in asked.next_choices.all()] == [third] and second.name not in as_member.get(url).text


@pytest.mark.parametrize("who", ["nobody of this name", "\x00", "x" * 10_000, "", "  "])
def test_it_says_what_is_wrong_with_a_name_and_keeps_it(asked: Connection, as_member: Client, who: str) -> None:
    answer = as_member.post(f"/connections/{asked.pk}/next/", {"who": who})
    assert answer.status_code in {200, 409} and answer.context["form"].errors
    assert not asked.next_choices.exists()


@pytest.mark.parametrize("drop", ["9" * 40, "-1", "x", "١"])
def test_odd_numbers_drop_nobody(asked: Connection, as_member: Client, member: Member, drop: str) -> None:
    asked.name_next(member, MemberFactory())
    assert as_member.post(f"/connections/{asked.pk}/next/", {"drop": drop}).status_code < 500
    assert asked.next_choices.count() == 1


def test_the_other_never_sees_who_is_next(asked: Connection, as_stranger: Client, member: Member) -> None:
    asked.name_next(member, MemberFactory(name="Second Hand"))
    assert as_stranger.get(f"/connections/{asked.pk}/next/").status_code == 404
    assert as_stranger.post(f"/connections/{asked.pk}/next/", {"who": "x"}).status_code == 404
    assert "Second Hand" not in as_stranger.get(asked.get_absolute_url()).text


def test_both_see_by_when_an_answer_is_due(asked: Connection, as_member: Client, as_stranger: Client) -> None:
    day = f"{asked.due_at.day} {asked.due_at:%B %Y}"
    for client in (as_member, as_stranger):
        assert f"An answer is due by {day}" in client.get(asked.get_absolute_url()).text


@pytest.mark.parametrize(("weeks", "is_kept"), [("0", True), ("13", True), ("99", False), ("x", False), ("", False)])
def test_one_click_says_that_it_goes_on(pair: Connection, as_member: Client, weeks: str, is_kept: bool) -> None:
    before = Connection.objects.get().asker_active_at
    answer: Any = as_member.post(f"/connections/{pair.pk}/carry-on/", {"weeks": weeks}, follow=True)
    assert answer.status_code == 200 and ("It goes on" in answer.text) == is_kept
    row = Connection.objects.get()
    assert (row.asker_active_at != before) == is_kept and (row.rests_until is not None) == (weeks == "13")


def test_another_mentor_is_asked_for_without_blame(
    pair: Connection, as_member: Client, member: Member, stranger: Member
) -> None:
    url = f"/connections/{pair.pk}/another/"
    assert url in as_member.get(pair.get_absolute_url()).text
    as_member.get(url)
    assert Connection.objects.get().state == S.ACCEPTED
    for _click in range(2):
        assert as_member.post(url).url == "/matches/mentor/"
    row = Connection.objects.get()
    assert (row.state, row.asker_did_part, row.asked_did_part) == (S.ENDED, True, True)
    notice = Notice.objects.get(member=stranger, kind="pair_changed")
    subject, text = notice.lines
    assert member.name in subject and "nobody's fault" in text
    assert Connection.rooms_left(stranger) == 1


def test_only_whoever_learns_asks_for_another(pair: Connection, as_stranger: Client) -> None:
    assert as_stranger.post(f"/connections/{pair.pk}/another/").status_code == 404
    assert "another mentor" not in as_stranger.get(pair.get_absolute_url()).text
