"""What a suggestion says besides the name: how likely it fits, how well the other knows it, what falls short."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from community.members.models import Member, Visibility
from matching import privacy, refresh
from matching.engine import pipeline
from matching.models import Suggestion
from matching.models.suggestion import BANDS
from tests.conftest import signed_in
from tests.factories import MemberFactory


def page_of(who: Member, kind: str = "mentor") -> str:
    return signed_in(who).get(f"/matches/{kind}/").content.decode()


@pytest.mark.parametrize(
    "probability, words",
    [
        (1.0, "A very likely fit"),
        (0.75, "A very likely fit"),
        (0.74, "A likely fit"),
        (0.5, "A likely fit"),
        (0.3, "Worth a look"),
        (0.0, "A long shot"),
        (None, ""),
    ],
)
def test_it_says_the_probability_in_words(
    probability: float | None, words: str, learner: Member, grafter: Member
) -> None:
    refresh.refresh()
    Suggestion.objects.update(probability=probability)
    page = page_of(learner)
    assert "Greta Graft" in page
    said = [str(band) for _least, band in BANDS if str(band) in page]
    assert said == ([words] if words else [])
    assert privacy.export(learner)["suggestions"][0]["how_likely"] == words


def test_it_keeps_the_probability_that_the_engine_gives(
    learner: Member, grafter: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = pipeline.matches
    monkeypatch.setattr(
        pipeline, "matches", lambda *a, **k: [replace(match, probability=0.6) for match in plain(*a, **k)]
    )
    refresh.refresh()
    assert set(Suggestion.objects.values_list("probability", flat=True)) == {0.6}


def test_it_shows_how_well_the_other_knows_it(learner: Member, grafter: Member) -> None:
    grafter.profile.statements.filter(side="offer").update(level=4, years=20)
    refresh.refresh()
    assert "knows it through and through, 20 years" in page_of(learner)


def test_it_shows_languages_and_seasons_that_both_have_and_the_other_shows(learner: Member, grafter: Member) -> None:
    for who, spoken in ((learner, ["en", "cy", "pl"]), (grafter, ["cy", "pl", "fr"])):
        who.profile.languages, who.profile.seasons = spoken, ["winter", "spring"]
        who.profile.save()
    refresh.refresh()
    page = page_of(learner)
    assert "Cymraeg, Polski" in page and "Français" not in page.split("<footer")[0]  # which offers it to all
    assert "Winter, Spring" in page
    for field in ("languages_visibility", "availability_visibility"):
        setattr(grafter.profile, field, Visibility.MATCHING)
    grafter.profile.save()
    page = page_of(learner)
    assert "Cymraeg" not in page and "Winter" not in page


def test_it_says_that_a_peer_wants_it_and_not_that_they_can_show_it(learner: Member, says: Any) -> None:
    other = MemberFactory(name="Paul Peer")
    says(other, "need", "learn to graft apple trees well")
    refresh.refresh()
    page = page_of(learner, "peer")
    assert "Paul Peer wants" in page and "Paul Peer can show" not in page


@pytest.fixture
def dairy(says: Any) -> Member:
    """Somebody with whey in summer, who looks for straw."""
    who: Member = MemberFactory(name="Dora Dairy")
    says(who, "offer", "whey for pigs", kind="material", quantity=200, unit="l", every=7, from_month=5, to_month=10)
    says(who, "need", "barley straw", kind="material")
    return who


@pytest.fixture
def pigs(says: Any) -> Member:
    """Somebody with pigs, all year, and straw."""
    who: Member = MemberFactory(name="Pia Pigs")
    says(who, "need", "whey for pigs in winter", kind="material", quantity=600, unit="l", every=7, from_month=10,
         to_month=9)  # fmt: skip
    says(who, "offer", "barley straw", kind="material")
    return who


def test_it_says_what_a_thing_falls_short_of(pigs: Member, dairy: Member) -> None:
    refresh.refresh()
    page = page_of(pigs, "collaborator")
    assert "Dora Dairy has" in page
    assert "about 200 l, every week, May to October" in page
    assert "about a third of the amount that is looked for; only in May to October" in page


def test_it_forgets_an_amount_that_was_taken_back(pigs: Member, dairy: Member) -> None:
    refresh.refresh()
    dairy.profile.statements.filter(side="offer").update(quantity=None, unit="", from_month=None, to_month=None)
    page = page_of(pigs, "collaborator")
    assert "Dora Dairy has" in page
    assert "a third" not in page and "only in" not in page


def test_it_shows_none_of_it_for_a_line_that_is_hidden_now(pigs: Member, dairy: Member, client: Client) -> None:
    refresh.refresh()
    dairy.profile.statements.filter(side="offer").update(visibility=Visibility.MATCHING)
    page = page_of(pigs, "collaborator")
    assert "200 l" not in page and "a third" not in page
