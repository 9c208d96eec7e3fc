"""A round from the first entry to the connections that come of it, and what must never come of it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, ConnectionState
from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.trust.registry.erasing import erase
from community.trust.registry.export import collect
from matching import refresh, rounds
from matching.engine.assign import Aim
from matching.models import Entry, Pair, Round, RoundState, Side
from matching.tasks import preview_round
from tests.factories import MemberFactory


@pytest.fixture
def spring(db: None) -> Round:
    """A round that can be entered for a week."""
    return Round.objects.create(slug="spring", title="Spring", closes_on=timezone.localdate() + timedelta(days=7))


@pytest.fixture
def cast(spring: Round, says: Any) -> dict[str, Member]:
    """Two who teach and three who learn; by construction Greta belongs to Lio and Sam to Mia, and Noa comes last."""
    people = {name: MemberFactory(name=name) for name in ("Greta", "Sam", "Lio", "Mia", "Noa")}
    says(people["Greta"], "offer", "graft old apple trees")
    says(people["Sam"], "offer", "forge gate hinges from mild steel")
    says(people["Lio"], "need", "graft old apple trees")
    says(people["Mia"], "need", "forge gate hinges from mild steel")
    says(people["Noa"], "need", "forge knives and mend apple ladders")
    for name, person in people.items():
        spring.enter(person, Side.MENTOR if name in {"Greta", "Sam"} else Side.LEARNER)
    refresh.embed()
    return people


def proposed(found: Round) -> set[tuple[str, str]]:
    return {(pair.mentor.member.name, pair.learner.member.name) for pair in found.pairs.all()}


def entry(found: Round, who: Member) -> Entry:
    return found.entries.get(member=who)


BEST = {("Greta", "Lio"), ("Sam", "Mia")}


# --- Working it out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aim", Aim)
def test_it_proposes_the_planted_pairs(spring: Round, cast: dict[str, Member], aim: Aim) -> None:
    Round.objects.update(mode=aim.value)
    spring.refresh_from_db()
    outcome = rounds.preview(spring)
    spring.refresh_from_db()
    assert proposed(spring) == BEST
    assert spring.state == RoundState.PREVIEWED
    assert outcome["unmatched"] == [cast["Noa"].email]
    assert outcome["optimal"] == (aim is not Aim.STABLE)
    assert not Connection.objects.exists() and not Notice.objects.exists()


def test_it_gives_a_mentor_more_people_where_both_say_so(spring: Round, cast: dict[str, Member]) -> None:
    spring.enter(cast["Sam"], Side.MENTOR, 2)
    assert len(rounds.preview(spring)["pairs"]) == 2, "the profile still says one at a time"
    cast["Sam"].profile.capacity = 2
    cast["Sam"].profile.save()
    rounds.preview(spring)
    assert proposed(spring) == BEST | {("Sam", "Noa")}


def test_it_holds_together_and_keeps_apart_whom_stewards_named(spring: Round, cast: dict[str, Member]) -> None:
    spring.fix(entry(spring, cast["Sam"]), entry(spring, cast["Noa"]), is_locked=True)
    spring.fix(entry(spring, cast["Greta"]), entry(spring, cast["Lio"]), is_locked=False)
    rounds.preview(spring)
    pairs = proposed(spring)
    assert ("Sam", "Noa") in pairs and ("Greta", "Lio") not in pairs
    spring.fix(entry(spring, cast["Sam"]), entry(spring, cast["Noa"]), is_locked=False)  # the later word counts
    rounds.preview(spring)
    assert ("Sam", "Noa") not in proposed(spring)


def part(how: str, one: Member, other: Member) -> None:
    """Something that makes it impossible to bring the two together; `one` does it."""
    profile = one.profile
    if how == "block":
        Block.put(one, other)
    elif how == "not_with":
        profile.not_with.add(other)
    elif how == "inactive":
        Member.objects.filter(pk=one.pk).update(is_active=False)
    elif how == "minor":
        Member.objects.filter(pk=one.pk).update(is_adult=False)
    elif how == "met":
        Connection.objects.create(kind="mentorship", asker=other, asked=one, mentor=one, message="…", state="accepted")
    else:
        changes: dict[str, Any] = {
            "pause": {"is_paused": True},
            "closed": {"open_to": []},
            "language": {"languages": ["cy"]},
            "opt_out": {"is_matched": False},
        }
        type(profile).objects.filter(pk=profile.pk).update(**changes[how])


WAYS = ("block", "not_with", "inactive", "minor", "met", "pause", "closed", "language", "opt_out")


@pytest.mark.parametrize("who_parts", ["mentor", "learner"])
@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("is_locked", [False, True])
def test_no_hard_rule_is_ever_broken_by_a_round(
    how: str, who_parts: str, is_locked: bool, spring: Round, cast: dict[str, Member]
) -> None:
    two = cast["Greta"], cast["Lio"]
    if is_locked:
        spring.fix(entry(spring, two[0]), entry(spring, two[1]), is_locked=True)
    part(how, *(two if who_parts == "mentor" else two[::-1]))
    rounds.preview(spring)
    assert ("Greta", "Lio") not in proposed(spring)
    assert ("Sam", "Mia") in proposed(spring)


@pytest.mark.parametrize("who_parts", ["mentor", "learner"])
@pytest.mark.parametrize("how", [*WAYS, "left", "erased"])
def test_what_changes_after_the_preview_counts_when_the_pairs_are_told(
    how: str, who_parts: str, spring: Round, cast: dict[str, Member], steward: Member
) -> None:
    rounds.preview(spring)
    assert proposed(spring) == BEST
    one, other = (cast["Greta"], cast["Lio"]) if who_parts == "mentor" else (cast["Lio"], cast["Greta"])
    if how == "left":
        spring.leave(one, entry(spring, one).side)
    elif how == "erased":
        erase(one)
    else:
        part(how, one, other)
    told = rounds.publish(spring.pk, steward)
    assert told == 1
    assert [row.asker for row in Connection.objects.filter(state=ConnectionState.INTRODUCED)] == [cast["Mia"]]
    assert not Notice.objects.filter(member__in=[other, one]).exists()
    assert proposed(Round.objects.get()) == {("Sam", "Mia")}


def test_the_outcome_tells_nobody_who_keeps_whom_away(spring: Round, cast: dict[str, Member]) -> None:
    """With or without "not with", the output for all others is the same, and those two are just not matched."""
    cast["Greta"].profile.not_with.add(cast["Lio"])
    blocked = rounds.preview(spring)
    assert set(blocked) == {"pairs", "unmatched", "total", "mode", "optimal", "gap", "blocking_pairs"}
    assert {cast["Greta"].email, cast["Lio"].email} & set(blocked["unmatched"])
    assert "not" not in json.dumps(spring.outcome)


def test_the_order_in_which_people_entered_changes_nothing(spring: Round, cast: dict[str, Member]) -> None:
    first = rounds.preview(spring)
    Entry.objects.all().delete()
    for name in ("Noa", "Mia", "Sam", "Lio", "Greta"):
        spring.enter(cast[name], Side.MENTOR if name in {"Greta", "Sam"} else Side.LEARNER)
    assert rounds.preview(spring) == first


@pytest.mark.parametrize("left", [(), ("Greta", "Sam"), ("Lio", "Mia", "Noa")])
def test_it_has_no_pairs_where_a_side_is_empty(left: tuple[str, ...], spring: Round, cast: dict[str, Member]) -> None:
    Entry.objects.exclude(member__name__in=left).delete()
    outcome = rounds.preview(spring)
    assert (outcome["pairs"], len(outcome["unmatched"])) == ([], len(left))


# --- Telling ----------------------------------------------------------------------------------------------------


def test_it_introduces_each_pair_and_tells_each_person_once(
    spring: Round, cast: dict[str, Member], steward: Member
) -> None:
    rounds.preview(spring)
    assert rounds.publish(spring.pk, steward) == 2
    made = Connection.objects.all()
    assert {(row.mentor.name, row.asker.name, row.asked.name) for row in made} == {
        ("Greta", "Lio", "Greta"),
        ("Sam", "Mia", "Sam"),
    }
    assert all(row.state == ConnectionState.INTRODUCED and not row.has_open_contacts for row in made)
    told = Notice.objects.filter(kind=NoticeKind.CONNECTION_INTRODUCED)
    assert sorted(notice.member.name for notice in told) == ["Greta", "Lio", "Mia", "Sam"]
    spring.refresh_from_db()
    assert (spring.state, spring.published_by) == (RoundState.PUBLISHED, steward)


def test_a_mentor_of_many_gets_one_notice(spring: Round, cast: dict[str, Member], steward: Member) -> None:
    cast["Sam"].profile.capacity = 2
    cast["Sam"].profile.save()
    spring.enter(cast["Sam"], Side.MENTOR, 2)
    rounds.preview(spring)
    assert rounds.publish(spring.pk, steward) == 3
    assert [notice.url for notice in Notice.objects.filter(member=cast["Sam"])] == ["/connections/"]


def test_it_tells_nobody_twice(spring: Round, cast: dict[str, Member], steward: Member) -> None:
    rounds.preview(spring)
    assert [rounds.publish(spring.pk, steward) for _twice in range(2)] == [2, 0]
    assert Connection.objects.count() == 2
    assert Notice.objects.count() == 4


def test_it_tells_all_or_nobody(
    spring: Round, cast: dict[str, Member], steward: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds.preview(spring)
    send, sent = Notice.send, []

    def breaks(*args: Any, **kwargs: Any) -> Notice:
        sent.append(args)
        if len(sent) == 3:
            raise RuntimeError("the power went")
        return send(*args, **kwargs)

    monkeypatch.setattr(Notice, "send", breaks)
    with pytest.raises(RuntimeError):
        rounds.publish(spring.pk, steward)
    assert not Connection.objects.exists() and not Notice.objects.exists() and not mail.outbox
    spring.refresh_from_db()
    assert (spring.state, len(proposed(spring))) == (RoundState.PREVIEWED, 2)
    monkeypatch.undo()
    assert rounds.publish(spring.pk, steward) == 2


def test_it_tells_nothing_that_nobody_has_seen(spring: Round, cast: dict[str, Member], steward: Member) -> None:
    with pytest.raises(ValidationError):
        rounds.publish(spring.pk, steward)
    assert not Connection.objects.exists()


def test_a_mentor_who_took_somebody_on_meanwhile_is_not_given_too_many(
    spring: Round, cast: dict[str, Member], steward: Member, stranger: Member
) -> None:
    sam = cast["Sam"]
    sam.profile.capacity = 2
    sam.profile.save()
    spring.enter(sam, Side.MENTOR, 2)
    rounds.preview(spring)
    assert proposed(spring) == BEST | {("Sam", "Noa")}
    Connection.objects.create(kind="mentorship", asker=stranger, asked=sam, mentor=sam, message="…", state="accepted")
    assert rounds.publish(spring.pk, steward) == 2
    assert proposed(spring) == BEST, "the better pair of the two is kept"


def test_what_is_over_stays_as_it_is(spring: Round, cast: dict[str, Member], steward: Member) -> None:
    rounds.preview(spring)
    rounds.publish(spring.pk, steward)
    for change in (
        lambda: rounds.preview(spring),
        lambda: spring.enter(steward, Side.MENTOR),
        lambda: spring.leave(cast["Lio"], Side.LEARNER),
    ):
        with pytest.raises(ValidationError):
            change()
    preview_round.func(spring.pk)
    assert Pair.objects.count() == Connection.objects.count() == 2


# --- What comes of it -------------------------------------------------------------------------------------------


@pytest.fixture
def introduced(spring: Round, cast: dict[str, Member], steward: Member) -> Connection:
    """Lio and Greta after the round."""
    rounds.preview(spring)
    rounds.publish(spring.pk, steward)
    return Connection.objects.get(mentor=cast["Greta"])


QUESTION = "How do you choose the scion wood for an old tree?"


@pytest.mark.parametrize("asks", ["Lio", "Greta"])
def test_either_may_ask_first_and_it_stays_one_connection(
    asks: str, introduced: Connection, cast: dict[str, Member]
) -> None:
    other = "Greta" if asks == "Lio" else "Lio"
    asked = Connection.propose(cast[asks], cast[other], ConnectionKind.MENTORSHIP, QUESTION, mentor=cast["Greta"])
    assert asked.pk == introduced.pk
    assert (asked.state, asked.asker, asked.message) == (ConnectionState.PROPOSED, cast[asks], QUESTION)
    asked.accept(cast[other])
    assert Connection.objects.get(pk=introduced.pk).has_open_contacts


def test_who_would_rather_not_lets_go_and_nobody_is_told(introduced: Connection, cast: dict[str, Member]) -> None:
    before = Notice.objects.count()
    with pytest.raises(ValidationError):
        introduced.let_go(cast["Mia"])
    introduced.let_go(cast["Lio"])
    assert (introduced.state, Notice.objects.count()) == (ConnectionState.WITHDRAWN, before)
    assert ("Greta", "Lio") in proposed(Round.objects.get())


def test_whoever_leaves_the_community_leaves_the_rounds(introduced: Connection, cast: dict[str, Member]) -> None:
    erase(cast["Lio"])
    assert not Entry.objects.filter(member__name="Lio").exists()
    assert not Connection.objects.filter(pk=introduced.pk).exists()
    assert Pair.objects.count() == 1


def test_an_export_names_the_rounds_of_a_person(spring: Round, cast: dict[str, Member]) -> None:
    assert "Spring" in json.dumps(collect(cast["Lio"]), default=str)


# --- The command ------------------------------------------------------------------------------------------------


def printed(capsys: Any, *args: str) -> dict[str, Any]:
    capsys.readouterr()
    call_command("match_round", *args, "--json")
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_command_prints_what_it_proposes(spring: Round, cast: dict[str, Member], capsys: Any) -> None:
    dry = printed(capsys, "spring", "--dry-run")
    assert not Pair.objects.exists() and Round.objects.get().state == RoundState.DRAFT
    done = printed(capsys, "spring")
    assert done == dry
    assert set(done) == {"pairs", "unmatched", "total", "mode", "optimal", "gap", "blocking_pairs"}
    assert {(pair["mentor"], pair["learner"]) for pair in done["pairs"]} == {
        (cast[mentor].email, cast[learner].email) for mentor, learner in BEST
    }
    assert all(set(pair) == {"mentor", "learner", "score"} for pair in done["pairs"])
    assert done["total"] == pytest.approx(sum(pair["score"] for pair in done["pairs"]), abs=1e-5)
    assert (done["mode"], done["optimal"], done["unmatched"]) == ("best total", True, [cast["Noa"].email])
    assert proposed(spring) == BEST


def test_the_command_says_in_one_line_what_is_wrong(
    spring: Round, cast: dict[str, Member], steward: Member, capsys: Any
) -> None:
    with pytest.raises(CommandError, match="no round nowhere"):
        call_command("match_round", "nowhere", "--json")
    rounds.preview(spring)
    rounds.publish(spring.pk, steward)
    with pytest.raises(CommandError, match="over") as trouble:
        call_command("match_round", "spring", "--json")
    assert "\n" not in str(trouble.value)
    assert capsys.readouterr().out == ""
