"""A place is offered, asked for, agreed, learned and signed off, in a real browser, with JavaScript and without."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LEARNER, MENTOR, OpenPage
from tests.browser.pages import YOUNG
from tests.browser.stand import Site

LETTER = "I have laid two hedges with my uncle and want to learn it properly."
FROM_A_MINOR = "I am still at school and would like to come on Saturdays to lay hedges."


def step(page: Page, choice: str, words: str = "") -> None:
    page.get_by_label(choice, exact=True).check()
    page.get_by_label("A few words with it").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


@pytest.mark.parametrize("has_js", [True, False])
def test_it_goes_from_an_offer_to_a_skill_that_is_passed_on(open_page: OpenPage, has_js: bool) -> None:
    word = "quick" if has_js else "plain"
    title, skill = f"A winter with the hedges {word}", f"lay a {word} hedge"

    def go(path: str, who: str) -> Page:
        return open_page(path, who=who, width=390, java_script_enabled=has_js)

    poster = go("/openings/post/", MENTOR)
    poster.get_by_label("Apprenticeship").check()
    poster.get_by_label("What do you offer?").fill(title)
    poster.get_by_label("In short").fill("Four days a week, November to March.")
    poster.get_by_label("What it is about").fill("You cut, then you lay.")
    poster.get_by_label("What will be learned, or taught").fill(f"{skill}\nsharpen a billhook")
    poster.get_by_label("Apply by").fill((datetime.now(UTC).date() + timedelta(days=30)).isoformat())
    poster.get_by_role("button", name="Send", exact=True).click()
    expect(poster.get_by_text("Saved, and published.")).to_be_visible()

    learner = go("/openings/", LEARNER)
    learner.get_by_role("link", name=title).click()
    learner.get_by_role("link", name="Apply", exact=True).click()
    learner.get_by_label("Why you, and what you want to learn").fill(LETTER)
    learner.get_by_label("What I have done so far").set_input_files(
        {"name": "life.txt", "mimeType": "text/plain", "buffer": b"Two winters with my uncle."}
    )
    learner.get_by_role("button", name="Send", exact=True).click()
    expect(learner.get_by_text("Your application is on its way.")).to_be_visible()
    learner.get_by_role("link", name="See where it stands").click()
    expect(learner.get_by_text("An answer comes by")).to_be_visible()
    address = learner.url

    poster.goto(poster.url)
    poster.get_by_role("link", name=re.compile(f"^Applications.*{title}")).click()
    poster.get_by_role("link", name="Anna Reyes").click()
    expect(poster.get_by_text(LETTER)).to_be_visible()
    step(poster, "Take it into the closer choice", "Bring gloves on Thursday.")
    expect(poster.get_by_text("On the short list")).to_be_visible()
    step(poster, "Offer the place")

    learner.goto(address)
    expect(learner.get_by_text("Bring gloves on Thursday.")).to_be_visible()
    step(learner, "Say yes to the place")
    learner.get_by_role("link", name="To the two of you").click()
    learner.get_by_role("link", name="Learning plan").click()
    learner.get_by_label(skill).select_option("2")
    learner.get_by_role("button", name="Save", exact=True).click()

    poster.goto(learner.url)
    row = poster.get_by_role("row").filter(has_text=skill)
    expect(row.get_by_role("cell", name="2 – with help")).to_be_visible()
    poster.get_by_label(skill).select_option("3")
    poster.get_by_role("button", name="Save", exact=True).click()
    poster.get_by_role("link", name=re.compile(f"^Sign off or take out.*{skill}")).click()
    poster.get_by_role("button", name="Sign it off").click()
    expect(row.locator("time")).to_be_visible()
    learner.goto(learner.url)
    expect(learner.get_by_role("row").filter(has_text=skill).locator("time")).to_be_visible()


def test_an_application_under_18_waits_for_a_guardian_and_is_seen_by_nobody_else(
    open_page: OpenPage, site: Site
) -> None:
    slug = "walling-and-sheep-year"
    assert site.change(
        "UPDATE openings_openingpage SET admits_minors = 1, min_age = NULL WHERE page_ptr_id = "
        "(SELECT id FROM wagtailcore_page WHERE slug = ?)", slug,
    ) == 1  # fmt: skip
    young = open_page(f"/openings/{slug}/apply/", who=YOUNG, width=390, java_script_enabled=False)
    young.get_by_label("Why you, and what you want to learn").fill(FROM_A_MINOR)
    young.get_by_label("Name of a parent or guardian").fill("Yvonne Young")
    young.get_by_label("Their e-mail address").fill("yvonne@example.org")
    young.get_by_role("button", name="Send", exact=True).click()
    expect(young.get_by_text("Your parent or guardian was asked by mail")).to_be_visible()
    for who in (MENTOR, LEARNER, None):
        other = open_page(f"/openings/{slug}/", who=who, width=390)
        assert other.request.get(young.url).status in {200, 404}
        assert FROM_A_MINOR not in other.request.get(young.url).text()
