"""What connections give out to a person, and how they forget one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from community.connections import privacy
from community.connections.models import (
    Agreement,
    CheckIn,
    Closing,
    Connection,
    ConnectionKind,
    ConnectionState,
    Meeting,
    Wait,
)
from community.members.models import Block, Member, Profile
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
WORDS = "How do you keep the frost out of the lower orchard?"
M = ConnectionKind.MENTORSHIP


def test_it_exports_both_directions(member: Member, stranger: Member) -> None:
    Connection.propose(member, stranger, M, WORDS)
    Connection.propose(MemberFactory(name="Third"), member, M, WORDS)
    Connection.propose(MemberFactory(), stranger, M, WORDS)
    rows = privacy.export(member)["connections"]
    assert [(row["asker"], row["asked"], row["teaches"]) for row in rows] == [
        ("Alma Field", "Bruno Stray", False), ("Third", "Alma Field", True),
    ]  # fmt: skip


def test_it_empties_the_words_of_whoever_leaves_and_keeps_the_rest(member: Member, stranger: Member) -> None:
    asked = Connection.propose(member, stranger, M, WORDS)
    answered = Connection.propose(MemberFactory(), member, M, WORDS)
    answered.accept(member, "Come on Thursday.")
    waiting = Connection.propose(MemberFactory(), member, ConnectionKind.PEER, WORDS)
    privacy.erase(member)
    for row in (asked, answered, waiting):
        row.refresh_from_db()
    assert (asked.asker, asked.message, asked.state) == (None, "", ConnectionState.WITHDRAWN)
    assert (answered.asked, answered.mentor, answered.answer, answered.message) == (None, None, "", WORDS)
    assert waiting.state == ConnectionState.LAPSED  # a no was said by nobody
    member.delete()
    for row, viewer in ((asked, stranger), (answered, answered.asker)):
        client = signed_in(viewer)
        assert "A former member" in client.get(row.get_absolute_url()).text
        assert client.get("/connections/").status_code == 200


def test_it_gives_out_and_forgets_what_the_two_wrote_down(member: Member, stranger: Member) -> None:
    pair = Connection.agree(member, stranger, ConnectionKind.PEER)
    today, own, theirs = timezone.localdate(), {"goals": "MINE goals of ours."}, {"goals": "THEIRS of ours."}
    said = {"rhythm": "Weekly.", "otherwise": "We say so, and part.", "until": today + timedelta(days=9)}
    Agreement.write(pair, member, **own, **said)
    Agreement.write(pair, stranger, **theirs, **said)
    Meeting.note(pair, member, today, 60, "MINE next")
    Connection.objects.update(accepted_at=timezone.now() - timedelta(days=31))
    CheckIn.ask_due()
    for who, word, mark in ((member, "MINE word", 4), (stranger, "THEIRS word", 2)):
        CheckIn.objects.get(member=who).say(who, mark, word)
    for who, word in ((member, "MINE thanks"), (stranger, "THEIRS thanks")):
        Closing.close(pair, who, "reached", thanks=word, testimonial=f"{word} for all", reached=3)
    held = privacy.export(member)
    assert [len(held[name]) for name in ("agreements", "meetings", "check_ins", "closings")] == [2, 1, 2, 2]
    assert [row.get("mark") for row in held["check_ins"]] == [4, None]
    assert [row.get("reached") for row in held["closings"]] == [3, None]
    privacy.erase(member)
    member.delete()
    left = repr([list(table.objects.values()) for table in (Agreement, Meeting, CheckIn, Closing, Connection)])
    assert "MINE" not in left and left.count("THEIRS") == 4
    page = signed_in(stranger).get(f"{pair.get_absolute_url()}agreement/")
    assert page.status_code == 200 and "THEIRS of ours." in page.text and "A former member" in page.text
    assert signed_in(stranger).get(pair.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("leaves", ["writer", "signer"])
def test_what_both_have_signed_stays_with_the_other(member: Member, stranger: Member, leaves: str) -> None:
    pair = Connection.agree(member, stranger, ConnectionKind.PEER)
    said = {"rhythm": "Weekly.", "otherwise": "We say so, and part.", "until": timezone.localdate() + timedelta(days=9)}
    Agreement.write(pair, member, goals="Both SIGNED this.", **said).sign(stranger)
    Agreement.write(pair, member, goals="Only one WANTED this.", **said)
    gone, stays = (member, stranger) if leaves == "writer" else (stranger, member)
    privacy.erase(gone)
    gone.delete()
    assert Agreement.objects.filter(goals="Both SIGNED this.").get().is_signed
    assert Agreement.objects.filter(goals="Only one WANTED this.").exists() == (leaves == "signer")
    page = signed_in(stays).get(f"{pair.get_absolute_url()}agreement/").text
    assert "Both SIGNED this." in page and "A former member" in page and gone.name not in page


def test_it_ends_what_is_under_way_and_frees_the_room(member: Member, stranger: Member) -> None:
    pair = Connection.agree(member, stranger, M, mentor=stranger)
    privacy.erase(member)
    pair.refresh_from_db()
    assert pair.state == ConnectionState.ENDED and not Connection.objects.accepted().exists()


@pytest.mark.parametrize("stands", ["proposed", "postponed", "accepted"])
def test_whoever_waits_or_is_under_way_hears_that_somebody_left(member: Member, stranger: Member, stands: str) -> None:
    row = Connection.propose(member, stranger, M, WORDS)
    if stands == "accepted":
        row.accept(stranger)
    elif stands == "postponed":
        row.postpone(stranger, timezone.localdate() + timedelta(days=9))
    privacy.erase(stranger)
    stranger.delete()
    said = Notice.objects.visible_to(member).get(kind="connection_gone")
    assert stranger.name not in " ".join(said.lines) and said.actor is None
    assert signed_in(member).get(row.get_absolute_url()).status_code == 200
    Connection.keep_time()
    assert Notice.objects.filter(member=member, kind__in=["connection_declined", "connection_unanswered"]).count() == 0


def test_nobody_hears_of_it_across_a_block_or_after_the_end(member: Member, stranger: Member) -> None:
    third = MemberFactory()
    under_way = Connection.propose(member, stranger, M, WORDS)
    under_way.accept(stranger)
    Block.put(member, stranger)
    Connection.propose(third, stranger, M, WORDS).decline(stranger)
    privacy.erase(stranger)
    assert not Notice.objects.filter(kind="connection_gone").exists()


def test_whoever_waits_for_a_mentor_hears_when_they_leave(member: Member, stranger: Member) -> None:
    Profile.objects.filter(member=stranger).update(capacity=0)
    Wait.join(member, stranger)
    privacy.erase(stranger)
    stranger.delete()
    said = Notice.objects.visible_to(member).get(kind="connection_wait_over")
    assert "Bruno" not in " ".join(said.lines) and signed_in(member).get("/connections/").status_code == 200


def test_it_leaves_no_row_without_people(member: Member, stranger: Member) -> None:
    Connection.propose(member, stranger, M, WORDS)
    privacy.erase(member)
    privacy.erase(stranger)
    assert not Connection.objects.exists()
