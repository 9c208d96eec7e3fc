"""Saying no with a reason, naming somebody else, or saying not now."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M = ConnectionKind.MENTORSHIP


@pytest.fixture
def asked(member: Member, stranger: Member) -> Connection:
    """The member asked the stranger to teach them."""
    return Connection.propose(member, stranger, M, WORDS, skill="frost")


def decline(client: Client, one: Connection, **changed: Any) -> Any:
    data = {"reason": "time", "answer": "Not this year, sorry.", "form_key": str(uuid.uuid4())}
    return client.post(f"/connections/{one.pk}/decline/", data | changed)


def postpone(client: Client, one: Connection, until: Any, **changed: Any) -> Any:
    data = {"until": until, "answer": "After the harvest.", "form_key": str(uuid.uuid4())}
    return client.post(f"/connections/{one.pk}/postpone/", data | changed)


@pytest.mark.parametrize("by", ["name", "handle", "address"])
def test_somebody_else_is_named(asked: Connection, as_stranger: Client, as_member: Client, by: str) -> None:
    third = MemberFactory(name="Tilda Frost")
    text = {"name": "tilda  FROST", "handle": third.handle, "address": f"https://x.example/people/{third.handle}/?a=b"}[
        by
    ]
    assert decline(as_stranger, asked, instead=text).status_code == 302
    page = as_member.get(asked.get_absolute_url()).text
    assert "Tilda Frost" in page and third.get_absolute_url() in page and "I have no time this season" in page
    assert not Notice.objects.filter(member=third).exists()
    Profile.objects.filter(member=third).update(open_to=[])
    assert "Tilda Frost" not in as_member.get(asked.get_absolute_url()).text


@pytest.mark.parametrize("why", ["closed", "paused", "blocks the asker", "the asker", "nobody", "two", "young"])
def test_only_somebody_whom_the_asker_may_ask(
    asked: Connection, as_stranger: Client, member: Member, minor: Member, why: str
) -> None:
    third = MemberFactory(name="Tilda Frost")
    if why == "closed":
        Profile.objects.filter(member=third).update(open_to=["peer"])
    elif why == "paused":
        Profile.objects.filter(member=third).update(is_paused=True)
    elif why == "blocks the asker":
        Block.put(third, member)
    elif why == "two":
        MemberFactory(name="Tilda Frost")
    text = {"the asker": member.name, "nobody": "Nobody Here", "young": minor.name}.get(why, "Tilda Frost")
    answer = decline(as_stranger, asked, instead=text)
    assert answer.status_code == 409 and "Not this year, sorry." in answer.text and text in answer.text
    asked.refresh_from_db()
    assert (asked.state, asked.referred_to) == (ConnectionState.PROPOSED, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""}, {"reason": "dislike"}, {"reason": "other", "answer": " "}, {"answer": "x" * 10_000},
        {"instead": "a\x00"}, {"instead": "y" * 10_000}, {"version": "9"}, {"version": "x"}, {"version": "9" * 40},
    ],
)  # fmt: skip
def test_a_wrong_no_changes_nothing(asked: Connection, as_stranger: Client, wrong: dict[str, str]) -> None:
    assert decline(as_stranger, asked, **wrong).status_code in {200, 409}
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED and not Notice.objects.filter(kind="connection_declined").exists()


def test_not_now_names_a_day_and_from_then_on_it_is_asked_again(
    asked: Connection, as_stranger: Client, as_member: Client, member: Member, stranger: Member
) -> None:
    until = timezone.localdate() + timedelta(days=40)
    assert postpone(as_stranger, asked, until).status_code == 302
    notice = Notice.objects.get(member=member)
    assert notice.kind == "connection_postponed"
    page = as_member.get(notice.url).text
    assert "After the harvest." in page and "You can ask again from" in page and ">Ask again<" not in page
    data = {"step": "ask_again", "form_key": str(uuid.uuid4())}
    assert as_member.post(asked.get_absolute_url(), data).status_code == 409
    with pytest.raises(ValidationError, match="not now"):
        Connection.propose(member, stranger, M, WORDS)
    Connection.objects.update(ask_again_on=timezone.localdate())
    assert "They wait for your answer" in as_member.get("/connections/").text
    assert ">Ask again<" in as_member.get(asked.get_absolute_url()).text
    data["form_key"] = str(uuid.uuid4())
    assert as_member.post(asked.get_absolute_url(), data).status_code == 302
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED
    assert Notice.objects.filter(member=stranger, kind="connection_proposed").count() == 2


def test_whoever_was_asked_takes_it_up_earlier(asked: Connection, as_stranger: Client, stranger: Member) -> None:
    asked.postpone(stranger, timezone.localdate() + timedelta(days=40))
    before = Notice.objects.count()
    data = {"step": "ask_again", "form_key": str(uuid.uuid4())}
    assert "Take it up now" in as_stranger.get(asked.get_absolute_url()).text
    assert as_stranger.post(asked.get_absolute_url(), data).status_code == 302
    assert "Yes, let us meet" in as_stranger.get(asked.get_absolute_url()).text and Notice.objects.count() == before


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_a_day_that_is_none_is_refused(asked: Connection, as_stranger: Client, days: int) -> None:
    answer = postpone(as_stranger, asked, timezone.localdate() + timedelta(days=days))
    assert answer.status_code == 409 and "After the harvest." in answer.text
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED


def test_the_asker_and_others_answer_nothing(asked: Connection, as_member: Client) -> None:
    third = signed_in(MemberFactory())
    for client, status in ((as_member, 409), (third, 404)):
        assert decline(client, asked).status_code == status
        assert postpone(client, asked, timezone.localdate() + timedelta(days=9)).status_code == status
    asked.refresh_from_db()
    assert asked.state == ConnectionState.PROPOSED
