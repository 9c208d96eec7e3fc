"""A story told on a telephone without JavaScript, interrupted twice, given back once, and then read by everybody."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import LEARNER, STEWARD, OpenPage
from tests.browser.stand import Site

PASSWORD = "scionwood-demo-only"
TITLE = "Willow stakes that the deer ate"
TRIED = "We set four hundred stakes along the brook in March, a foot deep, two feet apart."


def sign_in(page: Page) -> None:
    """Through the form, since the session of this test will end in the middle of it."""
    page.get_by_label("E-mail address").fill(LEARNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()


def answer(open_page: OpenPage, choice: str, reason: str = "") -> None:
    """What a steward does, on a small screen, too."""
    desk = open_page("/steward/stories/", who=STEWARD, width=390, java_script_enabled=False)
    desk.get_by_role("link", name=TITLE, exact=True).click()
    expect(desk.get_by_text(TRIED[:30])).to_be_visible()
    desk.get_by_label(choice, exact=True).check()
    desk.get_by_label("What is missing, or why not").fill(reason)
    desk.get_by_role("button", name="Send the answer").click()
    expect(desk.get_by_text("The author hears of it")).to_be_visible()


def test_it_tells_a_story_from_a_phone(open_page: OpenPage, site: Site) -> None:
    page = open_page("/accounts/login/?next=/stories/tell/", width=390, java_script_enabled=False)
    sign_in(page)
    page.get_by_label("What is it about?").fill(TITLE)
    page.get_by_label("It failed").check()
    go_on(page)
    page.get_by_label("Where did you start?").fill("A brook between two meadows, cut bare.")
    page.get_by_label("soil").select_option("clay")
    go_on(page)

    # The login runs out while the longest part is typed.
    page.get_by_label("What did you try?").fill(TRIED)
    key = next(c["value"] for c in page.context.cookies() if c["name"] == "sessionid")
    assert site.change("DELETE FROM django_session WHERE session_key = ?", key) == 1
    go_on(page)
    sign_in(page)
    expect(page.get_by_label("What did you try?")).to_have_value(TRIED)
    go_on(page)
    page.get_by_label("What happened?").fill("By May one in ten was left, bitten off at the height of a deer.")
    page.get_by_role("button", name="Save, and go on another day").click()
    page.context.close()

    # Another day, another device.
    page = open_page("/accounts/login/?next=/stories/mine/", width=390, java_script_enabled=False)
    sign_in(page)
    page.get_by_role("link", name=TITLE, exact=True).click()
    page.get_by_role("link", name="Look it over").click()
    expect(page.get_by_text("Say it in short")).to_be_visible()
    story = page.url.removesuffix("check/")
    page.goto(f"{story}figures/")
    page.get_by_label("For what (line 1)").fill("Stakes, 400")
    page.get_by_label("How much (line 1)").fill("two days")
    go_on(page)
    page.get_by_label("What would you do now?").fill("Guards first, or none at all.")
    page.get_by_label("In short").fill("Four hundred willow stakes without guards: the deer left forty.")
    go_on(page)
    page.get_by_label("Use it and change it, but name me").check()
    go_on(page)
    page.get_by_role("button", name="Send it to the stewards").click()
    expect(page.get_by_text("A steward is reading it")).to_be_visible()
    state = page.url

    answer(open_page, "It needs a little more", "How high were the stakes?")
    page.goto(state)
    expect(page.get_by_text("How high were the stakes?")).to_be_visible()
    page.goto(f"{story}tried/")
    page.get_by_label("What did you try?").fill(TRIED + " They stood five feet high.")
    page.get_by_role("button", name="Save, and go on another day").click()
    page.goto(f"{story}check/")
    page.get_by_role("button", name="Send it to the stewards").click()

    answer(open_page, "Publish it")
    reader = open_page("/stories/?outcome=failure&soil=clay", width=390, java_script_enabled=False)
    reader.get_by_role("link", name=TITLE, exact=True).click()
    expect(reader.get_by_text("They stood five feet high.")).to_be_visible()
    expect(reader.get_by_text("Stakes, 400")).to_be_visible()
