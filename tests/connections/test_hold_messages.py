"""Where one of the two is under 18: what an adult writes is read by safeguarding before it goes on."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from community.connections.models import Connection, ConnectionKind, Message, thread_of
from community.connections.privacy import export
from community.members.models import Block, Member
from community.notices.models import Notice
from community.trust.models import Safeguarding
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
DESK = "/steward/messages/"


@pytest.fixture
def guard(db: None) -> Member:
    """A steward who looks after people under 18."""
    one = MemberFactory(name="Gwen Guard", is_steward=True)
    one.groups.add(Safeguarding.group())
    return one


@pytest.fixture
def pair(member: Member, minor: Member) -> Connection:
    """The member teaches somebody under 18."""
    return Connection.agree(minor, member, ConnectionKind.APPRENTICESHIP, mentor=member)


def post(who: Member, pair: Connection, text: str, **more: Any) -> Any:
    return signed_in(who).post(thread_of(pair.pk), {"text": text, "form_key": str(uuid.uuid4())} | more)


def test_it_goes_on_when_safeguarding_has_read_it(
    pair: Connection, member: Member, minor: Member, guard: Member
) -> None:
    assert post(member, pair, "Ring me on 07700 900123.").status_code == 302
    assert "Safeguarding reads it before it goes on." in signed_in(member).get(thread_of(pair.pk)).text
    assert (
        "Ring me"
        not in signed_in(minor).get(thread_of(pair.pk)).text + signed_in(minor).get(pair.get_absolute_url()).text
    )
    assert not Notice.objects.filter(member=minor).exists() and "Ring me" not in str(export(minor))
    assert Notice.objects.get(member=guard).url == DESK
    assert "Ring me" in signed_in(guard).get(DESK).text
    one = Message.objects.get()
    for _twice in range(2):
        assert signed_in(guard).post(f"{DESK}{one.pk}/", {"step": "release"}).status_code == 302
    assert "Ring me" in signed_in(minor).get(thread_of(pair.pk)).text
    assert Notice.objects.filter(member=minor).count() == 1
    assert "Ring me" not in signed_in(guard).get(DESK).text


def test_it_can_be_kept_back_for_good(pair: Connection, member: Member, minor: Member, guard: Member) -> None:
    one = Message.write(pair, member, "Come alone.")
    one.stop(guard)
    one.release(guard)
    one.refresh_from_db()
    assert one.released_at is None and one.decided_by == guard
    assert "Come alone." not in signed_in(minor).get(thread_of(pair.pk)).text
    assert "Safeguarding has kept it back." in signed_in(member).get(thread_of(pair.pk)).text


def test_somebody_under_18_says_nowhere_how_they_are_reached(
    pair: Connection, member: Member, minor: Member, guard: Member
) -> None:
    answer = post(minor, pair, "Write to cleo@example.org.")
    assert answer.status_code == 409 and "cleo@example.org" in answer.text and not Message.objects.exists()
    assert post(minor, pair, "When do we begin?").status_code == 302
    assert Message.objects.get().held_at is None
    assert "When do we begin?" in signed_in(member).get(thread_of(pair.pk)).text


def test_no_file_goes_either_way(pair: Connection, member: Member, minor: Member, guard: Member) -> None:
    from tests.connections.test_talk import clean, photo

    for who in (member, minor):
        assert 'type="file"' not in signed_in(who).get(thread_of(pair.pk)).text
        with pytest.raises(ValidationError):
            Message.write(pair, who, "", file=clean())
        sent: SimpleUploadedFile = photo()
        assert post(who, pair, "", file=sent).status_code == 200 and not Message.objects.exists()


def test_nobody_writes_where_nobody_reads(pair: Connection, member: Member) -> None:
    answer = post(member, pair, "Hello Cleo.")
    assert answer.status_code == 409 and "Hello Cleo." in answer.text and not Message.objects.exists()


def test_only_safeguarding_reads_and_decides(
    pair: Connection, member: Member, minor: Member, guard: Member, steward: Member
) -> None:
    one = Message.write(pair, member, "Hello Cleo.")
    for who in (steward, member, minor, MemberFactory()):
        assert signed_in(who).get(DESK).status_code == 404
        assert signed_in(who).post(f"{DESK}{one.pk}/", {"step": "release"}).status_code == 404
        with pytest.raises(ValidationError):
            one.release(who)
    assert signed_in(guard).post(f"{DESK}{one.pk}/", {"step": "open"}).status_code == 404
    assert one.is_held


def test_nobody_decides_on_their_own(minor: Member, guard: Member) -> None:
    pair = Connection.agree(minor, guard, ConnectionKind.APPRENTICESHIP, mentor=guard)
    with pytest.raises(ValidationError):
        Message.write(pair, guard, "Nobody else is there to read this.")
    second = MemberFactory(is_steward=True)
    second.groups.add(Safeguarding.group())
    one = Message.write(pair, guard, "Somebody reads this.")
    assert "Somebody reads this." not in signed_in(guard).get(DESK).text
    signed_in(guard).post(f"{DESK}{one.pk}/", {"step": "release"})
    with pytest.raises(ValidationError):
        one.release(guard)
    one.refresh_from_db()
    assert one.is_held and "Somebody reads this." in signed_in(second).get(DESK).text


def test_a_block_keeps_it_back(pair: Connection, member: Member, minor: Member, guard: Member) -> None:
    one = Message.write(pair, member, "Hello Cleo.")
    Block.put(minor, member)
    assert "Hello Cleo." not in signed_in(guard).get(DESK).text
    signed_in(guard).post(f"{DESK}{one.pk}/", {"step": "release"})
    one.release(guard)
    assert one.released_at is None and not Notice.objects.filter(member=minor).exists()


def test_whoever_grows_up_gets_what_was_held(pair: Connection, member: Member, minor: Member, guard: Member) -> None:
    one = Message.write(pair, member, "Hello Cleo.")
    assert Message.let_through_grown() == 0
    Member.objects.filter(pk=minor.pk).update(is_adult=True)
    assert Message.let_through_grown() == 1 == Notice.objects.filter(member=minor).count()
    assert Message.let_through_grown() == 0
    one.refresh_from_db()
    assert one.released_at is not None


def test_what_was_held_is_in_no_excerpt(pair: Connection, member: Member, minor: Member, guard: Member) -> None:
    from community.connections.models import Excerpt

    Message.write(pair, member, "Held words.")
    Message.write(pair, member, "Read words.").release(guard)
    last = Message.objects.latest("pk")
    excerpt = Excerpt.report_to_stewards(last, minor, "unsafe")
    assert [one.text for one in excerpt.messages()] == ["Read words."]


def test_it_lists_20_as_cheaply_as_10(
    pair: Connection, member: Member, guard: Member, django_assert_max_num_queries: Any
) -> None:
    client, counts = signed_in(guard), []
    for _round in range(2):
        for number in range(10):
            Message.write(pair, member, f"Words {number}.")
        client.get(DESK)
        with django_assert_max_num_queries(12) as queries:
            client.get(DESK)
        counts.append(len(queries))
    assert counts[0] == counts[1]
