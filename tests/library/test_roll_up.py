"""What the page says of its tries equals a count of the rows, whatever was told, changed, hidden and taken away."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from community.library.models import Climate, Scale, Soil, Trial, TrialOutcome, roll_up
from community.members.models import Block, Member
from tests.factories import MemberFactory, SeasonFactory, StoryFactory

pytestmark = pytest.mark.django_db

TELLERS, STORIES, STEPS, EXAMPLES = 12, 3, 250, 4  # 1,000 steps
SEASONS = ("winter", "spring", "summer")

number = st.integers(0, 10**6)
told = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(TrialOutcome.values),
        "soil": st.sampled_from(["", *Soil.values[:3]]),
        "climate": st.sampled_from(["", *Climate.values[:2]]),
        "scale": st.sampled_from(["", *Scale.values[:2]]),
        "season": st.sampled_from([None, *SEASONS]),
        "year": st.integers(2015, 2024),
    }
)
# Seven of ten steps tell something, so that there is always something to change.
step = st.tuples(st.sampled_from(["tell"] * 7 + ["change", "take away", "hide"]), number, number, told)


class Village:
    """People, stories and blocks, and the rows as a plain list beside the database."""

    def __init__(self) -> None:
        self.steward = MemberFactory(is_steward=True)
        self.people = [MemberFactory(is_adult=n % 5 != 0) for n in range(TELLERS)]
        self.stories = [StoryFactory(author=None) for _n in range(STORIES)]
        self.seasons: dict[Any, Any] = {slug: SeasonFactory(slug=slug) for slug in SEASONS} | {None: None}
        Block.put(self.people[1], self.people[2])
        Block.put(self.people[3], self.people[1])

    def take(self, verb: str, first: int, second: int, words: dict[str, Any]) -> None:
        """One step, by the product's own verbs."""
        fields = words | {"season": self.seasons[words["season"]]}
        if verb == "tell":
            member = self.people[first % TELLERS]
            Trial(member=member, **fields).put(self.stories[second % STORIES])
            return
        rows = list(Trial.objects.order_by("pk"))
        if not rows:
            return
        trial = rows[first % len(rows)]
        if verb == "change":
            for name, value in fields.items():
                setattr(trial, name, value)
            trial.put()
        elif verb == "take away":
            trial.take_away()
        else:
            change = trial.hide if trial.hidden_at is None else trial.show
            change(self.steward, "For this test.")


def recount(page: Any, viewer: Member | None) -> Counter[tuple[str, str, str]]:
    """Count the rows one by one, in plain Python."""
    kept_away = set()
    for block in Block.objects.all():
        pair = {block.blocker_id, block.blocked_id}
        if viewer is not None and viewer.pk in pair:
            kept_away |= pair - {viewer.pk}
    found: Counter[tuple[str, str, str]] = Counter()
    for trial in Trial.objects.filter(page_id=page.pk).select_related("season"):
        if trial.hidden_at is not None or trial.member_id in kept_away:
            continue
        found["all", "", trial.outcome] += 1
        for name in ("soil", "climate", "scale"):
            if value := getattr(trial, name):
                found[name, value, trial.outcome] += 1
        if trial.season:
            found["season", trial.season.slug, trial.outcome] += 1
    return found


def said(page: Any) -> Counter[tuple[str, str, str]]:
    """What the page says of itself, in the same shape."""
    tallies = {("all", ""): page.tries} | {(one.name, one.value): one.tally for one in page.tries.lines}
    return +Counter(
        {(*key, outcome): getattr(tally, outcome) for key, tally in tallies.items() for outcome in TrialOutcome.values}
    )


def compare(village: Village) -> int:
    """Hold both against each other for a visitor, for people with a block, and for the steward; returns how many."""
    rows = 0
    for viewer in (None, village.people[1], village.people[2], village.people[4], village.steward):
        roll_up(village.stories, viewer)
        for story in village.stories:
            assert said(story) == recount(story, viewer)
            assert story.tries.total == Trial.objects.visible_to(viewer).filter(page=story.pk).count()
            rows += story.tries.total
    return rows


# Without shrinking: each try is 250 steps in a database, and a failure should be told in seconds.
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example,
                           HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(steps=st.lists(step, min_size=STEPS, max_size=STEPS))
def test_it_equals_a_recount_of_the_rows(steps: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trial, "MOST_ON_A_PAGE", STEPS)
    monkeypatch.setattr(Trial, "MOST_A_DAY", STEPS)
    Trial.objects.all().delete()
    Block.objects.all().delete()
    village = Village()
    for place, (verb, first, second, words) in enumerate(steps):
        village.take(verb, first, second, words)
        if place % 50 == 49:
            compare(village)


def test_the_recount_sees_a_roll_up_that_forgets_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the block in the question, the two differ."""
    village = Village()
    one = Trial(member=village.people[1], outcome="failed", year=2020, soil="clay").put(village.stories[0])
    assert compare(village) == 4  # all but the one who is kept away
    monkeypatch.setattr("community.library.models.trial.TrialQuerySet.unblocked_for", lambda self, member: self)
    with pytest.raises(AssertionError):
        compare(village)
    monkeypatch.undo()
    Trial.objects.filter(pk=one.pk).update(created_at=timezone.now() - timedelta(days=400))
    assert compare(village) == 4
