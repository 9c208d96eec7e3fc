"""Pages are light on a poor line: counted on the wire, as the server of a real community sends them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import LEARNER, MENTOR, PUBLIC, Kind
from tests.browser.stand import Site

KB = 1000
TEXT, LIST, SCRIPTS, STYLES, LATER = 100 * KB, 200 * KB, 20 * KB, 30 * KB, 30 * KB
REQUESTS = 10
LISTS = {"front", "stories", "gatherings", "openings", "people"}
HEAVIEST = [
    Kind("people", "/people/", LEARNER),
    Kind("matches", "/matches/", LEARNER),
    Kind("apply", "{opening}apply/", LEARNER),
    Kind("me", "/me/", LEARNER),
    Kind("notices", "/notices/", MENTOR),
]


@dataclass
class Wire:
    """What came over the line for one page: how much, of which type, from which hosts."""

    urls: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def tap(self, page: Page) -> "Wire":
        """Begin to count. What the browser still has is not asked for again and does not count."""
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        line.on("Network.responseReceived", self._began)
        line.on("Network.loadingFinished", self._ended)
        return self

    def _began(self, event: dict[str, Any]) -> None:
        response = event["response"]
        if not (response.get("fromDiskCache") or response["url"].startswith("data:")):
            self.urls[event["requestId"]] = response["url"]
            self.types[event["requestId"]] = event["type"]

    def _ended(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self.urls:
            self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def total(self, kind: str = "") -> int:
        """Bytes of one type of file, or of all."""
        return sum(size for request, size in self.sizes.items() if not kind or self.types[request] == kind)


def load(page: Page, path: str) -> Wire:
    """Open a page and count until nothing moves any more."""
    wire = Wire().tap(page)
    page.goto(path, wait_until="networkidle")
    assert wire.total("Document") > KB
    return wire


@pytest.mark.parametrize("kind", PUBLIC + HEAVIEST, ids=lambda kind: kind.name)
def test_it_is_light_at_the_first_visit(kind: Kind, open_page: OpenPage, site: Site) -> None:
    wire = load(open_page(who=kind.who, width=360), kind.path.format(**site.places))
    assert wire.total() <= (LIST if kind.name in LISTS else TEXT), wire
    assert wire.total("Script") <= SCRIPTS
    assert KB < wire.total("Stylesheet") <= STYLES
    assert len(wire.sizes) <= REQUESTS
    assert {urlsplit(url).netloc for url in wire.urls.values()} == {urlsplit(site.url).netloc}


@pytest.mark.parametrize("path", ["/", "/stories/", "{failure}", "/gatherings/", "/people/", "/me/", "{opening}apply/"])
def test_it_is_lighter_still_at_the_next_page(path: str, open_page: OpenPage, site: Site) -> None:
    page = open_page("{opening}apply/".format(**site.places) if path == "/" else "/", who=LEARNER, width=360)
    page.wait_for_load_state("networkidle")
    wire = load(page, path.format(**site.places))
    assert wire.total() - wire.total("Script") <= LATER, wire  # a script comes once, with the first form that uses it
    assert wire.total("Stylesheet") == 0


def test_it_lets_the_browser_keep_every_file(open_page: OpenPage, site: Site) -> None:
    """Files carry a hash of what is in them, so they may be kept for ever, and travel compressed."""
    page = open_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("{opening}apply/".format(**site.places), wait_until="networkidle")
    files = [answer for answer in answers if "/static/" in answer.url]
    assert len(files) >= 2
    for file in files:
        assert "immutable" in file.headers["cache-control"], file.url
        assert file.headers.get("content-encoding") in {"gzip", "br"} or int(file.headers["content-length"]) < 600
