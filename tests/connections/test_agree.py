"""Writing an agreement, signing it, and changing it: what is signed stays as it was."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from community.connections.models import Agreement, Connection, ConnectionKind, ConnectionState, Stale
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
M = ConnectionKind.MENTORSHIP
GOALS = "Prune twenty trees alone by spring."


def terms(**changed: Any) -> dict[str, Any]:
    return {
        "goals": GOALS, "rhythm": "Every second Thursday.", "until": timezone.localdate() + timedelta(days=90),
        "cycles": 1, "visits": "One each way.", "otherwise": "We say so and part as friends.",
    } | changed  # fmt: skip


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger teaches the member; both said yes."""
    return Connection.agree(member, stranger, M, mentor=stranger)


def post(client: Client, pair: Connection, version: object = "", **changed: Any) -> Any:
    data = {name: "" if value is None else value for name, value in terms(**changed).items()}
    data |= {"form_key": str(uuid.uuid4()), "version": version}
    return client.post(f"/connections/{pair.pk}/agreement/write/", data)


def test_it_holds_when_both_have_signed(pair: Connection, member: Member, stranger: Member) -> None:
    learner, teacher = signed_in(member), signed_in(stranger)
    assert "We say so within two weeks" in learner.get(f"/connections/{pair.pk}/agreement/write/").text
    assert post(learner, pair, pair.version).status_code == 302
    text = Agreement.objects.get()
    assert text.signed_at(member) and not text.is_signed
    notice = Notice.objects.get(member=stranger)
    assert notice.kind == "agreement_written" and GOALS not in notice.lines[1]
    assert "To be signed by you" in teacher.get("/connections/").text
    page = teacher.get(notice.url)
    assert GOALS in page.text and "Sign this text" in page.text
    for _twice in range(2):
        assert teacher.post(notice.url, {"number": "1"}).status_code == 302
    pair.refresh_from_db()
    assert pair.state == ConnectionState.AGREED
    assert Notice.objects.filter(member=member, kind="agreement_signed").count() == 1
    assert "Signed by both" in learner.get(pair.get_absolute_url()).text


def test_a_change_is_a_new_text_and_the_old_one_holds_until_both_signed(
    pair: Connection, member: Member, stranger: Member
) -> None:
    Agreement.write(pair, member, **terms()).sign(stranger)
    later = Agreement.write(pair, stranger, **terms(rhythm="Once a month."))
    assert (later.number, later.is_signed) == (2, False)
    pair.refresh_from_db()
    assert pair.state == ConnectionState.AGREED
    Agreement.write(pair, member, **terms(rhythm="Never."))
    with pytest.raises(ValidationError, match="newer"):
        later.sign(member)
    for who in (member, stranger):
        page = signed_in(who).get(f"/connections/{pair.pk}/agreement/").text
        assert "Every second Thursday." in page and "Once a month." in page


def test_the_same_text_twice_is_one(pair: Connection, member: Member, stranger: Member) -> None:
    assert Agreement.write(pair, member, **terms()) == Agreement.write(pair, member, **terms())
    assert Notice.objects.filter(kind="agreement_written").count() == 1
    Agreement.write(pair, stranger, **terms())  # the same words of the other are a text of their own, to be signed
    assert Agreement.objects.count() == 2


@pytest.mark.parametrize("by_hand", ["save", "update", "sql", "unsign"])
def test_nothing_changes_a_text(pair: Connection, member: Member, by_hand: str) -> None:
    text = Agreement.write(pair, member, **terms())
    text.goals = "Prune two hundred trees alone."
    table, statement = "connections_agreement", "goals = 'Prune two hundred trees alone.'"
    if by_hand == "unsign":
        statement = "asker_signed_at = NULL"
    with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
        if by_hand == "save":
            text.save()
        elif by_hand == "update":
            Agreement.objects.update(goals=text.goals)
        else:
            connection.cursor().execute(f"UPDATE {table} SET {statement}")
    text.refresh_from_db()
    assert text.goals == GOALS and text.asker_signed_at


def test_an_old_form_answers_409_and_shows_both_texts(pair: Connection, member: Member, stranger: Member) -> None:
    seen = pair.version
    Agreement.write(pair, stranger, **terms(goals="Lay a hedge of forty metres."))
    answer = post(signed_in(member), pair, seen)
    assert answer.status_code == 409
    assert GOALS in answer.text and "Lay a hedge of forty metres." in answer.text
    with pytest.raises(Stale):
        Agreement.write(pair, member, seen, **terms())
    assert Agreement.objects.count() == 1
    pair.refresh_from_db()
    assert post(signed_in(member), pair, pair.version).status_code == 302


def test_it_signs_the_text_that_was_read(pair: Connection, member: Member, stranger: Member) -> None:
    Agreement.write(pair, stranger, **terms())
    Agreement.write(pair, stranger, **terms(goals="Something else entirely."))
    answer = signed_in(member).post(f"/connections/{pair.pk}/agreement/", {"number": "1"})
    assert answer.status_code == 409 and "newer text" in answer.text
    assert not Agreement.objects.exclude(asker_signed_at=None).exists()
    for number in ("", "99999999999999999999", "\x00", "x"):
        assert signed_in(member).post(f"/connections/{pair.pk}/agreement/", {"number": number}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"goals": "x"}, {"goals": "x" * 10_000}, {"goals": "a\x00b" * 9}, {"until": "2001-01-01"}, {"until": "soon"},
        {"until": "9999-12-31"}, {"cycles": "9" * 30}, {"cycles": "-1"}, {"rhythm": ""}, {"otherwise": "\ud800"},
    ],
)  # fmt: skip
def test_it_says_what_is_wrong_and_keeps_the_words(pair: Connection, member: Member, wrong: dict[str, str]) -> None:
    answer = post(
        signed_in(member), pair, pair.version, **{k: v.encode("utf-8", "replace").decode() for k, v in wrong.items()}
    )
    assert answer.status_code in {200, 409} and "One each way." in answer.text
    assert not Agreement.objects.exists()


def test_it_is_for_the_two_alone(pair: Connection, member: Member, stranger: Member, steward: Member) -> None:
    Agreement.write(pair, member, **terms())
    addresses = [f"/connections/{pair.pk}/agreement/", f"/connections/{pair.pk}/agreement/write/"]
    for who in (steward, MemberFactory()):
        for address in addresses:
            assert signed_in(who).get(address).status_code == signed_in(who).post(address).status_code == 404
        with pytest.raises(ValidationError):
            Agreement.objects.get().sign(who)
        with pytest.raises(ValidationError):
            Agreement.write(pair, who, **terms())
        assert not Agreement.objects.visible_to(who).exists()
    Block.put(member, stranger)
    assert signed_in(stranger).get(addresses[0]).status_code == 404
    assert not Agreement.objects.visible_to(stranger).exists()


def test_there_is_nothing_to_sign_before_both_said_yes_or_after_the_end(
    pair: Connection, member: Member, stranger: Member
) -> None:
    asked = Connection.propose(MemberFactory(), member, ConnectionKind.PEER, "How do you keep the frost out of it?")
    assert signed_in(member).get(f"/connections/{asked.pk}/agreement/").status_code == 404
    with pytest.raises(ValidationError):
        Agreement.write(asked, member, **terms())
    text = Agreement.write(pair, member, **terms())
    pair.end(stranger, "life")
    with pytest.raises(ValidationError):
        text.sign(stranger)
    assert "Sign this text" not in signed_in(stranger).get(f"/connections/{pair.pk}/agreement/").text


def test_nobody_says_there_how_somebody_under_18_is_reached(minor: Member, stranger: Member) -> None:
    pair = Connection.agree(minor, stranger, M, mentor=stranger)
    with pytest.raises(ValidationError, match="steward"):
        Agreement.write(pair, stranger, **terms(goals="Call me: 0151 23456789, any evening."))
