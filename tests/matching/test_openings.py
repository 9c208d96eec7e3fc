"""Openings find people and people find openings, by the lines of what is learned."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from community.members.models import Block, Member, Profile
from community.openings.models import OpeningKind, OpeningLine
from matching import refresh
from matching.models import Vector
from tests.factories import MemberFactory, OpeningFactory


@pytest.fixture
def orchard(smith: Member) -> Any:
    """An apprenticeship in which one learns to graft."""
    return OpeningFactory(
        title="A year in the orchard", author=smith, lines=[OpeningLine(text="graft apple trees and pears")]
    )


def test_it_finds_the_opening_for_the_learner(learner: Member, orchard: Any, capsys: Any) -> None:
    refresh.refresh()
    capsys.readouterr()
    call_command("suggest", learner.email, "--kind", "opening", "--json")
    (row,) = json.loads(capsys.readouterr().out)["suggestions"]
    assert row["opening"] == orchard.slug
    assert 0 < row["probability"] < 1
    (reason,) = row["reasons"]
    assert (reason["need"], reason["offer"]) == ("learn to graft apple trees", "graft apple trees and pears")


def test_it_finds_the_learner_for_the_opening(learner: Member, grafter: Member, orchard: Any, capsys: Any) -> None:
    refresh.refresh()
    capsys.readouterr()
    call_command("suggest_for_opening", orchard.slug, "--json")
    found = json.loads(capsys.readouterr().out)["suggestions"]
    assert found[0]["member"] == learner.email


def test_it_lists_only_people_who_agreed_to_be_shown_as_learners(learner: Member, orchard: Any) -> None:
    Profile.objects.filter(member=learner).update(open_to=["mentor", "collaborator", "peer"])
    refresh.refresh()
    assert learner.email not in [row["member"] for row in refresh.suggestions_for_opening(orchard, 10)]


def test_it_keeps_a_block_between_learner_and_poster(learner: Member, smith: Member, orchard: Any) -> None:
    Block.put(smith, learner)
    refresh.refresh()
    assert refresh.suggestions(learner, "opening", 10) == []
    assert learner.email not in [row["member"] for row in refresh.suggestions_for_opening(orchard, 10)]


def test_it_leaves_closed_openings_out(learner: Member, orchard: Any) -> None:
    orchard.closes_on = timezone.localdate() - timedelta(days=1)
    orchard.save()
    refresh.refresh()
    assert refresh.suggestions(learner, "opening", 10) == []
    assert not Vector.objects.filter(line__isnull=False).exists()


def test_it_finds_a_teacher_where_one_is_called(grafter: Member, learner: Member, smith: Member) -> None:
    call = OpeningFactory(
        title="Guest teacher wanted", kind=OpeningKind.GUEST_TEACHING, author=MemberFactory(),
        lines=[OpeningLine(text="show a class how to graft old apple trees")],
    )  # fmt: skip
    refresh.refresh()
    assert refresh.suggestions_for_opening(call, 10)[0]["member"] == grafter.email


def test_it_says_which_opening_is_unknown(db: None) -> None:
    with pytest.raises(CommandError, match="no opening called"):
        call_command("suggest_for_opening", "nothing")
