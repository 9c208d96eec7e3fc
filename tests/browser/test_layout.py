"""Nothing is cut off on a small screen or in large letters, everything can be hit with a thumb, the keyboard leads
everywhere, and a story can be printed."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.pages import EVERY, LEARNER, Kind
from tests.browser.stand import Site

# What sticks out beyond the page to the side, and what is cut off inside a box that does not scroll.
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const isHidden = e => e.closest('.visually-hidden, .skip-link, [hidden], .hero__art') || !e.getClientRects().length;
  return [...document.querySelectorAll('body *')]
    .filter(e => !isHidden(e) && !(e instanceof SVGElement))
    .filter(e => { const b = e.getBoundingClientRect(); return b.right > width + 1 || b.left < -1; })
    .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)} > ${width}: `
              + e.textContent.trim().slice(0, 60));
}"""
# Links in a sentence are excepted by the rule, as are controls with room around them; we ask 24 px of all others.
TOO_SMALL = """least => {
  const inSentence = e => e.matches('a') && [...e.parentElement.childNodes]
    .some(n => n.nodeType === Node.TEXT_NODE && n.textContent.trim().length > 1);
  const area = e => {
    const label = e.labels && e.labels[0];
    const boxes = [e.getBoundingClientRect(), ...(label ? [label.getBoundingClientRect()] : [])];
    return [Math.max(...boxes.map(b => b.width)), Math.max(...boxes.map(b => b.height))];
  };
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(e => e.getClientRects().length && !e.closest('.skip-link, .visually-hidden') && !inSentence(e))
    .map(e => [e, ...area(e)])
    .filter(([e, w, h]) => w < least || h < least)
    .map(([e, w, h]) => `${e.outerHTML.slice(0, 120)} ${Math.round(w)}x${Math.round(h)}`);
}"""
MAIN_TOO_SMALL = """() => [...document.querySelectorAll('.button:not(.button--small), .site-nav a, .account a, .brand')]
  .filter(e => e.getClientRects().length)
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, b]) => b.height < 44 || b.width < 44)
  .map(([e, b]) => `${e.outerHTML.slice(0, 120)} ${Math.round(b.width)}x${Math.round(b.height)}`)"""
FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  const middle = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return {tag: e.tagName, text: e.textContent.trim().slice(0, 40), id: e.id,
          ring: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
          seen: !!middle && (e === middle || e.contains(middle) || (e.labels && [...e.labels].includes(middle)))};
}"""


def sideways(page: Page) -> list[str]:
    """What makes the page scroll to the side, or sticks out of it."""
    page_is_wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return (["the page scrolls"] if page_is_wider else []) + page.evaluate(STICKING_OUT)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
def test_it_fits(kind: Kind, open_page: OpenPage, site: Site) -> None:
    """At 320 px; with letters twice as large at 320 px; and every target is large enough at both 360 and 1350 px."""
    page = open_page(kind.path.format(**site.places), who=kind.who, width=320, reduced_motion="reduce")
    assert sideways(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate(TOO_SMALL, 24) == []
    assert page.evaluate(MAIN_TOO_SMALL) == []
    page.set_viewport_size({"width": 1350, "height": 800})
    assert page.evaluate(TOO_SMALL, 24) == []
    page.evaluate("document.documentElement.style.fontSize = '225%'")  # twice the 112.5 % of the style sheet
    page.set_viewport_size({"width": 320, "height": 800})
    assert sideways(page) == []


def test_it_notices_what_sticks_out(open_page: OpenPage) -> None:
    """The check itself is checked."""
    page = open_page("/about/", width=320)
    page.evaluate("document.querySelector('main p').style.width = '500px'")
    assert any("500" in line or "the page scrolls" in line for line in sideways(page))


@pytest.mark.parametrize(("path", "who", "steps"), [("/", LEARNER, 9), ("/accounts/signup/", None, 18)])
def test_the_keyboard_shows_where_it_is(path: str, who: str | None, steps: int, open_page: OpenPage) -> None:
    page = open_page(path, who=who, reduced_motion="reduce")
    met = []
    for _step in range(steps):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["ring"] >= 2, focus
        assert focus["seen"], focus
        met.append((focus["tag"], focus["text"], focus["id"]))
    assert len(set(met)) >= steps - 1, "the focus went round in a circle"


def test_the_first_tab_leads_past_the_header(open_page: OpenPage) -> None:
    page = open_page("/stories/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


@pytest.mark.parametrize("story", ["success", "failure"])
def test_a_story_can_be_printed(story: str, open_page: OpenPage, site: Site) -> None:
    """On paper there are the words and where they come from, and nothing to click."""
    page = open_page(site.places[story])
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    assert len(page.locator("main").inner_text()) > 1000
    assert site.places[story] in page.locator(".print-only").inner_text()
    assert not page.locator(".site-nav").is_visible()
    paper = page.pdf(format="A4", print_background=True)
    assert paper.startswith(b"%PDF") and len(paper) > 10_000
