"""Private notes: kept for oneself, found by nobody else, taken along and taken away with their writer."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind, Meeting, Note
from community.connections.privacy import erase, export
from community.members.models import Block, Member
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
SECRET = "He holds the chisel too flat; say it kindly."


@pytest.fixture
def pair(member: Member, stranger: Member) -> Connection:
    """The stranger teaches the member; both said yes."""
    return Connection.agree(member, stranger, ConnectionKind.MENTORSHIP, mentor=stranger)


def post(client: Client, address: str, text: str = SECRET, **more: Any) -> Any:
    return client.post(address, {"text": text, "meeting": "", "form_key": str(uuid.uuid4())} | more)


def test_only_whoever_wrote_it_finds_it(pair: Connection, member: Member, stranger: Member, steward: Member) -> None:
    address = f"{pair.get_absolute_url()}notes/"
    assert post(signed_in(member), address).status_code == 302
    one = Note.objects.get()
    assert SECRET in signed_in(member).get(address).text
    assert SECRET not in signed_in(stranger).get(address).text
    for who in (stranger, steward, MemberFactory(is_superuser=True, is_staff=True)):
        assert signed_in(who).get(f"{address}{one.pk}/").status_code == 404
        assert signed_in(who).post(f"{address}{one.pk}/", {"text": "x"}).status_code == 404
        assert signed_in(who).post(f"{address}{one.pk}/drop/").status_code == 404
        assert not Note.objects.visible_to(who).exists()
        with pytest.raises(ValidationError):
            one.change(who, "Not mine.")
        one.drop(who)
    one.refresh_from_db()
    assert one.text == SECRET
    assert signed_in(steward).get(address).status_code == 404


def test_whoever_is_helped_and_whoever_helps_have_each_their_own(stranger: Member, member: Member) -> None:
    helped = Member.objects.create_user(None, "Helped Person", helper=member, is_adult=True)
    pair = Connection.agree(helped, stranger, ConnectionKind.PEER)
    Note.keep(pair, member, SECRET)
    assert Note.objects.get().writer == member and not Note.objects.visible_to(helped).exists()


def test_it_stands_with_a_meeting_and_stays_when_that_goes(pair: Connection, member: Member) -> None:
    met = Meeting.note(pair, member, timezone.localdate(), 60)
    address = f"{pair.get_absolute_url()}notes/"
    assert post(signed_in(member), address, meeting=met.pk).status_code == 302
    assert Note.objects.get().meeting == met
    assert "The meeting of" in signed_in(member).get(address).text
    met.drop(member)
    assert Note.objects.get().meeting is None and SECRET in signed_in(member).get(address).text


def test_it_takes_no_meeting_of_others(pair: Connection, member: Member) -> None:
    other = Connection.agree(member, MemberFactory(), ConnectionKind.PEER)
    theirs = Meeting.note(other, member, timezone.localdate(), 60)
    Meeting.note(pair, member, timezone.localdate(), 60)
    answer = post(signed_in(member), f"{pair.get_absolute_url()}notes/", meeting=theirs.pk)
    assert answer.status_code == 200 and SECRET in answer.text and not Note.objects.exists()
    with pytest.raises(ValidationError):
        Note.keep(pair, member, SECRET, theirs)


def test_it_is_changed_and_taken_out(pair: Connection, member: Member) -> None:
    one, client = Note.keep(pair, member, SECRET), signed_in(member)
    address = f"{pair.get_absolute_url()}notes/{one.pk}/"
    assert SECRET in client.get(address).text
    assert post(client, address, "Better now.").status_code == 302
    one.refresh_from_db()
    assert one.text == "Better now."
    assert client.get(f"{address}drop/").status_code == 405
    assert client.post(f"{address}drop/").status_code == 302 and not Note.objects.exists()


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "x" * 10_000])
def test_it_says_what_is_wrong(pair: Connection, member: Member, text: str) -> None:
    one, client = Note.keep(pair, member, SECRET), signed_in(member)
    for address in (f"{pair.get_absolute_url()}notes/", f"{pair.get_absolute_url()}notes/{one.pk}/"):
        assert post(client, address, text).status_code == 200
    assert [note.text for note in Note.objects.all()] == [SECRET]


def test_the_same_form_twice_keeps_one(pair: Connection, member: Member) -> None:
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert post(signed_in(member), f"{pair.get_absolute_url()}notes/", form_key=key).status_code == 302
    assert Note.objects.count() == 1


def test_it_can_be_noted_after_the_end_and_not_across_a_block(pair: Connection, member: Member) -> None:
    pair.end(member, "reached")
    assert post(signed_in(member), f"{pair.get_absolute_url()}notes/").status_code == 302
    Block.put(pair.asked, member)
    assert post(signed_in(member), f"{pair.get_absolute_url()}notes/").status_code == 404
    with pytest.raises(ValidationError):
        Note.keep(pair, member, SECRET)
    assert Note.objects.count() == 1


def test_it_lists_20_as_cheaply_as_10(pair: Connection, member: Member, django_assert_max_num_queries: Any) -> None:
    met = Meeting.note(pair, member, timezone.localdate(), 60)
    client, counts = signed_in(member), []
    for _round in range(2):
        for number in range(10):
            Note.keep(pair, member, f"Note {number}.", met)
        client.get(f"{pair.get_absolute_url()}notes/")
        with django_assert_max_num_queries(12) as queries:
            client.get(f"{pair.get_absolute_url()}notes/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_is_in_ones_own_export_alone_and_goes_with_its_writer(
    pair: Connection, member: Member, stranger: Member
) -> None:
    Note.keep(pair, member, SECRET)
    Note.keep(pair, stranger, "Patient.")
    assert [one["text"] for one in export(member)["private_notes"]] == [SECRET]
    assert SECRET not in str(export(stranger))
    erase(member)
    assert [one.text for one in Note.objects.all()] == ["Patient."]
