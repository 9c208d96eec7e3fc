"""The way of a connection: every step, in every state, by everybody."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from community.connections.models import (
    OVER,
    STEPS,
    Agreement,
    Connection,
    ConnectionKind,
    ConnectionState,
    Stale,
    Turn,
)
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
TERMS = {
    "goals": "Prune twenty trees alone.", "rhythm": "Every second Thursday.", "cycles": None, "visits": "",
    "otherwise": "We say so and part as friends.",
}  # fmt: skip
ROLES = ["asker", "asked", "third", "steward", "clock"]
VERBS = [name for name in STEPS if name not in {"propose", "part"}]  # these two are not verbs of a row
REACHED = {"asker_did_part": True, "asked_did_part": True}


@pytest.fixture
def row(member: Member, stranger: Member) -> Connection:
    """The member asked the stranger to teach them; it has just been said that it may be asked again."""
    row = Connection.propose(member, stranger, ConnectionKind.MENTORSHIP, WORDS, skill="prune")
    Connection.objects.filter(pk=row.pk).update(ask_again_on=timezone.localdate())
    row.refresh_from_db()
    return row


def put(row: Connection, state: str) -> None:
    """Let it stand there, whatever led to it."""
    Connection.objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()


def take(row: Connection, step: str, by: Member | None, version: int | None = None) -> None:
    """One verb, as whoever calls it."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    if step == "postpone":
        row.postpone(by, tomorrow, version=version)  # type: ignore[arg-type]
    elif step == "end":
        row.end(by, "reached", version)  # type: ignore[arg-type]
    elif step == "release":
        row.release(**REACHED, version=version) if by is None else row._step("release", by, version)
    elif step in {"lapse", "overtake"}:
        getattr(row, step)(version) if by is None else row._step(step, by, version)
    elif step == "agree":
        row._step("agree", by, version)
    else:
        getattr(row, step)(by, version=version)


def may(step: str, role: str) -> bool:
    """Whether the table gives this step to this role."""
    turns = {Turn.ASKER: {"asker"}, Turn.ASKED: {"asked"}, Turn.EITHER: {"asker", "asked"}, Turn.CLOCK: {"clock"}}
    return role in turns[STEPS[step].turn]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("step", VERBS)
def test_it_takes_a_step_along_the_table_and_no_other(row: Connection, steward: Member, step: str, role: str) -> None:
    """Every verb from every state by everybody: done where the table says so, nothing where it was done before."""
    people = {"asker": row.asker, "asked": row.asked, "third": MemberFactory(), "steward": steward, "clock": None}
    for state in ConnectionState.values:
        put(row, state)
        before = row.version
        is_legal = may(step, role) and state in STEPS[step].since
        is_again = may(step, role) and state == STEPS[step].to
        if role == "clock" and STEPS[step].turn != Turn.CLOCK:
            with pytest.raises(ValidationError):
                row._step(step, None)
        elif is_legal or is_again:
            take(row, step, people[role])
        else:
            with pytest.raises(ValidationError):
                take(row, step, people[role])
        row.refresh_from_db()
        expected = (STEPS[step].to, before + 1) if is_legal else (state, before)
        assert (row.state, row.version) == expected, (step, role, state)
        if is_legal and row.state in OVER:
            assert row.ended_at is not None


@pytest.mark.parametrize("step", VERBS)
def test_it_notices_an_old_form(row: Connection, step: str) -> None:
    put(row, sorted(STEPS[step].since)[0])
    by = {Turn.ASKER: row.asker, Turn.ASKED: row.asked, Turn.EITHER: row.asker, Turn.CLOCK: None}[STEPS[step].turn]
    before, notices = (row.state, row.version), Notice.objects.count()
    with pytest.raises(Stale):
        take(row, step, by, version=row.version + 1)
    row.refresh_from_db()
    assert (row.state, row.version) == before and Notice.objects.count() == notices


@pytest.mark.parametrize("state", ConnectionState.values)
def test_a_block_ends_what_is_open_and_nobody_is_told(row: Connection, state: str) -> None:
    put(row, state)
    notices = Notice.objects.count()
    Block.put(row.asked, row.asker)  # type: ignore[arg-type]
    row.refresh_from_db()
    assert row.state == (state if state in OVER else ConnectionState.ENDED)
    assert Notice.objects.count() == notices and row.reason == ""
    for who in (row.asker, row.asked):
        assert not Connection.objects.visible_to(who).exists()
        for step in VERBS:
            with pytest.raises(ValidationError):
                take(row, step, who)


def test_a_block_frees_the_mentors_room(row: Connection) -> None:
    row.accept(row.asked)
    other = MemberFactory()
    waiting = Connection.objects.create(
        asker=other, asked=row.asked, mentor=row.asked, kind="mentorship", message=WORDS
    )
    with pytest.raises(ValidationError, match="taken"):
        waiting.accept(row.asked)
    Block.put(row.asker, row.asked)
    waiting.accept(row.asked)
    assert waiting.has_both_yeses


@pytest.mark.parametrize("kind", ConnectionKind.values)
def test_every_kind_is_asked_answered_and_closed(member: Member, stranger: Member, kind: str) -> None:
    one = Connection.propose(member, stranger, ConnectionKind(kind), WORDS)
    assert (one.mentor == stranger) == (kind in {"mentorship", "apprenticeship"})
    one.accept(stranger)
    until = timezone.localdate() + timedelta(days=90)
    Agreement.write(one, member, until=until, **TERMS).sign(stranger)
    one.refresh_from_db()
    assert one.state == ConnectionState.AGREED and one.has_both_yeses
    assert one.end(member, "quiet")
    assert (one.asker_did_part, one.asked_did_part) == (True, False)


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    """Written out once more by hand: the tests above follow the table, so nothing else would notice a wrong line."""
    waiting, under_way = "postponed proposed", "accepted agreed"
    assert {name: (step.turn.value, " ".join(sorted(step.since)), step.to.value) for name, step in STEPS.items()} == {
        "propose": ("either", "introduced", "proposed"), "let_go": ("either", "introduced", "withdrawn"),
        "accept": ("asked", "proposed", "accepted"), "decline": ("asked", "proposed", "declined"),
        "postpone": ("asked", "proposed", "postponed"), "ask_again": ("either", "postponed", "proposed"),
        "withdraw": ("asker", waiting, "withdrawn"), "lapse": ("clock", f"introduced {waiting}", "lapsed"),
        "overtake": ("clock", waiting, "overtaken"), "agree": ("either", "accepted", "agreed"),
        "end": ("either", under_way, "ended"), "release": ("clock", under_way, "released"),
        "part": ("clock", f"{under_way} introduced {waiting}", "ended"),
    }  # fmt: skip
