"""A real browser before a real server. The server runs in a process of its own, so no test here touches the
database of the other tests; the browser is closed after the last of them, because while it runs Django would
take every query of this process for one inside an event loop.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import chromium
from tests.browser import stand
from tests.browser.stand import Site

HERE = Path(__file__).parent
LEARNER, MENTOR, STEWARD, EDITOR = (f"{name}@example.org" for name in ("learner", "mentor", "steward", "editor"))
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001049444154789c63106810002206"
    "080500118e02818f8ab9030000000049454e44ae426082"
)

OpenPage = Callable[..., Page]

expect.set_options(timeout=20_000)  # ms; a busy machine is no fault of the page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser, and one browser runs at a time."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """The demo community on a server in production settings; filled once for all tests here."""
    folder = Path(tempfile.mkdtemp(prefix="sw-b-"))
    url = f"http://127.0.0.1:{stand.free_port()}"
    sessions, places = stand.fill(folder, url)
    server = stand.serve(folder, url)
    yield Site(url, folder, sessions, places)
    stand.stop(server, folder)


@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    """One browser for all tests here."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.require(), args=list(chromium.ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def troubles() -> list[str]:
    """What the browser complains of while a test runs: errors of scripts, refusals by the content policy, files
    that are not there. The answer to the page itself does not count: a 404 page is a page, too."""
    return []


@pytest.fixture
def open_page(site: Site, chrome: Browser, troubles: list[str]) -> Iterator[OpenPage]:
    """open_page("/stories/", who="learner@example.org", width=360, …) opens a fresh browser window; further words
    are those of Playwright's new_context."""
    contexts: list[BrowserContext] = []

    def watch(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location.get("url") != (message.page.url if message.page else ""):
            troubles.append(f"{message.text} ({message.location.get('url')})")

    def open_it(path: str = "", who: str | None = None, width: int = 1350, height: int = 800, **words: Any) -> Page:
        context = chrome.new_context(base_url=site.url, viewport={"width": width, "height": height}, **words)
        context.set_default_timeout(60_000)
        contexts.append(context)
        if who:
            context.add_cookies([{"name": "sessionid", "value": site.sessions[who], "url": site.url}])
        page = context.new_page()
        page.on("console", watch)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        if path:
            page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
