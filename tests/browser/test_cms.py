"""The editors' rooms in a real browser: their own content policy lets everything work, and nothing more."""

import re
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.browser.conftest import EDITOR, LEARNER, OpenPage
from tests.browser.stand import Site

PASSWORD = "scionwood-demo-only"


def edit_story(page: Page, address: str) -> None:
    """By the search of the editing tools to the editor of a story of the demo."""
    page.goto(address)
    title = page.locator("h1").inner_text()
    page.goto(f"/cms/pages/search/?{urlencode({'q': title})}")
    page.locator("a[href*='/edit/']").first.click()
    expect(page.locator("form#page-edit-form, form[data-edit-form]").first).to_be_visible()


def test_it_signs_an_editor_in_by_the_one_door(open_page: OpenPage, troubles: list[str]) -> None:
    page = open_page("/cms/")
    assert re.search(r"/accounts/login/\?next=/cms/", page.url)
    page.fill("input[name=login]", EDITOR)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/cms/")
    expect(page.locator("#wagtail, main").first).to_be_visible()
    assert troubles == []


def test_it_shows_the_dashboard_and_the_tree(open_page: OpenPage, troubles: list[str]) -> None:
    page = open_page("/cms/", who=EDITOR)
    expect(page.locator("#wagtail-sidebar nav").first).to_be_visible()
    page.goto("/cms/pages/")
    expect(page.locator("main")).to_be_visible()
    assert troubles == []


def test_it_edits_and_previews_a_page_and_chooses_a_picture(
    open_page: OpenPage, site: Site, troubles: list[str]
) -> None:
    page = open_page("/cms/", who=EDITOR)
    edit_story(page, site.places["failure"])
    page.locator("button[aria-label*='review' i]").first.click()
    frame = page.frame_locator("iframe[title*='review' i], #w-preview-iframe").first
    expect(frame.locator("main#main")).to_be_visible(timeout=30_000)
    page.locator("button:has-text('Choose an image'), button:has-text('Choose image')").first.click()
    expect(page.locator(".modal-content").first).to_be_visible()
    expect(page.locator(".modal-content input[type=file], .modal-content input[name=q]").first).to_be_attached()
    assert troubles == []


def test_it_is_not_there_for_anybody_else(open_page: OpenPage) -> None:
    page = open_page("/cms/", who=LEARNER)
    assert page.locator("#wagtail-sidebar").count() == 0
    assert page.locator("h1").inner_text() == "Nothing behind this gate"


def test_the_control_elsewhere_a_script_in_the_page_is_refused(open_page: OpenPage, troubles: list[str]) -> None:
    page = open_page("/stories/", who=EDITOR)
    planted = "() => { const s = document.createElement('script'); s.textContent = 'ran = 1'; document.head.append(s) }"
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(planted)
    assert page.evaluate("() => typeof ran") == "undefined"
    assert any("Content Security Policy" in trouble for trouble in troubles)
