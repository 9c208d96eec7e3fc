"""Asking in a real browser, of a real model: a failure told by somebody else is found in one's own words."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import stand
from tests.browser.conftest import LEARNER, OpenPage
from tests.browser.stand import Site
from tests.matching import ready

PROBLEM = "plaster came off the outside of the house after freezing nights"
STORY = "Lime render on a north gable"
READ = (
    "import django; django.setup(); from matching import reading, refresh; refresh.embed(); reading.read_everything()"
)


@pytest.fixture(scope="module")
def read(site: Site) -> Iterator[None]:
    """All pages and lines are read by the real model; afterwards the stand-in's reading is what there was."""
    models = site.folder / "models"
    models.symlink_to(ready.models(), target_is_directory=True)
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=stand.ROOT, env=stand.environment(site.folder, site.url, "1"),
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    yield
    models.unlink()


@pytest.mark.model
def test_it_finds_a_failure_by_describing_the_problem_in_other_words(
    read: None, open_page: OpenPage, troubles: list[str]
) -> None:
    page = open_page("/", width=390)
    page.get_by_role("searchbox", name="Ask the network").fill(PROBLEM)
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**/ask/?q=*")
    link = page.get_by_role("link", name=STORY)
    expect(link).to_be_visible()
    card = page.locator("article", has=link)
    expect(card.get_by_text("It failed")).to_be_visible()
    link.click()
    expect(page.locator("h1")).to_contain_text(STORY)
    assert troubles == []


@pytest.mark.model
def test_it_answers_in_place_and_keeps_the_address(read: None, open_page: OpenPage, troubles: list[str]) -> None:
    page = open_page("/ask/", who=LEARNER)
    page.evaluate("window.isSamePage = true")
    box = page.get_by_role("searchbox", name="Ask the network")
    box.fill("make hot compost")
    box.press("Enter")
    expect(page.locator("#answers").get_by_role("heading", name="People who know about it")).to_be_visible()
    expect(page.locator("#answers mark").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=make(\+|%20)hot(\+|%20)compost"))
    assert page.evaluate("window.isSamePage")
    page.go_back()
    expect(page.get_by_text("For example:")).to_be_visible()
    assert troubles == []


def test_it_answers_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/ask/", width=360, java_script_enabled=False)
    page.get_by_role("searchbox", name="Ask the network").fill("render frost")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("link", name=STORY)).to_be_visible()
    expect(page.get_by_role("link", name="Sign in to see who knows about it")).to_be_visible()
