"""Reporting a message: stewards read it and the three before, on record, and both of the two are told."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from community.connections.models import Connection, ConnectionKind, Excerpt, Message, thread_of
from community.members.models import Block, Member
from community.notices.models import Notice
from community.trust.models import Audit, AuditVerb, Report
from tests.conftest import signed_in
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def words(member: Member, stranger: Member) -> list[Message]:
    """Seven messages of the two by turns; the member's are 0, 2, 4 and 6."""
    pair = Connection.agree(member, stranger, ConnectionKind.PEER)
    return [Message.write(pair, (member, stranger)[number % 2], f"Word number {number}.") for number in range(7)]


def post(who: Member, message: Message, **more: Any) -> Any:
    data = {"reason": "harassment", "text": "He does not stop.", "form_key": str(uuid.uuid4())}
    return signed_in(who).post(f"{message.get_absolute_url()}report/", data | more)


def test_a_steward_reads_it_and_the_three_before_and_nothing_else(words: list[Message], member: Member) -> None:
    steward = MemberFactory(is_steward=True)
    reported = words[5]
    assert signed_in(steward).get(reported.get_absolute_url()).status_code == 404
    assert post(member, reported).status_code == 302
    report = Report.objects.get()
    assert report.about == reported.writer and report.url == reported.get_absolute_url()
    before = signed_in(steward).get(report.url)
    assert before.status_code == 200 and "Word number" not in before.text
    assert signed_in(steward).post(report.url).status_code == 302
    page = signed_in(steward).get(report.url).text
    assert [number for number in range(7) if f"Word number {number}." in page] == [2, 3, 4, 5]
    for address in (thread_of(reported.connection_id), words[4].get_absolute_url(), words[6].get_absolute_url()):
        assert signed_in(steward).get(address).status_code == 404
    assert not Message.objects.visible_to(steward).exists()


def test_it_is_on_record_for_each_and_both_are_told_once(
    words: list[Message], member: Member, stranger: Member
) -> None:
    first, second = MemberFactory(is_steward=True), MemberFactory(is_steward=True)
    post(member, words[5])
    told = Notice.objects.filter(kind="message_reported")
    for who in (member, stranger):
        assert "A steward has read" not in signed_in(who).get(thread_of(words[0].connection_id)).text
    assert not told.exists()
    for who in (first, first, second):
        signed_in(who).post(words[5].get_absolute_url())
    assert {one.member for one in told} == {member, stranger} and told.count() == 2
    assert all(one.actor is None and "Word number" not in "".join(one.lines) for one in told)
    assert list(Audit.objects.filter(verb=AuditVerb.READ).order_by("pk").values_list("actor", flat=True)) == [
        first.pk, second.pk
    ]  # fmt: skip
    for who in (member, stranger):
        assert "A steward has read" in signed_in(who).get(thread_of(words[0].connection_id)).text


def test_each_steward_says_so_before_they_read(words: list[Message], member: Member) -> None:
    first, second = MemberFactory(is_steward=True), MemberFactory(is_steward=True)
    post(member, words[5])
    signed_in(first).post(words[5].get_absolute_url())
    assert "Word number" in signed_in(first).get(words[5].get_absolute_url()).text
    assert "Word number" not in signed_in(second).get(words[5].get_absolute_url()).text


def test_nobody_reads_it_once_it_is_answered(words: list[Message], member: Member) -> None:
    steward = MemberFactory(is_steward=True)
    post(member, words[5])
    signed_in(steward).post(words[5].get_absolute_url())
    Report.objects.get().answer(steward, "done", "I spoke with both.")
    assert signed_in(steward).get(words[5].get_absolute_url()).status_code == 404
    with pytest.raises(ValidationError):
        Excerpt.objects.get().open(steward)


def test_it_is_read_also_when_a_block_stands_between_the_two(words: list[Message], member: Member) -> None:
    steward = MemberFactory(is_steward=True)
    post(member, words[5])
    Block.put(member, words[5].writer)
    signed_in(steward).post(words[5].get_absolute_url())
    assert "Word number 5." in signed_in(steward).get(words[5].get_absolute_url()).text


def test_a_steward_who_is_one_of_the_two_does_not_judge(member: Member) -> None:
    steward = MemberFactory(is_steward=True)
    pair = Connection.agree(member, steward, ConnectionKind.PEER)
    one = Message.write(pair, steward, "You will be sorry.")
    post(member, one)
    assert not Excerpt.objects.editable_by(steward).exists()
    assert signed_in(steward).get(one.get_absolute_url()).status_code == 302  # to their own thread
    mine = Message.write(pair, member, "Stop it.")
    Excerpt.report_to_stewards(mine, steward, "other")
    assert not Excerpt.objects.editable_by(steward).exists()


def test_one_reports_what_the_other_wrote_and_nothing_else(words: list[Message], member: Member) -> None:
    assert post(member, words[4]).status_code == 404
    other = MemberFactory()
    assert post(other, words[5]).status_code == 404
    for who, what in ((member, words[4]), (other, words[5]), (MemberFactory(is_steward=True), words[5])):
        with pytest.raises(ValidationError):
            Excerpt.report_to_stewards(what, who, "other")
    assert not Report.objects.exists()


def test_a_report_of_the_address_alone_opens_nothing(words: list[Message], member: Member) -> None:
    steward = MemberFactory(is_steward=True)
    for address in (words[5].get_absolute_url(), thread_of(words[0].connection_id)):
        report = Report.make(MemberFactory(), address, "other", "Let us see.")
        assert signed_in(steward).get(report.url).status_code == 404
        assert signed_in(steward).post(words[5].get_absolute_url()).status_code == 404


def test_the_same_report_twice_is_one(words: list[Message], member: Member) -> None:
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert post(member, words[5], form_key=key).status_code == 302
    post(member, words[5])
    assert Report.objects.count() == Excerpt.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"reason": "x"}, {"reason": ""}, {"text": "y" * 10_000}, {"text": "a\x00b"}])
def test_it_says_what_is_wrong(words: list[Message], member: Member, wrong: dict[str, str]) -> None:
    assert post(member, words[5], **wrong).status_code == 200
    assert not Report.objects.exists()
