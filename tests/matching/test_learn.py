"""What members put aside, ask and answer is kept as numbers, teaches nobody but the whole, and goes with them."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind
from community.members.models import Member, Profile
from matching import outcomes, privacy, refresh, tasks
from matching.engine import fuse, pipeline, score
from matching.engine import learn as engine
from matching.engine.kinds import Relation
from matching.engine.learn import Verdict, basis_of
from matching.models import Learned, Outcome, Round, Side, Suggestion
from tests.factories import MemberFactory, OutcomeFactory

pytestmark = pytest.mark.django_db
QUESTION = "Would you show me how to graft apple trees?"
COVER = score.FEATURES.index("cover")


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "RESAMPLES", 200)


@pytest.fixture
def suggested(learner: Member, grafter: Member) -> Suggestion:
    """The learner is shown the grafter as a mentor."""
    refresh.refresh()
    return Suggestion.objects.get(member=learner, kind="mentor", other=grafter)


def people(number: int) -> list[Member]:
    return [MemberFactory() for _ in range(number)]


def answers(members: list[Member], size: int, *, cover: float = 3.0, seed: int = 1) -> None:
    """So many outcomes of these members with these same others: common words count, and what counts as shipped.

    Where `cover` is 0, only chance decides.
    """
    lots = np.random.default_rng(seed)
    pairs = [(one, other) for one in members for other in members if one != other]
    picked = lots.permutation(len(pairs))[:size]
    evidence = np.round(lots.random((size, len(score.FEATURES))), 4)
    shipped = evidence @ np.asarray(fuse.shipped()[Relation.WISH].weights)
    odds = cover * 4 * (evidence[:, COVER] - 0.5) + cover * 0.7 * (shipped - shipped.mean()) / shipped.std()
    good = lots.random(size) < 1 / (1 + np.exp(-odds))
    made = Connection.objects.bulk_create(
        Connection(kind="peer", asker=pairs[at][0], asked=pairs[at][1], message=QUESTION, state="accepted")
        for at, was in zip(picked, good, strict=True) if was
    )  # fmt: skip
    waiting = iter(made)
    Outcome.objects.bulk_create(
        OutcomeFactory.build(
            member=pairs[at][0], other=pairs[at][1], evidence=list(row), basis=basis_of("words"),
            connection=next(waiting) if was else None,
        )
        for at, row, was in zip(picked, evidence, good, strict=True)
    )  # fmt: skip


# --- What is kept -----------------------------------------------------------------------------------------------


def test_it_keeps_what_a_suggestion_rests_on(suggested: Suggestion) -> None:
    assert suggested.grounds["relation"] == "wish" and suggested.grounds["basis"] == basis_of("words")
    chance = fuse.shipped()[Relation.WISH].probability(np.array([suggested.grounds["evidence"]]))[0]
    assert chance == pytest.approx(suggested.probability, abs=1e-3), "the one wish is all there is"


def test_putting_it_aside_is_an_answer_and_taking_it_back_is_none(suggested: Suggestion) -> None:
    for _twice in range(2):
        suggested.dismiss()
    (kept,) = Outcome.objects.all()
    assert (kept.member, kept.other, kept.kind) == (suggested.member, suggested.other, "mentor")
    assert not kept.is_good and kept.evidence == suggested.grounds["evidence"] and kept.month.day == 1
    suggested.restore()
    assert not Outcome.objects.exists()


def test_what_came_of_asking_is_read_from_the_connection(suggested: Suggestion) -> None:
    learner, grafter = suggested.member, suggested.other
    asked = Connection.propose(learner, grafter, ConnectionKind.MENTORSHIP, QUESTION)
    (kept,) = Outcome.objects.all()
    assert kept.is_good and kept.connection == asked
    refresh.refresh()
    assert not Suggestion.objects.filter(pk=suggested.pk).exists(), "the suggestion is gone, what it rested on is not"
    asked.decline(grafter)
    assert not Outcome.objects.get().is_good
    refresh.refresh()
    Connection.propose(learner, grafter, ConnectionKind.MENTORSHIP, QUESTION).accept(grafter)
    assert Outcome.objects.get().is_good, "the later answer counts"


def test_asking_somebody_who_was_not_suggested_is_no_answer(learner: Member, grafter: Member) -> None:
    Connection.propose(learner, grafter, ConnectionKind.MENTORSHIP, QUESTION)
    assert not Outcome.objects.exists()


def test_whom_a_round_brings_together_has_judged_nothing_yet(suggested: Suggestion) -> None:
    learner, grafter = suggested.member, suggested.other
    found = Round.objects.create(title="Spring", slug="spring", closes_on=timezone.localdate())
    found.enter(grafter, Side.MENTOR)
    found.enter(learner, Side.LEARNER)
    from matching import rounds

    rounds.preview(found)
    assert rounds.publish(found.pk, None) == 1
    assert Outcome.objects.get().connection is not None
    assert list(Outcome.objects.telling(basis_of("words"))) == []
    Connection.objects.get().let_go(learner)
    (kept,) = Outcome.objects.telling(basis_of("words"))
    assert not kept.is_good


# --- Who is heard -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["member", "other"])
@pytest.mark.parametrize(
    "change",
    [
        lambda one: Member.objects.filter(pk=one.pk).update(is_adult=False),
        lambda one: Member.objects.filter(pk=one.pk).update(is_active=False),
        lambda one: Profile.objects.filter(member=one).update(is_matched=False),
    ],
    ids=["may be under 18", "closed", "left the matching"],
)
def test_it_hears_nothing_of_somebody_protected_or_gone(change: Any, side: str) -> None:
    kept = OutcomeFactory(basis=basis_of("words"))
    assert list(Outcome.objects.telling(basis_of("words"))) == [kept]
    change(getattr(kept, side))
    assert list(Outcome.objects.telling(basis_of("words"))) == []


def test_it_hears_nothing_of_another_model_and_forgets_after_two_years() -> None:
    kept = OutcomeFactory(basis=basis_of("another"))
    assert list(Outcome.objects.telling(basis_of("words"))) == []
    Outcome.objects.update(month=(timezone.localdate() - timedelta(days=690)).replace(day=1))
    assert Outcome.prune() == 0
    Outcome.objects.filter(pk=kept.pk).update(month=(timezone.localdate() - timedelta(days=800)).replace(day=1))
    assert Outcome.prune() == 1


@pytest.mark.parametrize("side", ["member", "other"])
def test_it_goes_with_either_of_the_two(side: str) -> None:
    kept, other = OutcomeFactory(), OutcomeFactory()
    privacy.erase(getattr(kept, side))
    assert list(Outcome.objects.all()) == [other]
    getattr(other, side).delete()
    assert not Outcome.objects.exists()


def test_it_is_told_to_whom_it_is_about_and_names_nobody(suggested: Suggestion) -> None:
    suggested.dismiss()
    told = privacy.export(suggested.member)["what_became_of_suggestions"]
    assert told == [{"kind": "mentor", "month": f"{timezone.localdate():%Y-%m}", "now": "put aside"}]
    assert privacy.export(suggested.other)["what_became_of_suggestions"] == []


# --- What it changes --------------------------------------------------------------------------------------------


def test_what_is_proven_judges_from_the_next_lists_on(learner: Member, grafter: Member) -> None:
    answers(people(32), 700)
    made = outcomes.learn_now()
    assert made.lessons["wish"]["verdict"] == Verdict.BETTER
    assert {made.lessons[name]["verdict"] for name in ("cold", "likeness", "name")} == {Verdict.TOO_FEW}
    now = refresh.weights_now()
    assert now[Relation.WISH].weights[COVER] > fuse.shipped()[Relation.WISH].weights[COVER] + 1
    assert now[Relation.COLD] == fuse.shipped()[Relation.COLD]
    refresh.refresh()
    row = Suggestion.objects.get(member=learner, kind="mentor", other=grafter)
    evidence = np.array([row.grounds["evidence"]])
    assert row.probability == pytest.approx(now[Relation.WISH].probability(evidence)[0], abs=1e-3)
    assert row.probability != pytest.approx(fuse.shipped()[Relation.WISH].probability(evidence)[0], abs=1e-3)


@pytest.mark.parametrize(("number", "size"), [(32, 199), (29, 700)])
def test_what_few_declined_moves_nothing_for_anybody(
    number: int, size: int, learner: Member, grafter: Member, smith: Member
) -> None:
    def lists() -> list[tuple[Any, ...]]:
        refresh.refresh()
        return list(Suggestion.objects.order_by("member", "kind", "other").values_list("other", "score", "probability"))

    before = lists()
    some = people(number)
    before_learning = lists()
    answers(some, size)
    outcomes.learn_now()
    assert lists() == before_learning and len(before) <= len(before_learning)
    assert refresh.weights_now() == fuse.shipped()


@pytest.mark.parametrize("seed", range(4))
def test_it_learns_nothing_from_chance(seed: int) -> None:
    answers(people(32), 600, cover=0.0, seed=seed)
    assert outcomes.learn_now().lessons["wish"]["verdict"] == Verdict.NOT_BETTER
    assert refresh.weights_now() == fuse.shipped()


def test_it_forgets_what_it_learned_from_people_who_left() -> None:
    some = people(32)
    answers(some, 700)
    assert outcomes.learn_now().lessons["wish"]["verdict"] == Verdict.BETTER
    for one in some[:4]:
        privacy.erase(one)
    assert outcomes.learn_now().lessons["wish"]["verdict"] == Verdict.TOO_FEW
    assert refresh.weights_now() == fuse.shipped()


def test_it_is_no_correction_of_other_weights_or_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(people(32), 700)
    made = outcomes.learn_now()
    assert Learned.weights(made.basis) != fuse.shipped() == Learned.weights(basis_of("another"))
    others = dict(fuse.shipped()) | {Relation.WISH: fuse.Logistic((1.0,) * len(score.FEATURES), 0.0)}
    monkeypatch.setattr(fuse, "shipped", lambda: others)
    assert Learned.weights(made.basis) == others


def test_a_month_is_learned_from_once() -> None:
    tasks.learn.call()
    assert outcomes.learn_if_due() is None and Learned.objects.count() == 1
    Learned.objects.update(made_at=timezone.now() - timedelta(days=32))
    assert outcomes.learn_if_due() is not None


def test_it_keeps_two_years_of_versions() -> None:
    for month in range(30):
        Learned.objects.create(basis="", lessons={}, made_at=timezone.now() - timedelta(days=31 * (month + 1)))
    outcomes.learn_now()
    assert Learned.objects.count() == 24


def test_the_numbers_are_of_the_wish_that_is_met_best(learner: Member, grafter: Member, says: Any) -> None:
    says(learner, "need", "fly to the moon")
    refresh.refresh()
    row = Suggestion.objects.get(member=learner, kind="mentor", other=grafter)
    everybody = refresh.everybody()
    asker, other = (next(one for one in everybody if one.id == who.pk) for who in (learner, grafter))
    found = score.evidence(pipeline.Roster([asker]), pipeline.Roster([other]), pipeline.Part.TEACHING)[:, 0]
    best = found[np.argmax(fuse.shipped()[Relation.WISH].probability(found))]
    assert len(found) == 2 and row.grounds["evidence"] == pytest.approx(list(best), abs=1e-4)
    mirrored = Suggestion.objects.get(member=grafter, kind="apprentice", other=learner)
    assert mirrored.grounds["evidence"] == row.grounds["evidence"]
