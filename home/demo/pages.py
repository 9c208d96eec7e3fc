"""The pages of the demo valley: what it says of itself, its stories, gatherings and openings."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone
from wagtail.models import Page, Site

from community.gatherings.models import Every, Feedback, GatheringIndexPage, GatheringPage, Recurrence, Session
from community.library.models import CaseStudyPage, Nomination, StoryIndexPage, Trial, UsefulFailure
from community.members.models import Member, Rules
from community.openings.models import OpeningIndexPage, OpeningLine, OpeningPage
from community.topics.models import Season, Topic
from home.demo.people import STEWARD
from home.demo.texts import as_html, read, stories
from home.models import HomePage, SiteSettings, StandardPage

Texts = dict[str, Any]
Say = Callable[[str], None]
CONDITIONS = ("soil", "climate", "scale", "equipment", "budget", "licence", "credit")


def name_the_valley() -> None:
    """Topics, seasons, rules, and what stands on every page; what an editor has changed since stays."""
    valley = read("valley")
    for topic in valley["topics"]:
        Topic.objects.get_or_create(slug=topic["slug"], defaults=topic)
    for position, season in enumerate(valley["seasons"]):
        Season.objects.get_or_create(slug=season["slug"], defaults=season | {"position": position})
    if Rules.current() is None:
        Rules.publish(valley["rules"]["text"].strip())
    site, texts = Site.objects.get(is_default_site=True), valley["site"]
    settings, is_new = SiteSettings.objects.get_or_create(site=site)
    if is_new or settings.name == SiteSettings._meta.get_field("name").default:
        settings.name, settings.tagline, settings.notice = texts["name"], texts["tagline"], texts["notice"]
        settings.contact_name, settings.contact_phone = steward_name(), texts["steward_phone"]
        settings.contact_email = STEWARD
        settings.save()
        front = HomePage.objects.order_by("path")[0]
        front.lead = f"{texts['tagline']}."
        front.save_revision().publish()


def steward_name() -> str:
    """Who helps when somebody is stuck."""
    people = read("members")["members"]
    return next((str(person["name"]) for person in people if person["email"] == STEWARD), "")


def write_plain_pages() -> int:
    """Put the valley's own words on the plain pages that nobody has edited. Counts them."""
    number = 0
    for texts in read("valley")["pages"]:
        page = StandardPage.objects.filter(slug=texts["slug"]).first()
        if page and page.latest_revision_id is None:
            page.title, page.body = texts["title"], [("words", as_html(texts["text"]))]
            page.save_revision().publish()
            number += 1
    return number


def publish(parent: Page, page: Any, topics: list[str]) -> None:
    """Put a page below another and publish it, as an editor would."""
    parent.add_child(instance=page)
    page.topics.set(Topic.objects.filter(slug__in=topics))
    page.save_revision().publish()


def entry_fields(texts: Texts, author: str) -> dict[str, Any]:
    """What all listed pages share."""
    return {
        "title": texts["title"], "slug": texts["slug"], "summary": texts["summary"], "place": texts["place"],
        "author": Member.objects.filter(handle=author).first(),
        "season": Season.objects.filter(slug=texts.get("season", "")).first(),
    }  # fmt: skip


def tell_stories(seed: int, say: Say) -> int:
    """All stories, told over the last two years. Counts the new ones."""
    parent, known = StoryIndexPage.in_first_language(), set(CaseStudyPage.objects.values_list("slug", flat=True))
    waiting = [texts for texts in stories() if texts["slug"] not in known]
    for number, texts in enumerate(waiting, 1):
        told_at = timezone.now() - timedelta(days=Random(f"{seed}:{texts['slug']}").randint(3, 700))
        page = CaseStudyPage(
            outcome=texts["outcome"], year=texts["year"], body=[part(block) for block in texts["body"]],
            first_published_at=told_at, **entry_fields(texts, texts["author"]),
            **{name: texts[name] for name in CONDITIONS if name in texts},
        )  # fmt: skip
        publish(parent, page, texts["topics"])
        if number % 10 == 0 or number == len(waiting):
            say(f"Stories: {number} of {len(waiting)}")
    return len(waiting)


def try_stories() -> int:
    """What came of it where others tried the same. Counts the new ones."""
    number = 0
    for texts in read("trials")["trials"]:
        page = CaseStudyPage.objects.filter(slug=texts["story"]).first()
        member = Member.objects.select_related("profile").filter(handle=texts["member"]).first()
        if page is None or member is None or Trial.objects.filter(page=page, member=member).exists():
            continue
        said = ("outcome", "soil", "climate", "scale", "changed", "learned", "cost", "equipment")
        trial = Trial(
            member=member, year=timezone.localdate().year - texts["years_ago"], place=member.profile.place,
            season=Season.objects.filter(slug=texts.get("season", "")).first(),
            **{name: texts[name].strip() for name in said if name in texts},
        )  # fmt: skip
        trial.put(page, is_on_map=texts.get("on_map", True))
        number += 1
    return number


def nominate() -> int:
    """Which failures helped most this year, as a few people say, and the one that is named. Counts the new ones."""
    number, year = 0, timezone.localdate().year
    for texts in read("nominations")["nominations"]:
        page = CaseStudyPage.objects.filter(slug=texts["story"]).first()
        member = Member.objects.filter(handle=texts["member"]).first()
        if page is None or member is None or Nomination.objects.filter(member=member, year=year).exists():
            continue
        Nomination.put(page, member, texts["why"])
        number += 1
    steward = Member.objects.filter(email=STEWARD).first()
    best = UsefulFailure.of_choice(steward, year).first() if steward else None
    if number and steward and best:
        UsefulFailure.name(best, year, steward)
    return number


def part(block: Texts) -> tuple[str, Any]:
    """One part of a story as the page holds it."""
    text = as_html(block.get("text", ""))
    if block["type"] == "cost":
        return "cost", {"rows": block["rows"], "text": text}
    if block["type"] == "evidence":
        return "evidence", {"figures": block["figures"], "text": text}
    return block["type"], text


TERMS = ("online_capacity", "max_guests", "needs_approval", "host_questions", "prerequisites")


def call_gatherings(say: Say) -> int:
    """All gatherings, counted from today, with their guests. Counts the new ones."""
    parent, known = GatheringIndexPage.in_first_language(), set(GatheringPage.objects.values_list("slug", flat=True))
    waiting = [texts for texts in read("gatherings")["gatherings"] if texts["slug"] not in known]
    for texts in waiting:
        call_gathering(parent, texts)
    if waiting:
        say(f"Gatherings: {len(waiting)}")
    return len(waiting)


def call_gathering(parent: Page, texts: Texts) -> None:
    """One gathering. Guests take seats before it begins: one that is over is held first and moved back then."""
    day = timezone.localdate() + timedelta(days=texts["starts_in_days"])
    starts_at = timezone.make_aware(datetime.combine(day, time.fromisoformat(texts["start_time"])))
    lasts = timedelta(days=texts.get("days", 1) - 1, hours=texts["hours"])
    early = max(starts_at, timezone.now() + timedelta(days=1))
    page = GatheringPage(
        kind=texts["kind"], mode=texts["mode"], starts_at=early, ends_at=early + lasts,
        capacity=texts.get("capacity"), text=as_html(texts["text"]), bring=texts.get("bring", ""),
        price=texts.get("price", ""), exact_place=texts.get("exact_place", ""),
        online_link=texts.get("online_link", ""), **entry_fields(texts, texts["host"]),
        **{name: texts[name] for name in TERMS if name in texts},
    )  # fmt: skip
    publish(parent, page, texts["topics"])
    put_dates(page, texts)
    fill_seats(page, texts)
    if early != starts_at:
        page = GatheringPage.objects.get(pk=page.pk)
        page.starts_at, page.ends_at = starts_at, starts_at + lasts
        page.save_revision().publish()
    for handle, score, word in texts.get("feedback", []):
        if guest := Member.objects.filter(handle=handle).first():
            Feedback.give(GatheringPage.objects.get(pk=page.pk), guest, score=score, word=word)


def put_dates(page: GatheringPage, texts: Texts) -> None:
    """The dates of a series, and four months of what comes again."""
    for after, subject in texts.get("dates", []):
        lasts, starts_at = timedelta(hours=texts["hours"]), page.starts_at + timedelta(days=after)
        page.sessions.add(Session(starts_at=starts_at, ends_at=starts_at + lasts, subject=subject))
    if texts.get("dates"):
        page.save_revision().publish()
    if again := texts.get("again"):
        Recurrence.begin(page, Every(again), timezone.localdate(page.starts_at) + timedelta(days=120))


def fill_seats(page: GatheringPage, texts: Texts) -> None:
    """Those who come, those who wait for a seat, and those who ask the host for one."""
    for guest in Member.objects.filter(handle__in=texts.get("enrolled", [])).order_by("pk"):
        seat = page.enrol(guest, answers=texts.get("answers", []))
        seat.approve()
    for handle in texts.get("waiting", []):
        if guest := Member.objects.filter(handle=handle).first():
            page.enrol(guest, may_wait=True)
    for handle, *answers in texts.get("asking", []):
        if guest := Member.objects.filter(handle=handle).first():
            page.enrol(guest, answers=answers)
    if "becomes" in texts:
        page = GatheringPage.objects.get(pk=page.pk)
        page.revise(page.author, page.version, texts["becomes"])  # type: ignore[arg-type]


def offer_openings(say: Say) -> int:
    """All openings, closing so many days from today. Counts the new ones."""
    parent, known = OpeningIndexPage.in_first_language(), set(OpeningPage.objects.values_list("slug", flat=True))
    waiting = [texts for texts in read("openings")["openings"] if texts["slug"] not in known]
    terms = ("hours", "pay", "housing", "transport", "insurance", "language", "starts", "safety", "admits_minors")
    for texts in waiting:
        page = OpeningPage(
            kind=texts["kind"], text=as_html(texts["text"]), min_age=texts.get("min_age"),
            closes_on=timezone.localdate() + timedelta(days=texts["closes_in_days"]),
            **{name: texts[name] for name in terms if name in texts}, **entry_fields(texts, texts["poster"]),
        )  # fmt: skip
        page.lines = [OpeningLine(text=line, sort_order=n) for n, line in enumerate(texts["learn"])]
        publish(parent, page, texts["topics"])
    if waiting:
        say(f"Openings: {len(waiting)}")
    return len(waiting)
