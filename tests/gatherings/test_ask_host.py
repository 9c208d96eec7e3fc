"""Asking the host for a seat: questions, guests, what one must know before, and the answer."""

import uuid
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from community.gatherings import privacy
from community.gatherings.models import GatheringPage, Registration, Seats
from community.members.models import Draft, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db


def form(**answers: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "form_key": str(uuid.uuid4()), **answers}


def last_kind(member: Member) -> str:
    return str(Notice.objects.filter(member=member).latest("pk").kind)


@pytest.fixture
def asking(stranger: Member) -> GatheringPage:
    """A gathering with one seat whose host says yes to each."""
    return GatheringFactory(author=stranger, capacity=1, needs_approval=True, host_questions="What do you grow?")


def test_it_asks_the_host_and_takes_no_seat_yet(asking: GatheringPage, as_member: Client, member: Member) -> None:
    url = f"/gatherings/{asking.slug}/"
    assert "Ask for a seat" in as_member.get(url).text and "What do you grow?" in as_member.get(f"{url}enrol/").text
    assert as_member.post(f"{url}enrol/", form(answer_0="Leeks")).status_code == 302
    one = Registration.objects.get()
    assert (one.state, one.answers) == ("asked", [["What do you grow?", "Leeks"]])
    assert Seats.objects.get(page=asking).taken == 0 and last_kind(asking.author) == "enrolment_asked"
    assert "zq47qz" not in as_member.get(url).text and "You have asked" in as_member.get(url).text


def test_it_gives_the_seat_with_the_hosts_word(asking: GatheringPage, as_member: Client, member: Member) -> None:
    one = asking.enrol(member, answers=["Leeks"])
    host = signed_in(asking.author)
    assert "Leeks" in host.get(f"/gatherings/{asking.slug}/guests/").text
    url = f"/gatherings/{asking.slug}/guests/{one.pk}/"
    for _twice in range(2):
        assert host.post(url, {"answer": "yes", "word": "Bring boots"}).status_code == 302
    one.refresh_from_db()
    assert one.is_open and Seats.objects.get(page=asking).taken == 1
    assert Notice.objects.filter(member=member).count() == 1 and last_kind(member) == "enrolment_approved"
    page = as_member.get(f"/gatherings/{asking.slug}/").text
    assert "Bring boots" in page and "zq47qz" in page


def test_it_puts_whom_the_host_wants_on_the_list_when_all_seats_are_taken(asking: GatheringPage) -> None:
    first, second = (asking.enrol(MemberFactory(), answers=["x"]) for _one in range(2))
    first.approve()
    second.approve()
    assert (first.state, second.state, last_kind(second.member)) == ("enrolled", "waiting", "waiting_joined")
    first.cancel()
    second.refresh_from_db()
    assert second.state == "offered"


def test_it_says_no_kindly_and_once(asking: GatheringPage, as_member: Client, member: Member) -> None:
    one = asking.enrol(member, answers=["Leeks"])
    host = signed_in(asking.author)
    host.post(f"/gatherings/{asking.slug}/guests/{one.pk}/", {"answer": "no", "word": "Next year, please"})
    one.refresh_from_db()
    assert one.state == "declined" and last_kind(member) == "enrolment_declined"
    page = as_member.get(f"/gatherings/{asking.slug}/enrol/").text
    assert "Next year, please" in page and "zq47qz" not in page
    again = as_member.post(f"/gatherings/{asking.slug}/enrol/", form(answer_0="Leeks!"))
    assert again.status_code == 409 and Registration.objects.count() == 1


def test_it_lets_nobody_but_the_host_answer(asking: GatheringPage, as_member: Client, member: Member) -> None:
    one = asking.enrol(member, answers=["x"])
    assert as_member.post(f"/gatherings/{asking.slug}/guests/{one.pk}/", {"answer": "yes"}).status_code == 404
    other = GatheringFactory()
    url = f"/gatherings/{other.slug}/guests/{one.pk}/"
    assert signed_in(other.author).post(url, {"answer": "yes"}).status_code == 404
    one.refresh_from_db()
    assert one.state == "asked"


def test_it_leaves_ways_to_reach_somebody_out_of_what_a_host_tells_the_young(
    asking: GatheringPage, minor: Member
) -> None:
    one = asking.enrol(minor, answers=["x"])
    one.approve("Ring 01632 960 123 or write to hob@example.org, www.hob.example.org. Bring boots.")
    page = signed_in(minor).get(f"/gatherings/{asking.slug}/").text
    assert "Bring boots" in page and "[left out]" in page
    assert not any(way in page for way in ("960 123", "hob@", "www.hob"))
    assert "960 123" not in str(privacy.export(minor))


def test_it_asks_for_what_must_be_known_before(as_member: Client) -> None:
    gathering = GatheringFactory(prerequisites="You have used a chainsaw")
    url = f"/gatherings/{gathering.slug}/enrol/"
    assert as_member.post(url, form()).status_code == 200 and not Registration.objects.exists()
    assert as_member.post(url, form(is_ready="on")).status_code == 302 and Registration.objects.get().is_open


def test_it_counts_the_guests_that_somebody_brings(as_member: Client, stranger: Member) -> None:
    gathering = GatheringFactory(capacity=4, max_guests=3)
    url = f"/gatherings/{gathering.slug}/enrol/"
    assert as_member.post(url, form(guests="4")).status_code == 200 and not Registration.objects.exists()
    gathering.enrol(stranger, guests=1)
    refused = as_member.post(url, form(guests="2"))
    assert refused.status_code == 409 and "Only 2 seats are free" in refused.text
    assert as_member.post(url, form(guests="1")).status_code == 302
    assert Seats.objects.get(page=gathering).taken == 4
    Registration.objects.get(member=stranger).cancel()
    assert Seats.objects.get(page=gathering).taken == 2 and Seats.recount() == 0


def test_it_has_seats_of_its_own_for_the_place_and_online(as_member: Client, stranger: Member) -> None:
    gathering = GatheringFactory(mode="hybrid", capacity=1, online_capacity=1)
    gathering.enrol(stranger)
    url = f"/gatherings/{gathering.slug}/enrol/"
    assert as_member.post(url, form()).status_code == 200
    assert as_member.post(url, form(way="place")).status_code == 409
    assert as_member.post(url, form(way="online")).status_code == 302
    seats = Seats.objects.get(page=gathering)
    assert (seats.taken, seats.online_taken) == (1, 1) and Seats.recount() == 0
    (third,) = (gathering.enrol(MemberFactory(), is_online=True, may_wait=True),)
    Registration.objects.get(member=stranger).cancel()
    third.refresh_from_db()
    assert third.state == "waiting"
    Registration.objects.get(is_online=True, state="enrolled").cancel()
    third.refresh_from_db()
    assert third.state == "offered"


@pytest.mark.parametrize("typed", ["\x00", "x" * 10_000, "\ud800", "=1+1", "<script>alert(1)"])
def test_it_bears_every_answer(asking: GatheringPage, as_member: Client, typed: str) -> None:
    sent = urlencode(form(answer_0=typed, guests="9" * 40), errors="surrogatepass")
    url = f"/gatherings/{asking.slug}/enrol/"
    answer = as_member.post(url, sent, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 302} and "<script>alert" not in answer.text
    kept = Registration.objects.filter(state="asked").count()
    assert kept == (answer.status_code == 302)


def test_it_keeps_what_was_typed_when_the_login_is_gone(asking: GatheringPage, client: Client) -> None:
    answer = client.post(f"/gatherings/{asking.slug}/enrol/", form(answer_0="Leeks and more leeks"))
    assert answer.status_code == 302 and "draft" in answer.url
    assert "more leeks" in str(Draft.objects.get().data)


def test_it_refuses_more_than_five_questions() -> None:
    gathering = GatheringFactory()
    gathering.host_questions = "\n".join("abcdef")
    with pytest.raises(Exception, match="At most 5") as error:
        gathering.full_clean()
    assert "host_questions" in error.value.message_dict


def test_it_takes_no_way_that_is_gone_from_a_form_opened_before(member: Member, stranger: Member) -> None:
    gathering = GatheringFactory(mode="hybrid", capacity=1, online_capacity=2)
    gathering.enrol(member, is_online=True).cancel()
    stale = GatheringPage.objects.get()
    page = GatheringPage.objects.get()
    page.mode = "on-site"
    page.save_revision().publish()
    with pytest.raises(ValidationError, match="changed how people come"):
        stale.enrol(stranger, is_online=True)
    assert GatheringPage.objects.get().enrol(stranger).is_open


def test_it_lets_nobody_wait_for_more_seats_than_there_are(member: Member) -> None:
    gathering = GatheringFactory(mode="hybrid", capacity=2, online_capacity=1, max_guests=3)
    for wish in ({"guests": 2}, {"guests": 1, "is_online": True}):
        with pytest.raises(ValidationError, match="room for"):
            gathering.enrol(member, may_wait=True, **wish)
    assert not Registration.objects.exists() and gathering.enrol(member, guests=1).is_open


def test_it_takes_no_way_out_from_the_young(asking: GatheringPage, minor: Member, member: Member) -> None:
    url, young = f"/gatherings/{asking.slug}/enrol/", signed_in(minor)
    for told in ("07700 900123", "leeks, write to me@example.org", "on WhatsApp"):
        answer = young.post(url, form(answer_0=told))
        assert answer.status_code == 409 and "Leave numbers and addresses out" in answer.text and told in answer.text
    assert not Registration.objects.exists()
    assert young.post(url, form(answer_0="Leeks")).status_code == 302
    assert asking.enrol(member, answers=["Leeks, 07700 900123"]).answers[0][1].endswith("900123")


def test_it_shows_the_answers_to_the_host_alone(asking: GatheringPage, member: Member, as_steward: Client) -> None:
    asking.enrol(member, answers=["zq leeks"]).approve()
    for url in (f"/gatherings/{asking.slug}/guests/", f"/gatherings/{asking.slug}/guests.csv"):
        assert "zq leeks" in signed_in(asking.author).get(url).text
        other = as_steward.get(url)
        assert other.status_code == 200 and member.name in other.text and "zq leeks" not in other.text
