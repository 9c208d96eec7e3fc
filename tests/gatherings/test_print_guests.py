"""The list of guests on paper: for whom it is, what stands on it, and that no name is taken for anything else."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.gatherings.models import GatheringPage, Seats
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.connections.test_certificate import words_of
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db
ODD = '#import "x": * $x^2$ *a* _b_ <c> @d = // #read("/etc/passwd")'


@pytest.fixture
def hosted(stranger: Member) -> GatheringPage:
    """A gathering of the stranger with two seats and two questions; one waits."""
    page = GatheringFactory(author=stranger, capacity=2, max_guests=1, host_questions="What do you grow?\n*Which* way?")
    page.enrol(MemberFactory(name="Greta Guest"), guests=1, answers=["zqleeks", "zqtrain"])
    page.enrol(MemberFactory(name="Wendy Waits"), may_wait=True, answers=["zqoats", "x" * 400])
    return page


def read(client: Client, page: GatheringPage) -> str:
    answer = client.get(f"/gatherings/{page.slug}/guests.pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"] and f'filename="{page.slug}.pdf"' in answer["Content-Disposition"]
    return words_of(answer.content)


def test_it_says_what_the_spreadsheet_says(hosted: GatheringPage, as_stranger: Client) -> None:
    assert f"/gatherings/{hosted.slug}/guests.pdf" in as_stranger.get(f"/gatherings/{hosted.slug}/guests/").text
    paper, sheet = read(as_stranger, hosted), as_stranger.get(f"/gatherings/{hosted.slug}/guests.csv").text
    for word in ("Name", "State", "Was there", "Greta Guest", "Wendy Waits", "zqleeks", "zqtrain", "zqoats", "*Which*"):
        assert word in paper and word in sheet
    assert hosted.title in paper and hosted.when[:20] in paper and "2 people have a seat" in paper
    assert paper.index("Greta") < paper.index("Wendy") and paper.count("x") >= 400
    assert "@example.org" not in paper


def test_it_gives_the_answers_to_the_host_alone(hosted: GatheringPage, as_steward: Client) -> None:
    paper = read(as_steward, hosted)
    assert "Greta Guest" in paper and "zqleeks" not in paper and "What do you grow" not in paper


@pytest.mark.parametrize("who", ["guest", "other", "nobody"])
def test_it_is_for_nobody_else(hosted: GatheringPage, who: str) -> None:
    people = {"guest": Member.objects.get(name="Greta Guest"), "other": MemberFactory()}
    client = signed_in(people[who]) if who in people else Client()
    for way in ("get", "post"):
        answer = getattr(client, way)(f"/gatherings/{hosted.slug}/guests.pdf")
        assert answer.status_code == (302 if who == "nobody" else 404 if way == "get" else 405)
        assert b"Greta" not in answer.content


def test_it_leaves_out_whom_a_block_keeps_away(hosted: GatheringPage, as_stranger: Client) -> None:
    Block.put(Member.objects.get(name="Greta Guest"), hosted.author)
    paper = read(as_stranger, hosted)
    assert "Greta" not in paper and "zqleeks" not in paper and "0 people have a seat" in paper


def test_it_takes_no_words_for_marks(hosted: GatheringPage, as_stranger: Client) -> None:
    GatheringPage.objects.filter(pk=hosted.pk).update(capacity=9, title=ODD)
    Member.objects.filter(name="Greta Guest").update(name=ODD)
    assert read(as_stranger, hosted).count('#import "x": * $x^2$ *a* _b_') == 2


NAMES = ["علي بن زيد", "Zoë \U0001f414 Hen", "‮evil‬", "=1+1", "<script>alert(1)</script>", "﷽" * 50]


@pytest.mark.parametrize("name", NAMES)
def test_it_bears_every_name(hosted: GatheringPage, as_stranger: Client, name: str) -> None:
    Member.objects.filter(name="Greta Guest").update(name=name)
    answer = as_stranger.get(f"/gatherings/{hosted.slug}/guests.pdf")
    assert answer.status_code == 200 and len(pikepdf.open(BytesIO(answer.content)).pages) == 1


def test_it_is_marked_for_reading_aloud(hosted: GatheringPage, as_stranger: Client) -> None:
    made = pikepdf.open(BytesIO(as_stranger.get(f"/gatherings/{hosted.slug}/guests.pdf").content))
    assert str(made.Root.Lang).startswith("en") and made.Root.MarkInfo.Marked
    kinds = {str(one.get("/S")) for one in made.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one}
    assert {"/Table", "/TH", "/TD", "/H1"} <= kinds
    with made.open_metadata() as told:
        assert told["dc:title"] == f"Who comes: {hosted.title}" and told["pdfuaid:part"] == "1"


def test_so_many_are_printed_an_hour(hosted: GatheringPage, as_stranger: Client, settings: Any) -> None:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"guest_list": "2/h/key"}
    address = f"/gatherings/{hosted.slug}/guests.pdf"
    assert [as_stranger.get(address).status_code for _one in range(3)] == [200, 200, 302]
    assert "too often" in as_stranger.get(f"/gatherings/{hosted.slug}/guests/").text
    cache.clear()


def test_it_asks_as_often_for_20_guests_as_for_10(hosted: GatheringPage, as_stranger: Client) -> None:
    GatheringPage.objects.filter(pk=hosted.pk).update(capacity=None)
    Seats.objects.filter(page=hosted).update(capacity=None)
    counts = []
    for _round in range(2):
        for _one in range(10):
            hosted.enrol(MemberFactory())
        with CaptureQueriesContext(database) as asked:
            read(as_stranger, hosted)
        # What the limit of so many an hour asks of its own table is not asked of the list.
        own = [one for one in asked.captured_queries if '"cache"' not in one["sql"] and "SAVEPOINT" not in one["sql"]]
        counts.append(len(own))
    assert counts[0] == counts[1] <= 6
