"""A try is told, counted, found by its conditions and changed, in a real browser, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PNG, OpenPage
from tests.browser.stand import Site

TRIERS = [(True, "freya-holt@example.org"), (False, "hetty-cole@example.org")]


def tally(page: Page) -> list[int]:
    """Tries in all, and how they ended, as the page says it: "7 tries: 4 worked, 2 in part, 1 failed"."""
    return [int(number) for number in re.findall(r"\d+", page.locator(".tries .lead").inner_text())]


@pytest.mark.parametrize(("has_js", "who"), TRIERS)
def test_it_is_told_and_counted(open_page: OpenPage, site: Site, troubles: list[str], has_js: bool, who: str) -> None:
    page = open_page(site.places["tried"], who=who, width=390, java_script_enabled=has_js)
    total, worked, partly, failed = tally(page)
    learned = f"The frost took it all the same, says {who.partition('-')[0]}."
    page.get_by_role("link", name="I tried this").click()
    page.get_by_role("button", name="Tell it").click()  # the browser itself asks for what is missing
    expect(page.locator(".error-summary")).to_have_count(0)
    page.get_by_label("It failed", exact=True).check()
    page.get_by_label("soil").select_option("sand")
    page.get_by_label("What happened, and why, as you see it?").fill(learned)
    page.get_by_label("A picture").set_input_files({"name": "IMG_0042.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_label("The picture in words").fill("A bare bed")
    page.get_by_role("button", name="Tell it").click()
    expect(page.get_by_text(learned)).to_be_visible()
    expect(page.get_by_role("img", name="A bare bed")).to_be_visible()
    own = page.url

    reader = open_page(site.places["tried"], width=390, java_script_enabled=has_js)
    assert tally(reader) == [total + 1, worked, partly, failed + 1]
    reader.goto(site.places["tried"] + "tries/?outcome=failed&soil=sand")
    expect(reader.get_by_text(learned)).to_be_visible()
    reader.goto(site.places["tried"] + "tries/?outcome=worked&soil=sand")
    expect(reader.get_by_text(learned)).to_have_count(0)

    page.goto(f"{own}edit/")
    page.get_by_label("It worked in part", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(own)
    expect(page.locator("main .outcome").first).to_contain_text("It worked in part")
    reader.goto(site.places["tried"])
    assert tally(reader) == [total + 1, worked, partly + 1, failed]
    assert troubles == []
