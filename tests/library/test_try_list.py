"""Reading the tries of a page: the list, its filters, the map, the years; and what a steward takes from it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from community.library.models import Trial
from community.library.models.drawing import TriesByYear, TriesMap, letters
from community.members.models import Block, Member, Profile
from community.members.models.cell import Cell
from community.trust.models import Audit, AuditVerb
from tests.conftest import signed_in
from tests.factories import MemberFactory, SeasonFactory, StoryFactory, TrialFactory
from tests.library.test_story_queries import picture

pytestmark = pytest.mark.django_db


def read(story: Any, client: Client | None = None, **query: str) -> Any:
    answer = (client or Client()).get(f"{story.url}tries/", query)
    assert answer.status_code == 200
    return answer


def shown(story: Any, client: Client | None = None, **query: str) -> list[str]:
    return [trial.learned for trial in read(story, client, **query).context["trials"]]


def text_of(answer: Any) -> str:
    main = answer.content.decode().partition("<main")[2].partition("</main")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_it_lists_the_last_told_first_and_counts_them() -> None:
    story = StoryFactory()
    for outcome in ("worked", "failed", "partly", "worked"):
        TrialFactory(page=story, outcome=outcome, learned=outcome)
    assert shown(story) == ["worked", "partly", "failed", "worked"]
    for address in (f"{story.url}tries/", story.url):
        assert "4 tries: 2 worked, 1 in part, 1 failed" in text_of(Client().get(address))


def test_it_shows_small_numbers_as_they_are() -> None:
    story = StoryFactory()
    TrialFactory(page=story, outcome="failed", soil="clay")
    assert "1 try: 0 worked, 0 in part, 1 failed" in text_of(Client().get(story.url))
    TrialFactory(page=story, outcome="failed", soil="clay")
    TrialFactory(page=story, outcome="worked", soil="sand")
    text = text_of(Client().get(story.url))
    assert "Clay : 0 of 2 worked" in text and "Sand : 1 of 1 worked" in text


def test_it_invites_where_nobody_tried_it() -> None:
    story = StoryFactory()
    assert "Nobody has told yet" in text_of(Client().get(story.url))
    assert "Nobody has told of a try yet" in text_of(read(story))
    assert f'href="{story.url}tried/"' in Client().get(story.url).content.decode()


def test_it_says_on_the_card_how_many_worked() -> None:
    story, other = StoryFactory(), StoryFactory()
    TrialFactory(page=story, outcome="failed")
    TrialFactory(page=story)
    html = text_of(Client().get("/stories/"))
    assert html.count("Tried:") == 1 and "Tried: 1 of 2 worked" in html
    assert other.title in html


def test_it_filters() -> None:
    story = StoryFactory()
    TrialFactory(page=story, learned="a", soil="clay", outcome="failed", season=SeasonFactory(slug="winter"))
    TrialFactory(page=story, learned="b", soil="clay", season=SeasonFactory(slug="summer"), climate="coast")
    TrialFactory(page=story, learned="c", soil="sand", scale="team")
    assert shown(story, soil="clay") == ["b", "a"]
    assert shown(story, soil="clay", outcome="failed") == ["a"]
    assert shown(story, season="summer") == ["b"] == shown(story, climate="coast")
    assert shown(story, scale="team") == ["c"]
    assert shown(story, soil="sand", outcome="failed") == []
    answer = read(story, soil="clay", outcome="failed")
    assert {"label": "Clay", "url": "?outcome=failed"} in answer.context["form"].active
    assert "3 tries" in text_of(answer)  # the whole stays in view


@pytest.mark.parametrize(
    "query", [{"soil": "peat"}, {"soil": "\x00"}, {"outcome": "'"}, {"season": "x" * 10_000}, {"page": "9" * 5000},
              {"page": "-1"}, {"unknown": "x"}]
)  # fmt: skip
def test_it_passes_over_values_that_nobody_gave(query: dict[str, str]) -> None:
    story = StoryFactory()
    TrialFactory(page=story, learned="the one", soil="clay")
    assert shown(story, **query) == ["the one"]


def test_it_passes_over_half_a_letter() -> None:
    story = StoryFactory()
    TrialFactory(page=story, learned="the one", soil="clay")
    assert Client().get(f"{story.url}tries/?soil=%ED%A0%BD&page=%ED%A0%BD&outcome=%FF").status_code == 200


def test_it_is_not_there_where_the_story_is_not(member: Member, as_member: Client) -> None:
    story = StoryFactory()
    trial = TrialFactory(page=story, learned="inside")
    PageViewRestriction.objects.create(page=story, restriction_type=PageViewRestriction.LOGIN)
    for address in (f"{story.url}tries/", trial.get_absolute_url()):
        assert Client().get(address).status_code == 404
        assert as_member.get(address).status_code == 200
    story.unpublish()
    assert as_member.get(f"{story.url}tries/").status_code == 404
    assert not Trial.objects.visible_to(member).exists()


def test_it_shows_and_counts_nothing_across_a_block(member: Member, stranger: Member) -> None:
    story = StoryFactory()
    trial = TrialFactory(page=story, member=member, learned="kept away")
    TrialFactory(page=story, learned="seen")
    assert shown(story, signed_in(stranger)) == ["seen", "kept away"]
    Block.put(member, stranger)
    for client in (signed_in(stranger),):
        assert shown(story, client) == ["seen"]
        for address in (story.url, f"{story.url}tries/"):
            assert "1 try: 1 worked" in text_of(client.get(address))
        assert client.get(trial.get_absolute_url()).status_code == 404
        assert "Tried: 1 of 1 worked" in text_of(client.get("/stories/"))
    Block.lift(member, stranger)
    Block.put(stranger, member)
    assert shown(story, signed_in(stranger)) == ["seen"]
    assert shown(story) == ["seen", "kept away"]  # everybody else counts both


# --- The map and the years --------------------------------------------------------------------------------------


def test_it_draws_squares_and_says_the_same_in_a_table() -> None:
    story = StoryFactory()
    home, away = Cell.around(54.3, -3.1), Cell.around(52.0, -4.0)
    for cell, place, outcome in ((home, "Tolver", "worked"), (home, "Coniston", "failed"), (away, "Bala", "worked")):
        one = MemberFactory(profile={"cell_lat": cell.lat, "cell_lon": cell.lon, "place": place})
        TrialFactory(page=story, member=one, place=place, outcome=outcome, is_on_map=True)
    TrialFactory(page=story, place="Nowhere")
    answer = read(story)
    first, second = answer.context["map"].spots
    assert (first.letters, first.total, first.worked, first.places) == ("A", 2, 1, ["Coniston", "Tolver"])
    assert (second.letters, second.places) == ("B", ["Bala"])
    assert second.y > first.y and second.x < first.x  # further south and west
    text = text_of(answer)
    assert "A Coniston, Tolver 1 0 1" in text and "1 more try is not on the map" in text
    html = answer.content.decode()
    for exact in ("54.3", "-3.1", str(home.lat), str(home.lon)):
        assert exact not in html  # only places on paper
    assert (
        "<svg" in html
        and "http" not in html[html.index("<svg viewBox") : html.index("</svg>", html.index("<svg viewBox"))]
    )


def test_it_draws_one_square_and_many() -> None:
    one = TriesMap.of([(54.3, -3.1, "", "worked")])
    assert [(spot.x, spot.y) for spot in one.spots] == [(one.width // 2, one.height // 2)]
    assert TriesMap.of([]).spots == [] and TriesMap.of([(None, None, "x", "failed")]).without == 1
    many = TriesMap.of(
        [(lat / 10, lon / 10, "", "failed") for lat in range(-900, 900, 90) for lon in range(-1800, 1800, 180)]
    )
    assert len(many.spots) == 400
    near = TriesMap.of([(54.3 + n * 0.09, -3.1, "", "worked") for n in range(3)])
    for drawn in (one, near, many):  # no square is cut off at the edge
        assert all(drawn.half <= spot.x <= drawn.width - drawn.half for spot in drawn.spots)
        assert all(drawn.half <= spot.y <= drawn.height - drawn.half for spot in drawn.spots)
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_it_draws_the_years() -> None:
    story = StoryFactory()
    for year, outcome in ((2022, "worked"), (2022, "failed"), (2024, "partly")):
        TrialFactory(page=story, year=year, outcome=outcome)
    answer = read(story)
    years = answer.context["years"].years
    assert [(one.label, one.worked, one.partly, one.failed) for one in years] == [("2022", 1, 0, 1), ("2024", 0, 1, 0)]
    assert sum(part.height for part in years[0].parts) == 2 * sum(part.height for part in years[1].parts)
    assert "2022 1 0 1" in text_of(answer)


def test_it_takes_far_years_together() -> None:
    years = TriesByYear.of((year, "worked") for year in range(1950, 2025)).years
    assert len(years) == 20 and years[0].label == "–2005" and sum(one.total for one in years) == 75


# --- What a steward does ----------------------------------------------------------------------------------------


def test_a_steward_hides_it_and_shows_it_again(steward: Member, stranger: Member, as_steward: Client) -> None:
    story = StoryFactory()
    trial = TrialFactory(page=story, member=stranger, learned="rude")
    address = trial.get_absolute_url()
    assert "Take it from the page" in as_steward.get(address).content.decode()
    assert as_steward.post(f"{address}hide/", {"reason": ""}).status_code == 422
    assert as_steward.post(f"{address}hide/", {"reason": "It insults somebody."}).status_code == 302
    assert shown(story) == [] == shown(story, as_steward)
    assert "Nobody has told yet" in text_of(Client().get(story.url))
    assert Client().get(address).status_code == 404
    assert "A steward has taken this" in signed_in(stranger).get(address).content.decode()
    audit = Audit.objects.get()
    assert (audit.actor, audit.verb, audit.member, audit.reason) == (
        steward, AuditVerb.HIDE, stranger, "It insults somebody.",
    )  # fmt: skip
    assert as_steward.post(f"{address}show/", {"reason": "It was a mistake."}).status_code == 302
    assert shown(story) == ["rude"]


def test_nobody_else_hides_it(steward: Member, as_steward: Client, as_stranger: Client) -> None:
    story = StoryFactory()
    trial, own = TrialFactory(page=story), TrialFactory(page=story, member=steward)
    assert as_stranger.post(f"{trial.get_absolute_url()}hide/", {"reason": "I do not like it"}).status_code == 404
    assert as_steward.post(f"{own.get_absolute_url()}hide/", {"reason": "Mine"}).status_code == 404
    assert as_steward.get(f"{trial.get_absolute_url()}hide/").status_code == 405
    assert Trial.objects.filter(hidden_at=None).count() == 2


def test_it_can_be_reported_by_whoever_reads_it(as_member: Client) -> None:
    trial = TrialFactory()
    assert f"/report/?url={trial.get_absolute_url()}" in as_member.get(trial.get_absolute_url()).content.decode()


# --- How often the database is asked ----------------------------------------------------------------------------


def queries(address: str, client: Client) -> list[str]:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


@pytest.mark.parametrize("is_signed_in", [False, True])
@pytest.mark.parametrize("tail", ["", "tries/"])
def test_it_asks_as_often_for_20_tries_as_for_10(as_member: Client, tail: str, is_signed_in: bool) -> None:
    client = as_member if is_signed_in else Client()
    story, season = StoryFactory(), SeasonFactory()
    counts = []
    for _turn in range(2):
        for number in range(10):
            trial = TrialFactory(page=story, soil=["clay", "sand"][number % 2], season=season)
            Trial.objects.filter(pk=trial.pk).update(picture=picture(), created_at=timezone.now())
        counts.append(queries(f"{story.url}{tail}", client))
    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])
    assert len(counts[1]) <= 12, "\n".join(counts[1])


def test_reading_writes_nothing(as_member: Client) -> None:
    trial = TrialFactory()
    for address in (f"{trial.page.url}tries/", trial.get_absolute_url(), f"{trial.page.url}tried/"):
        assert not [sql for sql in queries(address, as_member) if sql.split()[0] in {"INSERT", "UPDATE", "DELETE"}]


def test_the_list_of_stories_asks_as_often_whoever_tried_them(as_member: Client) -> None:
    stories = [StoryFactory() for _n in range(6)]
    before = queries("/stories/", as_member)
    for story in stories:
        TrialFactory(page=story)
    assert len(queries("/stories/", as_member)) == len(before) <= 12


def test_profiles_stay_as_they_are(stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(cell_lat=54.3, cell_lon=-3.1)
    TrialFactory(member=stranger, is_on_map=True)
    stranger.profile.refresh_from_db()
    assert (stranger.profile.cell_lat, stranger.profile.place_changes) == (54.3, 0)
