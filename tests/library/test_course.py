"""How a story or an experiment went on: a line with marks, and the same in words."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from community.library.models import CaseStudyPage, LogUpdate
from community.library.models.course import Course
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.factories import LogFactory, MemberFactory, StoryFactory, TrialFactory
from tests.library.test_story_queries import queries

pytestmark = pytest.mark.django_db
TITLE = "How it went on"


def page_of(story: Any, client: Client | None = None) -> str:
    return (client or Client()).get(story.url).content.decode()


def test_a_story_shows_when_it_was_who_tried_it_and_what_was_said_later() -> None:
    story = StoryFactory(year=2019, outcome="failure")
    for year, outcome in ((2021, "worked"), (2021, "failed"), (2023, "partly")):
        TrialFactory(page=story, year=year, outcome=outcome)
    CaseStudyPage.objects.filter(pk=story.pk).update(standing="true", standing_on=date(2025, 3, 1))
    course = Client().get(story.url).context["course"]
    assert [(mark.when, mark.kind, mark.number) for mark in course.marks] == [
        ("2019", "failed", 0), ("2021", "tries", 2), ("2023", "tries", 1), ("2025", "said", 0),
    ]  # fmt: skip
    places = [mark.x for mark in course.marks]
    assert places == sorted(set(places)) and all(0 < x < course.width for x in places)
    html = " ".join(page_of(story).split())
    assert "2 tries elsewhere: 1 worked, 1 failed" in html and "Its teller said: It is still true" in html
    assert "<strong>2023</strong> 1 try elsewhere: 1 worked in part" in html


def test_a_single_mark_is_no_course() -> None:
    assert TITLE not in page_of(StoryFactory(year=2019)) and TITLE not in page_of(StoryFactory(year=None))


def test_what_a_block_keeps_apart_does_not_show_in_it(member: Member) -> None:
    story, other = StoryFactory(year=2019), MemberFactory()
    TrialFactory(page=story, member=other, year=2022)
    assert "<strong>2022</strong>" in page_of(story)
    Block.objects.create(blocker=other, blocked=member)
    assert TITLE not in page_of(story, signed_in(member))


def test_many_years_still_fit_on_a_phone() -> None:
    story = StoryFactory(year=1950)
    for year in range(2000, 2020):
        TrialFactory(page=story, year=year, outcome="worked")
    course = Client().get(story.url).context["course"]
    assert len(course.marks) <= 10 and course.width <= 390
    assert sum(mark.number for mark in course.marks) == 20
    assert course.marks[1].when == "–2012" and course.marks[-1].when == "2019"
    assert min(b.x - a.x for a, b in zip(course.marks, course.marks[1:], strict=False)) >= 30


def note(log: Any, days_ago: int, **more: Any) -> LogUpdate:
    day = timezone.localdate() - timedelta(days=days_ago)
    return LogUpdate(log=log, day=day, text="Seen.", **more).put()


def test_an_experiment_shows_its_notes_where_their_days_are() -> None:
    log = LogFactory()
    assert TITLE not in page_of(log)
    note(log, 30), note(log, 15), note(log, 0, is_last=True)
    course = Client().get(log.url).context["course"]
    assert [mark.kind for mark in course.marks] == ["end", "note", "note", "last", "end"]
    begin, first, middle, last, end = (mark.x for mark in course.marks)
    assert begin == first and last == end and abs(middle - (begin + end) / 2) <= 1
    html = page_of(log)
    assert TITLE in html and "3 notes." in html


def test_days_outside_the_plan_break_nothing() -> None:
    log = LogFactory(starts_on=timezone.localdate(), ends_on=timezone.localdate() + timedelta(days=900))
    note(log, 400)
    course = Course.of_log(log, list(log.updates.all()))
    assert course is not None and all(0 < mark.x < course.width for mark in course.marks)
    log.finished_on = timezone.localdate() - timedelta(days=500)  # a last note that was put before the others
    course = Course.of_log(log, list(log.updates.all()))
    assert course is not None and all(0 < mark.x < course.width for mark in course.marks)


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_it_costs_no_query(as_stranger: Client, is_signed_in: bool) -> None:
    story, log = StoryFactory(year=2019), LogFactory()
    TrialFactory.create_batch(3, page=story, year=2022), note(log, 3)
    client = as_stranger if is_signed_in else Client()
    for page in (story, log):
        asked = queries(page.url, client)
        assert len(asked) <= 12, "\n".join(asked)
