"""Calling the stewards: who may, what they see, who hears what, and who never learns who it was."""

import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.connections.models import Connection, ConnectionKind
from community.members.models import Block, Member
from community.notices.models import Notice
from community.trust.models import Audit, Report
from tests import factories
from tests.conftest import signed_in


def send(client: Client, url: str, text: str = "Look at this") -> Any:
    return client.post("/report/", {"url": url, "reason": "harassment", "text": text})


def test_it_reaches_every_steward_but_the_one_it_is_about(
    as_member: Client, member: Member, steward: Member, stranger: Member
) -> None:
    other = factories.MemberFactory(name="Ott Ward", is_steward=True)
    assert send(as_member, f"/people/{steward.handle}/").status_code == 302
    report = Report.objects.get()
    assert (report.reporter, report.about, report.is_slow) == (member, steward, False)
    assert [n.member for n in Notice.objects.filter(kind="report_received")] == [other]
    assert signed_in(steward).get(report.get_absolute_url()).status_code == 404
    assert signed_in(other).get(report.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("below", ["", "apply/"])
def test_it_is_not_for_the_steward_who_wrote_the_page(
    below: str, as_member: Client, steward: Member, as_steward: Client
) -> None:
    other = factories.MemberFactory(name="Ott Ward", is_steward=True)
    opening = factories.OpeningFactory(author=steward)
    send(as_member, f"/openings/{opening.slug}/{below}", "CANARY words")
    report = Report.objects.get()
    assert report.about == steward
    assert [n.member for n in Notice.objects.filter(kind="report_received")] == [other]
    assert "CANARY" not in as_steward.get("/steward/").text
    assert as_steward.get(report.get_absolute_url()).status_code == 404
    with pytest.raises(ValidationError):
        report.answer(steward, "nothing", "It is fine")
    report.answer(other, "done", "NOTED by Ott")
    assert "NOTED" not in as_steward.get("/steward/").text
    assert "NOTED" in signed_in(other).get("/steward/").text


def test_it_knows_who_hosts_and_who_tells_and_that_a_list_is_nobodys(member: Member, steward: Member) -> None:
    # The story first: it plants the tree that the gathering then stands in.
    for page in (factories.StoryFactory(author=steward), factories.GatheringFactory(author=steward)):
        path = urlsplit(str(page.get_url())).path
        assert Report.make(member, path, "other").about == steward
        assert Report.make(member, path.rsplit("/", 2)[0] + "/", "other").about is None


def test_it_is_not_for_the_steward_on_the_other_side_of_a_connection(
    member: Member, stranger: Member, steward: Member
) -> None:
    asked = Connection.propose(member, steward, ConnectionKind.PEER, "May I ask you about the lower orchard?")
    assert Report.make(member, asked.get_absolute_url(), "other").about == steward
    assert Report.make(steward, asked.get_absolute_url(), "other").about == member
    assert Report.make(stranger, asked.get_absolute_url(), "other").about is None
    Block.put(member, steward)
    assert Report.make(member, asked.get_absolute_url(), "other", "I keep them away").about == steward


def test_sending_it_twice_makes_one_report(as_member: Client, steward: Member) -> None:
    first, second = send(as_member, "/x/"), send(as_member, "/x/")
    assert first["Location"] == second["Location"]
    assert Report.objects.count() == Notice.objects.count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "javascript:alert(1)",
        "",
        "x",
        "/\x00",
        "http://[",
        "/" + "a" * 600,
    ],
)
def test_it_takes_addresses_of_this_site_only(url: str, as_member: Client) -> None:
    answer = send(as_member, url)
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_it_keeps_only_the_path(as_member: Client) -> None:
    send(as_member, "http://testserver/stories/?q=private words")
    assert Report.objects.get().url == "/stories/"


def test_it_stops_at_ten_that_wait(member: Member) -> None:
    for number in range(Report.MOST_OPEN):
        Report.make(member, f"/x/{number}/", "other")
    with pytest.raises(ValidationError, match="wait already"):
        Report.make(member, "/x/more/", "other")


def test_a_visitor_learns_whom_to_call(client: Client, db: None) -> None:
    page = client.get("/report/?url=/stories/")
    assert page.status_code == 200 and "Sign in" in page.content.decode()
    assert client.post("/report/", {"url": "/x/", "reason": "other"}).status_code == 302
    assert not Report.objects.exists()


def test_it_keeps_the_words_when_the_login_has_run_out(client: Client, member: Member) -> None:
    data = {"url": "/stories/", "reason": "private", "text": "The barn shows my bed", "form_key": str(uuid.uuid4())}
    answer = client.post("/report/", data)
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
    client.force_login(member)
    back = parse_qs(urlsplit(answer["Location"]).query)["next"][0]
    page = client.get(back).text
    assert "The barn shows my bed" in page and 'value="/stories/"' in page and "checked" in page
    first, second = client.post("/report/", data), client.post("/report/", data)
    assert first["Location"] == second["Location"] == f"/report/{Report.objects.get().pk}/"


def test_the_reporter_reads_the_answer_and_nobody_else(as_member: Client, member: Member, as_steward: Client) -> None:
    report = Report.make(member, "/x/", "other", "My words")
    mine = f"/report/{report.pk}/"
    assert "The stewards have it" in as_member.get(mine).content.decode()
    assert as_steward.post(report.get_absolute_url(), {"state": "done", "note": "We talked."}).status_code == 302
    assert "We talked." in as_member.get(mine).content.decode()
    notice = Notice.objects.get(kind="report_answered")
    assert (notice.member, notice.url, notice.actor) == (member, mine, None)
    assert as_steward.get(mine).status_code == 404


def test_the_reported_person_never_learns_who_it_was(
    member: Member, stranger: Member, as_stranger: Client, as_steward: Client, steward: Member
) -> None:
    report = Report.make(member, stranger.get_absolute_url(), "harassment", "CANARY words")
    report.answer(steward, "done", "We talked to both.")
    assert not Notice.objects.filter(member=stranger).exists()
    for path in ("/me/", "/me/export/", "/notices/", f"/report/{report.pk}/", report.get_absolute_url(), "/steward/"):
        assert "CANARY" not in as_stranger.get(path).content.decode()
    from community.trust.registry.export import collect

    assert "CANARY" not in str(collect(stranger)) and member.name not in str(collect(stranger)["trust"])
    # The control: for the one who wrote it, and for a steward, the words are there.
    assert "CANARY" in str(collect(member))
    assert "CANARY" in as_steward.get(report.get_absolute_url()).content.decode()


def test_a_steward_cannot_answer_what_they_reported_themselves(steward: Member, as_steward: Client) -> None:
    report = Report.make(steward, "/x/", "other", "Mine")
    page = as_steward.get(report.get_absolute_url()).content.decode()
    assert "Another steward must answer it" in page
    assert as_steward.post(report.get_absolute_url(), {"state": "done", "note": "ok"}).status_code == 422
    report.refresh_from_db()
    assert report.state == "open"


def test_two_stewards_cannot_both_answer(member: Member, steward: Member) -> None:
    other = factories.MemberFactory(is_steward=True)
    report = Report.make(member, "/x/", "other")
    stale = Report.objects.get()
    report.answer(steward, "done", "First")
    with pytest.raises(ValidationError, match="quicker"):
        stale.answer(other, "nothing", "Second")
    report.answer(steward, "done", "First")  # a double click
    assert Notice.objects.filter(kind="report_answered").count() == Audit.objects.count() == 1


def test_the_desk_shows_the_oldest_first_and_who_waits_too_long(member: Member, as_steward: Client) -> None:
    new, old = Report.make(member, "/new/", "other"), Report.make(member, "/old/", "other")
    Report.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    page = as_steward.get("/steward/").content.decode()
    assert page.index(old.get_absolute_url()) < page.index(new.get_absolute_url())
    assert page.count("Longer than the two days") == 1 and "has waited for 3" in page


@pytest.mark.parametrize("who", ["visitor", "member", "minor"])
def test_for_everybody_else_there_is_no_desk(who: str, client: Client, member: Member, minor: Member) -> None:
    report = Report.make(member, "/x/", "other")
    browser = client if who == "visitor" else signed_in({"member": member, "minor": minor}[who])
    for path in ("/steward/", "/steward/people/", f"/steward/people/{minor.handle}/", report.get_absolute_url()):
        assert browser.get(path).status_code == browser.post(path).status_code == 404
    assert browser.post(f"/steward/people/{minor.handle}/close/", {"reason": "x"}).status_code == 404


def test_each_list_asks_the_database_the_same_however_long_it_is(
    member: Member, as_steward: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    as_steward.get("/steward/")  # what is looked up once for all
    for number in range(1, 20):
        who = factories.MemberFactory()
        Report.make(who, member.get_absolute_url(), "other", str(number))
        if number in {9, 18}:
            with django_assert_max_num_queries(40) as captured:
                as_steward.get("/steward/")
            counts.append(len(captured))
    assert counts[0] == counts[1]
