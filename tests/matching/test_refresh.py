"""Vectors and suggestions follow what people write, and what they allow."""

from typing import Any

import pytest

from community.connections.models import Connection, ConnectionKind
from community.members.models import Block, Member, Profile, Statement, Visibility
from matching import refresh
from matching.models import Suggestion, Vector
from tests.factories import MemberFactory
from tests.matching.planted import WordEncoder


def others(member: Member, kind: str = "mentor") -> list[str]:
    """The names of those suggested, best first."""
    rows = Suggestion.objects.visible_to(member).filter(kind=kind, dismissed_at=None)
    return [row.other.name for row in rows]


def test_it_suggests_the_one_who_can_teach(learner: Member, grafter: Member, smith: Member) -> None:
    refresh.refresh()
    assert others(learner)[0] == "Greta Graft"
    assert others(grafter, "apprentice")[0] == "Lio Learner"
    assert others(learner, "collaborator")[0] == "Greta Graft"


def test_it_gives_the_pair_of_lines_as_the_reason(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    row = Suggestion.objects.visible_to(learner).with_reasons(learner).get(kind="mentor")
    (reason,) = row.reasons.all()
    assert (reason.need.text, reason.offer.text) == ("learn to graft apple trees", "graft old apple trees")
    assert 0 < reason.strength <= 1


def test_it_reads_only_what_changed(learner: Member, grafter: Member, encoder: WordEncoder) -> None:
    first = refresh.refresh()
    encoder.read.clear()
    assert refresh.refresh()["embedded"] == 0
    assert encoder.read == []
    Statement.objects.filter(profile=learner.profile, side="need").update(text="keep bees")
    assert refresh.refresh()["embedded"] == 1
    assert encoder.read == ["keep bees"]
    assert first["embedded"] == 4


def test_it_forgets_the_vector_of_a_deleted_line(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    learner.profile.statements.all().delete()
    assert not Vector.objects.filter(profile=learner.profile).exists()


def test_it_never_reads_what_is_only_for_oneself(learner: Member, encoder: WordEncoder) -> None:
    learner.profile.statements.update(visibility=Visibility.ME)
    Profile.objects.filter(member=learner).update(about="I am deep in debt.", about_visibility=Visibility.ME)
    refresh.refresh()
    assert encoder.read == []


def test_it_forgets_what_became_private(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    learner.profile.statements.update(visibility=Visibility.ME)
    assert refresh.refresh()["deleted"] == 2


def test_it_never_reads_or_suggests_somebody_who_may_be_under_18(
    grafter: Member, says: Any, encoder: WordEncoder
) -> None:
    young = MemberFactory(name="Young", is_adult=False)
    says(young, "need", "graft apple trees")
    refresh.refresh()
    assert "graft apple trees" not in encoder.read
    assert not Suggestion.objects.filter(member=young).exists()
    assert not Suggestion.objects.filter(other=young).exists()
    assert not Vector.objects.filter(profile__member=young).exists()


def test_it_scores_by_a_line_for_matching_only_but_never_quotes_it(learner: Member, grafter: Member) -> None:
    grafter.profile.statements.filter(side="offer").update(visibility=Visibility.MATCHING)
    refresh.refresh()
    row = Suggestion.objects.visible_to(learner).with_reasons(learner).get(kind="mentor")
    assert row.other == grafter
    assert list(row.reasons.all()) == []


def test_it_stops_quoting_a_line_at_the_next_request(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    grafter.profile.statements.filter(side="offer").update(visibility=Visibility.ME)
    row = Suggestion.objects.visible_to(learner).with_reasons(learner).get(kind="mentor")
    assert list(row.reasons.all()) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda learner, grafter: Profile.objects.filter(member=grafter).update(open_to=["peer"]),
        lambda learner, grafter: Profile.objects.filter(member=grafter).update(open_to=[]),
        lambda learner, grafter: Profile.objects.filter(member=grafter).update(is_paused=True),
        lambda learner, grafter: Block.put(learner, grafter),
        lambda learner, grafter: Block.put(grafter, learner),
        lambda learner, grafter: Member.objects.filter(pk=grafter.pk).update(is_adult=False),
        lambda learner, grafter: Member.objects.filter(pk=grafter.pk).update(is_active=False),
    ],
    ids=["other consent", "closed", "paused", "blocked", "was blocked", "age in doubt", "deactivated"],
)
def test_it_hides_somebody_at_the_next_request(change: Any, learner: Member, grafter: Member) -> None:
    refresh.refresh()
    assert others(learner) == ["Greta Graft"]
    change(learner, grafter)
    assert others(learner) == []


def test_it_leaves_out_those_who_have_met(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    Connection.propose(learner, grafter, ConnectionKind.MENTORSHIP, "Would you show me how to graft?", mentor=grafter)
    assert others(learner) == []
    assert others(grafter, "apprentice") == []
    refresh.refresh()
    assert not Suggestion.objects.filter(member=learner, other=grafter).exists()


def test_it_keeps_a_dismissal_when_everything_is_written_anew(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    Suggestion.objects.get(member=learner, kind="mentor", other=grafter).dismiss()
    refresh.refresh(embed_all=True)
    assert others(learner) == []
    assert Suggestion.objects.filter(member=learner, kind="mentor", other=grafter).count() == 1


def test_it_tells_others_of_somebody_new(learner: Member, smith: Member, says: Any) -> None:
    refresh.refresh()
    assert "New Hand" not in others(learner)
    new = MemberFactory(name="New Hand")
    says(new, "offer", "graft pear and apple trees")
    refresh.follow(new.profile.pk)
    assert others(learner)[0] == "New Hand"


def test_following_one_person_gives_what_refreshing_everybody_gives(
    learner: Member, grafter: Member, smith: Member
) -> None:
    for who in (learner, grafter, smith):
        refresh.follow(who.profile.pk)
    one_by_one = set(Suggestion.objects.values_list("member", "kind", "other", "score"))
    refresh.refresh()
    assert set(Suggestion.objects.values_list("member", "kind", "other", "score")) == one_by_one


def test_it_forgets_everything_of_somebody_who_is_gone(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    profile = grafter.profile.pk
    grafter.delete()
    refresh.follow(profile)
    assert not Suggestion.objects.exists()


def test_it_keeps_no_more_than_it_should(learner: Member, says: Any, settings: Any) -> None:
    settings.SUGGESTIONS_KEPT = 2
    for number in range(4):
        says(MemberFactory(name=f"Mentor {number}"), "offer", "graft apple trees")
    refresh.refresh()
    assert Suggestion.objects.filter(member=learner, kind="mentor").count() == 2


def test_it_queues_a_refresh_when_a_profile_changes(learner: Member) -> None:
    from django_tasks_db.models import DBTaskResult

    learner.profile.touch()
    (task,) = DBTaskResult.objects.all()
    assert task.args_kwargs == {"args": [learner.profile.pk], "kwargs": {}}


def test_it_heals_what_a_lost_task_missed(learner: Member, grafter: Member) -> None:
    from django_tasks_db.models import DBTaskResult

    refresh.refresh()
    assert Vector.heal() == 0
    Statement.objects.filter(profile=learner.profile, side="need").update(text="keep bees")  # and no task was queued
    orphan = Vector.objects.filter(statement__profile=grafter.profile).first()
    assert orphan
    Vector.objects.filter(pk=orphan.pk).update(key="s999999", statement=None)
    assert Vector.heal() == 3  # two profiles have something to read, one vector belongs to nothing
    queued = {row.args_kwargs["args"][0] for row in DBTaskResult.objects.all()}
    assert queued == {learner.profile.pk, grafter.profile.pk}
    assert Vector.heal() == 0  # it waits already


def test_keeping_one_person_away_moves_nothing_for_anybody_else(
    learner: Member, grafter: Member, smith: Member
) -> None:
    for member in (learner, grafter, smith):
        refresh.follow(member.profile.pk)
    stranger = MemberFactory(profile__open_to=["mentor"])

    def lists_of_others() -> list[tuple[Any, ...]]:
        rows = Suggestion.objects.exclude(member=grafter).exclude(member=learner, other=grafter)
        return list(rows.order_by("pk").values_list("pk", "member", "other", "score", "made_at"))

    before = lists_of_others()
    assert Suggestion.objects.filter(member=learner, other=grafter).exists()
    grafter.profile.not_with.add(stranger)
    refresh.follow(grafter.profile.pk)
    assert lists_of_others() == before
    assert Suggestion.objects.filter(member=learner, other=grafter).exists()
    grafter.profile.not_with.add(learner)
    refresh.follow(grafter.profile.pk)
    assert lists_of_others() == before
    assert not Suggestion.objects.filter(member=learner, other=grafter).exists()


def test_who_left_the_matching_and_comes_back_is_suggested_again(learner: Member, grafter: Member) -> None:
    for member in (learner, grafter):
        refresh.follow(member.profile.pk)
    assert "Greta Graft" in others(learner)
    for is_matched in (False, True):
        Profile.objects.filter(pk=grafter.profile.pk).update(is_matched=is_matched)
        refresh.follow(grafter.profile.pk)
        assert ("Greta Graft" in others(learner)) is is_matched


def test_putting_somebody_aside_brings_the_next_one(learner: Member, says: Any, settings: Any) -> None:
    settings.SUGGESTIONS_KEPT = 2
    for number in range(4):
        says(MemberFactory(profile__open_to=["mentor"]), "offer", f"graft apple trees {number}")
    refresh.refresh()
    first = Suggestion.objects.filter(member=learner, kind="mentor").first()
    first.dismiss()
    refresh.refresh()
    assert Suggestion.objects.filter(member=learner, kind="mentor", dismissed_at=None).count() == 2
