"""Applying twice at the same moment."""

from pathlib import Path

import pytest

from community.notices.models import Notice
from community.openings.models import Application
from tests.factories import MemberFactory, OpeningFactory
from tests.soak.seats import Crowd, on_disk


@pytest.mark.django_db(transaction=True)
def test_it_is_sent_once_for_twenty_clicks(tmp_path: Path) -> None:
    with on_disk(tmp_path), Crowd() as crowd:
        opening, member = crowd.alone(OpeningFactory), crowd.alone(MemberFactory)
        words = "I have mended two field gates and would like to learn walls."
        ends = crowd.rush([lambda: opening.apply(member, words)] * 20)
        assert len({end.pk for end in ends}) == 1
        assert crowd.alone(Application.objects.count) == crowd.alone(Notice.objects.count) == 1
