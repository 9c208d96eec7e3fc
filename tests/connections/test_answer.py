"""Saying yes or no, taking back, and what each may then see."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionSettings, ConnectionState
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
ANSWER = "Come on Thursday, I will show you the smudge pots."
M = ConnectionKind.MENTORSHIP


@pytest.fixture
def asked(member: Member, stranger: Member) -> Connection:
    """The member asked the stranger to teach them."""
    return Connection.propose(member, stranger, M, WORDS)


def post(client: Client, connection: Connection, step: str, answer: str = "") -> Any:
    data = {"step": step, "answer": answer, "form_key": str(uuid.uuid4()), "reason": "time"}
    address = connection.get_absolute_url()
    return client.post(f"{address}decline/" if step == "decline" else address, data)


def test_it_opens_contacts_after_a_yes_only(
    asked: Connection, as_member: Client, as_stranger: Client, member: Member, stranger: Member
) -> None:
    assert asked.contact(member) == asked.contact(stranger) == ""
    for client, other in ((as_member, stranger), (as_stranger, member)):
        assert other.email not in client.get(asked.get_absolute_url()).text
    assert post(as_stranger, asked, "accept", ANSWER).status_code == 302
    for client, other in ((as_member, stranger), (as_stranger, member)):
        page = client.get(asked.get_absolute_url())
        assert other.email in page.text and ANSWER in page.text
        assert page.headers["Cache-Control"] == "no-store, private"
    notice = Notice.objects.get(member=member)
    assert notice.kind == "connection_accepted"
    subject, text = notice.lines
    assert "Bruno Stray said yes" in subject and stranger.email not in text and len(text.splitlines()) <= 12


def test_it_says_no_kindly(asked: Connection, as_stranger: Client, as_member: Client, member: Member) -> None:
    post(as_stranger, asked, "decline", "I have no time this year.")
    page = as_member.get(asked.get_absolute_url())
    assert "I have no time this year." in page.text and asked.asked.email not in page.text
    assert Notice.objects.get(member=member).kind == "connection_declined"
    assert Notice.objects.get(member=member).lines[1]


def test_it_is_taken_back(asked: Connection, as_member: Client) -> None:
    assert post(as_member, asked, "withdraw").status_code == 302
    asked.refresh_from_db()
    assert asked.state == ConnectionState.WITHDRAWN


def test_it_changes_nothing_on_get(asked: Connection, as_stranger: Client) -> None:
    as_stranger.get(asked.get_absolute_url() + "?step=accept")
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED


def test_it_answers_409_when_the_moment_has_passed_and_keeps_the_words(
    asked: Connection, as_stranger: Client, member: Member
) -> None:
    asked.withdraw(member)
    answer = post(as_stranger, asked, "accept", ANSWER)
    assert answer.status_code == 409
    assert "answered in the meantime" in answer.text and ANSWER in answer.text


def test_it_takes_the_same_answer_twice(asked: Connection, as_stranger: Client, member: Member) -> None:
    assert post(as_stranger, asked, "accept").status_code == post(as_stranger, asked, "accept").status_code == 302
    assert post(as_stranger, asked, "decline").status_code == 409
    assert Notice.objects.filter(member=member).count() == 1


@pytest.mark.parametrize("step", ["accept", "decline"])
def test_it_is_not_for_the_asker_to_answer(asked: Connection, as_member: Client, step: str) -> None:
    assert post(as_member, asked, step).status_code == 409
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED


def test_it_is_not_for_the_asked_to_take_back(asked: Connection, as_stranger: Client) -> None:
    assert post(as_stranger, asked, "withdraw").status_code == 409


def test_it_is_404_for_anybody_else(asked: Connection, as_steward: Client, client: Client) -> None:
    third = signed_in(MemberFactory())
    for who in (as_steward, third):
        assert who.get(asked.get_absolute_url()).status_code == 404
        assert post(who, asked, "accept").status_code == 404
        there, missing = who.get(asked.get_absolute_url()).text, who.get("/connections/999/").text
        assert there.replace(asked.get_absolute_url(), "") == missing.replace("/connections/999/", "")
    assert client.get(asked.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("who_blocks", ["asker", "asked"])
def test_it_is_gone_for_both_where_a_block_stands_between(
    asked: Connection, member: Member, stranger: Member, who_blocks: str
) -> None:
    Block.put(*((member, stranger) if who_blocks == "asker" else (stranger, member)))
    for who in (member, stranger):
        assert signed_in(who).get(asked.get_absolute_url()).status_code == 404
        assert WORDS[:20] not in signed_in(who).get("/connections/").text
    with pytest.raises(ValidationError):
        asked.accept(stranger)


def test_it_holds_the_mentors_room(asked: Connection, as_stranger: Client, stranger: Member) -> None:
    second = Connection.propose(MemberFactory(), stranger, M, WORDS)
    asked.accept(stranger)
    answer = post(as_stranger, second, "accept", ANSWER)
    assert answer.status_code == 409 and "All your places are taken" in answer.text and ANSWER in answer.text
    assert post(as_stranger, asked, "accept").status_code == 302  # the first yes again, though there is no room now
    Profile.objects.filter(member=stranger).update(capacity=2)
    assert post(as_stranger, second, "accept").status_code == 302


def test_it_holds_the_room_of_a_mentor_who_asked(member: Member, stranger: Member) -> None:
    offers = [Connection.propose(member, other, M, WORDS, mentor=member) for other in (stranger, MemberFactory())]
    offers[0].accept(offers[0].asked)
    with pytest.raises(ValidationError, match="Nothing is lost"):
        offers[1].accept(offers[1].asked)


def test_it_lets_a_helper_answer_for_somebody_without_email(member: Member, stranger: Member) -> None:
    helped = Member.objects.create_user(None, "Old Ned", helper=stranger, is_adult=True)
    Profile.objects.filter(member=helped).update(open_to=["mentor"])
    helped.refresh_from_db()
    connection = Connection.propose(member, helped, M, WORDS)
    helper = signed_in(stranger)
    assert "You act for Old Ned" in helper.get(connection.get_absolute_url()).text
    assert post(helper, connection, "accept").status_code == 302
    assert stranger.email in signed_in(member).get(connection.get_absolute_url()).text
    assert member.email in helper.get(connection.get_absolute_url()).text
    assert "Alma Field" in helper.get("/connections/").text


def test_it_lists_who_waits_for_whom(asked: Connection, as_member: Client, as_stranger: Client) -> None:
    assert "They wait for your answer" in as_stranger.get("/connections/").text
    assert "You wait for their answer" in as_member.get("/connections/").text
    asked.accept(asked.asked)
    for client in (as_member, as_stranger):
        assert "In touch" in client.get("/connections/").text


def test_it_lists_20_as_cheaply_as_10(as_member: Client, member: Member, django_assert_max_num_queries: Any) -> None:
    counts = []
    ConnectionSettings.objects.create(weekly_requests=100)
    Profile.objects.filter(member=member).update(capacity=50)
    for _round in range(2):
        for number in range(10):
            other = MemberFactory()
            connection = Connection.propose(other, member, M, WORDS)
            if number % 2:
                connection.accept(member)
        as_member.get("/connections/")
        with django_assert_max_num_queries(12) as queries:
            as_member.get("/connections/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_offers_to_keep_the_other_away(asked: Connection, as_stranger: Client, member: Member) -> None:
    address = f"{asked.get_absolute_url()}block/"
    page = as_stranger.get(asked.get_absolute_url()).text
    assert f'action="{address}"' in page and "Keep this person away" in page
    assert page.count("Keep this person away") == 1
    assert as_stranger.post(address).status_code == 302
    assert Block.objects.get().blocked == member
    member.delete()
    asked.refresh_from_db()
    assert asked.asker is None
    assert f'action="{address}"' not in as_stranger.get(asked.get_absolute_url()).text


@pytest.mark.parametrize("how", ["accept", "decline", "postpone"])
def test_a_second_answer_is_not_dropped_in_silence(member: Member, stranger: Member, how: str) -> None:
    row = Connection.propose(member, stranger, ConnectionKind.PEER, "How do you keep the frost out of the orchard?")

    def answer(words: str) -> None:
        until = {"until": timezone.localdate() + timedelta(days=9)} if how == "postpone" else {}
        getattr(row, how)(stranger, answer=words, **until)

    answer("Come on Thursday.")
    answer("Come on Thursday. ")
    answer("")
    with pytest.raises(ValidationError, match="stand as they are"):
        answer("Come on Friday.")
    row.refresh_from_db()
    assert row.answer == "Come on Thursday."


def test_a_yes_to_a_closed_account_takes_no_place(member: Member, stranger: Member) -> None:
    row = Connection.propose(member, stranger, ConnectionKind.MENTORSHIP, "How do you keep the frost out of here?")
    Member.objects.filter(pk=member.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="cannot be answered"):
        Connection.objects.get(pk=row.pk).accept(stranger)
    assert not Connection.objects.accepted().exists()


def test_whoever_asks_can_name_the_next_for_every_kind(member: Member, stranger: Member) -> None:
    row = Connection.propose(member, stranger, ConnectionKind.PEER, "How do you keep the frost out of the orchard?")
    address = f"/connections/{row.pk}/next/"
    assert address in signed_in(member).get(row.get_absolute_url()).text
    assert address not in signed_in(stranger).get(row.get_absolute_url()).text
