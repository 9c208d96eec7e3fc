"""A letter to somebody without e-mail: who prints it, what stands in it, and that each thing stands in one."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from community.circles.models import Circle
from community.connections.models import Connection
from community.members.models import Block, Member
from community.notices.models import Letter, Notice, NoticeKind, Way
from tests.circles.test_lists import asked as asked_of
from tests.conftest import signed_in
from tests.factories import CircleFactory, MemberFactory

pytestmark = pytest.mark.django_db
QUESTION = "May I look over your shoulder when you sharpen the long scythe?"


def url_of(person: Member) -> str:
    """Where the letter stands."""
    return f"/people/{person.handle}/letter/"


def print_it(client: Client, person: Member) -> Any:
    """Say that what the page shows is on paper."""
    shown = client.get(url_of(person)).context["entries"]
    return client.post(url_of(person), {"notice": [one.notice.pk for one in shown]})


def test_it_tells_all_that_waits_with_slips_and_no_links(
    asked: Connection, enid: Member, as_member: Client, stranger: Member
) -> None:
    page = as_member.get(url_of(enid))
    letter = page.text.partition('<div class="letter ')[2].partition('<div class="no-print')[0]
    assert stranger.name in letter and QUESTION in letter and "Cut here" in letter and "Not now" in letter
    assert "href" not in letter and "://" not in letter
    assert "no-store" in page.headers["Cache-Control"]


def test_each_thing_stands_in_one_letter_which_is_printed_again(
    asked: Connection, enid: Member, as_member: Client, stranger: Member, mailoutbox: list[Any]
) -> None:
    Notice.objects.update(mailed_at=None, mail_key="", mail_due_at=timezone.now())
    answer = print_it(as_member, enid)
    letter = Letter.objects.get()
    assert answer.url == f"{url_of(enid)}{letter.pk}/" and letter.printed_by == enid.helper
    notice = Notice.objects.get(member=enid)
    assert (notice.letter, notice.way, notice.mail_due_at) == (letter, Way.HERE, None)
    before = len(mailoutbox)
    assert not Notice.mail(notice.pk) and len(mailoutbox) == before  # it has gone by paper
    again = as_member.get(answer.url)
    assert QUESTION in again.text and stranger.name in again.text
    assert as_member.get(url_of(enid)).context["entries"] == []
    # Sent twice, and sent with what another letter holds, it makes no second one.
    assert as_member.post(url_of(enid), {"notice": [notice.pk]}).url == url_of(enid)
    assert Letter.objects.count() == 1
    Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    assert [one.notice.kind for one in as_member.get(url_of(enid)).context["entries"]] == ["circle_joined"]


def test_what_came_after_the_page_was_shown_waits_for_the_next(enid: Member, as_member: Client) -> None:
    first = Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    second = Notice.send(enid, NoticeKind.CIRCLE_ENDED, "/circles/")
    as_member.post(url_of(enid), {"notice": [first.pk]})
    second.refresh_from_db()
    assert second.letter is None and Letter.objects.get().told(enid.helper).get() == first


def test_a_mail_that_has_gone_stays_as_it_is(enid: Member, as_member: Client) -> None:
    notice = Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    Notice.objects.update(mailed_at=timezone.now(), mail_key="a" * 32, mail_due_at=None)
    print_it(as_member, enid)
    notice.refresh_from_db()
    assert notice.way == Way.AT_ONCE and notice.letter is not None and notice.mailed_at


@pytest.mark.parametrize("given", ["", "x", "0", "-1", "9" * 40, "\x00", "٣", "\ud800"])
def test_a_number_that_is_none_prints_nothing(given: str, enid: Member, as_member: Client) -> None:
    Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    body = urlencode({"notice": given}, errors="surrogatepass")
    assert as_member.post(url_of(enid), body, "application/x-www-form-urlencoded").status_code == 302
    assert not Letter.objects.exists()


def test_nobody_prints_what_waits_for_somebody_else(enid: Member, as_member: Client, stranger: Member) -> None:
    others = Notice.send(stranger, NoticeKind.CIRCLE_JOINED, "/circles/")
    as_member.post(url_of(enid), {"notice": [others.pk]})
    others.refresh_from_db()
    assert others.letter is None and not Letter.objects.exists()


def test_only_the_helper_and_stewards_find_it(
    enid: Member, as_member: Client, as_stranger: Client, client: Client, member: Member, steward: Member
) -> None:
    young = member.help("Young Tim", is_adult=False)
    for path in (url_of(enid), f"{url_of(enid)}1/", f"{url_of(enid)}act/"):
        assert as_stranger.post(path).status_code == 404 and client.get(path).status_code == 302
        assert as_stranger.get(path).status_code in {404, 405}
    for person in (young, member):  # under 18, and with an address of their own
        assert as_member.get(url_of(person)).status_code == 404
        assert signed_in(steward).get(url_of(person)).status_code == 404
    assert as_stranger.get("/steward/letters/").status_code == 404
    assert as_member.get(f"{url_of(enid)}{2**70}/").status_code == 404
    Block.put(enid, steward)
    assert signed_in(steward).get(url_of(enid)).status_code == 404
    assert as_member.get(url_of(enid)).status_code == 200
    Member.objects.filter(pk=enid.pk).update(helper=None)
    assert as_member.get(url_of(enid)).status_code == 404


def test_a_steward_reads_what_it_is_and_no_word(
    asked: Connection, enid: Member, steward: Member, stranger: Member
) -> None:
    circle: Circle = CircleFactory(name="Hidden hedges", door="closed")
    circle.invite(circle.memberships.get().member, enid)
    Notice.send(enid, NoticeKind.DESK_NEWS, "/stories/receipt/")
    page = signed_in(steward).get(url_of(enid)).text
    assert stranger.name in page and "You are invited into a circle" in page and "Cut here" in page
    assert QUESTION not in page and "Hidden hedges" not in page and "sent us" not in page
    assert "Answer in their name" not in page


def test_nothing_secret_and_nobody_blocked_stands_in_it(
    asked: Connection, enid: Member, member: Member, as_member: Client, stranger: Member
) -> None:
    Notice.send(enid, NoticeKind.DESK_NEWS, "/stories/receipt/")
    assert len(as_member.get(url_of(enid)).context["entries"]) == 1
    Block.put(member, stranger)  # of the helper
    page = as_member.get(url_of(enid))
    assert page.context["entries"] == [] and stranger.name not in page.text and QUESTION not in page.text
    print_it(as_member, enid)
    assert not Letter.objects.exists()
    Block.lift(member, stranger)
    print_it(as_member, enid)
    Block.put(enid, stranger)  # of the person: gone from what was printed, too
    again = as_member.get(f"{url_of(enid)}{Letter.objects.get().pk}/")
    assert stranger.name not in again.text and QUESTION not in again.text


def test_stewards_see_for_whom_a_letter_waits(enid: Member, steward: Member, as_member: Client) -> None:
    desk = signed_in(steward)
    assert "Old Enid" not in desk.get("/steward/letters/").text
    Notice.send(enid, NoticeKind.CIRCLE_JOINED, "/circles/")
    assert "Old Enid" in desk.get("/steward/letters/").text
    assert "a letter waits: 1" in desk.get("/steward/").text
    print_it(as_member, enid)
    assert "Old Enid" not in desk.get("/steward/letters/").text


def test_the_desk_leads_safeguarding_to_messages_that_wait(steward: Member) -> None:
    from community.trust.models import Safeguarding

    assert "/steward/messages/" not in signed_in(steward).get("/steward/").text
    steward.groups.add(Safeguarding.group())
    page = signed_in(steward).get("/steward/").text
    assert "/steward/messages/" in page and "that wait: 0" in page


def test_it_asks_the_database_as_often_for_20_as_for_10(enid: Member, as_member: Client, steward: Member) -> None:
    counts = []
    for _round in range(2):
        for _one in range(10):
            asker = MemberFactory()
            one = Connection.objects.create(asker=asker, asked=enid, kind="peer", message=QUESTION)
            Notice.send(enid, NoticeKind.CONNECTION_PROPOSED, one.get_absolute_url(), actor=asker)
            other = asker.help(f"Old {asker.name}", is_adult=True)
            Notice.send(other, NoticeKind.CIRCLE_JOINED, "/circles/")
        counts.append((asked_of(as_member, url_of(enid)), asked_of(signed_in(steward), url_of(enid)),
                       asked_of(signed_in(steward), "/steward/letters/")))  # fmt: skip
    assert counts[0] == counts[1] and max(counts[1]) <= 12, counts
