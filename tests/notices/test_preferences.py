"""What comes by mail: chosen kind by kind on a page, or switched off by the link in a mail without a login."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django_tasks_db.models import DBTaskResult

from community.members.models import Member
from community.notices import privacy
from community.notices.models import Digest, Notice, NoticeKind, Preference, Rhythm, Way, ways_of
from community.notices.models.way import ALWAYS, NEWS, SECRET, TOGETHER, heading_of
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "/notices/preferences/"


def link(notice: Notice) -> str:
    """The address in the header by which a mail program switches it off."""
    mail.outbox.clear()
    Notice.mail(notice.pk)
    headers: Any = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    assert address in mail.outbox[0].body
    return str(address)


def send(member: Member, kind: NoticeKind = NoticeKind.ANSWER_RECEIVED) -> Notice:
    return Notice.send(member, kind, "/questions/")


def test_every_kind_has_a_heading_and_its_ways() -> None:
    known = set(NoticeKind.values)
    assert known >= {*ALWAYS, *SECRET, *NEWS, *TOGETHER} and TOGETHER <= NEWS
    for kind in known:
        ways = ways_of(kind)
        assert kind in SECRET or str(heading_of(kind)) != "Other things", kind
        assert (Way.NOT_AT_ALL in ways) == (kind in NEWS)
        assert bool(ways) != (kind in ALWAYS or kind in SECRET)


def test_it_is_chosen_kind_by_kind(as_member: Client, member: Member) -> None:
    page = as_member.get(ADDRESS).content.decode()
    for words in ("Gatherings", "Your question has an answer", "Nobody should stand before a closed door."):
        assert words in page
    assert 'name="desk_news"' not in page and 'name="report_received"' not in page
    assert 'name="gathering_called_off"' not in page
    sent = {"answer_received": "here", "trial_received": "not_at_all", "followed_new": "at_once"}
    assert as_member.post(ADDRESS, sent).status_code == 302
    assert Preference.ways(member) == sent
    send(member)
    told = send(member, NoticeKind.TRIAL_RECEIVED)
    assert not DBTaskResult.objects.exists() and not Notice.objects.exclude(mail_due_at=None).exists()
    page = as_member.get("/notices/").content.decode()
    assert "Your question has an answer" in page and "Somebody tried what you told" not in page
    assert told.read_at and Notice.objects.visible_to(member).unread().count() == 1
    send(member, NoticeKind.FOLLOWED_NEW)
    assert DBTaskResult.objects.count() == 1
    as_member.post(ADDRESS, {"answer_received": "at_once"})
    assert "answer_received" not in Preference.ways(member) and len(Preference.ways(member)) == 2


def test_what_may_come_together_comes_with_the_digest(as_member: Client, member: Member) -> None:
    as_member.post(ADDRESS, {"story_published": "together"})
    send(member, NoticeKind.STORY_PUBLISHED)
    assert not DBTaskResult.objects.exists()
    assert Digest.mail(member.pk) and "Your story is out" in mail.outbox[0].body


@pytest.mark.parametrize("way", ["x", "\x00", "z" * 10_000, "not_at_all", "together"])
def test_it_refuses_a_way_that_there_is_not(as_member: Client, member: Member, way: str) -> None:
    answer = as_member.post(ADDRESS, {"answer_received": way})
    assert answer.status_code == 422 and not Preference.objects.exists()


def test_it_cannot_be_smuggled_in(as_member: Client, member: Member) -> None:
    for kind in ("gathering_called_off", "desk_news", "application_held"):
        as_member.post(ADDRESS, {kind: "here"})
        Preference.objects.update_or_create(member=member, kind=kind, defaults={"way": "here"})
        assert Preference.way_of(member, kind) == Way.AT_ONCE
        Preference.objects.all().delete()


def test_a_steward_finds_their_work(as_steward: Client) -> None:
    page = as_steward.get(ADDRESS).content.decode()
    assert "Your work as a steward" in page and 'name="story_waits"' in page and "A report waits" in page


def test_it_can_be_chosen_for_whom_one_helps(as_member: Client, member: Member, as_stranger: Client) -> None:
    enid = member.help("Old Enid", is_adult=True)
    assert f"?of={enid.handle}" in as_member.get(ADDRESS).content.decode()
    assert as_member.post(f"{ADDRESS}?of={enid.handle}", {"answer_received": "here"}).status_code == 302
    assert Preference.ways(enid) == {"answer_received": "here"} and not Preference.ways(member)
    for handle in (enid.handle, "a\x00b", "x" * 9000):
        assert as_stranger.get(ADDRESS, {"of": handle}).status_code == 404


def test_it_asks_for_a_login_and_keeps_what_was_chosen(member: Member) -> None:
    assert Client().get(ADDRESS)["Location"].startswith("/accounts/login/")
    assert Client().post(ADDRESS, {"answer_received": "here"}).status_code == 302
    assert not Preference.objects.exists()


# --- The link in a mail ---------------------------------------------------------------------------------------


def test_a_link_switches_its_kind_off_without_a_login(member: Member) -> None:
    address, browser = link(send(member)), Client(enforce_csrf_checks=True)
    page = browser.get(address)
    assert "Your question has an answer" in page.content.decode() and "Alma" not in page.content.decode()
    assert not Preference.objects.exists()
    for _twice in range(2):
        assert browser.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 302
    assert Preference.ways(member) == {"answer_received": "here"}
    assert "It is switched off" in browser.get(address).content.decode()
    assert send(member, NoticeKind.ANSWER_ACCEPTED).way == Way.TOGETHER and send(member).way == Way.HERE


def test_an_old_link_does_not_switch_off_what_must_always_come(member: Member) -> None:
    words = "~".join(f"{member.pk}-{kind}" for kind in ("gathering_changed", "answer_received"))
    address = f"/notices/off/{Preference.SIGNER.sign(f'{member.pk}~{words}')}/"
    assert Client().post(address).status_code == 302
    assert Preference.ways(member) == {"answer_received": "here"}


def test_a_link_of_a_digest_switches_the_digest_off(member: Member) -> None:
    send(member, NoticeKind.FOLLOWED_NEW)
    Digest.mail(member.pk)
    address = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://testserver")
    assert Client().post(address).status_code == 302
    assert Digest.rhythm_of(member) == Rhythm.NEVER and not Preference.objects.exists()
    assert "It is switched off" in Client().get(address).content.decode()


def test_a_link_is_bound_to_person_and_kind(member: Member, stranger: Member) -> None:
    address = link(send(member))
    token = address.rstrip("/").rpartition("/")[2]
    for made_up in (token[:-1], token.replace(str(member.pk), str(stranger.pk), 1), "x", "~", "a~b-c", "z" * 9000):
        assert Client().post(f"/notices/off/{made_up}/").status_code == 404
    assert not Preference.objects.exists()


def test_the_link_of_a_former_helper_opens_nothing(member: Member, stranger: Member) -> None:
    enid = member.help("Old Enid", is_adult=True)
    address = link(send(enid))
    Member.objects.filter(pk=enid.pk).update(helper=stranger)
    assert Client().post(address).status_code == 404
    Member.objects.filter(pk=enid.pk).update(helper=member)
    assert Client().post(address).status_code == 302 and Preference.ways(enid) == {"answer_received": "here"}


def test_what_must_arrive_has_no_link(member: Member) -> None:
    for kind in (NoticeKind.GATHERING_CALLED_OFF, NoticeKind.DESK_NEWS):
        mail.outbox.clear()
        Notice.mail(Notice.send(member, kind, "/x/").pk)
        assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


def test_it_is_given_out_and_goes_with_the_member(member: Member) -> None:
    Preference.choose(member, {"answer_received": "here"})
    (row,) = privacy.export(member)["what you want by mail"]
    assert row["about"] == "Your question has an answer" and "only here" in row["how"]
    privacy.erase(member)
    assert not Preference.objects.exists()


def test_signed_in_as_somebody_else_it_is_still_for_whom_it_was(member: Member, stranger: Member) -> None:
    address = link(send(member))
    assert signed_in(stranger).post(address).status_code == 302
    assert Preference.ways(member) and not Preference.ways(stranger)
