"""What one follows, by mail: all of it together, as often as one wants, and never a mail for each."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from community.members.models import Block, Member
from community.notices.models import Digest, Notice, NoticeKind, Rhythm
from community.notices.tasks import mail_digest
from community.trust.registry.healing import send_forgotten_notices
from tests.factories import StoryFactory

pytestmark = pytest.mark.django_db


def news(member: Member, title: str, actor: Any = None, hours: int = 2) -> Notice:
    """Something new came out that the member follows, two hours ago."""
    page = StoryFactory(title=title)
    at = timezone.now() - timedelta(hours=hours)
    more = {"page": page, "url": page.url, "actor": actor, "created_at": at}
    return Notice.objects.create(member=member, kind=NoticeKind.FOLLOWED_NEW, **more)


def sent(member: Member) -> list[str]:
    """The mails of one run of the clock."""
    mail.outbox.clear()
    if Digest.queue_due():
        mail_digest.call(member.pk)
    return [f"{one.subject}\n{one.body}" for one in mail.outbox]


def later(**how: int) -> None:
    Digest.objects.update(sent_at=timezone.now() - timedelta(**how))


def test_it_mails_together_once_a_week(member: Member) -> None:
    news(member, "Lime on clay")
    news(member, "The fox came")
    (one,) = sent(member)
    assert one.startswith("2 things are new for you\n")
    for words in ("New on what you follow: Lime on clay", "http://testserver/stories/the-fox-came/",
                  "http://testserver/notices/following/"):  # fmt: skip
        assert words in one
    assert mail.outbox[0].to == [member.email]
    assert sent(member) == []
    news(member, "Third")
    later(days=6)
    assert sent(member) == []
    later(days=8)
    (one,) = sent(member)
    assert "Third" in one and "Lime" not in one


def test_it_waits_for_what_comes_out_together(member: Member) -> None:
    news(member, "Just out", hours=0)
    assert sent(member) == []


def test_it_mails_no_oftener_than_one_wants(as_member: Client, member: Member) -> None:
    for wanted, hours, number in (("daily", 25, 1), ("never", 24 * 30, 0)):
        news(member, f"For {wanted}")
        assert as_member.post("/notices/following/mail/", {"rhythm": wanted}).status_code == 302
        later(hours=hours)
        assert len(sent(member)) == number
    assert 'value="never" checked' in as_member.get("/notices/following/").content.decode()


@pytest.mark.parametrize("wanted", ["", "hourly", "\x00", "x" * 10_000])
def test_it_keeps_what_was_chosen_where_something_odd_is_sent(as_member: Client, member: Member, wanted: str) -> None:
    page = as_member.post("/notices/following/mail/", {"rhythm": wanted}, follow=True)
    assert page.status_code == 200 and "Choose one of the three." in page.content.decode()
    assert Digest.rhythm_of(member) == Rhythm.WEEKLY


def test_it_leaves_out_what_may_not_be_seen_any_more_and_what_was_read(member: Member, stranger: Member) -> None:
    news(member, "Across a block", actor=stranger)
    news(member, "Taken back").page.specific.unpublish()
    news(member, "Read here").read()
    Block.put(member, stranger)
    assert sent(member) == []
    news(member, "Still there")
    (one,) = sent(member)
    assert "1 thing is new for you" in one and "Still there" in one
    assert "Across" not in one and "Taken" not in one and "Read here" not in one


def test_it_goes_to_the_helper_of_whoever_has_no_mail(member: Member) -> None:
    enid = member.help("Old Enid", is_adult=True)
    news(enid, "Lime on clay")
    assert len(sent(enid)) == 1 and mail.outbox[0].to == [member.email]


def test_a_digest_that_the_mail_server_did_not_take_goes_later_with_all_that_was_in_it(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = news(member, "Lime on clay")
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", refuse)
        assert sent(member) == [] and DBTaskResult.objects.filter(task_path__endswith="mail_digest").count() == 2
    Notice.objects.update(mail_due_at=timezone.now())
    assert Digest.queue_due() == 0  # its turn was taken; the task that was put off sends it
    assert Digest.mail(member.pk) and len(mail.outbox) == 1 and "Lime on clay" in mail.outbox[0].body
    first.refresh_from_db()
    assert first.mailed_at and not Digest.mail(member.pk)


def test_a_digest_that_may_have_gone_goes_again_as_it_was(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    news(member, "Lime on clay")
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Notice, "hand_over", die)
        sent(member)
    news(member, "The fox came")
    number = Notice.objects.exclude(mail_key="").get().mail_key
    Notice.objects.update(mail_due_at=timezone.now())
    mail.outbox.clear()
    assert Digest.mail(member.pk)
    assert number in mail.outbox[0].extra_headers["Message-ID"] and "fox came" not in mail.outbox[0].body


def refuse(*args: Any, **kwargs: Any) -> None:
    """A mail server that is not there."""
    raise ConnectionRefusedError


def die(*args: Any, **kwargs: Any) -> None:
    """A worker that is killed."""
    raise SystemExit


def test_nothing_else_mails_it(member: Member) -> None:
    news(member, "Lime on clay")
    assert send_forgotten_notices() == 0
