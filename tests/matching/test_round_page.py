"""The pages of rounds: members enter and leave, stewards lead, and nobody else learns what is proposed."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection
from community.members.models import Member
from matching.models import Entry, Fixed, Pair, Round, RoundState, Side
from tests.conftest import signed_in
from tests.factories import MemberFactory

STEER, PAGE = "/steward/rounds/spring/", "/matches/rounds/spring/"


@pytest.fixture
def spring(db: None) -> Round:
    """A round that can be entered for a week."""
    return Round.objects.create(slug="spring", title="Spring round", closes_on=timezone.localdate() + timedelta(7))


@pytest.fixture
def pair(spring: Round) -> Pair:
    """Two who take part and are proposed."""
    mentor = spring.enter(MemberFactory(name="Greta Graft"), Side.MENTOR)
    learner = spring.enter(MemberFactory(name="Lio Learner"), Side.LEARNER)
    spring.propose([Pair(round=spring, mentor=mentor, learner=learner, score=0.71)], {"total": 0.71})
    return Pair.objects.get()


# --- Members ----------------------------------------------------------------------------------------------------


def test_a_member_enters_changes_and_leaves(spring: Round, member: Member, as_member: Client) -> None:
    assert "Spring round" in as_member.get("/matches/rounds/").content.decode()
    assert as_member.post(PAGE, {"side": "mentor", "capacity": "3"}).status_code == 302
    entry = Entry.objects.get()
    assert (entry.member, entry.side, entry.capacity, entry.entered_by) == (member, Side.MENTOR, 3, None)
    as_member.post(PAGE, {"side": "mentor", "capacity": "2"})
    assert Entry.objects.get().capacity == 2
    assert "up to 2 people" in as_member.get(PAGE).content.decode()
    for _twice in range(2):
        assert as_member.post(f"{PAGE}leave/", {"side": "mentor"}).status_code == 302
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"side": "wizard", "capacity": "1"},
        {"side": "mentor", "capacity": "0"},
        {"side": "mentor", "capacity": "51"},
        {"side": "mentor", "capacity": "x"},
    ],
)
def test_a_wrong_form_is_said_in_words(typed: dict[str, str], spring: Round, as_member: Client) -> None:
    assert as_member.post(PAGE, typed).status_code == 422
    assert not Entry.objects.exists()


@pytest.mark.parametrize(("side", "open_to"), [("mentor", ["apprentice"]), ("learner", ["mentor"]), ("mentor", [])])
def test_nobody_enters_who_has_not_agreed_to_be_shown_so(
    side: str, open_to: list[str], spring: Round, member: Member, as_member: Client
) -> None:
    type(member.profile).objects.update(open_to=open_to)
    answer = as_member.post(PAGE, {"side": side, "capacity": "1"})
    assert answer.status_code == 422
    assert "What I allow" in answer.content.decode()
    assert not Entry.objects.exists()


def test_the_young_see_no_round(spring: Round, minor: Member) -> None:
    assert "Spring round" not in signed_in(minor).get("/matches/rounds/").content.decode()
    assert signed_in(minor).get(PAGE).status_code == 404
    assert signed_in(minor).post(PAGE, {"side": "learner", "capacity": "1"}).status_code == 404


def test_a_visitor_is_asked_to_sign_in(client: Client, spring: Round) -> None:
    for address in ("/matches/rounds/", PAGE):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")


def test_a_round_that_closed_is_there_only_for_its_people(spring: Round, pair: Pair, as_member: Client) -> None:
    Round.objects.update(closes_on=timezone.localdate() - timedelta(1))
    assert as_member.get(PAGE).status_code == 404
    assert signed_in(pair.mentor.member).get(PAGE).status_code == 200


def test_who_is_paired_with_whom_is_seen_by_stewards_alone(spring: Round, pair: Pair, as_member: Client) -> None:
    for browser in (as_member, signed_in(pair.mentor.member), signed_in(pair.learner.member)):
        for address in ("/matches/rounds/", PAGE, "/matches/", "/connections/"):
            page = browser.get(address).content.decode().split("<main")[1]
            assert not {"Greta Graft", "Lio Learner"} <= {
                name for name in ("Greta Graft", "Lio Learner") if name in page
            }
        assert "0.71" not in browser.get(PAGE).content.decode()
        assert browser.get(STEER).status_code == 404
        assert browser.post(f"{STEER}publish/").status_code == 404
    assert not Connection.objects.exists()


# --- Stewards ---------------------------------------------------------------------------------------------------


def test_a_steward_opens_a_round(as_steward: Client) -> None:
    typed = {"title": "Autumn", "slug": "autumn", "closes_on": "2027-10-01", "mode": "stable", "capacity": "2"}
    assert as_steward.post("/steward/rounds/", typed).headers["Location"] == "/steward/rounds/autumn/"
    assert as_steward.get("/steward/rounds/autumn/").status_code == 200
    assert as_steward.post("/steward/rounds/", typed).status_code == 422, "the address is taken"
    assert as_steward.post("/steward/rounds/", typed | {"slug": "other", "mode": "magic"}).status_code == 422
    assert Round.objects.count() == 1


def test_a_steward_enters_only_those_who_are_open_to_it(
    spring: Round, member: Member, steward: Member, as_steward: Client
) -> None:
    typed = {"step": "add", "email": member.email, "add_side": "mentor"}
    type(member.profile).objects.filter(member=member).update(open_to=[])
    assert as_steward.post(STEER, typed).status_code == 422
    assert not Entry.objects.exists()
    type(member.profile).objects.filter(member=member).update(open_to=["mentor"])
    assert as_steward.post(STEER, typed).status_code == 302
    assert Entry.objects.get().entered_by == steward
    assert as_steward.post(STEER, typed | {"email": "nobody@example.org"}).status_code == 422
    as_steward.post(STEER, {"step": "drop", "entry": str(Entry.objects.get().pk)})
    assert not Entry.objects.exists()


def test_a_steward_says_who_belongs_together(spring: Round, pair: Pair, as_steward: Client) -> None:
    typed = {"step": "fix", "mentor": str(pair.mentor_id), "learner": str(pair.learner_id), "word": "apart"}
    assert as_steward.post(STEER, typed).status_code == 302
    assert not Fixed.objects.get().is_locked
    assert "must not be brought together" in as_steward.get(STEER).content.decode()
    swapped = typed | {"mentor": str(pair.learner_id), "learner": str(pair.mentor_id)}
    assert as_steward.post(STEER, swapped).status_code == 422
    as_steward.post(STEER, {"step": "drop", "fixed": str(Fixed.objects.get().pk)})
    assert not Fixed.objects.exists()


def test_a_steward_looks_at_the_pairs_and_tells_them_once(spring: Round, pair: Pair, as_steward: Client) -> None:
    page = as_steward.get(STEER).content.decode()
    assert "Greta Graft" in page and "Lio Learner" in page and "0.71" in page
    assert as_steward.get(f"{STEER}publish/").status_code == 405
    for _twice in range(2):
        assert as_steward.post(f"{STEER}publish/").status_code == 302
    assert Connection.objects.count() == 1
    assert Round.objects.get().state == RoundState.PUBLISHED
    assert "Yes, tell them" not in as_steward.get(STEER).content.decode()
    assert "Brought together" in signed_in(pair.mentor.member).get("/connections/").content.decode()
    one = Connection.objects.get().get_absolute_url()
    for who in (pair.mentor.member, pair.learner.member):
        page = signed_in(who).get(one).content.decode()
        assert "Write the first question" in page and f"{who.email}" not in page.split("<main")[1]
    assert signed_in(pair.learner.member).post(one, {"step": "let_go", "answer": ""}).status_code == 302
    assert Connection.objects.get().state == "withdrawn"


def test_the_worker_is_asked_for_the_pairs(spring: Round, as_steward: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("matching.views.rounds.preview_round", SimpleNamespace(enqueue=asked.append))
    answer = as_steward.post(STEER, {"step": "match"}, follow=True)
    assert "being worked out" in answer.content.decode()
    assert asked == [spring.pk]


def test_it_says_when_somebody_entered_after_the_preview(spring: Round, pair: Pair, as_steward: Client) -> None:
    assert "Somebody entered after" not in as_steward.get(STEER).content.decode()
    spring.enter(MemberFactory(), Side.LEARNER)
    assert "Somebody entered after" in as_steward.get(STEER).content.decode()


def test_nothing_is_told_before_pairs_are_proposed(spring: Round, as_steward: Client) -> None:
    answer = as_steward.post(f"{STEER}publish/", follow=True)
    assert "work out the pairs first" in answer.content.decode()


def test_pages_do_not_load_what_works_out_pairs() -> None:
    """Publishing asks the hard rules in a web process; the solver and its compiler belong to the worker."""
    import subprocess
    import sys

    code = (
        "import django; django.setup(); import matching.views.rounds, sys; "
        "print({'numba', 'scipy', 'matching.engine.flow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


@pytest.mark.parametrize("address", [STEER, "/steward/rounds/", "/matches/rounds/"])
def test_it_asks_the_database_as_often_for_20_as_for_10(
    address: str, spring: Round, as_steward: Client, django_assert_max_num_queries: Any
) -> None:
    found = []
    for turn in range(2):
        pairs = []
        for number in range(10):
            Round.objects.create(slug=f"r{turn}{number}", title="R", closes_on=timezone.localdate())
            mentor = spring.enter(MemberFactory(), Side.MENTOR)
            learner = spring.enter(MemberFactory(), Side.LEARNER)
            spring.fix(mentor, learner, is_locked=True)
            pairs.append(Pair(round=spring, mentor=mentor, learner=learner, score=0.5))
        spring.propose([*spring.pairs.all(), *pairs], {})
        as_steward.get(address)
        with django_assert_max_num_queries(16) as queries:
            assert as_steward.get(address).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]
