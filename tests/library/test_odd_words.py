"""Odd words in every form of the library and of questions: an error in plain words or a page, never a fault."""

import itertools
import re
import uuid
from typing import Any

import pytest

from tests.conftest import signed_in
from tests.soak import leaks

pytestmark = pytest.mark.django_db
ROOMS = re.compile(r"^/(stories|lessons|experiments|playbooks|questions|ask|steward/(stories|desk|asked))(/|$)")
ODD: list[Any] = [
    "\x00", "a\x00b", "99999999999999999999", "-1", "1e309", "🌾", "\ufffd\u202e", "a" * 10_000, '"', ["a", "b"],
    str(uuid.UUID(int=0)), "0001-01-01", " ",
]  # fmt: skip
NAMES = (
    "q", "page", "title", "outcome", "year", "season", "place", "soil", "scale", "climate", "changed", "learned",
    "cost", "equipment", "is_on_map", "words", "goes", "text", "note", "day", "measure", "amount", "is_last",
    "visibility", "reason", "answer", "revision", "version", "standing", "helped", "code", "act", "mark", "sure",
    "tried", "happened",
    "setting", "why", "now", "summary", "topic", "topics", "trade", "reach", "known", "receipt_token", "then", "draft",
    "cost_0_item", "cost_0_amount", "figures_0_measure", "licence", "credit", "budget", "done", "show", "photo",
)  # fmt: skip


@pytest.fixture(autouse=True)
def not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests come from one address; the count has a test of its own."""
    monkeypatch.setattr("community.library.views.confide.is_too_often", lambda request, action: False)


def test_no_form_of_the_library_fails(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    world = leaks.build()
    found = list(dict.fromkeys(leaks.addresses(world, leaks.Tally(), 10**6)))
    paths = [path for path in found if ROOMS.match(path)]
    browsers = [signed_in(world.people[who]) for who in ("member", "steward")]  # type: ignore[arg-type]
    faults, asked, odd = [], 0, itertools.cycle(ODD)
    for browser, path in zip(itertools.cycle(browsers), paths, strict=False):
        browser.raise_request_exception = False
        given = dict.fromkeys(NAMES, next(odd)) | {"form_key": str(uuid.uuid4())}
        for sent in (browser.get(path, given), browser.post(path, given)):
            asked += 1
            if sent.status_code >= 500:
                faults.append(f"{sent.status_code} {path} {given['q']!r:.30}")
    assert faults == []
    assert asked > 100
