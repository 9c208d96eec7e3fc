"""Applying twice at the same moment."""

from pathlib import Path

import pytest

from community.notices.models import Notice
from community.openings.models import Application
from community.trust.models import Safeguarding
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


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_other_words_at_the_same_moment_send_what_was_agreed_to(tmp_path: Path) -> None:
    words, later = "I would like to learn walls very much.", "I would rather learn to lay hedges."
    with on_disk(tmp_path), Crowd() as crowd:
        crowd.alone(lambda: MemberFactory(is_steward=True).groups.add(Safeguarding.group()))
        opening = crowd.alone(OpeningFactory)
        for number in range(6):
            young, guardian = crowd.alone(lambda: MemberFactory(is_adult=False)), ("Gwen", f"g{number}@example.org")
            one = crowd.alone(lambda: opening.apply(young, words, guardian=guardian))  # noqa: B023
            yes = lambda: one.hear_guardian(True)  # noqa: B023, E731
            change = lambda: opening.apply(young, later, guardian=guardian)  # noqa: B023, E731
            ends = crowd.rush([yes, change] if number % 2 else [change, yes])
            assert not [end for end in ends if isinstance(end, Exception)]
            crowd.alone(one.refresh_from_db)
            told = crowd.alone(Notice.objects.filter(kind="application_received", actor=young).count)
            assert (one.state, one.message, told) in {("submitted", words, 1), ("draft", later, 0)}
