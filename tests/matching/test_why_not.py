"""Why somebody is not suggested: told from what both may know, and the same to the byte whatever is private."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from community.connections.models import Connection
from community.members.models import Block, Member, Visibility
from matching import refresh
from matching.models import Suggestion
from matching.why import Answer, answers
from tests.conftest import signed_in
from tests.factories import MemberFactory

FURTHER_DOWN = "They stand further down"


def bytes_of(viewer: Member, handle: str) -> str:
    """The whole answer, without what is new at every request."""
    answer = signed_in(viewer).get(f"/matches/why/{handle}/")
    page = answer.content.decode().replace(handle, "HANDLE")
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", page)
    return f"{answer.status_code} {page}"


@pytest.fixture
def down(learner: Member, grafter: Member) -> Member:
    """The grafter as somebody who is near enough, and yet not kept among the suggestions."""
    refresh.refresh()
    Suggestion.objects.all().delete()
    return grafter


def test_it_asks_a_visitor_to_sign_in(client: Client, grafter: Member) -> None:
    assert client.get(f"/matches/why/{grafter.handle}/").headers["Location"].startswith("/accounts/login/")


def test_it_says_that_they_are_suggested_put_aside_or_met(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    assert answers(learner, grafter)["mentor"] is Answer.SHOWN
    assert "They are among your suggestions" in bytes_of(learner, grafter.handle)
    Suggestion.objects.get(member=learner, kind="mentor").dismiss()
    assert answers(learner, grafter)["mentor"] is Answer.DISMISSED
    Connection.objects.create(asker=learner, asked=grafter, kind="mentorship")
    assert set(answers(learner, grafter).values()) == {Answer.MET}


def test_it_says_that_they_show_nothing_that_could_be_compared(learner: Member, smith: Member) -> None:
    refresh.refresh()
    assert set(answers(learner, smith).values()) == {Answer.FURTHER_DOWN}
    smith.profile.statements.filter(side="offer").update(can_teach=False)
    found = answers(learner, smith)
    assert (found["mentor"], found["collaborator"]) == (Answer.NOTHING_SHOWN, Answer.FURTHER_DOWN)
    smith.profile.statements.update(visibility=Visibility.MATCHING)
    assert set(answers(learner, smith).values()) == {Answer.NOTHING_SHOWN}


def pause(who: Member, _viewer: Member) -> None:
    who.profile.is_paused = True


def close_as_mentor(who: Member, _viewer: Member) -> None:
    who.profile.open_to = ["peer"]


def leave_matching(who: Member, _viewer: Member) -> None:
    who.profile.is_matched = False


def fill_up(who: Member, _viewer: Member) -> None:
    who.profile.capacity = 0


def list_viewer(who: Member, viewer: Member) -> None:
    who.profile.not_with.add(viewer)


def want_nobody_of_the_trade(who: Member, viewer: Member) -> None:
    who.profile.not_own_trade_km = 500


def want_nobody_from_afar(who: Member, viewer: Member) -> None:
    who.profile.max_km = 1


def write_for_oneself(who: Member, viewer: Member) -> None:
    who.profile.statements.create(side="offer", text="learn to graft apple trees", visibility=Visibility.ME)


def write_for_matching(who: Member, viewer: Member) -> None:
    who.profile.statements.create(side="need", text="a hand with hay making", visibility=Visibility.MATCHING)


@pytest.mark.parametrize(
    "act",
    [pause, close_as_mentor, leave_matching, fill_up, list_viewer, want_nobody_of_the_trade, want_nobody_from_afar,
     write_for_oneself, write_for_matching],
)  # fmt: skip
def test_it_answers_the_same_to_the_byte_whatever_they_keep_to_themselves(
    act: Callable[[Member, Member], None], learner: Member, down: Member
) -> None:
    before = bytes_of(learner, down.handle)
    assert FURTHER_DOWN in before
    act(down, learner)
    down.profile.save()
    down.profile.touch()
    refresh.embed()
    Suggestion.objects.all().delete()
    assert bytes_of(learner, down.handle) == before


def test_it_answers_as_for_nobody_where_one_of_the_two_blocked_the_other(learner: Member, down: Member) -> None:
    nobody = bytes_of(learner, "nobody-of-this-name")
    assert nobody.startswith("404")
    for blocker, blocked in ((down, learner), (learner, down)):
        Block.put(blocker, blocked)
        assert bytes_of(learner, down.handle).replace("HANDLE", "") == nobody.replace("HANDLE", "")
        Block.lift(blocker, blocked)
    assert bytes_of(learner, down.handle).startswith("200")


@pytest.mark.parametrize("hide", [{"is_active": False}, {"is_adult": False}])
def test_it_answers_404_for_whom_one_may_not_see(hide: dict[str, bool], learner: Member, down: Member) -> None:
    Member.objects.filter(pk=down.pk).update(**hide)
    assert bytes_of(learner, down.handle).startswith("404")


def test_it_has_no_page_about_oneself_nor_for_somebody_under_18(learner: Member, down: Member, minor: Member) -> None:
    assert bytes_of(learner, learner.handle).startswith("404")
    assert bytes_of(minor, down.handle).startswith("404")


def test_it_tells_what_one_has_set_oneself(learner: Member, down: Member) -> None:
    learner.profile.not_with.add(down)
    assert set(answers(learner, down).values()) == {Answer.NOT_WITH}
    learner.profile.not_with.clear()
    learner.profile.capacity = 0
    learner.profile.save()
    found = answers(learner, down)
    assert (found["apprentice"], found["mentor"]) == (Answer.FULL, Answer.FURTHER_DOWN)
    learner.profile.is_matched = False
    assert set(answers(learner, down).values()) == {Answer.OFF}


def test_it_tells_of_languages_and_distance_only_what_both_show(learner: Member, down: Member) -> None:
    down.profile.languages = ["pl"]
    for who, lat in ((learner, 50.1), (down, 52.9)):
        who.profile.move_to(lat, -8.0)
        who.profile.save()
    assert answers(learner, down)["mentor"] is Answer.LANGUAGE
    down.profile.languages_visibility = Visibility.MATCHING
    down.profile.save()
    assert answers(learner, down)["mentor"] is Answer.FURTHER_DOWN
    learner.profile.max_km = 20
    learner.profile.save()
    assert answers(learner, down)["mentor"] is Answer.TOO_FAR
    down.profile.place_visibility = Visibility.MATCHING
    down.profile.save()
    assert answers(learner, down)["mentor"] is Answer.FURTHER_DOWN


def test_it_says_that_nothing_was_read_yet(learner: Member, grafter: Member) -> None:
    assert set(answers(learner, grafter).values()) == {Answer.UNREAD}


def test_it_counts_as_a_look_at_somebody(
    learner: Member, down: Member, monkeypatch: pytest.MonkeyPatch, stranger: Member
) -> None:
    cache.clear()
    monkeypatch.setattr("community.members.models.Glances.MOST", 1)
    browser = signed_in(learner)
    assert browser.get(f"/matches/why/{down.handle}/").status_code == 200
    assert browser.get(f"/matches/why/{stranger.handle}/").status_code == 429


def test_it_asks_the_database_as_often_for_20_as_for_10(
    learner: Member, down: Member, says: Any, django_assert_max_num_queries: Any
) -> None:
    counts = []
    browser = signed_in(learner)
    for _round in range(2):
        for _one in range(10):
            says(MemberFactory(), "offer", "graft apple trees in March")
            says(down, "offer", f"graft pear trees of kind {_one} {_round}")
        refresh.embed()
        browser.get(f"/matches/why/{down.handle}/")
        with django_assert_max_num_queries(30) as queries:
            assert browser.get(f"/matches/why/{down.handle}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
