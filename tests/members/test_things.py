"""Machines, spaces and materials: how much, how often, when; asked for calmly and said in plain words."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from community.members import privacy
from community.members.models import Member, Profile, Statement, Visibility
from community.members.models.amount import UNITS, Rhythm, listed, months_between, one_unit
from tests.conftest import signed_in
from tests.factories import StatementFactory
from tests.members.test_me import send

pytestmark = pytest.mark.django_db

WHEY: dict[str, Any] = {
    "side": "offer", "kind": "material", "text": "whey from soft cheese", "quantity": "200", "unit": "Kilos",
    "every": "7", "from_month": "5", "to_month": "10",
}  # fmt: skip


def whey_of(profile: Profile, **more: Any) -> Statement:
    """The whey as a line of somebody."""
    numbers = {"quantity": 200, "unit": "kg", "every": 7, "from_month": 5, "to_month": 10}
    return StatementFactory(profile=profile, text="whey from soft cheese", kind="material", **numbers | more)


def test_it_takes_an_amount_and_says_it_in_plain_words(as_member: Client, as_stranger: Client, member: Member) -> None:
    assert send(as_member, "/me/lines/new/", **WHEY).status_code == 302
    line = Statement.objects.get()
    assert (line.quantity, line.unit, line.every, line.months) == (200, "kg", 7, [5, 6, 7, 8, 9, 10])
    for browser, page in ((as_stranger, f"/people/{member.handle}/"), (as_member, "/me/lines/")):
        assert "about 200 kg, every week, May to October" in browser.get(page).content.decode()


def test_it_folds_the_amount_away_until_there_is_one(as_member: Client, member: Member) -> None:
    assert '<details class="field"><summary>' in as_member.get("/me/lines/new/").content.decode()
    line = whey_of(member.profile)
    assert '<details class="field" open><summary>' in as_member.get(f"/me/lines/{line.pk}/").content.decode()


@pytest.mark.parametrize(
    "field, changes",
    [
        ("quantity", {"kind": "skill"}),
        ("unit", {"kind": "skill", "quantity": "", "every": "", "from_month": "", "to_month": ""}),
        ("quantity", {"quantity": ""}),
        ("quantity", {"quantity": "0"}),
        ("quantity", {"quantity": "-3"}),
        ("quantity", {"quantity": "nan"}),
        ("quantity", {"quantity": "1e12"}),
        ("quantity", {"quantity": "plenty"}),
        ("unit", {"unit": "a very long name of a unit"}),
        ("every", {"every": "2"}),
        ("to_month", {"to_month": ""}),
        ("from_month", {"from_month": ""}),
        ("from_month", {"from_month": "13"}),
    ],
)
def test_it_says_at_the_field_what_is_wrong(field: str, changes: dict[str, str], as_member: Client) -> None:
    answer = send(as_member, "/me/lines/new/", **WHEY | changes)
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert '<details class="field" open>' in answer.content.decode()
    assert not Statement.objects.exists()


def test_it_asks_nothing_of_things_from_a_skill(as_member: Client) -> None:
    assert send(as_member, "/me/lines/new/", side="offer", text="lay a hedge").status_code == 302
    assert Statement.objects.get().amount == ""


def test_it_shows_no_amount_of_a_hidden_line(as_stranger: Client, member: Member) -> None:
    whey_of(member.profile, visibility=Visibility.MATCHING)
    assert "200 kg" not in as_stranger.get(f"/people/{member.handle}/").content.decode()


def test_it_says_how_well_and_how_long_somebody_has_done_it(as_stranger: Client, member: Member) -> None:
    StatementFactory(profile=member.profile, text="lay a hedge", level=4, years=1)
    page = as_stranger.get(f"/people/{member.handle}/").content.decode()
    assert "knows it through and through, 1 year" in page


def test_it_keeps_the_amount_through_export_and_import(member: Member, tmp_path: Path) -> None:
    whey_of(member.profile)
    call_command("export_members", str(tmp_path / "people.csv"))
    text = (tmp_path / "people.csv").read_text(encoding="utf-8")
    assert "200" not in text
    changed = text.replace("whey from soft cheese", "straw;whey from soft cheese")
    (tmp_path / "people.csv").write_text(changed, encoding="utf-8")
    call_command("import_members", str(tmp_path / "people.csv"))
    assert Statement.objects.count() == 2
    line = Statement.objects.get(text="whey from soft cheese")
    assert (line.quantity, line.unit, line.every, line.months[0], line.kind) == (200, "kg", 7, 5, "material")


def test_it_gives_the_amount_to_the_person_themselves(member: Member) -> None:
    whey_of(member.profile)
    (row,) = privacy.export(member)["statements"]
    assert (row["quantity"], row["unit"], row["every"], row["from_month"], row["to_month"]) == (200, "kg", 7, 5, 10)
    assert privacy.export(member)["profile"][0]["is_matched"] is True


def test_it_switches_matching_off_on_the_page_of_what_is_allowed(member: Member) -> None:
    browser = signed_in(member)
    assert "Use my page for matching" in browser.get("/me/allow/").content.decode()
    send(browser, "/me/allow/", is_matched="")
    member.profile.refresh_from_db()
    assert member.profile.is_matched is False


@given(st.sampled_from([(unit, one) for unit, others in UNITS.items() for one in (unit, *others)]))
def test_it_has_one_spelling_for_each_unit(pair: tuple[str, str]) -> None:
    unit, spelling = pair
    assert one_unit(f"  {spelling.upper()} ") == one_unit(spelling) == unit == one_unit(unit)
    assert one_unit("big  sacks") == "big sacks"


@given(st.integers(1, 12), st.integers(1, 12))
def test_it_counts_months_over_the_turn_of_the_year(first: int, last: int) -> None:
    months = months_between(first, last)
    assert months[0] == first and months[-1] == last
    assert len(set(months)) == len(months) == (last - first) % 12 + 1
    assert months_between(11, 2) == [11, 12, 1, 2] and months_between(None, 3) == []


@pytest.mark.parametrize(
    "months, words",
    [
        ([5], "May"),
        ([5, 6, 7], "May to July"),
        ([1, 2, 11, 12], "November to February"),
        ([5, 6, 10], "May to June and October"),
    ],
)
def test_it_lists_months_as_runs(months: list[int], words: str) -> None:
    assert listed(months) == words


@pytest.mark.parametrize("quantity, words", [(200, "about 200 kg"), ("0.50", "about 0.5 kg"), (1200, "about 1200 kg")])
def test_it_writes_numbers_without_empty_decimals(quantity: Any, words: str) -> None:
    assert Statement(quantity=quantity, unit="kg").amount == words


def test_it_says_nothing_where_nothing_is_known() -> None:
    assert Statement(kind="space", from_month=1, to_month=12).amount == ""
    assert Statement(every=Rhythm.ONCE, from_month=8, to_month=8).amount == "once, August"


def test_it_guards_the_amount_below_the_form(member: Member) -> None:
    with pytest.raises(ValidationError, match="a machine, a space or a material"):
        Statement(profile=member.profile, side="offer", text="lay a hedge", unit="kg", quantity=2).put()
