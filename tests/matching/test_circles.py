"""People who want the same: a steward finds them and tells them; nobody closed is among them."""

import pytest
from django.test import Client

from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from matching import circles, privacy, refresh
from matching.models import FoundCircle
from tests.conftest import signed_in
from tests.factories import MemberFactory, StatementFactory

pytestmark = pytest.mark.django_db
HEDGES, CHEESE = "lay hedges on heavy clay", "make hard cheese from raw milk"


def people(text: str, number: int) -> list[Member]:
    made = MemberFactory.create_batch(number)
    for one in made:
        StatementFactory(profile=one.profile, text=text)
    return list(made)


@pytest.fixture
def hedgers(db: None) -> list[Member]:
    """Five who lay hedges, beside four who make cheese; all of them were read and looked for."""
    hedgers = people(HEDGES, 5)
    people(CHEESE, 4)
    refresh.embed()
    return hedgers


def test_it_finds_them_and_tells_them_when_a_steward_says_so(hedgers: list[Member], as_steward: Client) -> None:
    assert circles.find() == 2 and FoundCircle.objects.count() == 2
    own = signed_in(hedgers[0])
    assert hedgers[1].name not in own.get("/matches/circles/").text
    assert not FoundCircle.objects.visible_to(hedgers[0]).exists()
    page = as_steward.get("/steward/circles/found/").text
    assert "hedges" in page and "cheese" in page and hedgers[1].name in page
    one = next(row for row in FoundCircle.objects.all() if "hedges" in row.words)
    for _twice in range(2):
        as_steward.post(f"/steward/circles/found/{one.pk}/tell/")
    assert Notice.objects.filter(kind="circle_fits").count() == 5
    text = own.get("/matches/circles/").text
    assert hedgers[1].name in text and "hedges" in text and "cheese" not in text
    assert circles.find() == 1 and FoundCircle.objects.count() == 2  # those who know are not asked twice
    assert signed_in(MemberFactory()).get("/steward/circles/found/").status_code == 404
    assert as_steward.post("/steward/circles/found/look/").status_code == 302


def test_nobody_closed_opted_out_or_under_18_is_found(hedgers: list[Member]) -> None:
    for who, marks in zip(hedgers, ({"open_to": []}, {"is_matched": False}, {"is_paused": True}), strict=False):
        Profile.objects.filter(member=who).update(**marks)
    Member.objects.filter(pk=hedgers[3].pk).update(is_adult=False)
    refresh.embed()
    circles.find()
    assert not any("hedges" in one.words for one in FoundCircle.objects.all())


def test_whoever_closes_later_or_blocks_is_shown_no_more(hedgers: list[Member], as_steward: Client) -> None:
    circles.find()
    one = next(row for row in FoundCircle.objects.all() if "hedges" in row.words)
    one.tell()
    Profile.objects.filter(member=hedgers[1]).update(open_to=[])
    own = signed_in(hedgers[0])
    assert (
        hedgers[1].name not in own.get("/matches/circles/").text
        and hedgers[2].name in own.get("/matches/circles/").text
    )
    assert hedgers[2].name not in signed_in(hedgers[1]).get("/matches/circles/").text
    Block.put(hedgers[2], hedgers[0])
    assert hedgers[2].name not in own.get("/matches/circles/").text
    assert hedgers[0].name not in signed_in(hedgers[2]).get("/matches/circles/").text
    Profile.objects.filter(member=hedgers[3]).update(is_paused=True)
    assert "hedges" not in own.get("/matches/circles/").text  # fewer than three are left
    assert "hedges" not in as_steward.get("/steward/circles/found/").text


def test_whoever_is_open_to_something_else_only_is_shown_no_more(hedgers: list[Member]) -> None:
    circles.find()
    next(row for row in FoundCircle.objects.all() if "hedges" in row.words).tell()
    Profile.objects.filter(member=hedgers[1]).update(open_to=["mentor"])
    Profile.objects.filter(member=hedgers[2]).update(open_to=["mentor", "collaborator"])
    text = signed_in(hedgers[0]).get("/matches/circles/").text
    assert hedgers[1].name not in text and hedgers[2].name in text
    assert "hedges" not in signed_in(hedgers[1]).get("/matches/circles/").text


def test_it_quotes_no_words_that_fewer_than_three_of_them_show(hedgers: list[Member], as_steward: Client) -> None:
    circles.find()
    next(row for row in FoundCircle.objects.all() if "hedges" in row.words).tell()
    own = signed_in(hedgers[0])
    for number, one in enumerate(hedgers[:3], 1):
        one.profile.statements.update(visibility="matching")
        for client, address in ((own, "/matches/circles/"), (as_steward, "/steward/circles/found/")):
            assert ("hedges" in client.get(address).text) == (number < 3), number  # of five, three are left, then two
    assert "hedges" not in str(privacy.export(hedgers[0]))
