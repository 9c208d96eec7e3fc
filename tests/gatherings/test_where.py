"""Where people meet is told to guests, host and editors, and to nobody else in any byte."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.models import GroupPagePermission

from community.gatherings.models import GatheringPage
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db
SECRETS = ("zq47qz", "secret-room")


def everything(client: Client, gathering: GatheringPage) -> str:
    """All that is served about a gathering: page, list, search, forms, feeds, headers."""
    served = ""
    slug = gathering.slug
    for url in (
        f"/gatherings/{slug}/", "/gatherings/", "/gatherings/?q=zq47qz", "/gatherings/?q=secret",
        f"/gatherings/{slug}/enrol/", "/ask/?q=zq47qz",
        f"/gatherings/{slug}/cancel/", f"/gatherings/{slug}/guests/", "/sitemap.xml", "/api/v3/pages/",
    ):  # fmt: skip
        answer = client.get(url)
        assert answer.status_code < 500
        served += answer.text + str(answer.headers)
    for echo in ("?q=zq47qz", "%3Fq%3Dzq47qz", 'value="zq47qz"', "“zq47qz”", "<title>zq47qz"):
        served = served.replace(echo, "")
    return served


def listed(text: str) -> bool:
    return any(secret in text for secret in SECRETS)


def test_it_is_in_no_byte_for_others(client: Client, as_member: Client, as_steward: Client, minor: Member) -> None:
    gathering = GatheringFactory()
    for who in (client, as_member, as_steward, signed_in(minor)):
        assert not listed(everything(who, gathering))


def test_it_is_told_to_guest_and_host(member: Member, stranger: Member) -> None:
    gathering = GatheringFactory(author=stranger, mode="hybrid")
    seat = gathering.enrol(member)
    for who in (member, stranger):
        page = signed_in(who).get(f"/gatherings/{gathering.slug}/")
        assert all(secret in page.text for secret in SECRETS)
        assert page.headers["Cache-Control"] == "no-store, private"
        assert not listed(json.dumps(page.context["structured_data"], default=str))
    seat.cancel()
    assert not listed(everything(signed_in(member), gathering))


def test_it_is_told_to_an_editor(member: Member) -> None:
    gathering = GatheringFactory()
    editors = Group.objects.create(name="Editors of gatherings")
    GroupPagePermission.objects.create(group=editors, page=gathering.get_parent(), permission_type="change")
    member.groups.add(editors)
    assert listed(signed_in(member).get(f"/gatherings/{gathering.slug}/").text)


def test_it_names_the_guests_to_host_and_stewards_only(
    client: Client, as_member: Client, as_steward: Client, member: Member
) -> None:
    gathering = GatheringFactory()
    gathering.enrol(guest := MemberFactory(name="Greta Guest"))
    gathering.enrol(member)
    url = f"/gatherings/{gathering.slug}/guests/"
    for host in (signed_in(gathering.author), as_steward):
        assert "Greta Guest" in host.get(url).text
    assert as_member.get(url).status_code == 404
    missing = as_member.get("/gatherings/not-there/guests/")
    assert as_member.get(url).text.replace(url, "") == missing.text.replace("/gatherings/not-there/guests/", "")
    assert client.get(url).status_code == 302
    for other in (client, as_member, signed_in(guest)):
        page = other.get(f"/gatherings/{gathering.slug}/").text
        assert "4 of 6 free" in page
    assert "Greta" not in as_member.get(f"/gatherings/{gathering.slug}/").text


def test_it_tells_search_engines_the_village_and_the_instant(client: Client) -> None:
    gathering = GatheringFactory(
        starts_at=datetime(2031, 7, 1, 9, 30, tzinfo=UTC), ends_at=datetime(2031, 7, 1, 12, tzinfo=UTC),
        zone="America/New_York",
    )  # fmt: skip
    page = client.get(f"/gatherings/{gathering.slug}/").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    data: dict[str, Any] = json.loads(found[1]) if found else {}
    assert (data["@type"], data["location"]["name"]) == ("Event", "Tolver")
    assert data["startDate"] == "2031-07-01T05:30:00-04:00"
    assert "05:30–08:00, New York time" in page


def test_it_names_the_zone_online_and_where_it_differs_on_site() -> None:
    at = datetime(2031, 1, 15, 10, tzinfo=UTC)
    assert GatheringFactory(starts_at=at).hours == "10:00–13:00"
    assert GatheringFactory(starts_at=at, zone="Europe/Dublin").hours == "10:00–13:00"
    assert GatheringFactory(starts_at=at, zone="Asia/Kathmandu").hours == "15:45–18:45, Kathmandu time"
    assert GatheringFactory(starts_at=at, zone="Asia/Kathmandu", mode="online").hours == "10:00–13:00, London time"


def test_it_refuses_what_cannot_be(db: None) -> None:
    page = GatheringFactory()
    for field, value in {"zone": "Mars/Olympus", "ends_at": page.starts_at, "place": "", "capacity": 0}.items():
        wrong = GatheringPage.objects.get(pk=page.pk)
        setattr(wrong, field, value)
        with pytest.raises(Exception, match=r".") as error:
            wrong.full_clean()
        assert field in error.value.message_dict


def test_it_tells_the_gate_to_nobody_who_comes_online(member: Member, stranger: Member) -> None:
    gathering = GatheringFactory(mode="hybrid", online_capacity=3)
    gathering.enrol(member, is_online=True)
    gathering.enrol(stranger)
    for url in (f"/gatherings/{gathering.slug}/", f"/gatherings/{gathering.slug}/event.ics"):
        online = signed_in(member).get(url).text.replace("\r\n ", "")
        assert "secret-room" in online and "zq47qz" not in online
        assert "zq47qz" in signed_in(stranger).get(url).text.replace("\r\n ", "")
