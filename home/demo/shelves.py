"""The other shelves of the demo library: lessons, their series, an experiment under way, a playbook, collections."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone
from wagtail.models import Page

from community.library.models import (
    Adoption,
    CollectionIndexPage,
    CollectionItem,
    CollectionPage,
    CoTester,
    LessonIndexPage,
    LessonPage,
    LogIndexPage,
    LogPage,
    LogUpdate,
    PlaybookIndexPage,
    PlaybookPage,
    SeriesPage,
    SeriesPart,
)
from community.members.models import Member
from community.notices.models import Follow
from home.demo.pages import Texts, entry_fields, part, publish
from home.demo.texts import as_html, read


def fill() -> int:
    """Everything that is missing on these shelves. Counts the new pages."""
    new = teach() + begin_experiments() + write_playbooks() + collect()
    follow()
    return new


def waiting(model: Any, name: str, kind: str) -> list[Texts]:
    """The texts whose page is not there yet."""
    known = set(model.objects.values_list("slug", flat=True))
    return [texts for texts in read(name)[kind] if texts["slug"] not in known]


def stripped(texts: Texts, *names: str) -> dict[str, str]:
    """Some of the texts, without the white space around them."""
    return {name: texts.get(name, "").strip() for name in names}


def teach() -> int:
    """The lessons, and then the series that are made of them."""
    shelf, lessons = LessonIndexPage.in_first_language(), waiting(LessonPage, "lessons", "lessons")
    for texts in lessons:
        steps = [("step", step | {"text": as_html(step["text"])}) for step in texts["steps"]]
        told = stripped(texts, "able", "waiting", "tools", "materials", "safety")
        page = LessonPage(
            steps=steps, difficulty=texts["difficulty"], **told, **entry_fields(texts, texts["author"])
        )  # fmt: skip
        publish(shelf, page, texts["topics"])
    series = waiting(SeriesPage, "lessons", "series")
    for texts in series:
        page = SeriesPage(able=texts["able"], **entry_fields(texts, texts["author"]))
        found = {lesson.slug: lesson for lesson in LessonPage.objects.filter(slug__in=texts["lessons"])}
        page.parts = [SeriesPart(lesson=found[slug], sort_order=n) for n, slug in enumerate(texts["lessons"])]
        publish(shelf, page, texts["topics"])
    return len(lessons) + len(series)


def begin_experiments() -> int:
    """The experiments, with their notes and those who try them along."""
    shelf, today = LogIndexPage.in_first_language(), timezone.localdate()
    new = waiting(LogPage, "experiments", "experiments")
    for texts in new:
        starts_on = today - timedelta(days=texts["started_days_ago"])
        log = LogPage(
            starts_on=starts_on, ends_on=starts_on + timedelta(days=texts["lasts_days"]), seeks_testers=True,
            **stripped(texts, "question", "compared", "measured", "call"), **entry_fields(texts, texts["author"]),
        )  # fmt: skip
        publish(shelf, log, texts["topics"])
        for note in texts["notes"]:
            day = today - timedelta(days=note["days_ago"])
            LogUpdate(log=log, day=day, **stripped(note, "text", "measure", "amount")).put()
        for tester in texts["testers"]:
            CoTester.join(log, Member.objects.get(handle=tester["member"]), tester["note"])
    return len(new)


def write_playbooks() -> int:
    """The playbooks, and who says that they adopted one."""
    shelf, new = PlaybookIndexPage.in_first_language(), waiting(PlaybookPage, "playbooks", "playbooks")
    for texts in new:
        page = PlaybookPage(
            people=texts["people"], budget=texts["budget"], licence=texts["licence"], credit=texts["credit"],
            body=[stages(block) if block["type"] == "stages" else part(block) for block in texts["body"]],
            **entry_fields(texts, texts["author"]),
        )  # fmt: skip
        publish(shelf, page, texts["topics"])
        for said in texts["adopted"]:
            member = Member.objects.get(handle=said["member"])
            Adoption(playbook=page, member=member, **{name: said[name] for name in ("place", "year", "note")}).put()
    return len(new)


def collect() -> int:
    """The collections, of pages that stand on the other shelves by now."""
    shelf, new = CollectionIndexPage.in_first_language(), waiting(CollectionPage, "collections", "collections")
    for texts in new:
        page = CollectionPage(**stripped(texts, "intro"), **entry_fields(texts, texts["author"]))
        page.items = [
            CollectionItem(entry=apps.get_model(kind).objects.get(slug=slug).page_ptr, note=note, sort_order=n)
            for n, (kind, slug, note) in enumerate(texts["pages"])
        ]
        publish(shelf, page, texts["topics"])
    return len(new)


def follow() -> None:
    """What somebody wants to hear of; saying so twice says it once."""
    for texts in read("collections")["follows"]:
        member = Member.objects.get(email=texts["member"])
        pages = Page.objects.filter(slug__in=texts["pages"]).order_by("pk")
        keys = {"topic": texts["topics"], "author": texts["authors"], "page": [str(page.pk) for page in pages]}
        for what, wanted in keys.items():
            for target in [Follow.find(member, what, key) for key in wanted]:
                Follow.begin(member, what, target)


def stages(block: Texts) -> tuple[str, Any]:
    """The steps of setting something up."""
    return "stages", [stage | {"text": as_html(stage["text"])} for stage in block["stages"]]
