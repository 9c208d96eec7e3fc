"""Whoever is erased is in no vector, no suggestion and no reason any more."""

from community.members.models import Member
from matching import privacy, refresh
from matching.models import Reason, Suggestion, Vector


def test_it_forgets_both_ends(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    assert Reason.objects.exists()
    privacy.erase(grafter)
    assert not Suggestion.objects.filter(other=grafter).exists()
    assert not Suggestion.objects.filter(member=grafter).exists()
    assert not Reason.objects.exists()
    assert not Vector.objects.filter(profile__member=grafter).exists()
    assert Vector.objects.filter(profile__member=learner).exists()


def test_it_exports_reasons_in_words_and_no_numbers_of_a_vector(learner: Member, grafter: Member) -> None:
    refresh.refresh()
    given = privacy.export(learner)
    mentor = next(row for row in given["suggestions"] if row["kind"] == "mentor")
    assert mentor["reasons"] == [{"need": "learn to graft apple trees", "offer": "graft old apple trees"}]
    assert set(given["texts_read_by_the_model"][0]) == {"key", "model", "text_hash"}
