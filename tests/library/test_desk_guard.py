"""The small-place guard: no page that fewer than five people could have told."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.library.models import DeskStory
from community.library.models.small_place import Risk
from community.members.models import Cell, Member, Profile
from tests import factories
from tests.conftest import signed_in
from tests.library.confiding import TOLD, WORDS, confide, desk_member

pytestmark = pytest.mark.django_db
HERE, NEAR, FAR = Cell.around(54.0, -2.5), Cell.around(54.2, -2.5), Cell.around(51.0, -1.0)


def people(number: int, trade: str, place: str = "Zennorfold", cell: Cell = HERE, **profile: Any) -> list[Member]:
    """So many members of one trade in one place."""
    made = []
    for _n in range(number):
        member = factories.MemberFactory()
        fields = {"trade": trade, "place": place, "cell_lat": cell.lat, "cell_lon": cell.lon, **profile}
        Profile.objects.filter(member=member).update(**fields)
        made.append(member)
    return made


def number(**words: Any) -> int:
    return Risk.of(words, TOLD).number


def test_it_counts_who_fits_work_and_place() -> None:
    people(2, "Cheese maker")
    people(3, "farmhouse cheesemaker", "Elsewhere", NEAR)
    people(4, "Smith")
    assert number(trade="cheese maker", place="Zennorfold") == 2
    assert number(trade="cheese maker", place="The northern dales", reach="wider") == 5
    assert number(trade="cheese maker", place="Zennorfold", reach="region") == 5
    assert number(place="zennorfold ") == 6
    assert number(trade="cheese maker", place="Nowhere") == 0
    assert number() == 9


def test_it_counts_only_what_members_show_to_each_other() -> None:
    people(2, "Cheese maker")
    people(1, "Cheese maker", place_visibility="me")
    people(1, "Cheese maker", open_to=[])
    Member.objects.filter(pk=people(1, "Cheese maker")[0].pk).update(is_adult=False)
    Member.objects.filter(pk=people(1, "Cheese maker")[0].pk).update(is_active=False)
    assert number(trade="cheese maker", place="Zennorfold") == 2


def test_it_counts_a_topic_by_trades_and_offers() -> None:
    dairy = factories.TopicFactory(slug="dairy", name="Dairy", about="Milking, cheese, and what to do with the whey.")
    people(1, "Cheese maker")
    people(1, "Smith")
    (member,) = people(1, "Farmer")
    factories.StatementFactory(profile=member.profile, text="milking by hand")
    (hidden,) = people(1, "Farmer")
    factories.StatementFactory(profile=hidden.profile, text="milking goats", visibility="me")
    assert dairy.slug and number(topic="dairy") == 2 and number(topic="dairy", trade="cheese maker") == 1


def test_it_names_the_risk_and_the_steps_but_nobody(member: Member) -> None:
    dora = desk_member()
    makers = people(2, "Cheese maker")
    story, _code = confide()
    page = signed_in(dora).get(f"/steward/desk/{story.pk}/").text
    assert "fewer than 5" in page and "Leave the work out" in page and "Give a wider place" in page
    assert not any(maker.name in page for maker in makers)


def test_it_offers_steps_until_nothing_can_be_made_wider() -> None:
    words: dict[str, Any] = {"trade": "cheese maker", "topic": "dairy", "place": "Zennorfold", "reach": "place"}
    seen = []
    for change in ({}, {"trade": ""}, {"reach": "wider"}, {"reach": "region"}, {"topic": ""}, {"place": ""}):
        words |= change
        seen.append(len(Risk.of(words, TOLD).steps))
    assert seen == [3, 2, 2, 2, 1, 0]
    assert not Risk.of(words, TOLD).is_small  # a community of four can tell a story that says nothing of anybody


def test_it_refuses_approval_and_acceptance_below_five() -> None:
    dora = desk_member()
    makers = people(5, "Cheese maker")
    story, _code = confide()
    narrow = {**WORDS, "trade": "cheese maker", "reach": "place", "place": "Zennorfold"}
    story.rewrite(dora, narrow)
    story.send_for_approval(dora)
    story.approve(story.mark)
    Member.objects.filter(pk=makers[0].pk).update(is_active=False)
    with pytest.raises(ValidationError, match="Too few people fit"):
        story.accept(dora)
    story.refresh_from_db()
    assert DeskStory.objects.filter(pk=story.pk).exists()
    with pytest.raises(ValidationError, match="Too few people fit"):
        story.send_for_approval(dora)
    story.rewrite(dora, {**narrow, "trade": "", "reach": "region"})
    factories.MemberFactory()
    story.send_for_approval(dora)
    assert story.state == "approval"


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"now": "In Zennorfold we wipe."}, "Zennorfold"), ({"why": "Any CHEESE MAKER knows."}, "cheese maker")],
)
def test_it_finds_what_was_taken_out_but_stands_in_the_text(fields: dict[str, str], word: str) -> None:
    dora = desk_member()
    factories.MemberFactory.create_batch(5)
    story, _code = confide()
    story.rewrite(dora, {**WORDS, **fields})
    with pytest.raises(ValidationError, match=f"You took “{word}” out"):
        story.send_for_approval(dora)


def test_it_shows_the_wider_place_on_the_page(client: Client) -> None:
    from community.library.models.confided import shown_place

    assert shown_place({"place": "Zennorfold"}) == "Zennorfold"
    assert shown_place({"place": "The dales", "reach": "wider"}) == "The dales"
    assert shown_place({"place": "Zennorfold", "reach": "region"}) == "Somewhere in our region"
    assert shown_place({"place": "Zennorfold", "reach": "none"}) == ""
