"""The pages of suggestions: what a member sees, and what nobody else does."""

from typing import Any

import pytest
from django.test import Client

from community.members.models import Member, Visibility
from matching import refresh
from matching.models import Suggestion
from tests.conftest import signed_in
from tests.factories import MemberFactory


def test_it_shows_the_two_lines_that_made_the_match(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    page = signed_in(learner).get("/matches/mentor/").content.decode()
    assert "Greta Graft" in page
    assert "graft old apple trees" in page
    assert "learn to graft apple trees" in page
    assert f"/connections/new/{grafter.handle}/" in page


def test_it_asks_a_visitor_to_sign_in(client: Client, db: None) -> None:
    for address in ("/matches/", "/matches/mentor/", "/matches/dismissed/"):
        assert client.get(address).headers["Location"].startswith("/accounts/login/")


def test_it_shows_nobody_the_suggestions_of_another(learner: Member, grafter: Member, stranger: Member) -> None:
    refresh.refresh()
    assert "Greta Graft" not in signed_in(stranger).get("/matches/mentor/").content.decode()
    answer = signed_in(stranger).post(f"/matches/mentor/{grafter.handle}/dismiss/")
    assert answer.status_code == 404
    assert not Suggestion.objects.exclude(dismissed_at=None).exists()


def test_it_has_no_page_for_a_kind_that_does_not_exist(as_member: Client) -> None:
    assert as_member.get("/matches/wizard/").status_code == 404


@pytest.mark.parametrize("visibility", [Visibility.MATCHING, Visibility.ME])
def test_it_never_shows_a_line_that_is_not_for_members(
    visibility: Visibility, learner: Member, grafter: Member
) -> None:
    refresh.refresh()
    grafter.profile.statements.update(visibility=visibility)
    for address in ("/matches/", "/matches/mentor/", "/matches/collaborator/"):
        assert "graft old apple trees" not in signed_in(learner).get(address).content.decode()


def test_it_shows_no_place_and_no_distance_that_is_kept_private(learner: Member, grafter: Member) -> None:
    for who, lat in ((learner, 50.1), (grafter, 50.3)):
        who.profile.place = "Hidden Hollow"
        who.profile.move_to(lat, -8.0)
        who.profile.save()
    refresh.refresh()
    assert "10–25 km" in signed_in(learner).get("/matches/mentor/").content.decode()
    grafter.profile.place_visibility = Visibility.MATCHING
    grafter.profile.save()
    page = signed_in(learner).get("/matches/mentor/").content.decode()
    assert "Greta Graft" in page
    assert "Hidden Hollow" not in page
    assert " km" not in page


def test_it_tells_somebody_under_18_why_there_are_none(minor: Member) -> None:
    page = signed_in(minor).get("/matches/mentor/").content.decode()
    assert "18 or older" in page


def test_it_says_that_it_is_still_reading(learner: Member, grafter: Member) -> None:
    assert "still reading" in signed_in(learner).get("/matches/mentor/").content.decode()
    refresh.refresh()
    assert "still reading" not in signed_in(learner).get("/matches/mentor/").content.decode()


def test_it_puts_aside_and_takes_back(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    browser = signed_in(learner)
    assert browser.get(f"/matches/mentor/{grafter.handle}/dismiss/").status_code == 405
    for _twice in range(2):
        assert browser.post(f"/matches/mentor/{grafter.handle}/dismiss/").status_code == 302
    assert "Greta Graft" not in browser.get("/matches/mentor/").content.decode()
    assert "Greta Graft" in browser.get("/matches/dismissed/").content.decode()
    browser.post(f"/matches/mentor/{grafter.handle}/restore/")
    assert "Greta Graft" in browser.get("/matches/mentor/").content.decode()


@pytest.mark.parametrize("address", ["/matches/", "/matches/mentor/"])
def test_it_asks_the_database_as_often_for_20_as_for_10(
    address: str, learner: Member, says: Any, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for _round in range(2):
        for _one in range(10):
            mentor = MemberFactory()
            says(mentor, "offer", "graft apple trees in March")
            says(mentor, "need", "a hand with hay making")
        refresh.refresh()
        browser = signed_in(learner)
        browser.get(address)
        with django_assert_max_num_queries(12) as queries:
            assert browser.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
