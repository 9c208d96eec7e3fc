"""What stewards see: how much each feature counts, and whether the same few are always suggested."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from community.members.models import Member
from matching import privacy, refresh, weights
from matching.engine import fuse
from matching.engine.kinds import Relation
from matching.engine.learn import basis_of
from matching.models import Learned, Suggestion
from matching.views.steward import FEATURE_WORDS, TABLE_WORDS
from matching.weights import WeightsUnsound, shipped, spread
from tests.factories import MemberFactory

ADDRESS = "/steward/matching/"
SOUND: dict[str, Any] = {
    "kinds": {"mentor": {"features": ["whole", "trade", "odd_one"], "coef": [4.0, -1.0, 2], "intercept": -3.0}},
    "provenance": {"data": "ESCO 1.2", "made_on": "2026-11-26"},
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the weights lie in these tests; nothing is there yet."""
    place = tmp_path / "fusion.json"
    plain = weights.shipped
    monkeypatch.setattr(weights, "shipped", lambda: plain(place))
    return place


def test_it_is_there_for_stewards_alone(as_member: Client, client: Client, as_steward: Client, file: Path) -> None:
    assert as_member.get(ADDRESS).status_code == client.get(ADDRESS).status_code == 404
    assert as_steward.post(ADDRESS).status_code == 405
    page = as_steward.get(ADDRESS)
    assert page.status_code == 200
    assert "There are no weights here" in page.content.decode()
    assert ADDRESS in as_steward.get("/steward/").content.decode()


def test_it_draws_the_weights_the_weightiest_first(as_steward: Client, file: Path) -> None:
    file.write_text(json.dumps(SOUND))
    page = as_steward.get(ADDRESS).content.decode()
    places = [page.index(words) for words in ("The profile as a whole", "odd one", "What people of such a trade")]
    assert places == sorted(places)
    assert 'class="bar__plus" x="100" y="1" width="100"' in page
    assert 'class="bar__minus" x="75" y="1" width="25"' in page
    assert "ESCO 1.2" in page and "4.00" in page and "-1.00" in page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"kinds": []}',
        '{"kinds": {"mentor": {"features": ["a"], "coef": [1, 2]}}}',
        '{"kinds": {"mentor": {"features": ["a"], "coef": [NaN]}}}',
        '{"kinds": {"mentor": {"features": ["a"], "coef": ["much"]}}}',
        '{"kinds": {"mentor": {"coef": [1]}}}',
    ],
)
def test_it_says_that_the_file_is_broken(text: str, as_steward: Client, file: Path) -> None:
    file.write_text(text)
    with pytest.raises(WeightsUnsound, match="train_fusion"):
        shipped(file)
    page = as_steward.get(ADDRESS)
    assert page.status_code == 200 and "train_fusion" in page.content.decode()


def test_it_understands_features_that_stand_once_for_all(file: Path) -> None:
    kinds = {"wish": {"coef": [1, -3]}, "ask": {"coef": [2, 0], "features": ["x", "y"]}}
    file.write_text(json.dumps({"features": ["a", "b"], "kinds": kinds}))
    found, provenance = weights.shipped()
    assert [(row.feature, row.value) for row in found["wish"]] == [("b", -3), ("a", 1)]
    assert [row.feature for row in found["ask"]] == ["x", "y"] and provenance == {}


def test_it_understands_the_file_that_is_shipped() -> None:
    kinds, _provenance = shipped()
    assert bool(kinds) == weights.SHIPPED.exists()
    for rows in kinds.values():
        assert {row.feature for row in rows} <= set(FEATURE_WORDS)
    assert set(kinds) <= set(TABLE_WORDS)


def test_it_counts_how_evenly_people_are_shown(as_steward: Client, member: Member, file: Path) -> None:
    people = [MemberFactory() for _ in range(10)]
    for viewer in people[:4]:
        Suggestion.objects.create(member=viewer, kind="mentor", other=people[9], score=0.5)
    found = weights.exposure()["mentor"]
    assert found.people == 12 and found.never == 11
    assert found.gini == pytest.approx(11 / 12) and found.busiest == pytest.approx(12)
    page = as_steward.get(ADDRESS).content.decode()
    assert "12 people" in page and "11 people" in page and "0.92" in page


def test_it_leaves_out_who_may_not_be_shown(member: Member, minor: Member) -> None:
    for number, profile in enumerate([{"open_to": []}, {"is_matched": False}, {"is_paused": True}, *[{}] * 5]):
        MemberFactory(name=f"Number {number}", profile=profile)
    assert weights.exposure()["mentor"].people == 6


def test_it_tells_no_small_number_of_people(as_steward: Client, learner: Member, grafter: Member, file: Path) -> None:
    refresh.refresh()
    found = weights.exposure()["mentor"]
    assert (found.people, found.gini, found.busiest, found.never, found.fifths) == (None, None, None, None, ())
    assert "fewer than 5 people" in as_steward.get(ADDRESS).content.decode()


def test_it_shows_fifths_only_of_five_or_more(as_steward: Client) -> None:
    assert spread([1] * 24).fifths == ()
    assert spread([1] * 25).fifths == pytest.approx((0.2,) * 5)
    assert spread([0] * 20 + [7] * 5).fifths == (1, 0, 0, 0, 0)


@given(st.lists(st.integers(0, 50), max_size=60))
def test_it_keeps_every_figure_in_its_range_and_in_any_order(counts: list[int]) -> None:
    found = spread(counts)
    assert found == spread(sorted(counts))
    assert found.never is None or found.never >= 5
    if found.gini is not None and found.busiest is not None:
        assert -1e-9 <= found.gini < 1 and found.busiest >= 1 - 1e-9
    if found.fifths:
        assert sum(found.fifths) == pytest.approx(1)
        assert list(found.fifths[:1]) == [max(found.fifths)] or len(counts) % 5
    assert (found.gini is None) == (len(counts) < 5 or not any(counts))


def test_it_asks_the_database_as_often_for_20_as_for_10(
    as_steward: Client, django_assert_max_num_queries: Any, file: Path
) -> None:
    counts = []
    as_steward.get(ADDRESS)
    for _round in range(2):
        for _one in range(10):
            Suggestion.objects.create(member=MemberFactory(), kind="mentor", other=MemberFactory(), score=0.5)
        with django_assert_max_num_queries(14) as queries:
            assert as_steward.get(ADDRESS).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- What was learned here --------------------------------------------------------------------------------------

FIGURES = {
    "verdict": "better", "outcomes": 412, "people": 37, "held_back": 123, "loss": [0.66, 0.61], "auc": [0.61, 0.684],
    "loss_gain": [0.02, 0.08], "auc_gain": [0.031, 0.112],
}  # fmt: skip


def lesson(**change: Any) -> Learned:
    """What was learned of wishes; of everything else there is too little."""
    own = fuse.shipped()[Relation.WISH]
    written = {"coef": list(own.weights), "intercept": own.bias}
    other = {"coef": [round(one + 0.111, 4) for one in own.weights], "intercept": own.bias}
    wish = FIGURES | {"shipped": written, "learned": other} | change
    few = {"verdict": "too_few", "outcomes": 3, "people": 2, "shipped": written}
    return Learned.objects.create(basis=basis_of("words"), lessons={"wish": wish, "cold": few})


def test_it_says_that_nothing_was_learned_yet(as_steward: Client) -> None:
    page = as_steward.get(ADDRESS).content.decode()
    assert "Nothing yet." in page and "Learned here" not in page and "200 answers by 30 people" in page


def test_it_lays_what_was_learned_beside_what_the_site_came_with(as_steward: Client) -> None:
    lesson()
    page = as_steward.get(ADDRESS).content.decode()
    assert "In use" in page and "412 · 37" in page and "61 as it came, 68 as learned" in page
    assert "0.660 as it came, 0.610 as learned" in page and "3.1 · 11.2" in page
    assert page.count('<th scope="col">Learned here</th>') == 1, "only where something was learned"
    whole = fuse.shipped()[Relation.WISH].weights[0]
    assert f">{whole + 0.111:.2f}</td>" in page
    assert "Not enough answers yet" in page and ">3 · 2<" not in page, "few people are not counted out loud"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": "not_better"}, "it is not surely better"),
        ({"shipped": {"coef": [0.0] * 10, "intercept": 0.0}}, "the site has come with other weights"),
    ],
)
def test_it_says_why_it_is_not_in_use(change: dict[str, Any], words: str, as_steward: Client) -> None:
    lesson(**change)
    page = as_steward.get(ADDRESS).content.decode()
    assert words in page and "In use:" not in page and "Go back to" not in page


def test_a_steward_goes_back_with_one_button_and_it_stays_so(as_steward: Client, steward: Member) -> None:
    made = lesson()
    assert Learned.weights(made.basis) != fuse.shipped()
    for _twice in range(2):
        assert as_steward.post(f"{ADDRESS}stop/").status_code == 302
    assert Learned.weights(made.basis) == fuse.shipped()
    assert DBTaskResult.objects.count() == 1, "everybody's lists are made anew, once"
    page = as_steward.get(ADDRESS).content.decode()
    assert f"{steward.name} went back" in page and "a steward went back" in page
    later = Learned.keep(made.basis, {})
    assert later.stopped_at and later.stopped_by == steward, "and no later month changes that by itself"
    as_steward.post(f"{ADDRESS}resume/")
    assert Learned.objects.get(pk=later.pk).stopped_at is None
    assert DBTaskResult.objects.count() == 2


def test_the_buttons_are_for_stewards_alone(as_member: Client, client: Client, as_steward: Client) -> None:
    made = lesson()
    for address in (f"{ADDRESS}stop/", f"{ADDRESS}resume/"):
        assert as_member.post(address).status_code == client.post(address).status_code == 404
        assert as_steward.get(address).status_code == 405
    made.refresh_from_db()
    assert made.stopped_at is None
    Learned.objects.all().delete()
    assert as_steward.post(f"{ADDRESS}stop/").status_code == 302


def test_a_steward_who_is_erased_is_named_no_more(as_steward: Client, steward: Member) -> None:
    lesson()
    as_steward.post(f"{ADDRESS}stop/")
    privacy.erase(steward)
    assert Learned.newest().stopped_by is None and Learned.newest().stopped_at
