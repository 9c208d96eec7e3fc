"""Taking a seat in a gathering, and giving it back."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from community.gatherings import privacy
from community.gatherings.models import GatheringPage, Registration, Seats
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db


def taken(gathering: GatheringPage) -> int:
    return Seats.objects.get(page=gathering).taken


def post(client: Client, gathering: GatheringPage, key: uuid.UUID | None = None) -> Any:
    return client.post(f"/gatherings/{gathering.slug}/enrol/", {"key": str(key or uuid.uuid4())})


def test_it_asks_once_more_and_changes_nothing_on_get(as_member: Client) -> None:
    gathering = GatheringFactory()
    answer = as_member.get(f"/gatherings/{gathering.slug}/enrol/")
    assert answer.status_code == 200 and "Yes, I come" in answer.text
    assert taken(gathering) == 0


def test_it_takes_a_seat_and_tells_the_host(as_member: Client, member: Member) -> None:
    gathering = GatheringFactory()
    answer = post(as_member, gathering)
    assert answer.status_code == 302 and answer.url == f"/gatherings/{gathering.slug}/"
    assert taken(gathering) == 1
    notice = Notice.objects.get(member=gathering.author)
    assert (notice.kind, notice.actor) == ("enrolment_received", member)
    assert notice.url == f"/gatherings/{gathering.slug}/guests/"
    subject, text = notice.lines
    assert "Alma Field" in subject and notice.url in text and len(text.splitlines()) <= 12


def test_it_takes_one_seat_for_two_clicks(as_member: Client) -> None:
    gathering = GatheringFactory()
    key = uuid.uuid4()
    first, second = post(as_member, gathering, key), post(as_member, gathering, key)
    post(as_member, gathering)
    assert first.status_code == second.status_code == 302
    assert taken(gathering) == Registration.objects.count() == Notice.objects.count() == 1


def test_it_does_not_take_the_seat_again_when_an_old_form_arrives_late(member: Member) -> None:
    gathering, key = GatheringFactory(), uuid.uuid4()
    gathering.enrol(member, key).cancel()
    assert not gathering.enrol(member, key).is_open
    assert taken(gathering) == 0
    assert gathering.enrol(member, uuid.uuid4()).is_open


def test_it_lets_a_minor_enrol(minor: Member) -> None:
    gathering = GatheringFactory()
    post(signed_in(minor), gathering)
    assert taken(gathering) == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_cancelled": True}, "called off"),
        ({"starts_at": timezone.now() - timedelta(days=2)}, "begun or is over"),
        ({"starts_at": timezone.now() - timedelta(minutes=5)}, "begun or is over"),
    ],
)
def test_it_refuses_with_plain_words(as_member: Client, fields: dict[str, Any], words: str) -> None:
    gathering = GatheringFactory(**fields)
    answer = post(as_member, gathering)
    assert answer.status_code == 409 and words in answer.text
    assert taken(gathering) == 0


def test_it_refuses_when_full_and_lets_in_when_somebody_cancels(as_member: Client, stranger: Member) -> None:
    gathering = GatheringFactory(capacity=1)
    seat = gathering.enrol(stranger)
    answer = post(as_member, gathering)
    assert answer.status_code == 409 and "All seats are taken" in answer.text
    seat.cancel()
    assert post(as_member, gathering).status_code == 302


def test_it_refuses_the_host(member: Member) -> None:
    gathering = GatheringFactory(author=member)
    assert "your own gathering" in post(signed_in(member), gathering).text


def test_it_knows_no_limit_where_none_is_set() -> None:
    gathering = GatheringFactory(capacity=None)
    for _one in range(8):
        gathering.enrol(MemberFactory())
    assert taken(gathering) == 8 and gathering.seats_left is None


def test_it_sends_a_visitor_to_the_login(client: Client) -> None:
    gathering = GatheringFactory()
    answer = post(client, gathering)
    assert answer.status_code == 302
    assert answer.url.startswith(f"/accounts/login/?next=/gatherings/{gathering.slug}/enrol/")


@pytest.mark.parametrize("who_blocks", ["host", "guest"])
def test_it_is_not_there_for_somebody_kept_away(member: Member, stranger: Member, who_blocks: str) -> None:
    gathering = GatheringFactory(author=stranger)
    Block.put(*((stranger, member) if who_blocks == "host" else (member, stranger)))
    client = signed_in(member)
    assert client.get(f"/gatherings/{gathering.slug}/").status_code == 404
    assert post(client, gathering).status_code == 404
    assert gathering.title not in client.get("/gatherings/").text
    with pytest.raises(ValidationError):
        gathering.enrol(member)


def test_it_is_404_for_a_draft(as_member: Client) -> None:
    assert post(as_member, GatheringFactory(live=False)).status_code == 404


def test_it_gives_the_seat_back_once(as_member: Client, member: Member) -> None:
    gathering = GatheringFactory(capacity=2)
    gathering.enrol(member)
    url = f"/gatherings/{gathering.slug}/cancel/"
    assert "Give the seat back?" in as_member.get(url).text
    assert taken(gathering) == 1
    assert as_member.post(url).status_code == as_member.post(url).status_code == 302
    assert taken(gathering) == 0


def test_it_gives_the_seat_back_even_when_the_page_is_gone_or_called_off(as_member: Client, member: Member) -> None:
    gathering = GatheringFactory()
    gathering.enrol(member)
    gathering.is_cancelled = True
    gathering.save()
    gathering.unpublish()
    assert as_member.post(f"/gatherings/{gathering.slug}/cancel/").url == "/gatherings/"
    assert taken(gathering) == 0


def test_it_does_not_give_back_the_seat_of_another(as_stranger: Client, member: Member) -> None:
    gathering = GatheringFactory()
    gathering.enrol(member)
    assert as_stranger.post(f"/gatherings/{gathering.slug}/cancel/").status_code == 404
    assert taken(gathering) == 1


def test_it_refuses_fewer_seats_than_are_taken(member: Member, stranger: Member) -> None:
    gathering = GatheringFactory(capacity=3)
    gathering.enrol(member)
    gathering.enrol(stranger)
    gathering.capacity = 1
    with pytest.raises(ValidationError, match="2 seats are taken already"):
        gathering.full_clean()
    with pytest.raises(ValidationError):
        gathering.save(clean=False)
    gathering.capacity = 2
    gathering.save()
    assert Seats.objects.get(page=gathering).left == 0


def test_it_keeps_the_counter_when_an_old_revision_is_published(member: Member) -> None:
    gathering = GatheringFactory()
    stale = gathering.save_revision()
    gathering.enrol(member)
    stale.publish()
    assert taken(gathering) == 1
    page = GatheringPage.objects.get(pk=gathering.pk)
    assert page.copy(update_attrs={"slug": "a-copy", "title": "A copy"}).seats.taken == 0


def test_it_is_held_by_the_database_too() -> None:
    gathering = GatheringFactory(capacity=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Seats.objects.filter(page=gathering).update(taken=2)


def test_it_heals_a_wrong_counter(member: Member) -> None:
    gathering = GatheringFactory(capacity=2)
    gathering.enrol(member)
    Seats.objects.filter(page=gathering).update(taken=0)
    assert Seats.recount() == 1 and taken(gathering) == 1
    assert Seats.recount() == 0


def test_it_does_not_name_a_host_who_is_kept_away(as_member: Client, member: Member) -> None:
    gathering = GatheringFactory(author=MemberFactory(name="Hob Away"))
    gathering.enrol(member)
    address = f"/gatherings/{gathering.slug}/cancel/"
    assert "Hob Away" in as_member.get(address).text
    Block.put(gathering.author, member)
    assert "Hob Away" not in as_member.get(address).text
    as_member.post(address)
    gathering.refresh_from_db()
    assert taken(gathering) == 0 and gathering.author is not None


def test_it_cannot_be_given_back_when_it_is_over(as_member: Client, member: Member) -> None:
    gathering = GatheringFactory()
    seat = gathering.enrol(member)
    now = timezone.now()
    GatheringPage.objects.update(starts_at=now - timedelta(hours=4), ends_at=now - timedelta(hours=1))
    Registration.objects.update(came=False)
    answer = as_member.post(f"/gatherings/{gathering.slug}/cancel/", follow=True)
    seat.refresh_from_db()
    assert "It is over" in answer.text and (seat.is_open, seat.came) == (True, False)
    privacy.erase(member)
    assert not Registration.objects.exists() and taken(gathering) == 0


def test_it_holds_no_seats_to_find_them_right(member: Member, django_assert_num_queries: Any) -> None:
    for _one in range(3):
        GatheringFactory().enrol(member)
    GatheringFactory()
    with django_assert_num_queries(1):
        assert Seats.recount() == 0
    Seats.objects.filter(page=GatheringPage.objects.first()).update(online_taken=1)
    assert Seats.recount() == 1
