"""Every page of circles asks the database equally often, however many rows there are."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from community.circles.models import Action, Circle, Minutes, Poll
from tests.conftest import signed_in
from tests.factories import CircleFactory, MemberFactory, StoryFactory

pytestmark = pytest.mark.django_db


def asked(client: Any, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def fill(circle: Circle, leader: Any, start: int) -> None:
    today = timezone.localdate()
    for n in range(start, start + 10):
        minutes = Minutes.write(circle, leader, today - timedelta(days=n), f"We met for the {n}th time.")
        Action.give(circle, leader, f"Do thing number {n}", leader, minutes=minutes)
        poll = Poll.put(circle, leader, ["a", "b"], title=f"Which of number {n}?", closes_on=today, shows_at_once=True)
        poll.vote(leader, [poll.choices.first().pk])
        poll.close(leader)
    for n in range(start, start + 2):
        circle.ask_inside(leader, f"How is it done for number {n}?")
    circle.keep(leader, StoryFactory(author=leader))
    for _n in range(9):
        circle.join(MemberFactory())


def test_the_room_of_a_circle_is_as_quick_with_many_rows() -> None:
    leader = MemberFactory()
    circle = CircleFactory(by=leader, size=20)
    fill(circle, leader, 0)
    client, below = signed_in(leader), circle.get_absolute_url()
    minutes, poll = Minutes.objects.first(), Poll.objects.first()
    urls = [below, f"{below}people/", f"{below}minutes/", minutes.get_absolute_url(), poll.get_absolute_url()]
    few = [asked(client, url) for url in urls]
    fill(circle, leader, 10)
    assert [asked(client, url) for url in urls] == few and max(few) <= 12


def test_the_list_of_circles_is_as_quick_with_many_rows() -> None:
    member = MemberFactory()
    for n in range(20):
        CircleFactory(by=MemberFactory(), people=[member] if n % 2 else [])
        if n == 9:
            few = asked(signed_in(member), "/circles/")
    assert asked(signed_in(member), "/circles/") == few <= 12


def test_a_steward_finds_circles_that_sleep_and_no_closed_one() -> None:
    steward = signed_in(MemberFactory(is_steward=True))
    for name, door in (("Sleepy hedges", "open"), ("Secret hedges", "closed"), ("Lively hedges", "open")):
        CircleFactory(name=name, door=door)
    Circle.objects.exclude(name="Lively hedges").update(stirred_at=timezone.now() - timedelta(days=91))
    text = steward.get("/steward/circles/").text
    assert "Sleepy hedges" in text and "Secret" not in text and "Lively" not in text
    assert signed_in(MemberFactory()).get("/steward/circles/").status_code == 404
