"""Asking somebody to meet."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.connections.models import Connection, ConnectionKind
from community.members.models import Block, Draft, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, C, P = ConnectionKind.MENTORSHIP, ConnectionKind.COLLABORATION, ConnectionKind.PEER


def post(client: Client, asked: Member, wish: str = "mentor", message: str = WORDS, key: str = "") -> Any:
    words = {"skill": "keep frost out", "goal": "Bring the lower orchard through April."}
    data = {"wish": wish, "message": message, "form_key": key or str(uuid.uuid4())} | words
    return client.post(f"/connections/new/{asked.handle}/", data)


def test_it_reaches_the_other(as_member: Client, member: Member, stranger: Member) -> None:
    answer = post(as_member, stranger)
    connection = Connection.objects.get()
    assert answer.status_code == 302 and answer.url == f"/connections/{connection.pk}/"
    assert (connection.kind, connection.asker, connection.asked, connection.mentor) == (M, member, stranger, stranger)
    notice = Notice.objects.get(member=stranger)
    assert (notice.kind, notice.actor, notice.url) == ("connection_proposed", member, answer.url)
    subject, text = notice.lines
    assert "Alma Field" in subject and WORDS not in text and len(text.splitlines()) <= 12


@pytest.mark.parametrize(
    ("address", "kind", "teaches"),
    [
        ("kind=mentor", "mentor", "asked"), ("kind=mentorship", "mentor", "asked"),
        ("kind=mentorship&teach=1", "apprentice", "asker"), ("kind=apprentice", "apprentice", "asker"),
        ("kind=collaboration", "collaborator", None), ("kind=peer", "peer", None),
    ],
)  # fmt: skip
def test_it_knows_what_a_suggestion_was_about(
    as_member: Client, member: Member, stranger: Member, address: str, kind: str, teaches: str | None
) -> None:
    page = as_member.get(f"/connections/new/{stranger.handle}/?{address}")
    assert page.context["form"]["wish"].value() == kind
    post(as_member, stranger, kind)
    assert Connection.objects.get().mentor == {"asked": stranger, "asker": member, None: None}[teaches]


def test_it_is_asked_once_for_two_clicks(as_member: Client, stranger: Member) -> None:
    key = str(uuid.uuid4())
    assert post(as_member, stranger, key=key).url == post(as_member, stranger, key=key).url
    post(as_member, stranger)
    assert Connection.objects.count() == Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("wish", "message"),
    [("mentor", "Once more, with other words and another form."), ("apprentice", WORDS), ("apprentice", WORDS * 2)],
)
def test_a_second_question_is_not_lost(as_member: Client, stranger: Member, wish: str, message: str) -> None:
    post(as_member, stranger)
    answer = post(as_member, stranger, wish, message)
    assert answer.status_code == 409 and "a question waiting with this person" in answer.text
    assert message in answer.text
    assert Connection.objects.get().message == WORDS and Notice.objects.count() == 1


@pytest.mark.parametrize("message", ["Hello?", " " * 40, "x" * 2001])
def test_it_says_what_is_wrong_with_the_words(
    as_member: Client, member: Member, stranger: Member, message: str
) -> None:
    answer = post(as_member, stranger, message=message)
    assert answer.status_code == 200 and "error-summary" in answer.text
    with pytest.raises(ValidationError):
        Connection.propose(member, stranger, M, message)
    assert not Connection.objects.exists()


def test_it_asks_only_for_what_the_other_agreed_to(as_member: Client, member: Member) -> None:
    peer = MemberFactory(profile={"open_to": ["peer"]})
    page = as_member.get(f"/connections/new/{peer.handle}/")
    assert [wish for wish, _text in page.context["form"].fields["wish"].choices] == ["peer"]
    assert post(as_member, peer, "mentor").status_code == 200
    for kind, mentor in ((M, peer), (M, member), (C, None)):
        with pytest.raises(ValidationError, match="does not want"):
            Connection.propose(member, peer, kind, WORDS, mentor=mentor)
    assert Connection.propose(member, peer, P, WORDS).mentor is None


def test_it_is_404_for_whom_one_may_not_see(as_member: Client, member: Member, minor: Member) -> None:
    closed, blocker = MemberFactory(profile={"open_to": []}), MemberFactory()
    Block.put(blocker, member)
    for nobody in (closed, blocker, minor, member):
        assert as_member.get(f"/connections/new/{nobody.handle}/").status_code == 404
        assert post(as_member, nobody).status_code == 404
        with pytest.raises(ValidationError):
            Connection.propose(member, nobody, M, WORDS)
    assert as_member.get("/connections/new/not-there/").status_code == 404


def test_it_is_closed_to_minors(minor: Member, stranger: Member) -> None:
    assert post(signed_in(minor), stranger).status_code == 404
    with pytest.raises(ValidationError):
        Connection.propose(minor, stranger, M, WORDS)


def test_it_holds_at_five_and_keeps_the_words(as_member: Client, member: Member, stranger: Member) -> None:
    for _one in range(5):
        last = Connection.propose(member, MemberFactory(), M, WORDS)
    answer = post(as_member, stranger)
    assert answer.status_code == 409 and "5 questions waiting" in answer.text and WORDS in answer.text
    last.withdraw(member)
    assert post(as_member, stranger).status_code == 302


def test_it_points_to_the_question_that_the_other_has_asked(member: Member, stranger: Member) -> None:
    Connection.propose(stranger, member, P, WORDS)
    with pytest.raises(ValidationError, match="has asked you the same"):
        Connection.propose(member, stranger, P, WORDS)
    Connection.objects.get().accept(member)
    for one, other in ((member, stranger), (stranger, member)):
        with pytest.raises(ValidationError, match="said yes to this already"):
            Connection.propose(one, other, P, WORDS)


def test_it_refuses_a_third_as_the_mentor(member: Member, stranger: Member, steward: Member) -> None:
    with pytest.raises(ValidationError):
        Connection.propose(member, stranger, M, WORDS, mentor=steward)
    with pytest.raises(ValidationError):
        Connection.propose(member, stranger, P, WORDS, mentor=stranger)


def test_it_keeps_the_words_when_the_login_has_run_out(client: Client, member: Member, stranger: Member) -> None:
    answer = post(client, stranger)
    assert "/accounts/login/" in answer.url
    client.force_login(member)
    draft = Draft.objects.get()
    assert WORDS in client.get(f"/connections/new/{stranger.handle}/?draft={draft.key}").text


def test_it_asks_one_person_a_few_times_a_day_at_most(member: Member, stranger: Member) -> None:
    for _ in range(Connection.ASKED_A_DAY):
        Connection.propose(member, stranger, P, WORDS).withdraw(member)
    with pytest.raises(ValidationError, match="tomorrow"):
        Connection.propose(member, stranger, C, WORDS)
    assert Notice.objects.filter(member=stranger).count() == Connection.ASKED_A_DAY
    Connection.propose(member, MemberFactory(), P, WORDS)


def test_it_lets_the_asked_keep_away_somebody_whom_no_list_shows(member: Member) -> None:
    asker = MemberFactory(profile={"open_to": []})
    asked = Connection.propose(asker, member, P, WORDS)
    address = f"/connections/{asked.pk}/block/"
    assert signed_in(MemberFactory()).post(address).status_code == 404
    assert signed_in(member).get(address).status_code == 405
    assert signed_in(member).post(address).status_code == 302
    assert Block.stands_between(member, asker)
    assert signed_in(member).get(asked.get_absolute_url()).status_code == 404
    with pytest.raises(ValidationError):
        Connection.propose(asker, member, C, WORDS)
