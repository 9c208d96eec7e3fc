"""The list of people and each one's page: what is shown, to whom, and what is never given away."""

import re
import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.members.models import Block, Glances, Member, Visibility
from tests.conftest import signed_in
from tests.factories import MemberFactory, StatementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_seen_yet() -> None:
    """Nobody has looked at anybody."""
    cache.clear()


def names(browser: Client, query: str = "") -> list[str]:
    """Who is in the list."""
    return [card["name"] for card in browser.get(f"/people/{query}").context["cards"]]


def test_it_lists_adults_who_agreed_to_be_shown(as_member: Client, stranger: Member, minor: Member) -> None:
    MemberFactory(name="Closed Cleo", profile={"open_to": []})
    MemberFactory(name="Gone Gus", is_active=False)
    assert names(as_member) == [stranger.name]
    assert "cards" in signed_in(minor).get("/people/").context and names(signed_in(minor)) == []
    assert Client().get("/people/").status_code == 302


def test_it_narrows_by_role_language_and_words(as_member: Client) -> None:
    anna = MemberFactory(name="Anna", profile={"roles": ["mentor", "producer"], "languages": ["cy"], "trade": "Baker"})
    ben = MemberFactory(name="Ben", profile={"roles": ["learner"], "languages": ["en"], "place": "Llandovery"})
    StatementFactory(profile=ben.profile, text="sharpen scythes")
    StatementFactory(profile=anna.profile, text="a hidden scythe", visibility=Visibility.MATCHING)
    assert names(as_member, "?role=mentor") == ["Anna"]
    assert names(as_member, "?language=en") == ["Ben"]
    assert names(as_member, "?q=scythe") == ["Ben"]
    assert names(as_member, "?q=BAKER") == ["Anna"]
    assert names(as_member, "?q=llandovery") == ["Ben"]
    assert names(as_member, "?role=mentor&language=en") == []
    for odd in ("?role=nothing", "?q=%00%22*", "?page=99", "?page=x", "?language=%F0"):
        assert as_member.get(f"/people/{odd}").status_code == 200


def test_it_searches_nothing_that_is_not_shown(as_member: Client) -> None:
    hidden = {f"{field}_visibility": Visibility.MATCHING for field in ("about", "place", "languages")}
    MemberFactory(name="Anna", profile={"about": "secretive", "place": "Nowhere", "languages": ["cy"]} | hidden)
    assert names(as_member, "?q=secretive") == names(as_member, "?q=nowhere") == names(as_member, "?language=cy") == []


def test_it_needs_the_same_queries_for_20_as_for_10(as_member: Client) -> None:
    counts = []
    for _turn in range(2):
        for _ in range(10):
            who = MemberFactory()
            StatementFactory.create_batch(3, profile=who.profile)
        as_member.get("/people/")
        with CaptureQueriesContext(connection) as queries:
            as_member.get("/people/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_it_shows_what_is_for_members_only(as_member: Client, member: Member) -> None:
    who = MemberFactory(name="Anna", profile={"about": "MARK-about", "place": "MARK-place", "hours_per_month": 77})
    for visibility in Visibility.values:
        StatementFactory(profile=who.profile, text=f"line {visibility}", visibility=visibility)
    page = as_member.get(f"/people/{who.handle}/").content.decode()
    assert all(word in page for word in ("MARK-about", "MARK-place", "77", "line members"))
    assert "line matching" not in page and "line me" not in page.replace("line members", "")
    for field in ("about", "place", "languages", "availability", "stops"):
        setattr(who.profile, f"{field}_visibility", Visibility.MATCHING)
    who.profile.stops_in_years = 88
    who.profile.save()
    page = as_member.get(f"/people/{who.handle}/").content.decode().split("<footer")[0]  # which offers English to all
    page = re.sub(r"\w{20,}", "", page)  # the form's token, in which any two figures may stand
    assert not any(word in page for word in ("MARK-", "77", "88 years", "English"))


def test_it_says_how_far_only_in_bands_between_squares(as_member: Client, member: Member) -> None:
    who = MemberFactory(name="Anna", profile={"place": "Knighton"})
    for person, lat in ((member, 52.0), (who, 52.3)):
        person.profile.move_to(lat, -3.0)
        person.profile.save()
    url = f"/people/{who.handle}/"
    assert "25–50 km" in as_member.get(url).content.decode()
    who.profile.place_visibility = Visibility.MATCHING
    who.profile.save()
    assert " km" not in as_member.get(url).content.decode()


def test_it_answers_for_the_hidden_as_for_the_absent(as_member: Client, member: Member, minor: Member) -> None:
    closed = MemberFactory(name="Closed Cleo", profile={"open_to": []})
    blocker = MemberFactory(name="Blocking Bert")
    Block.put(blocker, member)
    absent = as_member.get("/people/nobody-at-all/")
    for who in (closed, minor, blocker):
        answer = as_member.get(f"/people/{who.handle}/")
        assert answer.status_code == absent.status_code == 404
        assert without_nonce(answer) == without_nonce(absent)
        assert as_member.post(f"/people/{who.handle}/block/").status_code == 404
    assert signed_in(minor).get(f"/people/{member.handle}/").status_code == 404


def without_nonce(answer: Any) -> str:
    """The page without what differs from page to page."""
    return str(answer.content.decode().replace(answer.wsgi_request.path, ""))


def test_it_shows_everyone_their_own_page_and_those_they_help(member: Member, as_stranger: Client) -> None:
    member.profile.open_to = []
    member.profile.save()
    enid = member.help("Old Enid", is_adult=True)
    browser = signed_in(member)
    for who in (member, enid):
        assert browser.get(f"/people/{who.handle}/").status_code == 200
        assert as_stranger.get(f"/people/{who.handle}/").status_code == 404


def test_it_offers_to_meet_to_report_and_to_block(as_member: Client, stranger: Member) -> None:
    page = as_member.get(f"/people/{stranger.handle}/").content.decode()
    assert f'href="/connections/new/{stranger.handle}/"' in page
    assert f'href="/report/?url=/people/{stranger.handle}/"' in page
    assert as_member.get(f"/people/{stranger.handle}/block/").status_code == 405
    as_member.post(f"/people/{stranger.handle}/block/")
    assert as_member.get(f"/people/{stranger.handle}/").status_code == 404
    assert stranger.name not in names(as_member)


def test_it_shows_300_people_a_day_at_most(member: Member, stranger: Member, monkeypatch: Any) -> None:
    monkeypatch.setattr(Glances, "MOST", 25)
    MemberFactory.create_batch(35)
    browser = signed_in(member)
    assert [browser.get(f"/people/?page={n}").status_code for n in (1, 1, 2)] == [200, 200, 429]
    seen = names(browser)
    unseen = Member.objects.filter(name__startswith="Member").exclude(name__in=seen)[:8]
    answers = [browser.get(one.get_absolute_url()).status_code for one in unseen]
    assert answers == [200] * 5 + [429] * 3
    assert browser.get("/people/").status_code == 200  # whom one has seen stays open
    assert signed_in(stranger).get("/people/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_it_counts_pages_that_are_opened_at_once(several_writers: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(Glances, "MOST", 4)
    viewer, start, answers = MemberFactory(), threading.Barrier(8), []

    def look(pk: int) -> None:
        start.wait()
        answers.append(Glances.take(viewer, [pk]))
        connection.close()

    threads = [threading.Thread(target=look, args=(1000 + n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answers) == [False] * 4 + [True] * 4


def test_it_leads_to_nobody_for_whom_nobody_answers(as_stranger: Client, member: Member) -> None:
    enid = member.help("Old Enid", is_adult=True)
    enid.profile.open_to = ["mentor"]
    enid.profile.save()
    assert "Old Enid" in names(as_stranger)
    Member.objects.filter(pk=enid.pk).update(helper=None)
    assert "Old Enid" not in names(as_stranger)
    assert as_stranger.get(enid.get_absolute_url()).status_code == 404
