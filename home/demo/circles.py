"""Circles of the demo valley, through the product's own verbs."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from community.circles.models import Action, Circle, Minutes, Poll
from community.members.models import Member
from home.demo.texts import read

TOLD = ("name", "kind", "door", "cadence", "place")


def meet() -> int:
    """Begin them, let people in, and write down what was said. Counts the new ones."""
    number = 0
    for texts in read("circles")["circles"]:
        leader = Member.objects.get(handle=texts["by"])
        if Circle.objects.filter(name=texts["name"]).exists():
            continue
        words = {name: texts[name] for name in TOLD}
        circle = Circle.found(leader, purpose=texts["purpose"], agenda=texts["agenda"].strip(), **words)
        for handle in texts["people"]:
            member = Member.objects.get(handle=handle)
            circle.invite(leader, member)
            circle.join(member)
        write(circle, leader, texts)
        number += 1
    return number


def write(circle: Circle, leader: Member, texts: dict[str, Any]) -> None:
    """The next day, the minutes, what is to be done, a poll and a question, where there are any."""
    today = timezone.localdate()
    circle.plan(leader, today + timedelta(days=16), texts["agenda"].strip())
    if said := texts.get("minutes"):
        minutes = Minutes.write(circle, leader, today - timedelta(days=12), said.strip())
        doer = Member.objects.get(handle=texts["doer"])
        Action.give(circle, leader, texts["action"], doer, today + timedelta(days=16), minutes)
    if asked := texts.get("poll"):
        Poll.put(circle, leader, texts["answers"], title=asked, closes_on=today + timedelta(days=30))
    if question := texts.get("question"):
        circle.ask_inside(Member.objects.get(handle=texts["doer"]), question)
