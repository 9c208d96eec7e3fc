"""Looking at all of one's connections, and at one in every state: what waits comes first, and it costs little."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.connections.models import (
    Agreement,
    CheckIn,
    Closing,
    Connection,
    ConnectionKind,
    ConnectionState,
    Meeting,
)
from community.members.models import Member, Profile
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
P = ConnectionKind.PEER
TERMS = {"goals": "Prune twenty trees.", "rhythm": "Weekly.", "otherwise": "We say so, and part."}


def fill(member: Member, number: int) -> None:
    """So many of everything that the page lists."""
    until = timezone.localdate() + timedelta(days=90)
    for turn in range(number):
        Connection.objects.create(asker=member, asked=MemberFactory(), kind=P, message=WORDS)
        Connection.objects.create(asker=MemberFactory(), asked=member, kind=P, message=WORDS)
        pair = Connection.agree(MemberFactory(), member, P)
        Agreement.write(pair, pair.asker, until=until, **TERMS)
        Connection.objects.filter(pk=pair.pk).update(accepted_at=timezone.now() - timedelta(days=31))
        Meeting.note(pair, member, timezone.localdate() - timedelta(days=turn), 60)
        Connection.agree(MemberFactory(), member, P).end(member, "reached")
    CheckIn.ask_due()


@pytest.mark.parametrize("address", ["/connections/", "/connections/?past=1"])
def test_it_lists_20_as_cheaply_as_10(
    as_member: Client, member: Member, django_assert_max_num_queries: Any, address: str
) -> None:
    counts = []
    for _round in range(2):
        fill(member, 10)
        as_member.get(address)
        with django_assert_max_num_queries(12) as queries:
            page = as_member.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1], counts
    assert page.status_code == 200


def test_one_costs_little_however_much_is_written_there(
    as_member: Client, member: Member, stranger: Member, django_assert_max_num_queries: Any
) -> None:
    pair, counts = Connection.agree(stranger, member, ConnectionKind.MENTORSHIP, mentor=member), []
    for round_ in range(2):
        for number in range(10):
            Meeting.note(pair, member, timezone.localdate() - timedelta(days=10 * round_ + number), 60)
            until = timezone.localdate() + timedelta(days=90 + 10 * round_ + number)
            Agreement.write(pair, member, until=until, **TERMS)
        for address in ("", "agreement/", "meetings/", "check-in/", "close/", "agreement/write/"):
            as_member.get(f"{pair.get_absolute_url()}{address}")
            with django_assert_max_num_queries(12) as queries:
                as_member.get(f"{pair.get_absolute_url()}{address}")
            counts.append(len(queries))
    assert counts[:6] == counts[6:], counts


def test_what_waits_for_me_stands_first(as_member: Client, member: Member) -> None:
    Profile.objects.filter(member=member).update(capacity=9)
    fill(member, 1)
    page = as_member.get("/connections/").text
    heads = [
        page.index(f"<h2>{head}")
        for head in ("To be signed by you", "How is it going?", "They wait", "You wait", "In touch")
    ]
    assert heads == sorted(heads)


@pytest.mark.parametrize("state", ConnectionState.values)
def test_every_state_says_where_one_stands_to_both(member: Member, stranger: Member, state: str) -> None:
    one = Connection.propose(member, stranger, ConnectionKind.MENTORSHIP, WORDS, skill="frost")
    now = timezone.now()
    begun = {"accepted_at": now, "reason": "reached"} if state in {"accepted", "agreed", "ended", "released"} else {}
    Connection.objects.filter(pk=one.pk).update(state=state, ask_again_on=timezone.localdate(), **begun)
    one.refresh_from_db()
    if state in {"ended", "released"}:
        Closing.close(one, stranger, "reached", thanks="Go well.")
    for who in (member, stranger):
        page = signed_in(who).get(one.get_absolute_url())
        assert page.status_code == 200 and 'aria-current="step"' in page.text
        assert signed_in(who).get("/connections/").status_code == 200
    if state in {"ended", "released"}:
        assert "Go well." in signed_in(member).get(one.get_absolute_url()).text
