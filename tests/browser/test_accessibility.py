"""No page breaks a rule of WCAG 2.2 AA that a machine can see: no rule is switched off, no element left out."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import EVERY, LEARNER, Kind
from tests.browser.stand import Site

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (360, 1350)
SCHEMES = ("light", "dark")
WITH_MISTAKES = [
    Kind("signup with mistakes", "/accounts/signup/"),
    Kind("login with mistakes", "/accounts/login/"),
    Kind("new line with mistakes", "/me/lines/new/", LEARNER),
    Kind("new connection with mistakes", "/connections/new/wilf-harker/", LEARNER),
    Kind("application with mistakes", "{opening}apply/", LEARNER),
    Kind("question with mistakes", "{questions_on}ask/", LEARNER),
    Kind("report with mistakes", "/report/?url=/people/wilf-harker/", LEARNER),
]
AXE = Axe().axe_script


def violations(page: Page) -> list[str]:
    """What axe finds in both widths and both colour schemes, each with the elements it means."""
    page.evaluate(AXE)
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            options: dict[str, Any] = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
            result = page.evaluate("options => axe.run(document, options)", options)
            assert result["passes"], "axe looked at nothing"
            found += [
                f"{scheme} {width}: {rule['id']}: {node['html'][:160]}: {node['failureSummary']}"
                for rule in result["violations"]
                for node in rule["nodes"]
            ]
    return found


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
def test_it_has_no_violation(kind: Kind, open_page: OpenPage, site: Site, troubles: list[str]) -> None:
    page = open_page(who=kind.who, reduced_motion="reduce")
    answer = page.goto(kind.path.format(**site.places))
    assert answer is not None and answer.status == (404 if kind.name == "not found" else 200)
    assert violations(page) == []
    assert troubles == []


@pytest.mark.parametrize("kind", WITH_MISTAKES, ids=lambda kind: kind.name)
def test_it_has_no_violation_after_mistakes(kind: Kind, open_page: OpenPage, site: Site, troubles: list[str]) -> None:
    page = open_page(kind.path.format(**site.places), who=kind.who, reduced_motion="reduce")
    with page.expect_navigation():
        page.evaluate("document.querySelector('main form[method=post]').submit()")  # past the browser's own check
    assert page.locator(".error-summary a").count() >= 1
    assert violations(page) == []
    assert troubles == []


def test_it_notices_a_violation(open_page: OpenPage) -> None:
    """The check itself is checked: a picture without words and grey on grey must not pass."""
    page = open_page("/about/")
    page.evaluate("document.querySelector('main').innerHTML += '<img src=\"/favicon.ico\"><p id=\"pale\">pale</p>'")
    page.evaluate("document.querySelector('#pale').style.color = '#eee'")
    found = " ".join(violations(page))
    assert "image-alt" in found and "color-contrast" in found
