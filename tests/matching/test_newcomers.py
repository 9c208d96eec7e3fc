"""Who is new, or says something new that may be read, is seen soon; what is kept to oneself makes nobody new."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from community.members.models import Member, Statement, Visibility
from matching import refresh
from matching.models import Suggestion
from matching.roster import FRESH_DAYS, freshness, mark
from tests.factories import MemberFactory


def days_ago(number: int) -> Any:
    """At this hour by the community's clock, whatever clocks were changed since."""
    return timezone.localtime() - timedelta(days=number)


def grow_old(member: Member, days: int = FRESH_DAYS) -> None:
    Member.objects.filter(pk=member.pk).update(joined_at=days_ago(days))
    Statement.objects.filter(profile=member.profile).update(created_at=days_ago(days))


def person(member: Member) -> Any:
    return next(one for one in refresh.everybody() if one.id == member.pk)


@pytest.mark.parametrize(("days", "fresh"), [(0, 1.0), (15, 0.5), (29, 1 / 30), (30, 0.0), (900, 0.0), (-3, 1.0)])
def test_it_wears_off_in_a_month(days: int, fresh: float) -> None:
    assert freshness(days_ago(900), None, days_ago(days)) == pytest.approx(fresh)
    assert freshness() == freshness(None) == 0


def test_a_new_line_makes_new_and_one_for_oneself_does_not(grafter: Member, says: Any) -> None:
    grow_old(grafter)
    assert person(grafter).freshness == 0
    says(grafter, "offer", "I owe money", visibility=Visibility.ME)
    grafter.profile.not_with.add(MemberFactory())
    grafter.profile.touch()
    assert person(grafter).freshness == 0
    says(grafter, "offer", "prune pears")
    assert person(grafter).freshness == 1


def test_that_a_day_has_passed_is_no_news(grafter: Member) -> None:
    before = mark(person(grafter))
    grow_old(grafter)
    assert mark(person(grafter)) == before


def test_the_newcomer_of_two_alike_comes_first(learner: Member, says: Any) -> None:
    old, new = MemberFactory(), MemberFactory()
    for who in (old, new):
        says(who, "offer", "graft old apple trees")
    for older, newer in ((old, new), (new, old)):
        grow_old(older)
        grow_old(newer, 0)
        refresh.refresh()
        rows = Suggestion.objects.visible_to(learner).filter(kind="mentor")
        assert rows.first().other == newer
        first, second = rows
        assert first.probability == second.probability and first.score > second.score
