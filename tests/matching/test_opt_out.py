"""Matching is a choice: what is used is shown, and who switches it off is out at the next request."""

from typing import Any

import pytest
from django.test import Client

from community.members.models import Block, Member, Visibility
from matching import refresh, roster
from matching.models import Suggestion, Vector
from tests.conftest import signed_in
from tests.members.test_me import send


def page_of(who: Member, address: str) -> str:
    return signed_in(who).get(address).content.decode()


def test_it_takes_somebody_out_before_any_worker_ran(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    assert "Greta Graft" in page_of(learner, "/matches/mentor/")
    send(signed_in(grafter), "/me/allow/", is_matched="")
    assert not Vector.objects.filter(profile=grafter.profile).exists()
    assert not Suggestion.objects.filter(member=grafter).exists()
    assert not Suggestion.objects.filter(other=grafter).exists()
    for kind in ("", "mentor/", "collaborator/"):
        assert "Greta Graft" not in page_of(learner, f"/matches/{kind}")
        assert "Lio Learner" not in page_of(grafter, f"/matches/{kind}")


def test_it_shows_no_row_that_is_left_over(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    type(grafter.profile).objects.filter(pk=grafter.profile.pk).update(is_matched=False)
    assert not Suggestion.objects.visible_to(learner).filter(other=grafter).exists()
    grafter.refresh_from_db()
    assert not Suggestion.objects.visible_to(grafter).exists()


def test_it_reads_nothing_of_them_any_more(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    send(signed_in(grafter), "/me/allow/", is_matched="")
    refresh.follow(grafter.profile.pk)
    refresh.refresh(embed_all=True)
    assert not Vector.objects.filter(profile=grafter.profile).exists()
    assert not roster.matchable([grafter.profile.pk]).exists()
    assert refresh.stale() == (set(), False, set())
    assert refresh.suggestions(grafter, "opening", 10) == refresh.suggestions(grafter, "mentor", 10) == []


def test_it_takes_them_in_again_and_keeps_what_was_put_aside(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    Suggestion.objects.get(member=learner, kind="mentor").dismiss()
    Suggestion.objects.get(member=grafter, kind="apprentice").dismiss()
    send(signed_in(grafter), "/me/allow/", is_matched="")
    refresh.follow(grafter.profile.pk)
    refresh.refresh()
    send(signed_in(grafter), "/me/allow/", is_matched="on")
    refresh.follow(grafter.profile.pk)
    assert Suggestion.objects.get(member=learner, kind="mentor").dismissed_at
    assert Suggestion.objects.get(member=grafter, kind="apprentice").dismissed_at
    assert "Greta Graft" not in page_of(learner, "/matches/mentor/")
    assert "Greta Graft" in page_of(learner, "/matches/collaborator/")


def test_it_lists_what_is_used_for_what_and_where_it_is_changed(grafter: Member, says: Any) -> None:
    says(grafter, "need", "a quiet word about debts", visibility=Visibility.MATCHING)
    hidden = says(grafter, "offer", "a secret for myself", visibility=Visibility.ME)
    page = page_of(grafter, "/matches/data/")
    for line in grafter.profile.statements.all():
        assert line.text in page
        assert f"/me/lines/{line.pk}/" in page
    assert page.count("May be quoted as a reason") == 2
    assert page.count("Compared with what others offer. Never quoted.") == 1
    assert page.split(hidden.text)[1].split("</li>")[0].count("Not used: only you see it.") == 1


def test_it_lists_the_text_and_the_rules_that_are_set(grafter: Member, stranger: Member) -> None:
    plain = page_of(grafter, "/matches/data/")
    assert "Kept both ways" not in plain and "How far you want to go" not in plain
    grafter.profile.about, grafter.profile.about_visibility = "I graft in March.", Visibility.ME
    grafter.profile.max_km, grafter.profile.is_paused = 30, True
    grafter.profile.not_own_trade_km = 10
    grafter.profile.save()
    grafter.profile.not_with.add(stranger)
    Block.put(grafter, stranger)
    page = page_of(grafter, "/matches/data/")
    assert page.split("I graft in March.")[1].split("</li>")[0].count("Not used") == 1
    assert page.count("Kept both ways") == 3
    assert "How far you want to go" in page and "Your pause" in page
    assert stranger.name not in page


def test_it_shows_the_list_to_its_owner_only(client: Client, grafter: Member, learner: Member) -> None:
    assert client.get("/matches/data/").headers["Location"].startswith("/accounts/login/")
    assert "graft old apple trees" not in page_of(learner, "/matches/data/")


def test_it_says_on_the_list_that_matching_is_off(grafter: Member, minor: Member) -> None:
    words = "Your page is not used for matching"
    assert words not in page_of(grafter, "/matches/data/")
    assert words in page_of(minor, "/matches/data/")
    send(signed_in(grafter), "/me/allow/", is_matched="")
    assert words in page_of(grafter, "/matches/data/")


def test_it_asks_the_database_as_often_for_20_as_for_10(
    grafter: Member, says: Any, django_assert_max_num_queries: Any
) -> None:
    counts = []
    browser = signed_in(grafter)
    browser.get("/matches/data/")
    for round_ in range(2):
        for number in range(10):
            says(grafter, "offer", f"graft pear trees of kind {number} {round_}")
        with django_assert_max_num_queries(14) as queries:
            assert browser.get("/matches/data/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("address", ["/matches/data/", "/matches/why/somebody/"])
def test_it_changes_nothing_by_these_pages(address: str, as_member: Client) -> None:
    assert as_member.post(address).status_code == 405
