"""What producers want, against what is taught: counted by words that many use, for educators."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from community.members.models import Profile, Statement
from community.openings.models import OpeningLine
from matching.models import Gap
from tests.conftest import signed_in
from tests.factories import MemberFactory, OpeningFactory, StatementFactory

pytestmark = pytest.mark.django_db


def people(count: int, text: str, side: str = "need", **fields: Any) -> list[Profile]:
    profiles = [MemberFactory(profile={"roles": ["producer"]}).profile for _one in range(count)]
    for profile in profiles:
        StatementFactory(profile=profile, side=side, text=text, **fields)
    return profiles


def table() -> dict[str, tuple[int, int]]:
    Gap.count()
    return {gap.word: (gap.wanted, gap.taught) for gap in Gap.objects.all()}


def test_it_shows_what_five_want_and_nobody_teaches(as_member: Client) -> None:
    people(5, "learn to sharpen scythes")
    people(4, "lay a hedge")
    assert table() == {"sharpen scythes": (5, 0)}
    text = as_member.get("/matches/gaps/").text
    assert "scythes" in text and "nobody" in text and "hedge" not in text


def test_it_counts_people_and_not_lines() -> None:
    for profile in people(5, "learn to graft"):
        StatementFactory(profile=profile, side="need", text="graft in my own orchard")
    assert table()["graft"] == (5, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"visibility": "matching"}, {"visibility": "me"}, {"kind": "machine"}, {"side": "offer"},
    ],
)  # fmt: skip
def test_it_counts_nothing_that_is_not_shown(change: dict[str, str]) -> None:
    (one, *_rest) = people(5, "learn to graft")
    Statement.objects.filter(profile=one).update(**change)
    assert table() == {}


def test_it_counts_nobody_under_18_nobody_who_left_and_nobody_who_opted_out() -> None:
    a, b, c, *_rest = people(7, "learn to graft")
    type(a.member).objects.filter(pk=a.member_id).update(is_adult=False)
    type(a.member).objects.filter(pk=b.member_id).update(is_active=False)
    Profile.objects.filter(pk=c.pk).update(is_matched=False)
    assert table() == {}


def test_teaching_counts_by_people_and_openings_and_few_are_not_told_apart(as_member: Client) -> None:
    people(6, "learn to graft")
    people(2, "graft old trees", side="offer")
    people(3, "graft, but I do not teach it", side="offer", can_teach=False)
    OpeningFactory(lines=[OpeningLine(text="graft pears")])
    assert table()["graft"] == (6, 3)
    text = as_member.get("/matches/gaps/").text
    assert "fewer than 5" in text and '<td data-label="Taught by">3</td>' not in text


def test_it_is_a_file_without_formulas(as_member: Client) -> None:
    Gap.objects.create(word="=cmd", wanted=7, taught=0)
    answer = as_member.get("/matches/gaps/wanted-and-taught.csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[1] == ["'=cmd", "7", "nobody"] and "attachment" in answer.headers["Content-Disposition"]


def test_it_is_for_adult_members(client: Client, minor: Any) -> None:
    for url in ("/matches/gaps/", "/matches/gaps/wanted-and-taught.csv"):
        assert client.get(url).status_code == 302
        assert signed_in(minor).get(url).status_code == 404


def test_it_asks_the_database_as_often_for_20_words_as_for_10(
    as_member: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for n in range(2):
        Gap.objects.bulk_create(Gap(word=f"word {n} {k}", wanted=9, taught=k) for k in range(10))
        as_member.get("/matches/gaps/")
        with django_assert_max_num_queries(12) as asked:
            as_member.get("/matches/gaps/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
