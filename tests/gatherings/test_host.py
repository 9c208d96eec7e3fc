"""What a host can do: see who comes, write, note who was there, take the list away, change and call off."""

import csv
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from community.gatherings import privacy
from community.gatherings.models import GatheringPage, Message, Registration
from community.members.models import Block, Member
from community.notices.models import Notice
from tests.conftest import signed_in
from tests.factories import GatheringFactory, MemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hosted(stranger: Member) -> GatheringPage:
    """A gathering of the stranger."""
    return GatheringFactory(author=stranger, capacity=2, title="Grafting")


def over(gathering: GatheringPage) -> None:
    now = timezone.now()
    GatheringPage.objects.filter(pk=gathering.pk).update(starts_at=now - timedelta(hours=4), ends_at=now)
    gathering.refresh_from_db()


def kinds(member: Member) -> list[str]:
    return list(Notice.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def test_it_writes_to_whom_it_is_for_and_once(hosted: GatheringPage, as_stranger: Client) -> None:
    comes, waits = MemberFactory(), MemberFactory()
    hosted.enrol(comes)
    hosted.enrol(MemberFactory())
    hosted.enrol(waits, may_wait=True)
    url = f"/gatherings/{hosted.slug}/write/"
    assert as_stranger.get(url).status_code == 200
    sent = {"form_key": str(uuid.uuid4()), "audience": "coming", "text": "Park behind the barn.\n<b>Bold</b>"}
    assert as_stranger.post(url, sent).status_code == as_stranger.post(url, sent).status_code == 302
    assert Message.objects.count() == 1
    assert kinds(comes) == ["gathering_message"] and kinds(waits) == ["waiting_joined"]
    read = f"/gatherings/{hosted.slug}/messages/"
    page = signed_in(comes).get(read).text
    assert "Park behind the barn." in page and "<b>Bold" not in page
    assert "Park behind" not in signed_in(waits).get(read).text
    as_stranger.post(url, sent | {"form_key": str(uuid.uuid4()), "audience": "waiting", "text": "Be patient."})
    assert "Be patient" in signed_in(waits).get(read).text and "Be patient" not in signed_in(comes).get(read).text
    assert "What the host has written" in signed_in(comes).get(f"/gatherings/{hosted.slug}/").text


def test_it_lets_nobody_else_write_or_read(hosted: GatheringPage, as_member: Client, member: Member) -> None:
    Message.send(hosted, hosted.author, "The key is under the stone.", "all", uuid.uuid4())
    url = f"/gatherings/{hosted.slug}/"
    for client in (as_member, signed_in(MemberFactory(is_steward=True))):
        assert client.get(f"{url}write/").status_code == client.get(f"{url}messages/").status_code == 404
    with pytest.raises(ValidationError):
        Message.send(hosted, member, "I am the host.", "all", uuid.uuid4())
    hosted.enrol(member).cancel()
    assert as_member.get(f"{url}messages/").status_code == 404


def test_it_keeps_a_host_from_writing_without_end(hosted: GatheringPage, member: Member) -> None:
    hosted.enrol(member)
    for _one in range(Message.MOST_A_DAY):
        Message.send(hosted, hosted.author, "Hello.", "all", uuid.uuid4())
    with pytest.raises(ValidationError, match="tomorrow"):
        Message.send(hosted, hosted.author, "Hello.", "all", uuid.uuid4())
    assert kinds(member) == ["gathering_message"] * 3


def test_it_shows_the_young_no_way_out(hosted: GatheringPage, minor: Member, member: Member) -> None:
    hosted.enrol(minor)
    hosted.enrol(member)
    text = "Write to me on WhatsApp, 07700 900123, hob (at) example.org or https://chat.example.org/x. Bring a hat."
    Message.send(hosted, hosted.author, text, "all", uuid.uuid4())
    young = signed_in(minor).get(f"/gatherings/{hosted.slug}/messages/").text
    assert "Bring a hat" in young and not any(
        way in young for way in ("WhatsApp", "900123", "hob (at)", "chat.example")
    )
    assert "900123" in signed_in(member).get(f"/gatherings/{hosted.slug}/messages/").text


@pytest.mark.parametrize("text", ["", "\x00", "x" * 10_000, "\ud800"])
def test_it_bears_every_text(hosted: GatheringPage, as_stranger: Client, text: str) -> None:
    sent = urlencode({"form_key": uuid.uuid4(), "audience": "all", "text": text}, errors="surrogatepass")
    answer = as_stranger.post(
        f"/gatherings/{hosted.slug}/write/", sent, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in {200, 302}
    assert Message.objects.count() <= (text == "\ud800")


def test_it_gives_a_list_that_no_spreadsheet_takes_for_a_formula(hosted: GatheringPage, as_stranger: Client) -> None:
    GatheringPage.objects.filter(pk=hosted.pk).update(host_questions="=Q\nWhat do you grow?")
    page = GatheringPage.objects.get(pk=hosted.pk)
    page.enrol(MemberFactory(name="=HYPERLINK(1)"), answers=["+1", "@leeks, and\nmore"])
    page.enrol(MemberFactory(name="Plain Ann"), answers=["-2", "01632 960123"])
    answer = as_stranger.get(f"/gatherings/{hosted.slug}/guests.csv")
    assert answer.headers["Content-Type"].startswith("text/csv") and "no-store" in answer.headers["Cache-Control"]
    assert f'filename="{hosted.slug}.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.reader(StringIO(answer.text.lstrip("\ufeff"))))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "Plain Ann"]
    assert rows[0][-2:] == ["'=Q", "What do you grow?"] and rows[1][-2:] == ["'+1", "'@leeks, and\nmore"]
    assert rows[2][-2:] == ["'-2", "01632 960123"]
    assert "@example.org" not in answer.text


def test_it_gives_the_list_to_nobody_else(hosted: GatheringPage, as_member: Client, client: Client) -> None:
    url = f"/gatherings/{hosted.slug}/guests.csv"
    assert as_member.get(url).status_code == 404 and client.get(url).status_code == 302


def test_it_notes_who_was_there(hosted: GatheringPage, as_stranger: Client, as_member: Client, member: Member) -> None:
    here, away = hosted.enrol(member), hosted.enrol(MemberFactory())
    url = f"/gatherings/{hosted.slug}/guests/came/"
    as_stranger.post(url, {"came": [here.pk]})
    here.refresh_from_db()
    assert here.came is None  # it has not begun
    over(hosted)
    assert as_member.post(url, {"came": [away.pk]}).status_code == 404
    foreign = GatheringFactory().enrol(member)
    as_stranger.post(url, {"came": [here.pk, foreign.pk]})
    as_stranger.post(url, {"came": ["x", "9" * 40]})
    as_stranger.post(url, {"came": [here.pk]})
    for one in (here, away, foreign):
        one.refresh_from_db()
    assert (here.came, away.came, foreign.came) == (True, False, None)


def test_it_tells_everybody_concerned_once_what_has_changed(hosted: GatheringPage, as_stranger: Client) -> None:
    comes, waits, left = MemberFactory(), MemberFactory(), MemberFactory()
    hosted.enrol(left).cancel()
    hosted.enrol(comes)
    hosted.enrol(MemberFactory())
    hosted.enrol(waits, may_wait=True)
    page = GatheringPage.objects.get(pk=hosted.pk)
    page.title, page.bring = "Grafting, once more", "A knife"
    page.save_revision().publish()
    assert kinds(comes) == []
    page = GatheringPage.objects.get(pk=hosted.pk)
    page.starts_at, page.ends_at = page.starts_at + timedelta(hours=1), page.ends_at + timedelta(hours=1)
    page.save_revision().publish()
    page.save_revision().publish()
    assert kinds(comes) == ["gathering_changed"] and kinds(waits) == ["waiting_joined", "gathering_changed"]
    page = GatheringPage.objects.get(pk=hosted.pk)
    page.exact_place = "The other gate, code 1147"
    page.save()
    assert kinds(comes) == ["gathering_changed"] * 2  # who waits does not know the exact place, so has no news of it
    assert kinds(waits) == ["waiting_joined", "gathering_changed"] and kinds(left) == []


def test_it_calls_off_once_and_says_so(hosted: GatheringPage, as_stranger: Client, member: Member) -> None:
    hosted.enrol(member)
    url = f"/gatherings/{hosted.slug}/call-off/"
    assert "1 person hears of it" in as_stranger.get(url).text
    assert as_stranger.post(url).status_code == as_stranger.post(url).status_code == 302
    assert kinds(member) == ["gathering_called_off"]
    page = GatheringPage.objects.get(pk=hosted.pk)
    assert page.is_cancelled and page.sequence == 1 and page.get_latest_revision_as_object().is_cancelled
    assert "nothing to call off" in as_stranger.get(url).text


def test_it_lets_nobody_else_call_off(hosted: GatheringPage, as_member: Client, as_steward: Client) -> None:
    for client in (as_member, as_steward):
        assert client.post(f"/gatherings/{hosted.slug}/call-off/").status_code == 404
    assert not GatheringPage.objects.get(pk=hosted.pk).is_cancelled


def test_it_says_so_when_the_host_leaves(hosted: GatheringPage, member: Member) -> None:
    hosted.enrol(member)
    Message.send(hosted, hosted.author, "Hello.", "all", uuid.uuid4())
    assert privacy.export(hosted.author)["messages_as_host"][0]["text"] == "Hello."
    privacy.erase(hosted.author)
    assert kinds(member) == ["gathering_message", "gathering_called_off"] and not Message.objects.exists()


def test_it_hears_nothing_across_a_block(hosted: GatheringPage, member: Member) -> None:
    hosted.enrol(member)
    Block.put(member, hosted.author)
    page = GatheringPage.objects.get(pk=hosted.pk)
    page.starts_at -= timedelta(hours=1)
    page.save()
    Message.send(page, page.author, "Hello.", "all", uuid.uuid4())
    assert kinds(member) == []


def test_it_asks_as_often_for_20_guests_as_for_10(
    stranger: Member, as_stranger: Client, django_assert_max_num_queries: Any
) -> None:
    gathering, counts = GatheringFactory(author=stranger, capacity=None, needs_approval=True), []
    for _round in range(2):
        for number in range(10):
            one = gathering.enrol(MemberFactory())
            if number % 2:
                one.approve()
        as_stranger.get(f"/gatherings/{gathering.slug}/guests/")
        with django_assert_max_num_queries(12) as asked:
            as_stranger.get(f"/gatherings/{gathering.slug}/guests/")
        counts.append(len(asked))
    assert counts[0] == counts[1] and Registration.objects.count() == 20
