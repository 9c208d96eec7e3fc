"""The site in French in a real browser: chosen once, read, and told in, on a telephone, without anything cut off."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.conftest import LEARNER, OpenPage
from tests.browser.stand import Site
from tests.browser.test_layout import sideways

TELLING = ("/stories/tell/", "/stories/tell/confidential/", "/me/", "/me/edit/", "/matches/", "/people/")


@pytest.mark.parametrize("javascript", [True, False])
def test_it_is_chosen_once_and_read(javascript: bool, open_page: OpenPage, site: Site, troubles: list[str]) -> None:
    page = open_page("/stories/", width=390, java_script_enabled=javascript)
    page.get_by_role("button", name="Français").click()
    expect(page).to_have_url(f"{site.url}/fr/stories/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Récits")
    page.goto(site.url + site.places["french"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("De la craie")
    assert sideways(page) == []
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chalk in the madder bath")
    page.get_by_role("link", name="Demander", exact=True).first.click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en-gb")
    assert troubles == []


@pytest.mark.parametrize("path", TELLING)
def test_it_fits_where_members_write(path: str, open_page: OpenPage, site: Site) -> None:
    page = open_page("/fr/", who=LEARNER, width=390)
    # Not by the button: it would write French into an account that other tests use, too.
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "fr", "url": site.url}])
    page.goto(site.url + path)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    assert sideways(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert sideways(page) == []
