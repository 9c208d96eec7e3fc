"""What one passed on and learned: one's own page, and what others see of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.connections.models import Closing, Connection, ConnectionKind, LearningPlan, Meeting, PassedOn
from community.members.models import Block, Member, Profile
from tests.conftest import signed_in
from tests.factories import MemberFactory, StatementFactory

pytestmark = pytest.mark.django_db
MINE = "/connections/passed-on/"
M, P = ConnectionKind.MENTORSHIP, ConnectionKind.PEER


def met(learner: Member, teacher: Member, minutes: int = 90, line: str = "", kind: Any = M) -> Connection:
    """Two who met once, with one line of a plan signed off."""
    pair = Connection.agree(learner, teacher, kind, mentor=teacher if kind == M else None)
    Meeting.note(pair, learner, timezone.localdate(), minutes, "Sharpen the zqnextqz hook.")
    if line:
        LearningPlan.of(pair, [line, "Something still open"]).skills.first().sign_off(teacher)
    return pair


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger taught the member, who closed it."""
    pair = met(member, stranger, 150, "Lay a hedge")
    Meeting.note(pair, stranger, timezone.localdate() - timedelta(days=3), 45)
    Meeting.note(pair, stranger, timezone.localdate() - timedelta(days=5), None)
    Closing.close(pair, member, "reached", thanks="I can do it alone now.")
    return pair


def test_it_is_counted_from_what_the_two_wrote_down(pair: Connection, member: Member, stranger: Member) -> None:
    assert PassedOn.of(stranger)[0] == PassedOn.of(member)[1] == PassedOn(195, ("Lay a hedge",))
    assert PassedOn.of(member)[0] == PassedOn.of(stranger)[1] == PassedOn()
    met(MemberFactory(), stranger, 60, "lay a HEDGE")
    met(MemberFactory(), stranger, 60, kind=P)
    assert PassedOn.of(stranger)[0].minutes == 255 and len(PassedOn.of(stranger)[0].skills) == 1


def test_ones_own_mark_counts_and_the_others_stays_theirs(member: Member, stranger: Member) -> None:
    pair = met(member, stranger)
    Connection.objects.filter(pk=pair.pk).update(skill="Whet a scythe")
    Closing.close(pair, member, "reached", reached=4)
    Closing.close(pair, stranger, "reached", reached=3)
    assert PassedOn.of(member)[1].skills == ("Whet a scythe",) and PassedOn.of(stranger)[0].skills == ()


def test_my_page_shows_hours_skills_and_thanks_to_me_alone(pair: Connection, member: Member, stranger: Member) -> None:
    page = signed_in(stranger).get(MINE).text
    assert "3 hours together" in page and "Lay a hedge" in page and "I can do it alone now." in page
    assert "zqnextqz" not in page and "Something still open" not in page
    assert signed_in(stranger).get(MINE)["Cache-Control"].count("no-store")
    other = signed_in(member).get(MINE).text
    assert "I can do it alone now." not in other and "3 hours together" in other
    assert "It begins with the first meeting" in other and "It begins with the first meeting" not in page
    assert "Lay a hedge" not in signed_in(MemberFactory()).get(MINE).text
    assert Client().get(MINE)["Location"].startswith("/accounts/login/")


def test_nobody_sees_it_before_one_wants_it_and_it_can_be_undone(pair: Connection, stranger: Member) -> None:
    reader, page, mine = signed_in(MemberFactory()), f"/people/{stranger.handle}/", signed_in(stranger)
    assert "Passed on here" not in reader.get(page).text
    assert mine.post(MINE, {"show": "1"}).status_code == 302
    shown = reader.get(page).text
    assert "3 hours with those who learn" in shown and "1 skill passed on" in shown
    assert "Lay a hedge" not in shown and "Alma Field" not in shown
    StatementFactory(profile=stranger.profile, text="lay a hedge")
    StatementFactory(profile=stranger.profile, text="Something still open")
    assert shown.count("lay a hedge") == 0
    assert reader.get(page).text.count("lay a hedge") == 2  # among the offers, and as what was passed on
    mine.post(MINE, {"show": "0"})
    assert "Passed on here" not in reader.get(page).text


def test_what_goes_on_and_what_was_learned_are_not_shown(member: Member, stranger: Member) -> None:
    Profile.objects.update(shows_passed_on=True)
    pair, reader = met(member, stranger, line="Lay a hedge"), signed_in(MemberFactory())
    for who in (member, stranger):
        assert "Passed on here" not in reader.get(f"/people/{who.handle}/").text
    Closing.close(pair, member, "reached")
    assert "Passed on here" in reader.get(f"/people/{stranger.handle}/").text
    assert "Passed on here" not in reader.get(f"/people/{member.handle}/").text


def test_hours_with_somebody_under_18_are_not_shown(pair: Connection, member: Member, stranger: Member) -> None:
    Profile.objects.update(shows_passed_on=True)
    Member.objects.filter(pk=member.pk).update(is_adult=False)
    assert PassedOn.of(stranger)[0].minutes == 195
    assert "Passed on here" not in signed_in(MemberFactory()).get(f"/people/{stranger.handle}/").text


def test_nobody_under_18_shows_anything(minor: Member, stranger: Member) -> None:
    Profile.objects.update(shows_passed_on=True)
    assert PassedOn.shown_of(minor) is None and "Show it on my page" not in signed_in(minor).get(MINE).text


@pytest.mark.parametrize("who", ["reader", "pair"])
def test_nothing_of_it_crosses_a_block(pair: Connection, member: Member, stranger: Member, who: str) -> None:
    Profile.objects.update(shows_passed_on=True)
    reader = MemberFactory()
    Block.put(stranger, reader if who == "reader" else member)
    answer = signed_in(reader).get(f"/people/{stranger.handle}/")
    assert "Passed on here" not in answer.text and answer.status_code == (404 if who == "reader" else 200)
    mine = signed_in(stranger).get(MINE).text
    assert ("Lay a hedge" in mine) == ("I can do it alone now." in mine) == (who == "reader")


def test_what_a_block_has_ended_is_not_counted_when_it_is_lifted(member: Member, stranger: Member) -> None:
    met(member, stranger)
    Block.put(member, stranger)
    Block.lift(member, stranger)
    assert PassedOn.of(stranger)[0] == PassedOn()


def test_it_asks_as_often_for_20_as_for_10(stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(shows_passed_on=True, capacity=50)
    reader, mine, asked = signed_in(MemberFactory()), signed_in(stranger), []
    for ten in range(2):
        for one in range(10):
            pair = met(MemberFactory(), stranger, line=f"Hedge {ten} {one}")
            Closing.close(pair, pair.asker, "reached", thanks="Thanks.")
        for client, address in ((mine, MINE), (reader, f"/people/{stranger.handle}/")):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            asked.append(len(queries))
    assert asked[:2] == asked[2:] and max(asked) <= 12, asked
