"""Everything a member does works in a browser in which JavaScript is switched off: click by click, mail by mail."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LEARNER, OpenPage
from tests.browser.stand import Site

PASSWORD = "seventeen quiet geese"
DEMO_PASSWORD = "scionwood-demo-only"


@pytest.fixture
def plain(open_page: OpenPage) -> OpenPage:
    """plain("/stories/", who=…) opens a page on a small screen with JavaScript switched off."""

    def open_it(path: str = "", who: str | None = None) -> Page:
        return open_page(path, who=who, width=360, java_script_enabled=False)

    return open_it


def test_it_lets_somebody_join(plain: OpenPage, site: Site) -> None:
    """Sign up, read the mail, confirm, sign in through the form, add a line, say where one is."""
    page = plain("/")
    page.get_by_role("navigation", name="My account").get_by_role("link", name="Join").click()
    page.get_by_label("Your name").fill("Frieda Fresh")
    page.get_by_label("E-mail address").fill("frieda@example.org")
    page.get_by_label("that I want to learn").check()
    page.get_by_label("What is it?").fill("sharpen a scythe")
    page.get_by_label("Yes, I am 18 or older").check()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("I have read the rules").check()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("h1")).to_have_text("Look into your e-mail")

    link = re.search(r"https?://\S+/accounts/confirm-email/\S+", site.mail_to("frieda@example.org"))
    assert link
    page.goto(link[0])
    page.locator("main").get_by_role("button").first.click()
    if "/accounts/login/" in page.url:
        page.get_by_label("E-mail address").fill("frieda@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Welcome, Frieda Fresh")
    expect(page.get_by_text("sharpen a scythe").first).to_be_visible()

    page.get_by_role("link", name="Add something I can offer").click()
    page.get_by_label("In one line").fill("carry water to the far field")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("carry water to the far field", exact=True)).to_be_visible()
    page.goto("/me/place/")
    page.get_by_label("Place").fill("Tolver")
    page.get_by_label("Latitude").fill("54.3")
    page.get_by_label("Longitude").fill("-3.1")
    page.get_by_role("button", name="Save").click()
    page.goto("/me/place/")
    expect(page.get_by_label("Place")).to_have_value("Tolver")


def test_it_lets_somebody_sign_in_and_out(plain: OpenPage) -> None:
    page = plain("/me/")
    page.get_by_label("E-mail address").fill("educator@example.org")
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Welcome, Judith Amos")
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button").click()
    page.goto("/")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_it_finds_a_story(plain: OpenPage) -> None:
    page = plain("/stories/")
    before = page.locator("main .cards > li").count()
    page.get_by_label("How it ended").select_option("failure")
    page.get_by_label("Words").fill("silage")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**q=silage**")  # counting does not wait for a page that is still on its way
    found = page.locator("main .cards > li")
    assert 1 <= found.count() < before
    link = found.first.get_by_role("link").first
    title = link.inner_text()
    link.click()
    expect(page.locator("h1")).to_have_text(title)
    expect(page.get_by_text("It failed").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("silage", ignore_case=True)


def test_it_takes_a_seat_and_gives_it_back(plain: OpenPage, site: Site) -> None:
    page = plain(site.places["gathering"], who="hetty-cole@example.org")
    page.get_by_role("link", name="Take a seat").click()
    page.get_by_role("button", name="Yes, I come").click()
    expect(page.get_by_text("You have a seat").first).to_be_visible()
    page.goto(site.places["gathering"])
    page.get_by_role("link", name="I cannot come").click()
    page.get_by_role("button", name="Yes, I cannot come").click()
    page.goto(site.places["gathering"])
    expect(page.get_by_role("link", name="Take a seat")).to_be_visible()


def test_it_applies_to_an_opening(plain: OpenPage, site: Site) -> None:
    page = plain(site.places["opening"], who="clara-finch@example.org")
    page.get_by_role("link", name="Apply", exact=True).click()
    page.locator("main textarea").fill("I have mended hedges for two winters and want to learn walls.")
    page.get_by_role("button", name="Send", exact=True).click()
    page.goto(site.places["opening"] + "apply/")
    expect(page.get_by_text("I have mended hedges for two winters")).to_be_visible()
    owner = plain(site.places["opening"] + "applications/", who="mentor@example.org")
    owner.get_by_role("link", name="Clara Finch").click()
    expect(owner.get_by_text("I have mended hedges for two winters")).to_be_visible()


def test_it_asks_and_answers_below_a_story(plain: OpenPage, site: Site) -> None:
    """One asks, another answers, the first says that it helped, and a visitor reads all of it."""
    page = plain(site.places["asked_on"], who="clara-finch@example.org")
    page.get_by_role("link", name="Ask a question").click()
    page.get_by_label("Your question in one line").fill("Does the same hold for a wall that faces west?")
    page.get_by_label("More about it").fill("Ours is brick below and rubble above.")
    page.locator("main").get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Your question stands here now")).to_be_visible()
    question = page.url

    other = plain(site.places["asked_on"], who="hetty-cole@example.org")
    other.get_by_role("link", name="Does the same hold for a wall").click()
    other.get_by_role("link", name="Answer", exact=True).click()
    other.locator("main textarea").fill("It did for ours, a week later in the year.")
    other.get_by_role("button", name="Send").click()
    expect(other.get_by_text("It did for ours, a week later in the year.", exact=True)).to_be_visible()

    page.goto("/notices/")
    page.get_by_role("link", name="Your question has an answer").click()
    page.get_by_role("button", name="This helped").click()
    visitor = plain(question)
    expect(visitor.get_by_text("This helped")).to_be_visible()
    expect(visitor.get_by_text("It did for ours, a week later in the year.", exact=True)).to_be_visible()
    assert "Hetty Cole" not in visitor.content()


def test_it_makes_a_need_of_a_story(plain: OpenPage, site: Site) -> None:
    page = plain(site.places["asked_on"], who="clara-finch@example.org")
    page.get_by_role("link", name="I need this too").click()
    page.get_by_label("What you need, in one line").fill("somebody who looks at our lime with me")
    page.get_by_role("button", name="Put it on my page").click()
    page.goto("/me/lines/")
    expect(page.get_by_text("somebody who looks at our lime with me", exact=True)).to_be_visible()


def test_it_puts_a_suggestion_aside(plain: OpenPage) -> None:
    page = plain("/matches/mentor/", who=LEARNER)
    one = page.locator("main .suggestion").filter(has=page.locator(".graft")).last  # one with a reason
    name = one.locator("h3").inner_text()
    one.get_by_role("button", name="Not this one").click()
    page.goto("/matches/mentor/")
    assert name not in page.locator("main .suggestion h3").all_inner_texts()
    page.goto("/matches/dismissed/")
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_it_introduces_two_people(plain: OpenPage) -> None:
    """One asks, the other says yes, and only then each sees how to reach the other."""
    page = plain("/people/hamish-rudd/", who=LEARNER)
    page.get_by_role("link", name="Introduce us").click()
    page.get_by_label("I want to learn from Hamish Rudd").check()
    page.get_by_label("What it is about").fill("Dry stone walls")
    page.get_by_label("What shall be possible at the end").fill("I mend the wall of our yard.")
    page.get_by_label("Your first question").fill("May I come on a Saturday and take down a wall with you?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("They have not answered yet")).to_be_visible()
    assert "hamish-rudd@example.org" not in page.content()
    connection = page.url

    other = plain("/notices/", who="hamish-rudd@example.org")
    other.goto(connection)
    expect(other.get_by_text("May I come on a Saturday")).to_be_visible()
    assert LEARNER not in other.content()
    other.get_by_role("button", name="Yes, let us meet").click()
    expect(other.get_by_role("link", name=LEARNER)).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="hamish-rudd@example.org")).to_be_visible()


def test_it_reports_and_keeps_away(plain: OpenPage) -> None:
    page = plain("/people/gus-hallam/", who="ines-duarte@example.org")
    page.get_by_role("link", name="Report").click()
    page.get_by_label("It is advertising or a swindle").check()
    page.get_by_label("Tell us more").fill("He sells the same barrel twice.")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("The stewards have your report")).to_be_visible()
    steward = plain("/steward/", who="steward@example.org")
    expect(steward.locator("main")).to_contain_text("swindle")

    page.goto("/people/gus-hallam/")
    page.get_by_role("button", name="Keep this person away").click()
    answer = page.goto("/people/gus-hallam/")
    assert answer is not None and answer.status == 404
    page.goto("/me/blocks/")
    expect(page.get_by_text("Gus Hallam", exact=True)).to_be_visible()


def test_a_login_that_ran_out_loses_no_word(plain: OpenPage, site: Site) -> None:
    """The session ends while somebody writes; after signing in again the text is in the form."""
    page = plain("/accounts/login/?next=/connections/new/moira-tennant/")
    page.get_by_label("E-mail address").fill(LEARNER)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    words = "I have a loom from my aunt and no idea how to tie up the treadles. Would you look at it?"
    page.get_by_label("I want to learn from Moira Tennant").check()
    page.get_by_label("What it is about").fill("Tying up a loom")
    page.get_by_label("What shall be possible at the end").fill("I weave a blanket.")
    page.get_by_label("Your first question").fill(words)
    key = next(c["value"] for c in page.context.cookies() if c["name"] == "sessionid")
    assert site.change("DELETE FROM django_session WHERE session_key = ?", key) == 1
    page.get_by_role("button", name="Send").click()

    expect(page.locator("h1")).to_have_text("Sign in")
    page.get_by_label("E-mail address").fill(LEARNER)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Your first question")).to_have_value(words)
