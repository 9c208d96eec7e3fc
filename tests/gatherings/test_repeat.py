"""Letting a gathering come again: on which days, with which seats, one of them changed, later ones, all."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.gatherings.models import Every, GatheringPage, Recurrence, Registration, Seats, Session
from community.members.models import Block, Member
from community.notices.models import Notice
from home.tree import plant
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory, TopicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree(db: None) -> None:
    """The site with its pages."""
    plant()


@pytest.mark.parametrize(
    "every, first, expected",
    [
        ("week", "2031-03-25", ["2031-03-25", "2031-04-01", "2031-04-08"]),
        ("fortnight", "2031-12-30", ["2031-12-30", "2032-01-13", "2032-01-27"]),
        ("month", "2031-01-31", ["2031-01-31", "2031-02-28", "2031-03-31", "2031-04-30", "2031-05-31"]),
        ("month", "2032-01-30", ["2032-01-30", "2032-02-29", "2032-03-30"]),
        ("month", "2031-01-15", ["2031-01-15", "2031-02-15"]),
        ("weekday", "2031-03-08", ["2031-03-08", "2031-04-12", "2031-05-10"]),  # the second Saturday
        ("weekday", "2031-03-29", ["2031-03-29", "2031-04-26", "2031-05-31"]),  # the fifth: the last
        ("year", "2032-02-29", ["2032-02-29", "2033-02-28", "2034-02-28", "2035-02-28", "2036-02-29"]),
        ("year", "2031-07-01", ["2031-07-01", "2032-07-01"]),
    ],
)
def test_it_knows_the_days(every: str, first: str, expected: list[str]) -> None:
    days = islice(Every(every).days(date.fromisoformat(first)), len(expected))
    assert [day.isoformat() for day in days] == expected


def soon(hour: int = 10) -> datetime:
    """Next week at that hour in UTC."""
    return (timezone.now() + timedelta(days=7)).replace(hour=hour, minute=0, second=0, microsecond=0)


def monthly(**fields: Any) -> GatheringPage:
    """A gathering of every month."""
    at = soon()
    fields = {"starts_at": at, "ends_at": at + timedelta(hours=2), "topics": [TopicFactory(slug="hedges")]} | fields
    page = GatheringFactory(**fields)
    Recurrence.begin(page, Every.MONTH)
    return GatheringPage.objects.get(pk=page.pk)


def all_of(page: GatheringPage) -> list[GatheringPage]:
    """All times of it."""
    return list(GatheringPage.objects.filter(recurrence=page.recurrence).order_by("occurs_on"))


def test_it_makes_a_year_of_pages_with_seats_of_their_own(member: Member) -> None:
    page = monthly(zone="Europe/London")
    pages = all_of(page)
    assert len(pages) in (12, 13) and pages[0].pk == page.pk
    assert len({one.starts_wall[11:] for one in pages}) == 1  # the same hour in summer and in winter
    assert len({one.starts_at.hour for one in pages}) == 2
    assert len({one.slug for one in pages}) == len({one.translation_key for one in pages}) == len(pages)
    assert all(one.live and one.author == page.author and one.topics.get().slug == "hedges" for one in pages)
    assert all(Seats.objects.get(page=one).capacity == 6 for one in pages)
    pages[1].enrol(member)
    assert [one.registrations.count() for one in pages[:3]] == [0, 1, 0]
    assert Recurrence.begin(page, Every.WEEK).every == "month"  # asked twice, it begins once
    assert len(all_of(page)) == len(pages)


def test_it_fills_the_year_ahead_and_makes_no_day_twice() -> None:
    page = monthly()
    assert Recurrence.heal() == 0
    all_of(page)[3].delete()
    number = len(all_of(page))
    Recurrence.objects.update(made_until=all_of(page)[6].occurs_on)
    GatheringPage.objects.filter(pk__in=[one.pk for one in all_of(page)[7:]]).delete()
    made = Recurrence.heal()
    assert made == number - 7 and len(all_of(page)) == number
    assert Recurrence.heal() == 0
    assert all(one.starts_at > timezone.now() for one in all_of(page))


def test_it_skips_no_month_and_moves_what_the_clocks_skip() -> None:
    at = datetime(2031, 2, 27, 1, 30, tzinfo=UTC)  # on 30 March there is no 01:30 in London
    page = GatheringFactory(starts_at=at, ends_at=at + timedelta(hours=2))
    own = Recurrence.objects.create(every="week", first_on=date(2031, 2, 27), made_until=date(2031, 2, 27))
    made = own.make(page, date(2031, 3, 30))
    assert (made.starts_at, made.ends_at) == (
        datetime(2031, 3, 30, 1, 30, tzinfo=UTC), datetime(2031, 3, 30, 2, 30, tzinfo=UTC)
    )  # fmt: skip
    assert made.starts_wall == "2031-03-30 02:30" and made.ends_wall == "2031-03-30 03:30"


def test_it_changes_one_this_and_following_or_all(member: Member) -> None:
    page = monthly()
    _first, second, third, *_rest = all_of(page)
    second.title, second.place = "By the river", "Netherfold"
    second.save_revision().publish()
    assert {one.title for one in all_of(page)} == {page.title, "By the river"}
    third.enrol(member)
    second = GatheringPage.objects.get(pk=second.pk)
    second.starts_at, second.capacity = second.starts_at - timedelta(hours=1), 9
    second.topics = [TopicFactory(slug="rivers")]
    second.save_revision().publish()
    editions = [one.sequence for one in all_of(page)]
    assert page.recurrence.spread(second, second.occurs_on) == len(editions) - 2
    times = all_of(page)
    assert [one.title for one in times[:3]] == [page.title, "By the river", "By the river"]
    assert times[2].starts_wall[11:] == times[1].starts_wall[11:] != times[0].starts_wall[11:]
    assert times[2].occurs_on == third.occurs_on and times[2].seats.capacity == 9
    assert times[2].topics.get().slug == "rivers" and times[2].author == page.author
    assert times[2].sequence > editions[2] and times[0].sequence == editions[0]
    assert Notice.objects.filter(member=member, kind="gathering_changed").count() == 1
    assert page.recurrence.spread(second, date.min) == len(editions) - 1
    assert {one.title for one in all_of(page)} == {"By the river"}
    Recurrence.objects.update(made_until=all_of(page)[-1].occurs_on - timedelta(days=1))
    all_of(page)[-1].delete()
    Recurrence.objects.get().extend()
    assert all_of(page)[-1].title == "By the river"  # what is made from now on is like it, too


def test_it_asks_what_becomes_of_people_at_other_times(member: Member, stranger: Member) -> None:
    page = monthly()
    first, second, third, *_rest = all_of(page)
    second.enrol(member)
    client, url = signed_in(page.author), f"/gatherings/{first.slug}/repeat/"
    assert "what becomes of them" not in client.get(url).text
    first = GatheringPage.objects.get(pk=first.pk)
    first.mode, first.online_link = "online", "https://meet.example.org/room"
    first.save_revision().publish()
    assert "what becomes of them" in client.get(url).text
    said = {"do": "spread", "spread-which": "all"}
    answer = client.post(url, said)
    assert answer.status_code == 409 and "1 person comes to the place" in answer.text
    assert {one.mode for one in all_of(page)[1:]} == {"on-site"}  # nothing of it was done
    third.enrol(stranger)
    assert client.post(url, said | {"spread-fate": "end"}).status_code == 302
    assert {one.mode for one in all_of(page)} == {"online"} and Seats.recount() == 0
    assert set(Registration.objects.values_list("state", "way_gone")) == {("cancelled", "place")}
    for who in (member, stranger):
        assert Notice.objects.filter(member=who, kind="gathering_changed").count() == 1


def test_it_takes_no_seat_away_when_it_is_spread(member: Member, as_member: Client) -> None:
    page = monthly()
    _first, second, *_rest = all_of(page)
    for guest in (member, MemberFactory()):
        second.enrol(guest)
    page.capacity = 1
    page.save_revision().publish()
    client = signed_in(page.author)
    answer = client.post(f"/gatherings/{page.slug}/repeat/", {"do": "spread", "spread-which": "all"})
    assert answer.status_code == 409 and "2 seats are taken" in answer.text
    assert {one.capacity for one in all_of(page)} == {1, 6}  # nothing of it was done
    assert all(one.capacity == 6 for one in all_of(page)[1:])


def test_it_ends_and_calls_off_where_people_have_seats(member: Member) -> None:
    page = monthly()
    _first, second, third, *_rest = all_of(page)
    third.enrol(member)
    page.recurrence.end(second.occurs_on)
    assert [(one.pk, one.is_cancelled) for one in all_of(page)] == [
        (page.pk, False), (second.pk, False), (third.pk, True)
    ]  # fmt: skip
    assert Notice.objects.filter(member=member, kind="gathering_called_off").count() == 1
    Recurrence.objects.update(made_until=second.occurs_on)
    assert Recurrence.heal() == 0 and len(all_of(page)) == 3


def test_it_is_for_the_host_and_stewards(
    client: Client, as_member: Client, as_stranger: Client, as_steward: Client, member: Member
) -> None:
    page = GatheringFactory(author=member)
    url = f"/gatherings/{page.slug}/repeat/"
    assert client.get(url).status_code == 302 and as_stranger.get(url).status_code == 404
    assert as_steward.get(url).status_code == 200
    assert as_stranger.post(url, {"do": "begin", "begin-every": "week"}).status_code == 404
    assert not Recurrence.objects.exists()
    answer = as_member.post(url, {"do": "begin", "begin-every": "fortnight", "begin-until": ""})
    assert answer.status_code == 302
    again = as_member.post(url, {"do": "begin", "begin-every": "fortnight"})
    assert again.status_code == 200 and Recurrence.objects.count() == 1
    shown = as_member.get(url)
    assert len(shown.context["coming"]) in (26, 27) and "Every two weeks" in shown.text
    others = client.get(f"/gatherings/{page.slug}/")
    assert "It comes again" in others.text and "/repeat/" not in others.text
    assert "/repeat/" in as_member.get(f"/gatherings/{page.slug}/").text
    last = page.occurs_on or timezone.localdate() + timedelta(days=8)
    assert as_member.post(url, {"do": "end", "end-last": str(last)}).status_code == 302
    assert GatheringPage.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "begin"}, {"do": "begin", "begin-every": "\x00"}, {"do": "begin", "begin-every": "hourly"},
        {"do": "begin", "begin-every": "week", "begin-until": "yesterday"},
        {"do": "begin", "begin-every": "week", "begin-until": "9999-12-31"},
        {"do": "begin", "begin-every": "week", "begin-until": "1999-12-31"},
        {"do": "spread", "spread-which": "all"}, {"do": "x" * 10_000}, {},
    ],
)  # fmt: skip
def test_it_refuses_in_words_and_changes_nothing(as_member: Client, member: Member, sent: dict[str, str]) -> None:
    page = GatheringFactory(author=member)
    answer = as_member.post(f"/gatherings/{page.slug}/repeat/", sent)
    assert answer.status_code in (200, 409)
    assert not Recurrence.objects.exists() and GatheringPage.objects.count() == 1


def test_it_does_not_repeat_several_dates(as_member: Client, member: Member) -> None:
    page = GatheringFactory(author=member)
    page.sessions.add(Session(starts_at=page.starts_at, ends_at=page.ends_at))
    page.save_revision().publish()
    answer = as_member.post(f"/gatherings/{page.slug}/repeat/", {"do": "begin", "begin-every": "week"})
    assert answer.status_code == 409 and "several dates" in answer.text


def test_it_names_no_time_to_whom_a_block_keeps_away(as_member: Client, member: Member) -> None:
    page = monthly()
    other = all_of(page)[1]
    GatheringPage.objects.filter(pk=other.pk).update(author=MemberFactory())
    other.refresh_from_db()
    assert other.slug in as_member.get(f"/gatherings/{page.slug}/").text
    Block.put(other.author, member)
    assert other.slug not in as_member.get(f"/gatherings/{page.slug}/").text


def test_it_survives_a_copy_and_an_earlier_wording() -> None:
    page = monthly()
    earlier = page.latest_revision or page.save_revision()
    copied = page.copy(update_attrs={"slug": "copied"})
    assert (copied.recurrence, copied.occurs_on, copied.sequence) == (None, None, 0)
    content = {**earlier.content, "recurrence": None, "occurs_on": None}
    assert page.with_content_json(content).recurrence == page.recurrence


def test_it_leaves_what_was_taken_down_or_locked(member: Member) -> None:
    page = monthly()
    _first, second, third, *_rest = all_of(page)
    second.unpublish()
    GatheringPage.objects.filter(pk=third.pk).update(locked=True)
    page.bring = "A knife"
    page.save_revision().publish()
    page.recurrence.spread(page, date.min)
    _first, second, third, fourth, *_rest = all_of(page)
    assert not second.live and (second.bring, third.bring, fourth.bring) == ("", "", "A knife")


def test_it_keeps_the_day_when_the_zone_is_another() -> None:
    at = soon(22).replace(minute=30)
    page = monthly(zone="UTC", starts_at=at, ends_at=at + timedelta(hours=1))
    days = [one.occurs_on for one in all_of(page)]
    page.zone = "Pacific/Auckland"
    page.starts_at, page.ends_at = (one - timedelta(hours=14) for one in (page.starts_at, page.ends_at))
    page.save_revision().publish()
    page = GatheringPage.objects.get(pk=page.pk)
    page.recurrence.spread(page, date.min)
    assert [one.days(one)[0] for one in all_of(page)][1:] == days[1:]


def test_a_time_changed_alone_changes_nothing_made_later() -> None:
    page = monthly()
    hour, number = page.starts_wall[11:], len(all_of(page))
    page.starts_at, page.ends_at = page.starts_at + timedelta(hours=3), page.ends_at + timedelta(hours=3)
    page.title = "In the dark, for once"
    page.save_revision().publish()
    Recurrence.objects.update(made_until=all_of(page)[6].occurs_on)
    GatheringPage.objects.filter(pk__in=[one.pk for one in all_of(page)[7:]]).delete()
    assert Recurrence.heal() == number - 7
    made = all_of(page)[7:]
    assert {one.starts_wall[11:] for one in made} == {hour} and "In the dark, for once" not in {
        one.title for one in made
    }
