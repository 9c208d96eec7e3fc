"""Two people side by side: asked, accepted, talked, agreed, met three times, asked how it goes, closed with thanks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LEARNER, PNG, OpenPage
from tests.browser.fill import GARDENER
from tests.browser.stand import Site

NGOZI, VERA = "ngozi-adeyemi@example.org", "vera-lomax@example.org"
ASKER, ASKED = "hamish-rudd@example.org", "freya-holt@example.org"
QUESTION = "I sow in September and lose half of it to the damp. What would you change first?"
# Who asks, who is silent, who is asked next: with JavaScript, and without.
SILENCES = [
    (True, "Hamish Rudd", "Marta Kowalska", "Vera Lomax"), (False, "Ngozi Adeyemi", "Callum Frith", "Zadie Brook"),
]  # fmt: skip
PRAISE = "Shows it twice, then lets you do it."


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def ask(page: Page, wish: str, about: str) -> str:
    """Send a first question; returns where the two find each other from now on. Without a wish the page's own stays."""
    if wish:
        page.get_by_label(re.compile(wish)).check()
    page.get_by_label("What it is about").fill(about)
    page.get_by_label("What shall be possible at the end").fill("Half of the losses.")
    page.get_by_label("Your first question").fill(QUESTION)
    press(page, "Send")
    expect(page.get_by_text("Your question is on its way.")).to_be_visible()
    return page.url


def agree_and_meet(one: Page, other: Page, address: str) -> None:
    """Both sign what they want to reach, and note three meetings."""
    follow(one, "Write an agreement")
    one.get_by_label("What we want to reach").fill("Half of the losses by March.")
    press(one, "Sign and send")
    other.goto(address)
    follow(other, "Read and sign")
    expect(other.get_by_text("Half of the losses by March.")).to_be_visible()
    press(other, "Sign this text")
    for days, page in ((9, one), (5, other), (1, one)):
        page.goto(f"{address}meetings/")
        page.get_by_label("Day", exact=True).fill((datetime.now(UTC).date() - timedelta(days=days)).isoformat())
        page.get_by_label("How long, in minutes").fill("90")
        page.get_by_label("Next step").fill(f"Step of day {days}.")
        press(page, "Note it")
        expect(page.get_by_text(f"Step of day {days}.")).to_be_visible()


def talk(one: Page, other: Page, address: str) -> None:
    """Each writes to the other, and finds what is new; one notes something that the other does not find."""
    follow(one, "Read and write")
    one.get_by_label("What you want to say").fill("Thursday at seven?\nI bring the fleece.")
    press(one, "Send")
    expect(one.get_by_text("Sent.")).to_be_visible()
    other.goto(address)
    expect(other.get_by_text("1 new")).to_be_visible()
    follow(other, "Read and write")
    expect(other.get_by_text("I bring the fleece.")).to_be_visible()
    other.get_by_label("What you want to say").fill("At seven, by the green door.")
    other.get_by_label("A picture or a PDF with it").set_input_files(
        {"name": "gate.png", "mimeType": "image/png", "buffer": PNG}
    )
    press(other, "Send")
    one.reload()
    expect(one.get_by_text("by the green door")).to_be_visible()
    with one.expect_download() as found:
        one.get_by_role("link", name=re.compile("^A picture")).click()
    assert found.value.suggested_filename.endswith(".png")
    one.goto(f"{address}notes/")
    one.get_by_label("Your note").fill("Ask about the slugs.")
    press(one, "Keep it")
    expect(one.get_by_text("Ask about the slugs.")).to_be_visible()
    other.goto(f"{address}notes/")
    expect(other.get_by_text("Ask about the slugs.")).to_have_count(0)
    one.goto(address)
    other.goto(address)


@pytest.mark.parametrize("has_js", [True, False])
def test_it_goes_from_a_question_to_thanks(open_page: OpenPage, site: Site, has_js: bool) -> None:
    asker, asked = (LEARNER, VERA) if has_js else (VERA, LEARNER)
    site.change("UPDATE members_profile SET open_to = '[\"peer\"]', capacity = 9 WHERE member_id IN "
                "(SELECT id FROM members_member WHERE email IN (?, ?))", asker, asked)  # fmt: skip
    handle = asked.partition("@")[0] if asked != LEARNER else "anna-reyes"

    def go(path: str, who: str) -> Page:
        return open_page(path, who=who, width=390, java_script_enabled=has_js)

    one = go(f"/connections/new/{handle}/", asker)
    address = ask(one, "as one of my trade", "damp in a tunnel")
    other = go("/connections/", asked)
    expect(other.get_by_text("They wait for your answer")).to_be_visible()
    other.goto(address)
    other.get_by_label("A few words with it").fill("Come on Thursday.")
    press(other, "Yes, let us meet")
    expect(other.get_by_role("heading", name="You both said yes")).to_be_visible()
    one.goto(address)
    expect(one.get_by_role("link", name=asked)).to_be_visible()

    talk(one, other, address)
    agree_and_meet(one, other, address)
    key = int(address.rstrip("/").rpartition("/")[2])
    site.change(
        "INSERT INTO connections_checkin (connection_id, member_id, number, asked_at, word) "
        "SELECT id, asker_id, 1, datetime('now'), '' FROM connections_connection WHERE id = ?", key,
    )  # fmt: skip
    one.goto(address)
    follow(one, "Say it")
    one.get_by_label("4 – well").check()
    press(one, "Send")
    expect(one.get_by_text("Thank you.")).to_be_visible()

    one.goto(address)
    follow(one, "Bring it to an end")
    one.get_by_label("We have reached what we wanted").check()
    one.get_by_label("Words for the other's profile").fill(PRAISE)
    one.get_by_label("These words may be shown").check()
    press(one, "Close it")
    other.goto(address)
    press(other, "Show these words on my page")
    reader = go(f"/people/{handle}/", NGOZI)
    follow(reader, "What others say")
    expect(reader.get_by_text(PRAISE)).to_be_visible()


def test_a_suggestion_leads_to_a_first_talk(open_page: OpenPage) -> None:
    one = open_page("/matches/", who=LEARNER, width=390, java_script_enabled=False)
    one.get_by_role("link", name=re.compile("^Introduce us.*Greta Green")).click()
    address = ask(one, "", "what the page suggested")
    other = open_page(address, who=GARDENER, width=390, java_script_enabled=False)
    press(other, "Yes, let us meet")
    expect(other.get_by_role("heading", name="You both said yes")).to_be_visible()
    one.goto(address)
    expect(one.get_by_role("link", name=GARDENER)).to_be_visible()


def test_a_no_names_somebody_else_and_a_block_ends_it(open_page: OpenPage, site: Site) -> None:
    site.change("UPDATE members_profile SET open_to = '[\"mentor\", \"collaborator\", \"peer\"]' WHERE member_id IN "
                "(SELECT id FROM members_member WHERE email IN (?, ?, ?))", ASKER, ASKED, NGOZI)  # fmt: skip
    handle = ASKED.partition("@")[0]
    one = open_page(f"/connections/new/{handle}/", who=ASKER, width=390)
    address = ask(one, "do something together", "a shared stall")
    other = open_page(address, who=ASKED, width=390, java_script_enabled=False)
    follow(other, "No, thank you")
    other.get_by_label("I have no time this season").check()
    other.get_by_label("Somebody else who might help").fill("Ngozi Adeyemi")
    press(other, "Say no")
    one.goto(address)
    follow(one, "Ngozi Adeyemi")
    expect(one.get_by_role("heading", name="Ngozi Adeyemi")).to_be_visible()
    one.goto(f"/connections/new/{handle}/")
    second = ask(one, "as one of my trade", "hedges")
    other.goto(second)
    other.get_by_role("button", name=re.compile("^Keep this person away")).click()
    expect(other.get_by_text("You do not meet each other here any more")).to_be_visible()
    assert one.request.get(second).status == 404 and other.request.get(address).status == 404
    one.goto("/connections/")
    expect(one.get_by_text("hedges")).to_have_count(0)


def mail_of(name: str) -> str:
    return f"{name.lower().replace(' ', '-')}@example.org"


@pytest.mark.parametrize(("has_js", "asker", "silent", "following"), SILENCES)
def test_a_question_without_an_answer_goes_on_to_the_next(
    open_page: OpenPage, site: Site, has_js: bool, asker: str, silent: str, following: str
) -> None:
    about = "a cracked whetstone"
    site.change(
        "UPDATE members_profile SET open_to = '[\"peer\"]', capacity = 9, is_paused = 0 WHERE member_id IN "
        "(SELECT id FROM members_member WHERE email IN (?, ?))", mail_of(silent), mail_of(following),
    )  # fmt: skip

    def go(path: str, who: str) -> Page:
        return open_page(path, who=mail_of(who), width=390, java_script_enabled=has_js)

    one = go(f"/connections/new/{mail_of(silent).partition('@')[0]}/", asker)
    address = ask(one, "as one of my trade", about)
    follow(one, "Who is asked next, if no answer comes?")
    one.get_by_label("Who is next?").fill(following)
    press(one, "Add")
    expect(one.get_by_role("link", name=following)).to_be_visible()

    key = int(address.rstrip("/").rpartition("/")[2])
    assert site.change("UPDATE connections_connection SET moved_at = datetime(moved_at, '-8 days') WHERE id = ?", key)
    site.tick("keep_connections")
    one.goto("/notices/")
    expect(one.get_by_text(f"Your question has gone on to {following}").first).to_be_visible()
    quiet = go(address, silent)
    expect(quiet.get_by_role("button", name="Yes, let us meet")).to_have_count(0)
    other = go("/connections/", following)
    other.get_by_role("link", name=re.compile(asker)).first.click()
    expect(other.get_by_text(about)).to_be_visible()
    press(other, "Yes, let us meet")
    expect(other.get_by_role("heading", name="You both said yes")).to_be_visible()
    one.goto(other.url)
    expect(one.get_by_role("heading", name="You both said yes")).to_be_visible()
