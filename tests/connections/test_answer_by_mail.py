"""Yes or no by the link in a mail: looking changes nothing, its button acts once, for one person and one answer."""

import re
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionState, MailLink
from community.members.models import Block, Member
from community.notices.models import Notice
from home.logs import plain
from tests.conftest import signed_in
from tests.factories import MemberFactory
from tests.moving import Clock

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M, S = ConnectionKind.MENTORSHIP, ConnectionState


@pytest.fixture
def asked(member: Member, stranger: Member) -> Connection:
    """The member asked the stranger to teach them."""
    return Connection.propose(member, stranger, M, WORDS, skill="Graft apple trees")


def links(row: Connection) -> dict[str, str]:
    return {name: url.removeprefix("http://testserver") for name, url in MailLink.of(row).items()}


def state(row: Connection) -> str:
    return Connection.objects.get(pk=row.pk).state


def test_they_stand_in_the_mail_and_nowhere_on_the_site(
    asked: Connection, stranger: Member, as_stranger: Client
) -> None:
    notice = Notice.objects.get(member=stranger)
    assert "/answer/" not in notice.lines[1]
    assert "/answer/" not in as_stranger.get("/notices/").text
    Notice.mail(notice.pk)
    found = re.findall(r"http://testserver(/connections/answer/\S+)", mail.outbox[0].body)
    assert len(found) == 2 and all(Client().get(url).status_code == 200 for url in found)


def test_looking_changes_nothing_and_the_button_acts_once(asked: Connection, client: Client, member: Member) -> None:
    url = links(asked)["accept"]
    for _scan in range(3):
        page = client.get(url)
        assert page.status_code == 200 and client.head(url).status_code == 200
    assert state(asked) == S.PROPOSED
    assert WORDS in page.text and "Graft apple trees" in page.text
    assert client.post(url, {"words": "Come on Thursday."}).status_code == 302
    row = Connection.objects.get()
    assert (row.state, row.answer) == (S.ACCEPTED, "Come on Thursday.")
    version = row.version
    again = client.post(url, {"words": "And on Friday."})
    assert again.status_code == 410 and WORDS not in again.text
    row.refresh_from_db()
    assert (row.version, row.answer) == (version, "Come on Thursday.")
    assert Notice.objects.filter(member=member, kind="connection_accepted").count() == 1


def test_a_no_can_say_why(asked: Connection, client: Client) -> None:
    assert client.post(links(asked)["decline"], {"reason": "far", "words": ""}).status_code == 302
    row = Connection.objects.get()
    assert (row.state, row.reason) == (S.DECLINED, "far")


def test_another_reason_needs_words_and_the_link_stays(asked: Connection, client: Client) -> None:
    answer = client.post(links(asked)["decline"], {"reason": "other", "words": " "})
    assert answer.status_code == 409 and "Say the reason" in answer.text
    assert state(asked) == S.PROPOSED


@pytest.mark.parametrize("how", ["withdrawn", "answered", "put off and back"])
def test_it_is_bound_to_how_the_question_stood(
    asked: Connection, client: Client, member: Member, stranger: Member, how: str
) -> None:
    url = links(asked)["accept"]
    if how == "withdrawn":
        asked.withdraw(member)
    elif how == "answered":
        asked.decline(stranger)
    else:
        asked.postpone(stranger, timezone.localdate() + timezone.timedelta(days=3))
        asked.ask_again(stranger)
    before = state(asked)
    assert client.post(url, {"words": ""}).status_code == 410
    assert state(asked) == before


def test_it_is_for_nobody_else_who_is_signed_in(asked: Connection, as_member: Client, as_stranger: Client) -> None:
    url = links(asked)["accept"]
    for client in (as_member, signed_in(MemberFactory(is_steward=True))):
        assert client.get(url).status_code == client.post(url).status_code == 404
    assert as_stranger.post(url, {"words": ""}).status_code == 302


def test_a_helper_answers_for_whom_they_help(member: Member, client: Client) -> None:
    helper = MemberFactory()
    helped = Member.objects.create_user(None, "Old Tom", helper=helper, is_adult=True)
    helped.profile.open_to = ["mentor"]
    helped.profile.save()
    row = Connection.propose(member, helped, M, WORDS)
    assert signed_in(helper).post(links(row)["accept"], {"words": ""}).status_code == 302
    assert state(row) == S.ACCEPTED


def test_a_former_helper_reads_and_answers_nothing(member: Member, client: Client) -> None:
    helped = Member.objects.create_user(None, "Old Tom", helper=MemberFactory(), is_adult=True)
    helped.profile.open_to = ["mentor"]
    helped.profile.save()
    row = Connection.propose(member, helped, M, WORDS)
    url = links(row)["accept"]
    Member.objects.filter(pk=helped.pk).update(helper=MemberFactory())
    assert client.get(url).status_code == client.post(url, {"words": ""}).status_code == 404
    assert state(row) == S.PROPOSED


def test_a_block_closes_it(asked: Connection, client: Client, member: Member, stranger: Member) -> None:
    url = links(asked)["accept"]
    Block.put(stranger, member)
    assert client.get(url).status_code == 404


def test_it_lives_for_seven_days(wall_clock: Clock, client: Client, member: Member, stranger: Member) -> None:
    row = Connection.propose(member, stranger, M, WORDS)
    url = links(row)["accept"]
    wall_clock.forward(days=7, seconds=-1)
    assert client.get(url).status_code == 200
    wall_clock.forward(seconds=2)
    old = client.get(url)
    assert old.status_code == 410 and WORDS not in old.text
    assert client.post(url, {"words": ""}).status_code == 410 and state(row) == S.PROPOSED


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", "%00", "0" * 900, None])
def test_nobody_makes_one_up(asked: Connection, client: Client, token: str | None) -> None:
    # A signature holds its second, so it is made here: xdist wants the same names in each process.
    token = token or signing.dumps([1, 2, "accept", 0], salt="x")
    for answer in (client.get(f"/connections/answer/{token}/"), client.post(f"/connections/answer/{token}/")):
        assert answer.status_code == 404


@pytest.mark.parametrize("words", ["a\x00b", "x" * 10_000])
def test_odd_words_change_nothing(asked: Connection, client: Client, words: str) -> None:
    answer = client.post(links(asked)["accept"], {"words": words})
    assert answer.status_code == 200 and state(asked) == S.PROPOSED


def test_a_yes_and_a_no_are_two_links(asked: Connection) -> None:
    yes, no = links(asked).values()
    assert yes != no


def test_it_is_told_to_nobody(asked: Connection, client: Client) -> None:
    url = links(asked)["accept"]
    page: Any = client.get(url)
    assert page.headers["Referrer-Policy"] == "strict-origin" and "no-store" in page.headers["Cache-Control"]
    assert 'content="noindex"' in page.text
    token = url.split("/")[-2]
    assert token not in plain(f"GET {url}")
