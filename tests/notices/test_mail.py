"""A mail to somebody: never lost, not twice, not too many; whatever the mail server says or does not say."""

import re
import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django_tasks_db.models import DBTaskResult

from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.notices.tasks import mail_notice
from community.trust.registry.healing import send_forgotten_notices
from home import health
from tests import moving
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Clock:
    """A clock that is set by hand, and the worker that does what is due by it."""

    def __init__(self, moved: moving.Clock) -> None:
        self.moved = moved

    @property
    def now(self) -> datetime:
        return self.moved.now

    def run(self, span: timedelta, step: timedelta = MINUTE) -> list[datetime]:
        """Let time go by; the worker does what is due. Says when mails left."""
        left, end = [], self.now + span
        while self.now < end:
            self.moved.now += step
            before = len(mail.outbox)
            work(self.now)
            left += [self.now] * (len(mail.outbox) - before)
        return left


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    with moving.stopped(monkeypatch) as moved:
        yield Clock(moved)


def work(now: datetime) -> None:
    """What a worker does: every task that is due, each once."""
    tasks = DBTaskResult.objects.filter(task_path=mail_notice.module_path)
    for row in sorted(tasks, key=lambda row: row.args_kwargs["args"]):
        if row.run_after.year > 9000 or row.run_after <= now:
            row.delete()
            mail_notice.call(*row.args_kwargs["args"])


def tell(member: Member, number: int = 0) -> Notice:
    """Something happened that asks for an answer."""
    return Notice.send(member, NoticeKind.APPLICATION_NEWS, f"/openings/applications/{number}/", actor=None)


def words() -> str:
    return "\n".join(f"{one.subject}\n{one.body}" for one in mail.outbox)


def gone(*args: Any, **kwargs: Any) -> None:
    raise ConnectionRefusedError


def silent(*args: Any, **kwargs: Any) -> None:
    raise TimeoutError


def full(*args: Any, **kwargs: Any) -> None:
    raise smtplib.SMTPDataError(452, b"full")


def test_it_is_one_row_and_one_mail(member: Member) -> None:
    notice = tell(member)
    assert notice.mail_due_at and not notice.mailed_at
    assert Notice.mail(notice.pk) and not Notice.mail(notice.pk)
    notice.refresh_from_db()
    (sent,) = mail.outbox
    assert sent.to == [member.email] and notice.mailed_at and notice.mail_due_at is None and notice.mail_tries == 1
    assert sent.extra_headers["Message-ID"] == f"<{notice.mail_key}@testserver>"
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


# --- A mail server that is not well ---------------------------------------------------------------------------


@pytest.mark.parametrize(("fault", "where"), [(gone, "open"), (full, "send_messages")])
def test_a_mail_server_that_is_down_loses_nothing(
    member: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: Any, where: str
) -> None:
    first = tell(member, 0)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, where, fault)
        clock.run(HOUR)
        first.refresh_from_db()
        assert first.mail_tries == 4 and first.mail_key == "" and not mail.outbox  # after 0, 1, 5 and 30 minutes
        for number in range(1, 9):
            tell(member, number)
            clock.run(10 * MINUTE)
    clock.run(15 * HOUR)
    assert all(words().count(f"/openings/applications/{number}/\n") == 1 for number in range(9))
    assert len(mail.outbox) < 9 and not Notice.objects.filter(mailed_at=None).exists()


def test_a_mail_of_which_nobody_knows_goes_again_under_its_number(
    member: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tell(member, 1)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", silent)
        clock.run(MINUTE)
    first.refresh_from_db()
    assert first.mail_key
    tell(member, 2)
    clock.run(HOUR)
    numbers = [one.extra_headers["Message-ID"] for one in mail.outbox]
    assert len(numbers) == 2 and f"<{first.mail_key}@testserver>" in numbers
    assert all(one.body.count("/applications/") == 1 for one in mail.outbox)


def test_a_worker_that_is_killed_sends_again_under_the_same_number(
    member: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the yes of the mail server and our commit: the only case in which a mail comes twice."""
    notice, keep = tell(member), Notice.hand_over.__func__  # type: ignore[attr-defined]

    def killed(cls: Any, *args: Any) -> None:
        from community.notices.models import mailed

        mailed.post(args[1])
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Notice, "hand_over", classmethod(killed))
        Notice.mail(notice.pk)
    assert Notice.hand_over.__func__ is keep and len(mail.outbox) == 1  # type: ignore[attr-defined]
    DBTaskResult.objects.all().delete()  # the task died with the worker
    assert not Notice.mail(notice.pk)  # somebody may still be sending it
    clock.run(HOUR)
    one, two = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
    assert one == two


def test_a_task_that_was_lost_is_queued_again(member: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = tell(member)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", gone)
        clock.run(MINUTE)
    DBTaskResult.objects.all().delete()
    assert send_forgotten_notices() == 0  # not due yet
    clock.moved.now += 20 * MINUTE
    assert send_forgotten_notices() == 1 and send_forgotten_notices() == 0
    clock.run(MINUTE)
    notice.refresh_from_db()
    assert notice.mailed_at


def test_it_is_given_up_after_three_days_for_all_to_see(
    member: Member, clock: Clock, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
) -> None:
    settings.MAIL_DIR = tmp_path
    notice = tell(member)
    monkeypatch.setattr(EmailBackend, "open", gone)
    clock.run(2 * DAY, step=30 * MINUTE)
    notice.refresh_from_db()
    assert notice.mail_due_at and not notice.mail_failed_at and health.mail() == "degraded"
    clock.run(2 * DAY, step=30 * MINUTE)
    notice.refresh_from_db()
    assert notice.mail_failed_at and notice.mail_due_at is None and notice.mail_tries < 15
    assert list(Notice.objects.refused()) == [notice] and not DBTaskResult.objects.exists()
    clock.moved.now = notice.mail_failed_at + HOUR
    assert health.mail() == "degraded"
    clock.moved.now += 2 * DAY
    assert health.mail() == "ok"


# --- Not too many ---------------------------------------------------------------------------------------------


def test_it_is_three_an_hour_and_ten_a_day_and_nothing_is_dropped(member: Member, clock: Clock) -> None:
    left: list[datetime] = []
    for number in range(200):  # somebody makes something happen every five minutes, for 16 hours and 40 minutes
        tell(member, number)
        left += clock.run(5 * MINUTE)
    left += clock.run(DAY, step=10 * MINUTE)
    for at in left:
        assert sum(at - HOUR < other <= at for other in left) <= 3
        assert sum(at - DAY < other <= at for other in left) <= 10
    assert len(left) > 8
    assert all(words().count(f"/openings/applications/{number}/\n") == 1 for number in range(200))
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_whoever_helps_others_gets_no_more_for_it(member: Member, clock: Clock) -> None:
    people = [member.help(f"Old Enid {letter}", is_adult=True) for letter in "ABCDEF"]
    for number, one in enumerate(people):
        tell(one, number)
    assert len(clock.run(30 * MINUTE)) == 3
    clock.run(HOUR)
    assert len(mail.outbox) == 4 and "3 things wait for you" in words()
    assert all(f"For Old Enid {letter}:" in words() for letter in "DEF")
    assert "this is for Old Enid A, whom you help." in words()
    assert {sent.to[0] for sent in mail.outbox} == {member.email}


def test_a_reminder_waits_for_nothing_and_takes_no_room(member: Member, clock: Clock) -> None:
    for number in range(5):
        tell(member, number)
    clock.run(MINUTE)
    assert len(mail.outbox) == 3
    Notice.send(member, NoticeKind.GATHERING_REMINDER, "/gatherings/x/")
    clock.run(MINUTE)
    assert len(mail.outbox) == 4 and mail.outbox[-1].subject.startswith("Soon:")
    clock.run(HOUR)
    assert len(mail.outbox) == 5 and "2 things wait" in mail.outbox[-1].subject


def test_what_is_put_off_makes_the_site_not_ill(member: Member, clock: Clock, settings: Any, tmp_path: Any) -> None:
    settings.MAIL_DIR = tmp_path
    for number in range(5):
        tell(member, number)
    clock.run(30 * MINUTE)
    assert Notice.objects.unmailed().count() == 2 and health.mail() == "ok"


# --- What stewards see of it ----------------------------------------------------------------------------------


def test_stewards_see_how_the_mail_is_doing(
    member: Member, as_steward: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Notice.objects.figures() == (0, 0, 0, None, 0, 0)
    for number in range(5):
        tell(member, number)
    begun = clock.now
    clock.run(30 * MINUTE)
    assert Notice.objects.figures() == (2, 2, 0, begun, 3, 0)
    clock.run(HOUR)
    assert Notice.objects.figures() == (0, 0, 0, None, 4, 0)  # two things, one mail
    other = MemberFactory()
    monkeypatch.setattr(EmailBackend, "open", gone)
    later, first = clock.now, tell(other, 6)
    clock.run(2 * MINUTE)
    tell(MemberFactory(email=None), 7)  # for whom nobody gets mail: a letter, not a mail
    assert Notice.objects.figures() == (1, 0, 1, later, 4, 0)
    page = as_steward.get("/steward/").text
    part = page[page.index('id="mail"') :]
    assert re.findall(r"<dd>(\d+)", part[: part.index("</dl>")]) == ["4", "1", "0", "1", "0"]
    for secret in (str(member.email), str(other.email), other.name, first.mail_key or "applications"):
        assert secret not in part[: part.index("</dl>")]
    clock.run(DAY, step=30 * MINUTE)
    assert Notice.objects.figures().sent == 0
    clock.run(4 * DAY, step=30 * MINUTE)
    assert Notice.objects.figures() == (0, 0, 0, None, 0, 1)
    clock.moved.now += 31 * DAY
    assert Notice.objects.figures().given_up == 0


def test_what_a_block_holds_back_does_not_count_as_waiting(member: Member, stranger: Member) -> None:
    Notice.send(member, NoticeKind.CONNECTION_PROPOSED, "/connections/1/", actor=stranger)
    assert Notice.objects.figures().waits == 1
    Block.put(member, stranger)
    assert Notice.objects.figures() == (0, 0, 0, None, 0, 0)


# --- To whom --------------------------------------------------------------------------------------------------


def test_nothing_is_gathered_across_a_block(member: Member, stranger: Member, clock: Clock) -> None:
    for number in range(3):
        tell(member, number)
    Notice.send(member, NoticeKind.CONNECTION_PROPOSED, "/connections/1/", actor=stranger)
    clock.run(5 * MINUTE)
    tell(member, 4)
    Block.put(member, stranger)
    clock.run(2 * HOUR)
    assert "Bruno Stray" not in words() and "/applications/4/" in words()
    assert Notice.objects.get(actor=stranger).mailed_at is None


def test_nobody_who_left_or_was_shut_out_gets_mail(member: Member) -> None:
    notice = tell(member)
    Member.objects.filter(pk=member.pk).update(is_active=False)
    assert not Notice.mail(notice.pk) and not mail.outbox
    Member.objects.filter(pk=member.pk).update(is_active=True)
    assert Notice.mail(notice.pk)


def test_it_goes_to_whoever_helps_now(member: Member, stranger: Member) -> None:
    enid = member.help("Old Enid", is_adult=True)
    notice = tell(enid)
    Member.objects.filter(pk=enid.pk).update(helper=stranger)
    assert Notice.mail(notice.pk) and mail.outbox[0].to == [stranger.email]


def test_two_workers_send_it_once(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = tell(member)

    def other_comes_by(self: Any, messages: Any) -> int:
        monkeypatch.undo()
        assert not Notice.mail(notice.pk)  # while the first is speaking to the mail server
        return int(EmailBackend.send_messages(self, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", other_comes_by)
    assert Notice.mail(notice.pk) and len(mail.outbox) == 1


def test_a_name_makes_no_header(member: Member) -> None:
    rogue = MemberFactory(name="Eve Bcc")
    Member.objects.filter(pk=rogue.pk).update(name="Eve\r\nBcc: all@example.org")
    rogue.refresh_from_db()
    Notice.mail(Notice.send(member, NoticeKind.CONNECTION_PROPOSED, "/x/", actor=rogue).pk)
    message = mail.outbox[0].message()
    assert message["Bcc"] is None and message["To"] == member.email and "\n" not in mail.outbox[0].subject
