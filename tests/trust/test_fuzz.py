"""Odd words in every address: never a fault, however odd. A taste of the long run, which takes hours."""

import random
import re

import pytest
from django.test import Client

from community.members.models import Member
from tests.conftest import signed_in
from tests.soak import leaks

pytestmark = pytest.mark.django_db

ODD = [
    '"', "'", "'\"", "\x00", "a\x00b", "%", "%00", "\\", "--", ";", "' OR 1=1 --", "<script>alert(1)</script>",
    "🌾", "𝒜", "\ud7ff", "\u202e\u200b", "ﷺ" * 50, "ا", "-1", "0", "99999999999999999999", "1e309", "NaN", "None",
    "*", "NEAR(", "a AND", 'title:"', "^", "()", "[]", "{}", "{{7*7}}", "../../etc/passwd", "//evil.example",
    "javascript:alert(1)", "a" * 5000, " ", "\t\r\n", "\r\nX-Injected: 1", "true", "1,2,3",
]  # fmt: skip
PARAMETERS = [
    "q", "page", "topic", "season", "outcome", "kind", "place", "next", "url", "draft", "when", "mode", "p", "limit",
    "offset", "order", "language", "role", "skill", "open_to", "fields", "search", "id", "format", "past",
]  # fmt: skip


def lists(world: leaks.World) -> list[str]:
    """Addresses that answer a member with a page of their own, without numbers of single things."""
    tally = leaks.Tally()
    found = dict.fromkeys(leaks.addresses(world, tally, 10**6))
    return [path for path in found if not re.search(r"/\d+/|static|logout|export|\.ics", path)]


def test_no_odd_word_makes_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    world, chance = leaks.build(), random.Random(7)
    paths = lists(world)
    browsers = [Client(), signed_in(world.people["member"]), signed_in(world.people["steward"])]  # type: ignore[arg-type]
    faults, asked = [], 0
    for number, path in enumerate(paths):
        browser = browsers[number % 3]
        browser.raise_request_exception = False
        for odd in chance.sample(ODD, 2):
            words = dict.fromkeys(chance.sample(PARAMETERS, 8), odd) | {"q": odd, "page": odd}
            response = browser.get(path, words)
            asked += 1
            assert "X-Injected" not in response.headers
            if response.status_code >= 500:
                faults.append(f"{response.status_code} {path} {odd!r}")
    assert faults == []
    assert asked > 100


def test_every_list_takes_every_odd_word(caplog: pytest.LogCaptureFixture, member: Member) -> None:
    caplog.set_level("CRITICAL")
    leaks.build()
    browser = signed_in(member)
    browser.raise_request_exception = False
    for path in ("/stories/", "/gatherings/", "/openings/", "/people/", "/ask/"):
        for odd in ODD[:12]:
            assert browser.get(path, {"q": odd}).status_code < 500, (path, odd)


def test_odd_words_in_forms_make_no_fault(caplog: pytest.LogCaptureFixture, member: Member) -> None:
    caplog.set_level("CRITICAL")
    browser = signed_in(member)
    browser.raise_request_exception = False
    for odd in ODD[::3]:
        for path in ("/report/", "/me/erase/", "/accounts/login/", "/accounts/password/reset/"):
            words = dict.fromkeys(("url", "reason", "text", "confirmation", "login", "password", "email"), odd)
            assert browser.post(path, words).status_code < 500, (path, odd)
    assert Member.objects.filter(pk=member.pk).exists()
