"""The same form sent twenty times at the same moment."""

import uuid
from pathlib import Path

import pytest

from community.notices.models import Notice
from community.questions.models import Answer, Question
from tests.factories import MemberFactory, OpeningFactory
from tests.soak.seats import Crowd, on_disk


@pytest.mark.django_db(transaction=True)
def test_it_asks_and_answers_once_for_twenty_clicks(tmp_path: Path) -> None:
    with on_disk(tmp_path), Crowd() as crowd:
        page = crowd.alone(OpeningFactory)
        asker, giver = crowd.alone(lambda: (MemberFactory(), MemberFactory()))
        key = uuid.uuid4()
        ends = crowd.rush([lambda: Question.ask(asker, page, "How long did the lime dry?", key=key)] * 20)
        assert len({end.pk for end in ends}) == 1
        ends = crowd.rush([lambda: ends[0].answer(giver, "Six dry days.", key)] * 20)
        assert len({end.pk for end in ends}) == 1
        assert crowd.alone(Question.objects.count) == crowd.alone(Answer.objects.count) == 1
        assert crowd.alone(Notice.objects.count) == 2
