"""What a steward takes from a page and puts back: one rule for tries, adoptions, questions and answers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from community.library.models import Adoption
from community.members.models import Block, Member
from community.trust.models import Audit
from tests import factories

pytestmark = pytest.mark.django_db


def adoption(member: Member) -> Adoption:
    return Adoption(playbook=factories.PlaybookFactory(), member=member, place="Netherfold", year=2024).put()


KINDS: list[Callable[[Member], Any]] = [
    lambda member: factories.TrialFactory(member=member),
    adoption,
    lambda member: factories.QuestionFactory(member=member),
    lambda member: factories.AnswerFactory(member=member),
]


@pytest.mark.parametrize("make", KINDS)
def test_it_is_hidden_and_shown_again_and_each_is_written_down_once(
    make: Callable[[Member], Any], member: Member, stranger: Member, steward: Member
) -> None:
    told = make(member)
    rows = type(told).objects
    told.hide(steward, "It names a neighbour."), told.hide(steward, "Once more.")
    assert not rows.visible_to(stranger).filter(pk=told.pk).exists()
    told.show(steward, "It names nobody now."), told.show(steward, "Once more.")
    assert rows.visible_to(stranger).filter(pk=told.pk).exists()
    said = list(Audit.objects.order_by("pk").values_list("verb", "member", "reason"))
    assert said == [("hide", member.pk, "It names a neighbour."), ("show", member.pk, "It names nobody now.")]


@pytest.mark.parametrize("make", KINDS)
def test_it_is_refused_to_others_for_ones_own_and_without_a_reason(
    make: Callable[[Member], Any], member: Member, stranger: Member, steward: Member
) -> None:
    told, own = make(member), make(steward)
    for what, by, reason in ((told, stranger, "No."), (own, steward, "Mine."), (told, steward, "  ")):
        with pytest.raises(ValidationError):
            what.hide(by, reason)
    Block.objects.create(blocker=member, blocked=steward)
    with pytest.raises(ValidationError):
        told.hide(steward, "I cannot see it.")
    assert not Audit.objects.exists()
    assert type(told).objects.visible_to(stranger).filter(pk__in=[told.pk, own.pk]).count() == 2


def test_what_was_taken_back_stays_taken_back(member: Member, steward: Member) -> None:
    answer = factories.AnswerFactory(member=member)
    answer.withdraw()
    with pytest.raises(ValidationError):
        answer.hide(steward, "Rude.")
    answer.refresh_from_db()
    assert answer.state == "withdrawn"
