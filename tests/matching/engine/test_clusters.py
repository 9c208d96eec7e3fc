"""Groups that were planted are found; nobody closed is in one."""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from matching.engine.clusters import clusters
from matching.engine.people import Line, Person
from tests.matching.planted import WordEncoder

TRADES = {
    "hedges": [
        "lay hedges on heavy clay", "plant quick for a new hedge", "sharpen a billhook for hedge laying",
        "cut stakes and binders for hedges", "how to lay an old hedge that has gaps", "trim a hedge for nesting birds",
    ],
    "cheese": [
        "make hard cheese from raw milk", "wash the rind of a soft cheese", "build a small cave for ripening cheese",
        "keep a starter culture for cheese", "press cheese in a wooden press", "sell cheese at a market stall",
    ],
    "weaving": [
        "warp a loom with linen yarn", "dye wool yarn with madder", "weave a twill blanket on a floor loom",
        "spin fleece into yarn for weaving", "mend a broken heddle on a loom", "finish woven cloth by fulling",
    ],
}  # fmt: skip


def roster(encoder: Any, number: int = 60, seed: int = 1) -> tuple[list[Person], list[str]]:
    """So many people, each with three lines of one trade, in a mixed order; and the trade of each."""
    rng, texts = Random(seed), sorted({text for lines in TRADES.values() for text in lines})
    known = dict(zip(texts, encoder.encode(texts), strict=True))
    people, trades = [], [sorted(TRADES)[n % 3] for n in range(number)]
    rng.shuffle(trades)
    for n, trade in enumerate(trades):
        lines = [Line(f"{n}.{k}", text, vector=known[text]) for k, text in enumerate(rng.sample(TRADES[trade], 3))]
        people.append(
            Person(n, tuple(lines[:2]), tuple(lines[2:]), is_adult=True, open_to=frozenset({"peer"}),
                   languages=frozenset({"en"}))
        )  # fmt: skip
    return people, trades


def labels(found: list[Any], number: int) -> list[int]:
    """The group of each person; whoever is in none is a group alone."""
    of = {key: n for n, one in enumerate(found) for key in one.ids}
    return [of.get(n, -1 - n) for n in range(number)]


def test_it_finds_three_planted_groups_by_shared_words() -> None:
    people, trades = roster(WordEncoder())
    found = clusters(people)
    assert len(found) == 3 and adjusted_rand_score(trades, labels(found, 60)) >= 0.8
    names = {word for one in found for word in one.words}
    assert {"cheese", "hedge"} & names and names & {"loom", "yarn"} and "the" not in names


@pytest.mark.model
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_finds_them_with_the_real_language_model(seed: int) -> None:
    from matching.language import encoder

    people, trades = roster(encoder(), seed=seed)
    assert adjusted_rand_score(trades, labels(clusters(people), 60)) >= 0.8


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 14))
def test_nobody_who_is_closed_and_no_pair_that_is_kept_apart_is_in_one(seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    people = []
    for n in range(number):
        rows = rng.standard_normal((2, 3))
        rows = (rows + 3 * np.eye(3)[n % 2]).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        lines = tuple(Line(f"{n}.{k}", f"craft number {'ab'[n % 2]}x", vector=row) for k, row in enumerate(rows))
        people.append(
            Person(
                n,
                lines,
                is_adult=bool(rng.random() > 0.2),
                is_paused=bool(rng.random() < 0.2),
                open_to=frozenset(["peer"] if rng.random() > 0.2 else ["mentor"] if rng.random() > 0.5 else []),
                blocked=frozenset(int(k) for k in rng.integers(0, max(number, 1), 2) if rng.random() < 0.3),
                languages=frozenset({str(rng.choice(["en", "cy"]))}),
            )  # fmt: skip
        )
    found = clusters(people, 3, 5)
    inside = [key for one in found for key in one.ids]
    assert len(inside) == len(set(inside)) and all(3 <= len(one.ids) <= 5 for one in found)
    for one in found:
        group = [people[int(key)] for key in one.ids]
        assert all(who.is_adult and not who.is_paused and "peer" in who.open_to for who in group)
        assert not any(other.id in who.blocked for who in group for other in group if other is not who)
        assert len({tongue for who in group for tongue in who.languages}) == 1


def test_it_quotes_no_line_that_is_for_matching_only() -> None:
    people, _trades = roster(WordEncoder())
    hidden = [replace(one, offers=tuple(replace(line, is_quotable=False) for line in one.offers), needs=())
              for one in people]  # fmt: skip
    assert clusters(hidden) == []  # nobody could be told why


@pytest.mark.parametrize("number", [0, 1, 2])
def test_too_few_are_no_group(number: int) -> None:
    assert clusters(roster(WordEncoder(), number)[0]) == []
