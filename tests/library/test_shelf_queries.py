"""How often the pages of the other shelves ask where everything stands on them at once."""

import pytest

from community.library.models import CoTester, LogUpdate
from community.members.models import Member
from tests.conftest import signed_in
from tests.factories import (
    AnswerFactory,
    LessonFactory,
    LogFactory,
    MemberFactory,
    PlaybookFactory,
    QuestionFactory,
    SeriesFactory,
    TopicFactory,
    TrialFactory,
)
from tests.library.test_story_queries import picture, queries

pytestmark = pytest.mark.django_db

MOST = 12


def test_a_full_page_asks_at_most_12_times_for_a_member(member: Member, stranger: Member) -> None:
    topics = [TopicFactory(slug="soil")]
    lesson = LessonFactory(author=member, picture=picture(), topics=topics)
    SeriesFactory(lessons=[lesson, LessonFactory()])
    log, playbook = LogFactory(author=member, picture=picture(), topics=topics), PlaybookFactory(author=member)
    LogUpdate(log=log, text="Seen.", picture=picture()).put()
    CoTester.join(log, MemberFactory())
    TrialFactory(page=lesson)
    for page in (lesson, log, playbook):
        AnswerFactory(question=QuestionFactory(page=page))
        asked = queries(page.url, signed_in(stranger))
        assert len(asked) <= MOST, f"{len(asked)} for {page.url}\n" + "\n".join(one[:160] for one in asked)
