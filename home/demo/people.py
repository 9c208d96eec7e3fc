"""The people of the demo valley, and any number more put together from the same texts."""

import string
from collections.abc import Callable
from random import Random
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from community.members.models import LANGUAGES, Member, OpenTo, Role, Rules, Statement
from home.demo.texts import read
from home.tree import EDITORS

STEWARD, EDITOR = "steward@example.org", "editor@example.org"
BATCH = 50

Texts = dict[str, Any]


def settle(number: int | None, seed: int, hashed: str, say: Callable[[str], None]) -> int:
    """Let the written people come, the steward first, and then as many more as are asked for. Counts the new ones."""
    written = sorted(read("members")["members"], key=lambda person: person["email"] != STEWARD)
    extra = range(len(written) + 1, (number or 0) + 1)
    known = set(Member.objects.values_list("email", flat=True))
    waiting = [person for person in written if person["email"] not in known]
    waiting += [made_up(n, seed) for n in extra if address(n) not in known]
    for start in range(0, len(waiting), BATCH):
        with transaction.atomic():
            for person in waiting[start : start + BATCH]:
                welcome(person, hashed)
        say(f"People: {min(start + BATCH, len(waiting))} of {len(waiting)}")
    return len(waiting)


def welcome(person: Texts, hashed: str) -> Member:
    """One person joins: account, confirmed address, rules, profile, lines."""
    is_adult = person.get("adult", True)
    member = Member.objects.create_user(
        person["email"], person["name"], is_steward=person["email"] == STEWARD, **named(person)
    )
    # Hashing takes a third of a second on purpose: one hash is enough for people who are not real.
    Member.objects.filter(pk=member.pk).update(password=hashed)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    if is_adult:
        member.say_adult()
    member.accept_rules(Rules.current_version())
    tell(member, person)
    if person.get("verified"):
        vouch_for(member)
    if person["email"] == EDITOR:
        member.groups.add(Group.objects.get(name=EDITORS))
    return member


def vouch_for(member: Member) -> None:
    """The steward has met this person; whoever set up the site knows the steward, who cannot vouch for themselves."""
    steward = Member.objects.filter(email=STEWARD).exclude(pk=member.pk).first()
    if steward:
        member.verify(steward, "Met at the winter meeting")
    elif member.is_steward:
        member.verified_at, member.verified_reason = timezone.now(), "Set up the community with us"
        member.save(update_fields=["verified_at", "verified_reason"])


def named(person: Texts) -> dict[str, Any]:
    """The handle, where a writer has chosen one."""
    return {"handle": person["handle"]} if "handle" in person else {}


def tell(member: Member, person: Texts) -> None:
    """Fill in what this person shows, offers, needs and allows."""
    profile = member.profile
    for field in ("trade", "about", "place"):
        setattr(profile, field, person.get(field, ""))
    profile.languages = [code for code in person.get("languages", []) if code in LANGUAGES]
    for field in ("roles", "open_to", "seasons"):
        setattr(profile, field, person.get(field, []))
    for field in ("weekly_requests", "hours_per_month", "stops_in_years", "max_km", "not_own_trade_km"):
        setattr(profile, field, person.get(field))
    profile.capacity = person.get("capacity", 1)
    profile.is_paused = person.get("paused", False)
    profile.shows_passed_on = person.get("shows_passed_on", False)
    if place := places().get(profile.place):
        profile.move_to(place["lat"], place["lon"])
    profile.full_clean()
    profile.save()
    for line in person.get("statements", []):
        Statement(profile=profile, **{"can_teach": False, **line}).put()
    profile.touch()


def places() -> dict[str, Texts]:
    """The places of the valley by name."""
    return {place["name"]: place for place in read("valley")["places"]}


# --- More people than were written ---------------------------------------------------------------------------


def address(number: int) -> str:
    """The address of the person of this number."""
    return f"person-{number}@example.org"


def made_up(number: int, seed: int) -> Texts:
    """Somebody put together from the written people; the same seed and number give the same person."""
    rng = Random(f"{seed}:{number}")
    written = read("members")["members"]
    giver, seeker = rng.sample(written, 2)
    first, last = rng.choice(written)["name"].split()[0], rng.choice(written)["name"].split()[-1]
    offers = [line for line in giver["statements"] if line["side"] == "offer"]
    needs = [line for line in seeker["statements"] if line["side"] == "need"]
    lines = rng.sample(offers, min(len(offers), rng.randint(1, 4))) + rng.sample(
        needs, min(len(needs), rng.randint(1, 3))
    )
    return {
        "name": f"{first} {rng.choice(string.ascii_uppercase)}. {rng.choice(string.ascii_uppercase)}. {last}",
        "email": address(number),
        "trade": giver["trade"],
        "place": rng.choice(list(places())),
        "about": giver["about"],
        "languages": sorted({*giver["languages"], *rng.choice([[], seeker["languages"]])}),
        "roles": rng.sample(Role.values, rng.randint(1, 2)),
        "open_to": rng.sample(OpenTo.values, rng.randint(1, 4)),
        "capacity": rng.randint(1, 4),
        "statements": lines,
    }
