"""Full, waiting, offered, taken, passed on: the whole way of a seat in a real browser, with JavaScript and without."""

import functools
import re

from playwright.sync_api import expect

from tests.browser.conftest import MENTOR, OpenPage
from tests.browser.pages import ASKED, FULL, GROWER, HOST
from tests.browser.stand import Site

# With JavaScript and without, the same seats go on: who has one, who waits longest, who comes last.
ROUNDS = [(False, "vera-lomax", "marta-kowalska", MENTOR), (True, "zadie-brook", "ewan-brook", GROWER)]


def test_it_hands_seats_on(open_page: OpenPage, troubles: list[str]) -> None:
    """In one test: the second seat is free for whoever waits once the first is taken, and nobody orders tests."""
    for has_script, leaver, first, last in ROUNDS:
        hand_on(functools.partial(open_page, width=390, java_script_enabled=has_script), leaver, first, last)
    assert troubles == []


def hand_on(open_page: OpenPage, leaver: str, first: str, last: str) -> None:
    """Somebody queues up, somebody leaves, and whoever waits longest takes the seat."""
    page = open_page(FULL, who=last)
    page.get_by_role("link", name="Join the waiting list").click()
    page.get_by_role("button", name="Join the waiting list").click()
    expect(page.get_by_text("Your place:")).to_be_visible()

    page = open_page(FULL, who=f"{leaver}@example.org")
    page.get_by_role("link", name="I cannot come").click()
    page.get_by_role("button", name="Yes, I cannot come").click()
    expect(page.get_by_text("Your seat is free for somebody else.")).to_be_visible()

    page = open_page("/notices/", who=f"{first}@example.org")
    page.get_by_role("link", name="A seat is free for you").first.click()
    expect(page.get_by_role("heading", name="A seat is free for you")).to_be_visible()
    page.get_by_role("button", name="Take the seat").click()
    expect(page.get_by_text("You have a seat.").first).to_be_visible()
    expect(page.get_by_text("Orchard End")).to_be_visible()


def test_it_gives_a_seat_back_by_one_click_without_a_login(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.places["not_coming"], width=390, java_script_enabled=False)
    page.get_by_role("button", name="I cannot come").click()
    expect(page.locator("h1")).to_have_text("You have no seat here")


def test_a_host_answers_who_asks_and_writes_to_those_who_come(open_page: OpenPage) -> None:
    page = open_page(f"{ASKED}guests/", who=HOST, width=390, java_script_enabled=False)
    page.get_by_label("A word with it").first.fill("Bring a long line.")
    page.get_by_role("button", name=re.compile("Yes.*Callum Frith")).click()
    expect(page.get_by_text("They have a seat")).to_be_visible()
    page.get_by_role("link", name="Write to those who come").click()
    page.get_by_label("What you write").fill("Come by the lower gate.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Come by the lower gate.")).to_be_visible()
    guest = open_page(ASKED, who="callum-frith@example.org", width=390, java_script_enabled=False)
    expect(guest.get_by_text("Bring a long line.")).to_be_visible()
    guest.get_by_role("link", name="What the host has written").click()
    expect(guest.get_by_text("Come by the lower gate.")).to_be_visible()
