"""Openings for a person and people for an opening, as pages show them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.members.models import Block, Member, Profile, Statement
from community.openings.models import OpeningLine, Posting
from matching import placing, privacy, refresh
from matching.models import Placement
from tests.conftest import signed_in
from tests.factories import MemberFactory, OpeningFactory


@pytest.fixture
def orchard(smith: Member) -> Any:
    """An apprenticeship in which one learns to graft."""
    return OpeningFactory(
        title="A year in the orchard", author=smith, lines=[OpeningLine(text="graft apple trees and pears")]
    )


def shown_to(who: Member, orchard: Any) -> str:
    refresh.refresh()
    placing.place()
    return signed_in(who).get(f"/matches/openings/{orchard.slug}/").text


def test_the_learner_finds_the_opening_and_the_poster_the_learner(
    learner: Member, grafter: Member, smith: Member, orchard: Any
) -> None:
    text = shown_to(smith, orchard)
    assert learner.name in text and "learn to graft apple trees" in text and grafter.name not in text
    mine = signed_in(learner).get("/matches/openings/").text
    assert orchard.title in mine and "graft apple trees and pears" in mine
    assert f"/matches/openings/{orchard.slug}/" in signed_in(smith).get(orchard.url).text


def test_only_the_poster_sees_people(learner: Member, as_steward: Client, orchard: Any) -> None:
    placing.place()
    for who in (as_steward, signed_in(learner)):
        assert who.get(f"/matches/openings/{orchard.slug}/").status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"open_to": ["mentor"]}, {"open_to": []}, {"is_paused": True}, {"is_matched": False}],
    ids=["closed as a learner", "closed", "paused", "not matched"],
)
def test_consent_counts_at_the_next_request(learner: Member, smith: Member, orchard: Any, change: Any) -> None:
    assert learner.name in shown_to(smith, orchard)
    Profile.objects.filter(member=learner).update(**change)
    assert learner.name not in signed_in(smith).get(f"/matches/openings/{orchard.slug}/").text


def test_a_block_and_a_closed_account_count_at_once(learner: Member, smith: Member, orchard: Any) -> None:
    assert learner.name in shown_to(smith, orchard)
    Member.objects.filter(pk=learner.pk).update(is_active=False)
    assert learner.name not in signed_in(smith).get(f"/matches/openings/{orchard.slug}/").text
    Member.objects.filter(pk=learner.pk).update(is_active=True)
    Block.put(learner, smith)
    assert learner.name not in signed_in(smith).get(f"/matches/openings/{orchard.slug}/").text
    assert orchard.title not in signed_in(learner).get("/matches/openings/").text


def test_a_line_that_is_hidden_since_is_not_quoted(learner: Member, smith: Member, orchard: Any) -> None:
    shown_to(smith, orchard)
    Statement.objects.filter(profile__member=learner).update(visibility="matching")
    assert "learn to graft apple trees" not in signed_in(smith).get(f"/matches/openings/{orchard.slug}/").text


def test_what_is_closed_or_applied_for_is_left_out(learner: Member, smith: Member, orchard: Any) -> None:
    shown_to(smith, orchard)
    client = signed_in(learner)
    orchard.apply(learner, "I would like to learn to graft very much.")
    assert orchard.title not in client.get("/matches/openings/").text
    Placement.objects.all()
    type(orchard).objects.update(closes_on=timezone.localdate() - timedelta(days=1))
    other = MemberFactory()
    assert orchard.title not in signed_in(other).get("/matches/openings/").text


def test_somebody_under_18_is_in_no_list(learner: Member, smith: Member, orchard: Any) -> None:
    Member.objects.filter(pk=learner.pk).update(is_adult=False)
    assert learner.name not in shown_to(smith, orchard)
    assert not Placement.objects.filter(member=learner).exists()
    assert orchard.title not in signed_in(learner).get("/matches/openings/").text


def test_how_far_somebody_goes_is_heeded(learner: Member, smith: Member, orchard: Any) -> None:
    Profile.objects.filter(member=learner).update(cell_lat=54.0, cell_lon=-3.0, place_visibility="matching", max_km=50)
    Posting.objects.create(opening=orchard, cell_lat=54.1, cell_lon=-3.0)
    assert learner.name in shown_to(smith, orchard)
    Posting.objects.update(cell_lat=58.0)
    assert learner.name not in shown_to(smith, orchard)


def test_it_is_made_anew_and_not_twice(learner: Member, smith: Member, orchard: Any) -> None:
    shown_to(smith, orchard)
    before = Placement.objects.count()
    placing.place()
    assert Placement.objects.count() == before > 0


def test_it_is_given_out_and_forgotten(learner: Member, smith: Member, orchard: Any) -> None:
    shown_to(smith, orchard)
    assert {row["opening"] for row in privacy.export(learner)["openings_that_suit"]} == {orchard.title}
    privacy.erase(learner)
    assert not Placement.objects.filter(member=learner).exists()


def test_it_asks_the_database_as_often_for_12_as_for_6(
    learner: Member, smith: Member, orchard: Any, django_assert_max_num_queries: Any
) -> None:
    shown_to(smith, orchard)
    row, client, counts = Placement.objects.filter(side="opening").first(), signed_in(smith), []
    assert row is not None
    for _round in range(2):
        Placement.objects.bulk_create(
            Placement(side="opening", opening=orchard, member=MemberFactory(), score=0.4, reasons=row.reasons)
            for _one in range(5)
        )
        client.get(f"/matches/openings/{orchard.slug}/")
        with django_assert_max_num_queries(15) as asked:
            client.get(f"/matches/openings/{orchard.slug}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
