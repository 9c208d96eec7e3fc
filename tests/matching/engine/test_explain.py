"""Reasons: pairs of their own lines, strong ones, and no others."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from matching.engine.explain import FLOOR, reasons
from matching.engine.kinds import KINDS, MatchKind
from matching.engine.people import Line, Person

from .planted import axis, line, people, person

MENTOR, SWAP, APPRENTICE, PEER = (KINDS[name] for name in ("mentor", "collaborator", "apprentice", "peer"))
ADA = person("ada", offers=["shear sheep"], needs=["weave willow", "forge hinges"])
BO = person("bo", offers=["weave willow baskets", "tan hides"], needs=["shear sheep quickly"])


def pairs(asker: Person, candidate: Person, kind: MatchKind) -> list[tuple[str, str, bool]]:
    return [(r.need.text, r.offer.text, r.is_returned) for r in reasons(asker, candidate, kind)]


def test_it_names_the_need_and_the_offer_that_meets_it() -> None:
    assert pairs(ADA, BO, MENTOR) == [("weave willow", "weave willow baskets", False)]


def test_it_names_what_goes_back_as_well_where_both_sides_count() -> None:
    assert sorted(pairs(ADA, BO, SWAP)) == [
        ("shear sheep quickly", "shear sheep", True),
        ("weave willow", "weave willow baskets", False),
    ]


def test_it_names_only_the_candidates_needs_for_an_apprentice() -> None:
    assert pairs(ADA, BO, APPRENTICE) == [("shear sheep quickly", "shear sheep", True)]


def test_it_names_like_needs_for_those_who_learn_the_same() -> None:
    assert pairs(ADA, person("cy", needs=["weave willow"]), PEER) == [("weave willow", "weave willow", False)]


def test_it_puts_the_strongest_first() -> None:
    bo = person("bo", offers=["forge hinges", "weave willow baskets"])
    assert [need for need, _, _ in pairs(ADA, bo, MENTOR)] == ["forge hinges", "weave willow"]
    assert [r.strength for r in reasons(ADA, bo, MENTOR, limit=1)] == [1.0]


def test_it_gives_no_reason_below_the_floor() -> None:
    ada = replace(person("ada"), needs=(line("n", axis(1)),))

    def at(cosine: float) -> Person:
        return replace(person("bo"), offers=(line("o", axis(cosine, (1 - cosine**2) ** 0.5)),))

    assert len(reasons(ada, at(FLOOR + 0.01), MENTOR)) == 1
    assert reasons(ada, at(FLOOR - 0.01), MENTOR) == ()


def test_it_never_quotes_what_is_for_matching_only() -> None:
    hidden_offer = replace(BO, offers=tuple(replace(one, is_quotable=False) for one in BO.offers))
    hidden_need = replace(ADA, needs=tuple(replace(one, is_quotable=False) for one in ADA.needs))
    assert reasons(ADA, hidden_offer, MENTOR) == ()
    assert reasons(hidden_need, BO, MENTOR) == ()


def test_it_never_quotes_the_free_text() -> None:
    bo = replace(person("bo"), about=(line("weave willow", kind="sentence"),))
    assert reasons(ADA, bo, MENTOR) == ()


def test_it_names_only_what_can_be_taught_for_a_mentor() -> None:
    bo = replace(BO, needs=(), offers=(line("weave willow", can_teach=False),))
    assert reasons(ADA, bo, MENTOR) == ()
    assert len(reasons(ADA, bo, SWAP)) == 1


def test_it_takes_lines_without_a_vector_for_unknown() -> None:
    bo = replace(person("bo"), offers=(Line(1, "weave willow"),))
    assert reasons(ADA, bo, MENTOR) == ()


@given(people("ada"), people("bo"), st.sampled_from(list(KINDS.values())))
def test_it_quotes_only_their_own_quotable_lines(asker: Person, candidate: Person, kind: MatchKind) -> None:
    for reason in reasons(asker, candidate, kind):
        wanting, having = (candidate, asker) if reason.is_returned else (asker, candidate)
        assert reason.need in wanting.needs
        assert reason.offer in (*having.offers, *having.needs)
        assert reason.need.is_quotable and reason.offer.is_quotable
        assert FLOOR <= reason.strength <= 1


@given(people("ada"), people("bo"), st.sampled_from(list(KINDS.values())))
def test_it_is_not_changed_by_what_is_for_matching_only(asker: Person, candidate: Person, kind: MatchKind) -> None:
    def shown(somebody: Person) -> Person:
        return replace(
            somebody,
            offers=tuple(one for one in somebody.offers if one.is_quotable),
            needs=tuple(one for one in somebody.needs if one.is_quotable),
        )

    assert reasons(asker, candidate, kind) == reasons(shown(asker), shown(candidate), kind)
