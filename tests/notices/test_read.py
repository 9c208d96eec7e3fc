"""What happened to me: listed, opened, counted as read."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from community.members.models import Block, Member
from community.notices.models import Notice, NoticeKind
from community.notices.tasks import mail_notice
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db


def told(member: Member, actor: Member | None = None, url: str = "/people/") -> Notice:
    """Something happened to the member."""
    return Notice.objects.create(member=member, kind=NoticeKind.CONNECTION_PROPOSED, url=url, actor=actor)


def test_it_lists_my_notices_and_those_of_people_i_help(as_member: Client, member: Member, stranger: Member) -> None:
    told(member, stranger)
    told(member.help("Old Enid", is_adult=True), stranger)
    told(stranger, member)
    page = as_member.get("/notices/").content.decode()
    assert page.count("Bruno Stray would like to meet you") == 4  # each: the link, and the button's spoken part
    assert "For Old Enid" in page and "Alma Field would" not in page
    assert Client().get("/notices/").status_code == 302


def test_it_counts_as_read_by_the_button_only(as_member: Client, member: Member) -> None:
    notice = told(member)
    assert as_member.get(notice.get_absolute_url())["Location"] == "/people/"
    notice.refresh_from_db()
    assert notice.read_at is None
    as_member.post(notice.get_absolute_url())
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_it_keeps_others_notices_out_of_reach(as_stranger: Client, member: Member) -> None:
    notice = told(member)
    assert as_stranger.post(notice.get_absolute_url()).status_code == 404
    as_stranger.post("/notices/read/")
    notice.refresh_from_db()
    assert notice.read_at is None
    assert as_stranger.get("/notices/read/").status_code == 405


def test_it_reads_all_and_leads_nowhere_else(as_member: Client, member: Member) -> None:
    notice = told(member, url="https://evil.example/")
    assert as_member.get(notice.get_absolute_url())["Location"] == "/notices/"
    as_member.post("/notices/read/")
    assert not Notice.objects.visible_to(member).unread().exists()


@pytest.mark.parametrize("kind", NoticeKind.values)
def test_it_has_words_for_each_kind(kind: str, member: Member, stranger: Member) -> None:
    stranger.name = "O'Neil & <b>Co</b>"
    for actor in (stranger, None):
        subject, text = Notice(member=member, kind=kind, url="/x/", actor=actor).lines
        assert subject and "\n" not in subject and "http://testserver/x/" in text
        assert "&#" not in subject + text and "&lt;" not in subject + text


def test_it_asks_as_often_for_20_as_for_10(as_member: Client, member: Member, stranger: Member) -> None:
    counts = []
    for _turn in range(2):
        [told(member, stranger) for _ in range(10)]
        as_member.get("/notices/")
        with CaptureQueriesContext(connection) as queries:
            as_member.get("/notices/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_it_says_nothing_of_somebody_who_is_kept_away(as_member: Client, member: Member, stranger: Member) -> None:
    told(member, stranger)
    told(stranger, member)
    Block.put(member, stranger)
    for browser in (as_member, signed_in(stranger)):
        assert not browser.get("/notices/").context["page_obj"].object_list
    mail_notice.call(Notice.objects.get(member=member).pk)
    assert mail.outbox == []
    Block.lift(member, stranger)
    assert Notice.objects.visible_to(member).count() == 1


def test_it_mails_once_a_day_what_one_person_does_again_and_again(member: Member, stranger: Member) -> None:
    kind = NoticeKind.ENROLMENT_RECEIVED
    first = Notice.send(member, kind, "/x/", actor=stranger)
    first.read()
    assert Notice.send(member, kind, "/x/", actor=stranger) == first
    assert Notice.objects.visible_to(member).unread().count() == DBTaskResult.objects.count() == 1
    Notice.objects.update(created_at=timezone.now() - timedelta(days=2))
    Notice.send(member, kind, "/x/", actor=stranger)
    assert DBTaskResult.objects.count() == 2
