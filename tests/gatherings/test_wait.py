"""The waiting list: joining, the place on it, and the seat that comes free."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.gatherings import privacy
from community.gatherings.models import GatheringIndexPage, GatheringPage, Registration, Seats
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def state(gathering: GatheringPage, member: Member) -> str:
    return str(Registration.objects.filter(gathering=gathering, member=member).latest("pk").state)


def taken(gathering: GatheringPage) -> int:
    return Seats.objects.get(page=gathering).taken


def told(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def waiting(gathering: GatheringPage, number: int = 3) -> list[Member]:
    """People on the list of a gathering, who came first stands first."""
    people = [MemberFactory() for _one in range(number)]
    for one in people:
        gathering.enrol(one, may_wait=True)
    return people


@pytest.fixture
def full(stranger: Member) -> GatheringPage:
    """A gathering whose one seat the stranger has."""
    gathering: GatheringPage = GatheringFactory(capacity=1)
    gathering.enrol(stranger)
    return gathering


def test_it_joins_the_list_says_the_place_and_confirms(full: GatheringPage, as_member: Client, member: Member) -> None:
    waiting(full, 2)
    url = f"/gatherings/{full.slug}/"
    assert "Join the waiting list" in as_member.get(url).text
    assert "Join the waiting list" in as_member.get(f"{url}enrol/").text
    sent = {"key": str(uuid.uuid4()), "wait": "1"}
    assert as_member.post(f"{url}enrol/", sent).status_code == as_member.post(f"{url}enrol/", sent).status_code == 302
    page = as_member.get(url).text
    assert "You are on the waiting list" in page and "Your place: 3." in page
    assert told(member) == ["waiting_joined"] and taken(full) == 1


def test_it_shows_no_exact_place_to_those_who_wait_or_were_offered_a_seat(
    full: GatheringPage, as_member: Client, member: Member, stranger: Member
) -> None:
    full.enrol(member, may_wait=True)
    urls = [f"/gatherings/{full.slug}/{end}" for end in ("", "enrol/", "cancel/")]
    assert "zq47qz" not in "".join(as_member.get(url).text for url in urls)
    Registration.objects.get(member=stranger).cancel()
    assert state(full, member) == "offered"
    assert "zq47qz" not in "".join(as_member.get(url).text for url in urls)
    as_member.post(f"/gatherings/{full.slug}/take/")
    assert "zq47qz" in as_member.get(urls[0]).text


def test_it_offers_a_freed_seat_to_the_first_and_asks_the_next_when_it_is_passed_on(
    full: GatheringPage, stranger: Member
) -> None:
    first, second, third = waiting(full)
    Registration.objects.get(member=stranger).cancel()
    assert [state(full, one) for one in (first, second, third)] == ["offered", "waiting", "waiting"]
    assert told(first) == ["waiting_joined", "seat_offered"] and told(second) == ["waiting_joined"]
    signed_in(first).post(f"/gatherings/{full.slug}/cancel/")
    assert [state(full, one) for one in (first, second, third)] == ["cancelled", "offered", "waiting"]
    signed_in(second).post(f"/gatherings/{full.slug}/take/")
    assert state(full, second) == "enrolled" and taken(full) == 1
    assert told(full.author)[-1] == "enrolment_received"


def test_it_keeps_the_offered_seat_from_somebody_who_comes_by(full: GatheringPage, as_member: Client) -> None:
    waiting(full, 1)
    Registration.objects.open().get().cancel()
    answer = as_member.post(f"/gatherings/{full.slug}/enrol/", {"key": str(uuid.uuid4())})
    assert answer.status_code == 409 and "All seats are taken" in answer.text


def test_it_asks_the_next_when_the_time_is_over(full: GatheringPage, stranger: Member) -> None:
    first, second = waiting(full, 2)
    Registration.objects.get(member=stranger).cancel()
    offer = Registration.objects.get(member=first, state="offered")
    assert timedelta(hours=47) < offer.offer_until - timezone.now() <= timedelta(hours=48)
    assert Registration.lapse_due() == 0
    Registration.objects.filter(pk=offer.pk).update(offer_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="run out"):
        offer.accept()
    assert Registration.lapse_due() == 1 and Registration.lapse_due() == 0
    assert [state(full, one) for one in (first, second)] == ["lapsed", "offered"]
    assert told(first) == ["waiting_joined", "seat_offered", "seat_lapsed"] and taken(full) == 1


def test_it_gives_less_time_near_the_beginning_and_none_right_before_it(stranger: Member) -> None:
    now = timezone.now()
    near = GatheringFactory(starts_at=now + timedelta(hours=20))
    until = near.offer_until(now)
    assert until == near.starts_at - timedelta(hours=12)
    assert GatheringFactory(starts_at=now + timedelta(hours=12, minutes=30)).offer_until(now) is None
    GatheringIndexPage.objects.update(offer_hours=3, offer_stops_hours=2)
    assert GatheringPage.objects.get(pk=near.pk).offer_until(now) == now + timedelta(hours=3)


def test_it_is_for_the_first_who_takes_it_right_before_the_beginning(full: GatheringPage, stranger: Member) -> None:
    first, second = waiting(full, 2)
    GatheringPage.objects.filter(pk=full.pk).update(starts_at=timezone.now() + timedelta(hours=5))
    client = signed_in(second)
    assert client.post(f"/gatherings/{full.slug}/take/").status_code == 302 and state(full, second) == "waiting"
    Registration.objects.get(member=stranger).cancel()
    assert [told(one)[-1] for one in (first, second)] == ["seat_free", "seat_free"]
    assert "Take the free seat" in client.get(f"/gatherings/{full.slug}/").text
    client.post(f"/gatherings/{full.slug}/take/")
    assert [state(full, one) for one in (first, second)] == ["waiting", "enrolled"]
    Registration.objects.get(member=second).cancel()
    assert told(first).count("seat_free") == 1


def test_it_takes_nobody_onto_the_list_right_before_the_beginning(as_member: Client, stranger: Member) -> None:
    gathering = GatheringFactory(capacity=1, starts_at=timezone.now() + timedelta(hours=3))
    gathering.enrol(stranger)
    answer = as_member.post(f"/gatherings/{gathering.slug}/enrol/", {"key": str(uuid.uuid4()), "wait": "1"})
    assert answer.status_code == 409 and not Registration.objects.exclude(member=stranger).exists()


def test_it_offers_as_many_seats_as_a_host_adds(full: GatheringPage) -> None:
    people = waiting(full)
    page = GatheringPage.objects.get(pk=full.pk)
    page.capacity = 3
    page.save_revision().publish()
    assert [state(full, one) for one in people] == ["offered", "offered", "waiting"] and taken(full) == 3
    page = GatheringPage.objects.get(pk=full.pk)
    page.capacity = None
    page.save()
    assert state(full, people[2]) == "offered"


@pytest.mark.parametrize("who_blocks", ["host", "guest"])
def test_it_frees_the_seat_of_somebody_kept_away(full: GatheringPage, stranger: Member, who_blocks: str) -> None:
    (first,) = waiting(full, 1)
    Block.put(*((full.author, stranger) if who_blocks == "host" else (stranger, full.author)))
    assert state(full, stranger) == "cancelled" and state(full, first) == "offered"
    assert told(stranger) == [] and taken(full) == 1


def test_it_frees_the_seat_of_somebody_who_leaves(full: GatheringPage, stranger: Member) -> None:
    (first,) = waiting(full, 1)
    privacy.erase(stranger)
    assert state(full, first) == "offered" and taken(full) == 1


def test_it_passes_over_who_has_left_or_was_kept_away_or_wants_more_than_is_free(
    full: GatheringPage, stranger: Member
) -> None:
    gone, many, fits = waiting(full)
    GatheringPage.objects.filter(pk=full.pk).update(max_guests=3)
    Registration.objects.filter(member=many).update(guests=2)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    Registration.objects.get(member=stranger).cancel()
    assert [state(full, one) for one in (gone, many, fits)] == ["waiting", "waiting", "offered"]


def test_it_offers_nothing_that_was_called_off(full: GatheringPage, stranger: Member) -> None:
    (first,) = waiting(full, 1)
    full.call_off()
    Registration.objects.get(member=stranger).cancel()
    assert state(full, first) == "waiting" and told(first)[-1] == "gathering_called_off"


def test_it_heals_a_seat_that_a_crash_left_free(full: GatheringPage, stranger: Member) -> None:
    (first,) = waiting(full, 1)
    Registration.objects.filter(member=stranger).update(state="cancelled")
    assert Seats.recount() == 1 and Registration.heal() == 1
    assert state(full, first) == "offered" and taken(full) == 1
    assert Seats.recount() == Registration.heal() == 0


def test_it_leaves_the_list(full: GatheringPage, as_member: Client, member: Member) -> None:
    full.enrol(member, may_wait=True)
    (last,) = waiting(full, 1)
    url = f"/gatherings/{full.slug}/cancel/"
    assert "Leave the waiting list?" in as_member.get(url).text
    as_member.post(url)
    assert state(full, member) == "cancelled" and taken(full) == 1
    assert Registration.objects.get(member=last).position == 1


def test_it_takes_the_offer_of_nobody_else(full: GatheringPage, as_member: Client, client: Client) -> None:
    (first,) = waiting(full, 1)
    Registration.objects.open().get().cancel()
    url = f"/gatherings/{full.slug}/take/"
    assert as_member.post(url).status_code == 404 and client.post(url).status_code == 302
    assert signed_in(first).get(url).status_code == 405 and state(full, first) == "offered"


def test_it_asks_as_often_for_twenty_who_wait_as_for_ten(
    full: GatheringPage, as_member: Client, member: Member, django_assert_max_num_queries: Any
) -> None:
    url, counts = f"/gatherings/{full.slug}/", []
    for _round in range(2):
        Registration.objects.filter(member=member).delete()
        waiting(full, 10)
        full.enrol(member, may_wait=True)
        as_member.get(url)
        with django_assert_max_num_queries(16) as asked:
            as_member.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]
